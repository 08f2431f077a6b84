"""One run: the interpreter, the server's ports, and the table that grows row by row."""

import statistics
import sys
import time

from .clients import RAW, tree
from .devices import MicroPython, Missing

_PAUSES = 0.02  # between runs, for sockets to go


class Bench:
    def __init__(self, ports, root, micropython=None, is_quick=False, clients=None):
        self.micropython = MicroPython(micropython)
        self.is_quick = is_quick
        self.clients = clients  # in one room, if it was said how many
        self.ports = ports
        self.root = root  # the file with the certificate to verify the TLS server by
        self.modules = {}  # client -> the names of its modules that a dial loads
        self.table = []  # {"what", "unit", "cells": {client: {"value", "text"}}}
        self.rooms = []  # the same of the servers of rooms, by their titles
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

    def task(self, name, client, *words, path="echo", nagle=False, port=None, tree=None):
        """Run one of device/tasks.py with the client, from .mpy files."""
        folder = tree or self.tree(client)
        port = port or self.port(client, path, nagle)
        return self.micropython.task(name, client.name, port, *words, tree=[folder])

    def cpu(self, client, *words):
        """Seconds of CPU that an echo costs the client's process."""
        return self.micropython.cpu(client.name, self.port(client), *words, tree=self.tree(client))

    def tree(self, client):
        return tree(client, "mpy", self.micropython.arch)

    def row(self, what, unit, clients, measure):
        """Measure each client once; what cannot be measured says why."""
        self.say(what)
        values = {client.name: self.attempt(measure, client) for client in clients}
        self.medians(what, clients, values, lambda value: _text(value, unit), unit)

    def rounds(self, what, clients, measure, count):
        """Medians of interleaved runs; or, in its place, why there is none."""
        series = {client.name: [] for client in clients}
        for i in range(count):
            self.say(f"{what}, round {i + 1} of {count}")
            for client in clients:
                values = series[client.name]
                if not (values and isinstance(values[-1], Missing)):
                    values.append(self.attempt(measure, client))
                time.sleep(_PAUSES)
        return {
            name: values[-1]
            if isinstance(values[-1], Missing)
            else float(statistics.median(values))
            for name, values in series.items()
        }

    def medians(self, what, clients, values, text, unit=""):
        cells = {}
        for client in clients:
            value = values[client.name]
            if isinstance(value, Missing):
                cells[client.name] = {"value": None, "text": f"n/a: {value}".replace("|", "/")}
            else:
                cells[client.name] = {"value": value, "text": text(value)}
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
