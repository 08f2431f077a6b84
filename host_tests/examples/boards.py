"""A board on the unix port: a real MicroPython process that runs an example unchanged, with fakes
for hardware.
"""

import os
from pathlib import Path

from e2e.devices import ROOT, Device
from interpreters import lib_of

_LIB = f"{Path(__file__).parent / 'fakes'}:{ROOT / 'host_tests/wifi'}:{lib_of('micropython')}"


class Board(Device):
    """A Device that runs examples/`name`. `folder`: its files, and the state of its hardware;
    `air`: the networks that its radio finds, with commas between.
    """

    def __init__(self, name, folder, *args, air="my network", interpreter="micropython", **more):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        env = {"BOARD": str(folder), "AIR": air, **more.pop("env", {})}
        program = f"examples/{name}"
        super().__init__(interpreter, program, *args, lib=_LIB, env=env, cwd=folder, **more)

    def interrupt(self, number):
        self._process.send_signal(number)

    def write(self, name, content):
        """Change a file of the board in one step."""
        new = self.folder / "written"
        new.write_text(content)
        os.replace(new, self.folder / name)
