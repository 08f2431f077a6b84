"""The times of readings that were measured before the board's clock was set. The functions are the
outbox's, in a file of their own.

Such a reading keeps what the clock showed, in ms since 2000, and the number of the board's start.
When the clock is set in that life of the board, it is known by how much it was behind: that is
kept with the log, for the last four starts.
"""

from .outbox_flash import UNDATED

_JUMP_MS = 2000  # a clock that is off by more was set meanwhile
_FROM_MS = 946684800000  # 2000
_BOOT_SHIFT = 40


def undated(self, now):
    """The time of a record that is measured now, by a clock that shows `now`."""
    return UNDATED | self._boot << _BOOT_SHIFT | max(0, now - _FROM_MS)


def clock_came(self, shift):
    """The clock was not set, and shows a time that is `shift` ms later than it should."""
    if shift > _JUMP_MS:
        self._shifts.insert(0, (self._boot, shift))
        self._reserved = 0  # the state has to be written


def date_of(self, time):
    """The date of such a record, in ms since 1970, or None."""
    for boot, shift in self._shifts:
        if boot == time >> _BOOT_SHIFT & 127:
            return (time & (1 << _BOOT_SHIFT) - 1) + _FROM_MS + shift
    return None
