"""What these tests use of an outbox besides its public names: what the socket's side calls, and
the time of day. In the form for boards some of it has other names, which lib/mpy/names.map tells.
"""

import json
import sys

import partysocket.outbox  # noqa: F401

MODULE = sys.modules["partysocket.outbox"]
Outbox = MODULE.Outbox
after = MODULE.after if hasattr(MODULE, "after") else None  # of outbox_flash, in the sources
_HERE = __file__[: __file__.rfind("/")]


def _method(name):
    """A method of Outbox."""
    if hasattr(Outbox, name):
        return getattr(Outbox, name)
    with open(_HERE + "/../../lib/mpy/names.map") as file:
        names = json.load(file)["files"]["outbox"]
    for short in names:
        if "outbox.py, Outbox." + name in names[short]:
            return getattr(Outbox, short)
    raise AttributeError(name)


if after is None:
    from partysocket.outbox_flash import after  # noqa: F811

acknowledge = _method("_acknowledge")  # (outbox, number): the room has all up to this one
at_of = _method("_at_of")  # (outbox, time of a record)


class Wall:
    """The time of day, as a board's clock has it."""

    BEGAN_MS = 1800000000000  # the true time when the run begins

    def __init__(self, now):
        self._now = now  # ms of the run
        self._behind = 0
        _put_in_place(self.ms)

    def true_ms(self):
        return self.BEGAN_MS + self._now()

    def ms(self):
        return self.true_ms() - self._behind

    def start(self, is_set):
        """The board starts; its clock is right, or begins at 2000."""
        self._behind = 0 if is_set else self.true_ms() - 946684800000

    def set(self):
        self._behind = 0

    def is_set(self):
        return not self._behind


def _put_in_place(wall_ms):
    for name in list(sys.modules):
        module = sys.modules[name]
        if name.startswith("partysocket.") and hasattr(module, "wall_ms"):
            module.wall_ms = wall_ms
