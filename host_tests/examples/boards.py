"""A board on the unix port: a real MicroPython process that runs an example as it stands, with
fakes for what is hardware.
"""

import os
from pathlib import Path

from e2e.devices import ROOT, Device

_LIB = f"{Path(__file__).parent / 'fakes'}:{ROOT / 'host_tests/wifi'}:{ROOT / 'lib'}"


class Board(Device):
    """A Device that runs examples/`name` with the fakes. `folder` is what the board keeps, the
    current directory too; `air`: the networks that its radio finds.
    """

    def __init__(self, name, folder, *args, air="my network", interpreter="micropython", **more):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        super().__init__(
            interpreter,
            f"examples/{name}",
            *args,
            lib=_LIB,
            env={"BOARD": str(folder), "AIR": air},
            cwd=folder,
            **more,
        )

    def write(self, name, content):
        """Change a file in the folder, all at once."""
        new = self.folder / "written"
        new.write_text(content)
        os.replace(new, self.folder / name)

    def wait_lines(self, text, count):
        """Wait for `count` lines that are just `text`, in all."""
        self.wait_until(lambda: self.lines.count(text) >= count, f"{count} times {text!r}")
