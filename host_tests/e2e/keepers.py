"""Devices with an outbox as processes whose power comes and goes, and what tests count about
them.
"""

import json
import tempfile
from pathlib import Path

from interpreters import lib_of

from .devices import ROOT, Device

# Sources, and the form for boards.
FORMS = ("micropython", "compiled")
# Hangs are noticed, and the next dial is made, as soon as a busy machine allows.
SOCKET = {
    "min_reconnection_delay": 50,
    "max_reconnection_delay": 400,
    "connection_timeout": 3000,
    "ping_interval_ms": 1000,
    "ping_timeout_ms": 1000,
}


class Keeper:
    """A board with its flash in `folder`, and what is known about the readings that it took."""

    def __init__(self, folder, name, form, port, room="r", blocks=128, **outbox):
        folder.mkdir(exist_ok=True)
        self.name = name
        self.room = room
        # It has taken readings up to this one.
        self.taken = 0
        # Readings that were on flash before the power failed.
        self.kept = set()
        self.epochs = set()
        self.lives = 0
        self._form = form
        self._folder = folder
        self._settings = {
            "flash": str(folder / f"{name}.flash"),
            "blocks": blocks,
            "cut": 0,
            "outbox": {"size_bytes": 262144, **outbox},
            "address": [f"127.0.0.1:{port}", room],
            "socket": {"query": {"role": "device", "name": name}, **SOCKET},
            "night": None,
            "every_ms": 0,
            "burst": 1,
            "sync_every": 1,
            "live": False,
        }
        Path(self._settings["flash"]).write_bytes(b"\xff" * 4096 * blocks)

    def dial(self, port):
        """From its next life on, its server is at another port."""
        self._settings["address"] = [f"127.0.0.1:{port}", self.room]

    def power_on(self, last, **settings):
        """Return the running Device. It continues where the last life ended, up to reading
        `last`.
        """
        self.lives += 1
        settings = {**self._settings, "first": self.taken + 1, "last": last, **settings}
        with tempfile.NamedTemporaryFile(
            "w", dir=self._folder, suffix=".json", delete=False
        ) as file:
            json.dump(settings, file)
        lib = lib_of(self._form)
        if settings["night"]:
            lib = f"{ROOT}/host_tests/e2e/clock:{lib}"
        return Device(self._form, "host_tests/e2e/keeper.py", file.name, heap="1M", lib=lib)

    def note(self, device):
        """Note the output of a life whose power is off. Returns whether all was delivered."""
        device.wait_output()
        is_delivered = False
        begin = self.taken + 1
        assert all(line.startswith("{") for line in device.lines), "\n".join(device.lines)
        for event in map(json.loads, device.lines):
            if event["what"] == "begun":
                self.epochs.add(event["epoch"])
            elif event["what"] == "taken":
                self.taken = event["to"]
            elif event["what"] == "kept":
                self.kept.update(range(begin, event["to"] + 1))
            elif event["what"] == "delivered":
                is_delivered = event["waiting"] == 0
        return is_delivered
