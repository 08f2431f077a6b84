"""Readings as the others get them."""

from .times import measured_at


def relayed(device, readings, now, is_batch):
    """Return the message with readings of a device: a `batch`, or a `reading` if it is one."""
    shown = [_shown(reading, now) for reading in readings]
    message = {"device": device, "at": now}
    if is_batch:
        return {"type": "batch", **message, "readings": shown}
    message = {"type": "reading", **message, **shown[0]}
    return message if "at" in shown[0] else {**message, "undated": True}


def _shown(reading, now):
    """Return a reading without its number, and without a time if it has no valid one."""
    at = measured_at(reading, now)
    shown = {} if at is None else {"at": at}
    shown["values"] = reading["values"]
    return {**shown, "live": True} if "live" in reading else shown
