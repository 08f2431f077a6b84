"""What a room knows of one device, and what that takes in memory."""

import sys
from dataclasses import dataclass, field

_DEVICE_BYTES = 600  # without its values
_VALUE_BYTES = 160  # without the name and the value themselves; with its time


@dataclass
class Device:
    """A device a room knows: online while it has connections, the newest one last."""

    name: str
    at: int  # ms since 1970: last joined, left, said hello or sent a reading
    last: dict = field(default_factory=dict)  # name: value, the longest without news first
    about: dict = field(default_factory=dict)  # its last hello
    times: dict = field(default_factory=dict)  # name: when its last value was measured
    connections: list = field(default_factory=list)


def bytes_of(device):
    """What a device takes in memory, about."""
    values = bytes_of_values(device.last) + bytes_of_about(device.about)
    return _DEVICE_BYTES + sys.getsizeof(device.name) + values


def bytes_of_about(about):
    """What a hello takes in memory: more than its JSON, by what Python adds to each part."""
    if isinstance(about, dict):
        inner = [part for item in about.items() for part in item]
    else:
        inner = about if isinstance(about, list) else ()
    return sys.getsizeof(about) + sum(bytes_of_about(part) for part in inner)


def bytes_of_values(values):
    return sum(
        _VALUE_BYTES + sys.getsizeof(name) + sys.getsizeof(value) for name, value in values.items()
    )
