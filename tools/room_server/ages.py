"""Which points are too old, by a clock that does not jump ahead."""

import time
from dataclasses import dataclass

from . import logs

DAY_MS = 86400000

# A clock that jumps ahead by more is not believed at once.
_JUMP_MS = 3600000
# For so long nothing is deleted because of its age.
_HOLD_S = 86400


@dataclass(frozen=True)
class Keep:
    """How long each tier keeps its points, in ms. Changes are kept as long as hours."""

    raw: int = 3 * DAY_MS
    minutes: int = 30 * DAY_MS
    hours: int = 730 * DAY_MS


@dataclass(frozen=True)
class Oldest:
    """The earliest time of each tier, in ms since 1970."""

    raw: int
    minutes: int
    hours: int
    changes: int


class Ages:
    """Tells what is too old.

    The computer's clock may jump: a Raspberry Pi has none that runs without power. If it jumps
    ahead by more than an hour, ages go on by the monotonic clock for 24 h. If the new time still
    holds after that, it is taken as true.
    """

    def __init__(self, keep, heard_at=None, monotonic=time.monotonic):
        """`heard_at`: the latest time at which anything was heard before the start, or None."""
        self._keep = keep
        self._monotonic = monotonic
        # A monotonic time, and the time of day at that moment.
        self._since = None if heard_at is None else (monotonic(), heard_at)
        # The monotonic time at which the jump was noticed, while ages do not follow the clock.
        self._held_at = None
        # A server that was stopped for long can't tell that from a jump, and need not be a worry.
        self._log = logs.warning if heard_at is None else logs.info

    def oldest(self, now):
        """Return the Oldest at `now`, the time of the computer's clock."""
        now = self.steady(now)
        keep = self._keep
        return Oldest(now - keep.raw, now - keep.minutes, now - keep.hours, now - keep.hours)

    def steady(self, now):
        """Return the time that ages count from, at `now`."""
        at = self._monotonic()
        if self._since is None:
            self._since = (at, now)
            return now
        steady = self._since[1] + int((at - self._since[0]) * 1000)
        ahead = now - steady
        if ahead > _JUMP_MS:
            if self._held_at is None:
                self._held_at = at
                self._tell(ahead)
            if at - self._held_at < _HOLD_S:
                return steady
        self._held_at = None
        self._since = (at, now)
        self._log = logs.warning
        return now

    def _tell(self, ahead_ms):
        hours = round(ahead_ms / 3600000, 1)
        text = f"the clock jumped ahead by {hours} h, or nothing was heard for so long"
        text += ": nothing is deleted because of its age for 24 h"
        self._log("clock-jumped", text, hours=hours)
