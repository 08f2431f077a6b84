"""What a room knows about one device, and how much memory that takes."""

import sys
from dataclasses import dataclass, field

# The memory of a device without its values.
_DEVICE_BYTES = 600
# The memory of a value with its time, without the name and the value themselves.
_VALUE_BYTES = 160


@dataclass
class Device:
    """A device that a room knows. It is online while it has connections."""

    name: str
    # When it last joined, left, sent a hello or sent a reading, in ms since 1970.
    at: int
    # Name: value. The value that was not sent for the longest time is the first.
    last: dict = field(default_factory=dict)
    # Its last hello.
    about: dict = field(default_factory=dict)
    # Name: when its last value was measured.
    times: dict = field(default_factory=dict)
    # The newest connection is the last.
    connections: list = field(default_factory=list)


def bytes_of(device):
    """The memory that a device takes, approximately."""
    values = bytes_of_values(device.last) + bytes_of_about(device.about)
    return _DEVICE_BYTES + sys.getsizeof(device.name) + values


def bytes_of_about(about):
    """The memory that a hello takes. It is more than its JSON: each part is an object."""
    if isinstance(about, dict):
        inner = [part for item in about.items() for part in item]
    else:
        inner = about if isinstance(about, list) else ()
    return sys.getsizeof(about) + sum(bytes_of_about(part) for part in inner)


def bytes_of_values(values):
    return sum(
        _VALUE_BYTES + sys.getsizeof(name) + sys.getsizeof(value) for name, value in values.items()
    )
