"""A reading's time: which times are believed, and which value of a name is the last one."""

EARLIEST = 1577836800000  # 2020 began: clocks that were not set yet say less
MAX_AHEAD_MS = 86400000  # a clock that is ahead by more is not set either


def measured_at(reading, now):
    """Return when a reading was measured, in ms since 1970, or None if that is not known."""
    if "at" not in reading:
        # What is sent as it is measured was measured now; a numbered or a live one may have
        # waited for a clock that was not set yet.
        return None if "n" in reading or reading.get("live") else now
    return reading["at"] if EARLIEST <= reading["at"] <= now + MAX_AHEAD_MS else None


def time_of_value(at, now):
    """Return the time for which a value counts that came `now` with a time, or None: with none."""
    # A time ahead of ours counts as ours: a clock that was wrong for a moment would keep its
    # value for a day.
    return now if at is None else min(at, now)


def is_last(time, before, now):
    """True if a value of `time` takes the place of one of `before`, or of None."""
    # Ours may have been ahead itself, when the one before came.
    return before is None or time >= min(before, now)
