"""One run: the interpreter, the server's ports, and the table that grows row by row."""

import sys
import time

from .clients import RAW, tree
from .devices import MicroPython, Missing


class Bench:
    def __init__(self, ports, root, chosen):
        self.micropython = MicroPython(chosen.micropython)
        self.is_quick = chosen.quick
        # The number of clients in one room, and of rounds of the part `pace`, or None.
        self.clients = chosen.clients
        self.rounds = chosen.rounds
        self.match = chosen.match
        self.ports = ports
        # The file with the root certificate of the TLS server.
        self.root = root
        # Client -> the names of the modules that a dial loads.
        self.modules = {}
        # Rows: {"what", "unit", "cells": {client: {"value", "text"}}}.
        self.table = []
        # The same for the servers of rooms, by their titles.
        self.rooms = []
        # More tables like that, with their own columns.
        self.more = []
        self.notes = []
        self._begun = time.monotonic()

    def tries(self):
        return 1 if self.is_quick else 3

    def note(self, text):
        self.notes.append(text)

    def port(self, client, path="echo", nagle=False):
        """The server's port for the client. The raw one only echoes; WebSockets have paths."""
        websocket, raw, without_nodelay, raw_sink, raw_push, tls = self.ports
        if path == "tls":
            return tls
        if client is RAW:
            return {"echo": raw, "sink": raw_sink, "push": raw_push}[path]
        return without_nodelay if nagle else websocket

    def task(self, name, client, *words, path="echo", nagle=False, port=None, tree=None, rom=None):
        """Run one of device/tasks.py with the client, from .mpy files; `rom`: a ROMFS image."""
        folder = tree or self.tree(client)
        port = port or self.port(client, path, nagle)
        return self.micropython.task(name, client.adapter, port, *words, tree=[folder], rom=rom)

    def tree(self, client):
        return tree(client, "mpy", self.micropython.arch)

    def row(self, what, unit, clients, measure):
        """Measure each client once. If one can't be measured, its cell says why."""
        self.say(what)
        cells = {}
        for client in clients:
            value = self.attempt(measure, client)
            if isinstance(value, Missing):
                cells[client.name] = {"value": None, "text": f"n/a: {value}".replace("|", "/")}
            else:
                cells[client.name] = {"value": value, "text": _text(value, unit)}
        self.table.append({"what": what, "unit": unit, "cells": cells})

    def attempt(self, measure, client):
        try:
            return measure(client)
        except Missing as error:
            return error
        # A broken part must not stop the other parts.
        except Exception as error:
            return Missing(f"{type(error).__name__}: {error}"[:120])

    def say(self, text):
        print(
            f"bench {time.monotonic() - self._begun:4.0f} s  {text}", file=sys.stderr, flush=True
        )


def _text(value, unit):
    if isinstance(value, str):
        return value
    digits = 0 if isinstance(value, int) or value >= 20 else 2
    return f"{value:,.{digits}f} {unit}".strip()
