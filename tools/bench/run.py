"""One run: the interpreter, the server's ports, and the table that grows row by row."""

import sys
import time

from .clients import RAW, tree
from .devices import MicroPython, Missing


class Bench:
    def __init__(self, ports, root, chosen):
        self.micropython = MicroPython(chosen.micropython)
        self.is_quick = chosen.quick
        self.clients = chosen.clients  # in one room, if it was said how many
        self.rounds = chosen.rounds  # of the part pace, if it was said how many
        self.match = chosen.match
        self.ports = ports
        self.root = root  # the file with the certificate to verify the TLS server by
        self.modules = {}  # client -> the names of its modules that a dial loads
        self.table = []  # {"what", "unit", "cells": {client: {"value", "text"}}}
        self.rooms = []  # the same of the servers of rooms, by their titles
        self.more = []  # other tables like that, with columns of their own
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
        """Measure each client once; what cannot be measured says why."""
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
        except Exception as error:  # a part that is broken must not take the others with it
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
