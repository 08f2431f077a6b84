"""Tells a room which devices came and went: at once, or gathered when there are many."""

import asyncio

from . import messages

# At most one message is told in this time.
_GATHER_S = 1.0
# A device with little memory must read the message. At least 15 names fit, however long.
_MOST_BYTES = 4096


class Presence:
    """Gathers the changes of one room."""

    def __init__(self, hearers, later=None):
        """`hearers`: {id: member} of those who are told, which the room keeps up to date.

        `later(seconds, call)`: the default is the loop's call_later.
        """
        self._hearers = hearers
        self._later = later
        # Device: (online, at), what is still to be told, the oldest first.
        self._waiting = {}
        # Those of them that a snapshot has shown as they were then.
        self._shown = set()
        # True for a second after each message.
        self._is_gathering = False

    def changed(self, device, online, at):
        """Note that a device came or went. It is told now, or within the next seconds."""
        if device in self._waiting and device not in self._shown:
            # It is again as everyone knows it.
            del self._waiting[device]
            return
        self._waiting[device] = (online, at)
        if not self._is_gathering:
            self._tell_some()

    def shown(self):
        """Note that a snapshot is made. Who gets it knows more than was told to the others."""
        self._shown.update(self._waiting)

    def let_go(self):
        """Tell nothing more, when the room is no longer used."""
        self._waiting.clear()

    def _tell_some(self):
        """Tell as many changes as one message holds, and gather until the next may come."""
        self._is_gathering = True
        later = self._later or asyncio.get_running_loop().call_later
        later(_GATHER_S, self._due)
        changes = [(name, *self._waiting.pop(name)) for name in self._fitting()]
        self._shown.intersection_update(self._waiting)
        if len(changes) == 1:
            [(device, online, at)] = changes
            self._tell({"device": device, "online": online, "at": at}, device)
            return
        message = {"at": max(at for _, _, at in changes)}
        for key, wanted in (("online", True), ("offline", False)):
            names = [name for name, online, _ in changes if online is wanted]
            if names:
                message[key] = names
        self._tell(message)

    def _tell(self, message, device=None):
        """Tell everyone but the connections of `device`."""
        payload = _encode(message)
        for member in self._hearers.values():
            if member.device is None or member.device != device:
                member.send(payload, True)

    def _due(self):
        self._is_gathering = False
        if self._waiting:
            self._tell_some()

    def _fitting(self):
        """Return the names that fit into one message."""
        # No time has more digits.
        left = _MOST_BYTES - len(_encode({"at": 1 << 53, "online": [], "offline": []}))
        names = []
        for name in self._waiting:
            # With the comma after it.
            left -= len(messages.encode(name)) + 1
            if left < 0:
                break
            names.append(name)
        return names


def _encode(fields):
    return messages.encode({"type": "presence", **fields})
