"""The times of readings that were measured before the board's clock was set.

Such a reading keeps the time that the clock showed, in ms since 2000, and the number of the
board's start. When the clock is set before the next start, the outbox learns by how much it was
behind. It keeps that shift with the log, for the last four starts.

Functions with `self` are methods of Outbox.
"""

from .outbox_flash import UNDATED

# If the clock is off by more than this, it was set meanwhile.
_JUMP_MS = 2000
_FROM_MS = 946684800000  # the year 2000
_BOOT_SHIFT = 40


def undated(self, now):
    """The time to store for a record that is measured now, while the unset clock shows `now`."""
    return UNDATED | self._boot << _BOOT_SHIFT | max(0, now - _FROM_MS)


def clock_came(self, shift):
    """The clock has been set: it is `shift` ms later than the unset clock would be."""
    if shift > _JUMP_MS:
        self._shifts.insert(0, (self._boot, shift))
        # This makes the next `put` write the state.
        self._reserved = 0


def date_of(self, time):
    """The date of such a stored time, in ms since 1970. None if it is not known."""
    for boot, shift in self._shifts:
        if boot == time >> _BOOT_SHIFT & 127:
            return (time & (1 << _BOOT_SHIFT) - 1) + _FROM_MS + shift
    return None
