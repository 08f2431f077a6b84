"""Topics: where the devices of a room are in the broker. Each name is one level of a topic."""

import re
from urllib.parse import unquote

from ..checks import MAX_NAME_CHARS

# What separates levels and what is a wildcard; the sign of the encoding itself; and characters
# that a broker refuses: a client that sends them is disconnected.
_NOT_IN_LEVELS = re.compile(
    "[%+#/\x00-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_NOT_IN_IDS = re.compile("[^a-zA-Z0-9-]")
# Between the parts of an id. No encoded part has two of these in a row.
_JOINT = "__"


def encode(name):
    """Return a name as one level of a topic: a few characters are percent-encoded."""
    return _NOT_IN_LEVELS.sub(lambda found: _percent(found[0]), name)


def decode(level):
    """Return the name of a level. Raises ValueError if it is not UTF-8."""
    return unquote(level, errors="strict")


def identifier(*names):
    """Return an id of the names, of letters, digits, `_` and `-`. Others are `_` and the number of
    each byte. Different names give different ids.
    """
    return _JOINT.join(_NOT_IN_IDS.sub(lambda found: _hex(found[0]), name) for name in names)


class Topics:
    """The topics of one room below `prefix`."""

    def __init__(self, prefix, party, room, discovery_prefix):
        # All of the room's topics but the descriptions begin with it.
        self.root = f"{prefix}/{encode(party)}/{encode(room)}"
        self._id = identifier("partysocket", party, room)
        self._discovery = f"{discovery_prefix}/device/{self._id}"
        # "online" while the bridge is in the room.
        self.room = f"{self.root}/available"
        # Everything of the room, and all of its descriptions for Home Assistant.
        self.filters = (f"{self.root}/#", f"{self._discovery}/+/config")

    def available(self, device):
        """The topic that says whether a device is online."""
        return f"{self.root}/{encode(device)}/available"

    def value(self, device, name):
        return f"{self.root}/{encode(device)}/value/{encode(name)}"

    def command(self, device, name):
        return f"{self.root}/{encode(device)}/command/{encode(name)}"

    def result(self, device, name):
        return f"{self.root}/{encode(device)}/result/{encode(name)}"

    def id_of(self, device):
        """The id of a device for Home Assistant."""
        return _JOINT.join((self._id, identifier(device)))

    def config(self, device):
        """The topic of a device's description for Home Assistant."""
        return f"{self._discovery}/{identifier(device)}/config"

    def has(self, topic):
        """Whether a topic belongs to this room."""
        return topic.startswith((f"{self.root}/", f"{self._discovery}/"))

    def is_config(self, topic):
        """Whether a topic is that of a description of this room."""
        return topic.startswith(f"{self._discovery}/")

    def is_state(self, topic):
        """Whether a topic is that of a presence or value of this room's devices."""
        levels = self._levels(topic)
        return levels[1:] == ["available"] or len(levels) == 3 and levels[1] == "value"

    def commanded(self, topic):
        """Return (device, name) if the topic is that of a command, else None."""
        levels = self._levels(topic)
        if len(levels) != 3 or levels[1] != "command":
            return None
        try:
            device, name = decode(levels[0]), decode(levels[2])
        except ValueError:
            return None
        return (device, name) if max(len(device), len(name)) <= MAX_NAME_CHARS else None

    def _levels(self, topic):
        """Return the levels of a topic that is below the room's, else an empty list."""
        start = f"{self.root}/"
        return topic.removeprefix(start).split("/") if topic.startswith(start) else []


def _percent(character):
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _hex(character):
    return "".join(f"_{byte:02x}" for byte in character.encode())
