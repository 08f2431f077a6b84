"""How readings change a device: its last values, its history, and its undated readings."""

from dataclasses import dataclass, replace

from .device import Device, bytes_of_values
from .times import is_last, measured_at, time_of_value

# Value names of one device. The one that was not sent for the longest time is dropped first.
MAX_SERIES = 64


@dataclass(frozen=True)
class Update:
    """A device after some more readings, and what else the store needs."""

    device: Device
    # (name, at, number) for the history.
    points: list
    # (name, at, bool or text, later) for the history: see Changes.add.
    changes: list
    # (when it came, values).
    undated: list
    # (name, value, when it was measured) of the values that were the last ones of their names when
    # they came; the time is None if the reading is undated and not live. For alerts.
    news: list
    # Names that are forgotten.
    dropped: list
    # Bytes of memory.
    growth: int


def update_of(device, readings, now, undated_is_last=True):
    """Return the Update of `device` with these readings. `device` itself does not change.

    Without `undated_is_last`, a reading whose time is not known sets no last value.
    """
    last, times = dict(device.last), dict(device.times)
    points, changes, undated, news, names = [], [], [], [], set()
    for reading in readings:
        at, values = measured_at(reading, now), reading["values"]
        is_live = reading.get("live")
        if not is_live:
            if at is None:
                undated.append((now, values))
            else:
                for name, value in values.items():
                    if _is_number(value):
                        points.append((name, at, value))
                    else:
                        changes.append((name, at, value, _later(last, times, name, at)))
        if at is None and not undated_is_last:
            continue
        time = time_of_value(at, now)
        for name in values:
            if is_last(time, times.get(name), now):
                # Move it to the end: it is the name that was sent last.
                last.pop(name, None)
                last[name], times[name] = values[name], time
                names.add(name)
                news.append((name, values[name], None if at is None and not is_live else time))
    dropped = list(last)[:-MAX_SERIES]
    for name in dropped:
        del last[name], times[name]
    changed = names.union(dropped)
    return Update(
        device=replace(device, at=now, last=last, times=times),
        points=points,
        changes=changes,
        undated=undated,
        news=news,
        dropped=dropped,
        growth=_bytes_of(last, changed) - _bytes_of(device.last, changed),
    )


def _later(last, times, name, at):
    """Return (time, value) of the last value of a name, if it is a bool or text that was measured
    after `at`.
    """
    is_later = name in last and times.get(name, 0) > at and not _is_number(last[name])
    return (times[name], last[name]) if is_later else None


def _is_number(value):
    return not isinstance(value, (bool, str))


def _bytes_of(last, names):
    return bytes_of_values({name: last[name] for name in names if name in last})
