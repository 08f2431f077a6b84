"""A device that exchanges numbered messages, whatever happens to its connections.

    walker.py PORT            in real time, with short waits
    walker.py PORT SEED       in lockstep (MicroPython), with the library's own waits

It answers each message that it gets. It prints each error as a line of JSON, and its counts after
it was told to finish.
"""

import asyncio
import json
import sys

from messages import FINISH, made, number_of

from partysocket import WebSocket

# The modules of rare paths, in both forms of the library. In lockstep all of them are loaded at
# the beginning, because the heap of late dials is compared with that of early ones.
LATE = "core.utf8 core.long core.violation core.refusal report text long wrong more"
if len(sys.argv) > 2:
    for late in LATE.split():
        try:
            __import__("partysocket." + late)
        # It is the name in the other form.
        except ImportError:
            pass

# The most bytes that it lets wait.
QUEUED_BYTES = 600
SHORT = {
    "min_reconnection_delay": 10,
    "max_reconnection_delay": 20,
    "jitter": "none",
    # Long enough for a handshake on a very busy machine.
    "connection_timeout": 800,
    "ping_interval_ms": 150,
    "ping_timeout_ms": 150,
}


class Walker:
    def __init__(self, url, options):
        self.pushed = 0
        # Messages that were complete.
        self.heard = 0
        self.damaged = 0
        # Complete, but without a higher number than the last one.
        self.disordered = 0
        self.last = -1
        self.events = {"open": 0, "close": 0, "error": 0, "reconnecting": 0}
        self.is_finishing = False
        self.socket = WebSocket(url, **options)
        self.socket.onmessage = self.hear
        for name in self.events:
            self.socket.add_event_listener(name, self.count)
        self.socket.add_event_listener("open", self.say)
        self.socket.add_event_listener("error", self.complain)

    def count(self, event):
        self.events[event.type] += 1

    def say(self, event=None):
        if self.socket.buffered_amount < QUEUED_BYTES and not self.is_finishing:
            self.socket.send(made(self.pushed))
            self.pushed += 1

    def hear(self, event):
        if event.data == FINISH:
            self.is_finishing = True
            return
        number = number_of(event.data)
        if number is None:
            self.damaged += 1
        else:
            self.heard += 1
            self.disordered += number <= self.last
            self.last = number
        self.say()

    def complain(self, event):
        dial = self.socket.stats()["attempts"]
        tell("error", dial=dial, phase=self.socket.last_error[0], message=event.message)

    async def walk(self, pause_s):
        while not self.is_finishing:
            self.say()
            await asyncio.sleep(pause_s)
        while self.socket.buffered_amount:
            await asyncio.sleep(0.01)
        self.socket.close()
        await self.socket.wait_closed()
        tell(
            "ended",
            pushed=self.pushed,
            heard=self.heard,
            damaged=self.damaged,
            disordered=self.disordered,
            events=self.events,
            stats=self.socket.stats(),
        )


def tell(what, **fields):
    fields["what"] = what
    sys.stdout.write(json.dumps(fields) + "\n")
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()


async def main():
    url = f"ws://127.0.0.1:{sys.argv[1]}/"
    if len(sys.argv) == 2:
        await Walker(url, SHORT).walk(0.02)
        return
    import lockstep_clock

    lockstep_clock.tie(int(sys.argv[2]))
    await Walker(url, {}).walk(1)


asyncio.run(main())
