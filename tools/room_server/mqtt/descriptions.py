"""Tells Home Assistant what a room's devices are, and what they have no longer."""

import json

from ..messages import encode
from .discovery import config_of, entities_of

# Entities of a device that are still named because they are gone.
_MOST_GONE = 64


class Descriptions:
    """The descriptions of one room's devices. `topics` are its Topics, `shelf` is the Shelf.

    `bridge` and `origin`: see discovery.config_of. `most_bytes`: the longest message that the
    broker gets. `with_commands`: whether there are controls. `warn(subject, text)` tells people.
    """

    def __init__(self, topics, shelf, bridge, origin, most_bytes, with_commands, warn):
        self._topics = topics
        self._shelf = shelf
        self._bridge = bridge
        self._origin = origin
        self._most_bytes = most_bytes
        self._with_commands = with_commands
        self._warn = warn
        # Device: {key: platform}, the entities that were told last, or that are gone.
        self._told = {}

    def describe(self, name, device):
        """Tell what a device of the Mirror is now."""
        entities = entities_of(name, device.about, device.kinds, self._topics, self._with_commands)
        # The newest are the last.
        told = list(self._told.get(name, {}).items())
        gone = dict([each for each in told if each[0] not in entities][-_MOST_GONE:])
        self._told[name] = {**gone, **{key: each["p"] for key, each in entities.items()}}
        topic = self._topics.config(name)
        if not entities and not gone:
            # Home Assistant accepts no device without entities.
            return
        payload = self._payload(name, device.about, entities, gone)
        while len(payload) > self._most_bytes and entities:
            text = f"the description of {name!r} takes {len(payload)} bytes: it is cut"
            self._warn(name, text)
            # Half of them, so that it is not made many times.
            entities = dict(list(entities.items())[: len(entities) // 2])
            payload = self._payload(name, device.about, entities, gone)
        self._shelf.put(topic, payload)

    def forget(self, name):
        """Tell that a device is gone."""
        self._told.pop(name, None)
        self._shelf.remove(self._topics.config(name))

    def found(self, name, payload):
        """Take the description of a device that the broker held. Return whether it has entities
        that were not known here: an earlier run has told them.
        """
        told = self._told.get(name, {})
        more = {key: each for key, each in _entities_in(payload).items() if key not in told}
        self._told[name] = {**more, **told}
        return bool(more)

    def _payload(self, name, about, entities, gone):
        arguments = (entities, gone, self._topics, self._bridge, self._origin)
        return encode(config_of(name, about, *arguments))


def _entities_in(payload):
    """Return {key: platform} of a description, without those that it says are gone."""
    try:
        entities = json.loads(payload)["cmps"]
        return {key: each["p"] for key, each in entities.items() if len(each) > 1}
    except (ValueError, KeyError, TypeError, AttributeError):
        # It is not ours.
        return {}
