"""A reading's time: which times are valid, and which value of a name is the last one."""

# The beginning of 2020. A clock that is not set yet shows an earlier time.
EARLIEST = 1577836800000
# A clock that is further ahead is not set correctly either.
MAX_AHEAD_MS = 86400000


def measured_at(reading, now):
    """Return when a reading was measured, in ms since 1970, or None if that is not known."""
    if "at" not in reading:
        # A plain reading is sent when it is measured. A numbered or a live one has no time
        # because the device's clock was not set, and may have waited.
        return None if "n" in reading or reading.get("live") else now
    return reading["at"] if EARLIEST <= reading["at"] <= now + MAX_AHEAD_MS else None


def time_of_value(at, now):
    """Return the time that counts for a value that came `now`. `at`: its own time, or None."""
    # A time ahead of ours counts as ours. Otherwise a clock that was wrong for a moment would
    # keep its value for a day.
    return now if at is None else min(at, now)


def is_last(time, before, now):
    """True if a value of `time` replaces one of `before`. `before` is None if there is none."""
    # Our own clock may have been ahead when the earlier value came.
    return before is None or time >= min(before, now)
