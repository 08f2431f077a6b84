"""Runs scripts with our library, in virtual time: the counterpart of upstream.mjs.

    python host_tests/parity/ours.py FILE

FILE has one script in each line, as JSON. Each gives a trace, which is a line of JSON too.
MicroPython's unix port takes the same arguments. LIB=folder uses the library there.
"""

import asyncio
import binascii
import json
import os
import sys
from collections import OrderedDict

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/..")
sys.path.insert(0, os.getenv("LIB") or _HERE + "/../../lib")

from parity.servers import Servers  # noqa: E402
from partysocket import PARTYSOCKET, PartySocket, WebSocket  # noqa: E402
from simulation.clock import clock  # noqa: E402

_SLOTS = ("open", "message", "close", "error")
_OURS = ("reconnecting", "giveup", "discard")
# Entries in one trace. More means a loop.
_LISTED = 1000
# Ticks.
_BEGINS_AT = 1_000_000


def play(script):
    """The trace of `script`."""
    player = Player(script)
    clock.run(player.play, _BEGINS_AT, lambda: None)
    player.result["trace"] += ["left behind: " + text for text in clock.left_behind()]
    return player.result


class Player:
    def __init__(self, script):
        self.script = script
        self.trace = []
        # ms -> messages reported as discarded.
        self.discards = {}
        self.uncaught = 0
        self.seen = {}
        self.asked = {}
        self.known = {}
        self.servers = Servers(script.get("plans"), lambda: self.ws.url)
        self.result = None
        self.ws = None

    def note(self, *entry):
        if len(self.trace) < _LISTED:
            self.trace.append([clock.now()] + list(entry))

    async def play(self):
        try:
            self.construct()
        except (TypeError, ValueError):
            self.note("raised", "constructor")
            self.keep()
            return
        await clock.quiet()
        self.note("look", self.look())
        for step in self.script["steps"]:
            if step[0] == "wait":
                await clock.sleep(step[1])
            else:
                self.act(step, True)
            await clock.quiet()
            self.note("look", self.look())
        self.keep()
        await self.leave()

    def keep(self):
        self.result = {
            "trace": self.trace,
            "uncaught": self.uncaught,
            "discards": self.discards,
            "dials": [peer.told() for peer in self.servers.peers],
        }

    async def leave(self):
        """End it without handlers. If something is left, it goes into the trace, which then
        differs.
        """
        trace = self.trace
        self.trace, self.discards = [], {}
        self.script = {"steps": [], "predicate": []}
        self.ws.close()
        await clock.sleep(3000)
        if self.servers.open_now:
            trace.append("a transport is left open")
        if clock.own_tasks():
            trace.append("a task is left")
        trace += self.servers.faults

    def construct(self):
        script = self.script
        options = dict(PARTYSOCKET, transport=self.servers.transport, debug_logger=self.logged)
        for name, value in script.get("options", {}).items():
            options[_snake(name)] = value
        if "queueBytes" in script:
            options["queue_bytes"] = script["queueBytes"]
        if "predicate" in script:
            options["should_reconnect_on_close"] = self.predicate
        protocols = self.provider("protocols", script.get("protocols"))
        if "party" in script:
            party = {_snake(name): value for name, value in script["party"].items()}
            if "query" in script:
                party["query"] = self.provider("query", _mapping(script["query"]))
            self.ws = PartySocket(**party, protocols=protocols, **options)
        else:
            url = script.get("url", "ws://server/path?token=1")
            self.ws = WebSocket(self.provider("url", url), protocols, **options)
        self.note("look", self.look())
        for type in _SLOTS:
            setattr(self.ws, "on" + type, lambda e: self.hear("on" + e.type, e))
        for type in _SLOTS + _OURS:
            self.ws.add_event_listener(type, lambda e: self.hear(e.type, e))

    def logged(self, text):
        if "a handler raised" in text:
            self.uncaught += 1
        elif "no connection" not in text:  # row 15: the package says that to who debugs alone
            self.note("warning")

    def predicate(self, event):
        self.note("predicate", event.code, event.reason, event.was_clean, self.ws.retry_count)
        self.run("predicate")
        return event.code not in self.script["predicate"]

    def provider(self, name, source):
        if not isinstance(source, dict) or "gives" not in source:
            return source

        def ask():
            self.note("asks", name)
            n = self.asked[name] = self.asked.get(name, 0) + 1
            self.run("asks " + name)
            gift = source["gives"][min(n, len(source["gives"])) - 1]
            return give(gift) if "hangs" in gift or "after" in gift else given(gift)

        def given(gift):
            if "fails" in gift:
                raise RuntimeError(gift["fails"])
            return _mapping(gift.get("value")) if name == "query" else gift.get("value")

        async def give(gift):
            if gift.get("hangs"):
                await asyncio.Event().wait()
            await clock.sleep(gift["after"])
            return given(gift)

        return ask

    def look(self):
        ws = self.ws
        return [
            ws.ready_state,
            ws.retry_count,
            ws.should_reconnect,
            ws.buffered_amount,
            ws.url,
            ws.protocol,
        ]

    def hear(self, handler, event):
        # Its place within one instant does not matter.
        if handler == "discard":
            at = str(clock.now())
            self.discards[at] = self.discards.get(at, 0) + event.count
            return
        self.note("event", handler, _fields(event), self.look())
        self.run(handler)

    def run(self, handler):
        n = self.seen[handler] = self.seen.get(handler, 0) + 1
        for name, nth, actions in self.script.get("handlers", ()):
            if name == handler and nth == n:
                for action in actions:
                    self.act(action, False)

    def act(self, action, is_step):
        what, *args = action
        ws = self.ws
        if what == "server":
            self.servers.serve(*args)
            return
        if what == "raise":
            raise RuntimeError("a handler that raises")
        self.note("do", what, *args)
        result = None
        try:
            if what == "send":
                result = ws.send(args[0])
            elif what == "bytes":
                result = ws.send(binascii.unhexlify(args[0]))
            elif what == "close":
                ws.close(*args)
            elif what == "reconnect":
                ws.reconnect(*args)
            elif what == "drain":
                result = [_text(data) for data in ws.drain_queued_messages()]
            elif what == "listen":
                self.listen(*args)
            elif what == "unlisten":
                ws.remove_event_listener(args[0], self.known[args[1]])
            elif what != "look":
                raise AssertionError(what)
        except (TypeError, ValueError):
            result = "raised"
        self.note("did", result, *([self.look()] if is_step else []))

    def listen(self, type, name, *how):
        def hear(event):
            self.note("heard", name)
            self.run(name)

        class Listener:
            def handle_event(self, event):
                hear(event)

        if name not in self.known:
            self.known[name] = Listener() if "object" in how else hear
        self.ws.add_event_listener(type, self.known[name], once="once" in how)


def _snake(name):
    return "".join(["_" + c.lower() if "A" <= c <= "Z" else c for c in name])


def _mapping(query):
    """It comes as a list of pairs, because MicroPython's dicts do not keep their order."""
    return OrderedDict(query) if isinstance(query, list) else query


def _text(data):
    return data if isinstance(data, str) else {"hex": binascii.hexlify(data).decode()}


def _fields(event):
    if event.type == "message":
        return [_text(event.data)]
    if event.type == "close":
        return [event.code, event.reason, event.was_clean]
    if event.type == "error":
        return [_cause(event.message)]
    if event.type == "reconnecting":
        return [event.delay_ms, event.retry_count]
    return []


def _cause(message):
    for known in ("TIMEOUT", "Invalid URL", "Invalid protocols", "provider:"):
        if message.startswith(known):
            return message if known == "provider:" else known
    return "failed"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as scripts:
        for line in scripts:
            print(json.dumps(play(json.loads(line))))
