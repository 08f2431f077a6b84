"""What these tests use of an outbox in addition to its public names: the calls of the socket, and
the time of day. In the form for boards some names are different; lib/mpy/names.map has them.
"""

import json
import sys

import partysocket.outbox  # noqa: F401

MODULE = sys.modules["partysocket.outbox"]
Outbox = MODULE.Outbox
# In the sources it is in outbox_flash.
after = MODULE.after if hasattr(MODULE, "after") else None
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

# (outbox, number): the room has all up to this number.
acknowledge = _method("_acknowledge")
# (outbox, time of a record).
at_of = _method("_at_of")


class Wall:
    """The time of day of a board's clock."""

    # The true time when the run begins.
    BEGAN_MS = 1800000000000

    def __init__(self, now):
        # ms of the run.
        self._now = now
        self._behind = 0
        _put_in_place(self.ms)

    def true_ms(self):
        return self.BEGAN_MS + self._now()

    def ms(self):
        return self.true_ms() - self._behind

    def start(self, is_set):
        """The board starts. Its clock is right, or begins at 2000."""
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
