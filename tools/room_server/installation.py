"""One deploy onto a board on USB, in a process of its own: serial ports block, and a server that
ends must not leave a board without its program. The process ends by itself when its input does.
"""

import asyncio
import json
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

from .answers import Refusal

_HERE = Path(__file__).parent
# The package that talks to boards. Installed, it is in this one; in a checkout, it is beside it.
_DEPLOY = f"{__package__}.deploy" if (_HERE / "deploy").is_dir() else "deploy"
# A request for events waits so long for one, and then for those that come with it.
_WAIT_S = 10
_GATHER_S = 0.1
# The time for the first value of a board that is in its room.
_VALUE_S = 30
_LOOK_S = 0.2
_ENDED = "The program that talks to the board has ended. Install again"


def forms():
    """The module that knows the kinds of boards."""
    return import_module(f"{_DEPLOY}.forms")


class Installation:
    """The deploy that runs now, or has run last: its events, in order."""

    def __init__(self):
        self._process = None
        self._events = []
        self._sent = None
        self._changed = asyncio.Event()
        self._is_running = False
        self._jobs = set()

    async def ports(self):
        """[{device, about}] of the boards on USB."""
        from serial.tools import list_ports

        found = await asyncio.to_thread(list_ports.comports)
        ports = sorted((port.device, port.description) for port in found if port.vid is not None)
        return [{"device": device, "about": about} for device, about in ports]

    def start(self, order, live_value):
        """Start a deploy. `live_value`: see Installer."""
        if self._is_running:
            raise Refusal(409, "a board is being installed: wait, or stop it")
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", f"{_DEPLOY}.worker"],
            # Where the package is found first.
            cwd=_HERE.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # So Ctrl-C and the end of the terminal end only the server, and its end ends this.
            start_new_session=True,
        )
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        self._events, self._sent, self._is_running = [], None, True
        loop = asyncio.get_running_loop()
        take = (loop, self._take, order["settings"], live_value)
        threading.Thread(target=_carry, args=(process, *take), daemon=True).start()

    def stop(self):
        """Stop the deploy: the board starts. It ends with an event, as always."""
        if self._process is not None and not self._process.stdin.closed:
            self._process.stdin.close()

    async def events(self, after):
        """The events from number `after` on. Waits if there are none yet."""
        after = after if isinstance(after, int) and 0 <= after <= len(self._events) else 0
        if self._is_running and after == len(self._events):
            try:
                await asyncio.wait_for(self._changed.wait(), _WAIT_S)
                await asyncio.sleep(_GATHER_S)
            except asyncio.TimeoutError:
                pass
        events = self._events[after:]
        return {"events": events, "sent": self._sent, "is_running": self._is_running}

    def _take(self, event, settings, live_value):
        if event["kind"] == "sent":
            self._sent = [event["bytes"], event["of"]]
        else:
            self._events.append(event)
        if event["kind"] == "done":
            job = asyncio.create_task(self._wait_for_value(settings, live_value))
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)
        elif event["kind"] == "failed":
            self._end()
        self._wake()

    async def _wait_for_value(self, settings, live_value):
        try:
            for _ in range(int(_VALUE_S / _LOOK_S)):
                value = await live_value(settings)
                if value is not None:
                    self._events.append({"kind": "value", **value})
                    break
                await asyncio.sleep(_LOOK_S)
        except LookupError:
            pass
        finally:
            self._end()
            self._wake()

    def _end(self):
        self._is_running = False
        self.stop()

    def _wake(self):
        self._changed.set()
        self._changed = asyncio.Event()


def _carry(process, loop, take, *args):
    """Hand the events of the process over to the loop. Runs in a thread."""
    last = None
    try:
        for line in process.stdout:
            # The last line of a process that was killed may be a part of one.
            if not line.endswith(b"\n"):
                break
            event = json.loads(line)
            last = event["kind"]
            loop.call_soon_threadsafe(take, event, *args)
        process.wait()
        if last not in ("done", "failed"):
            event = {"kind": "failed", "status": 1, "text": _ENDED}
            loop.call_soon_threadsafe(take, event, *args)
    # The loop has ended: the server stops.
    except RuntimeError:
        pass
