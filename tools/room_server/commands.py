"""Commands: each goes to its device alone, and its result also to who only hears commands."""

from weakref import WeakKeyDictionary

from .checks import shorten
from .messages import encode

# A member with hears=commands gets the results of so many devices.
_MOST_DEVICES = 8


class NotHere(Exception):
    """A command's device is not connected."""


class Commands:
    """The commands to the devices of a room."""

    def __init__(self, devices):
        self._devices = devices
        # Weak, because the last message of a member may come after it has left.
        # Member: the devices to which it sent commands, the latest last.
        self._sent = WeakKeyDictionary()

    def take(self, sender, message):
        """Pass on a member's command, or tell it that the device is not there."""
        try:
            self.pass_on(message)
        except NotHere as error:
            answer = {"type": "result", "device": message["device"], "name": message["name"]}
            sender.send(encode({**answer, "ok": False, "error": str(error)}), True)
            return
        if sender.hears == "commands":
            device = message["device"]
            names = [name for name in self._sent.get(sender, ()) if name != device]
            self._sent[sender] = [*names, device][-_MOST_DEVICES:]

    def pass_on(self, message):
        """Return how many got it: one. Raises NotHere."""
        name = message["device"]
        device = self._devices.get(name)
        # Only the newest connection gets it: an older one may be dead, and with two the device
        # would carry it out twice.
        if device is None or not device.connections:
            raise NotHere(f"device {shorten(name)} is not here")
        if not device.connections[-1].send(encode(message), True):
            raise NotHere(f"device {shorten(name)} is going")
        return 1

    def senders(self, device):
        """Return the members with hears=commands that get its results. Some may have left."""
        return [member for member, names in self._sent.items() if device in names]
