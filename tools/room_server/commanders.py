"""Who hears only commands, and gets the results of the devices to which it has sent some."""

from weakref import WeakKeyDictionary

# A member gets the results of so many devices.
_MOST_DEVICES = 8


class Commanders:
    """The members with hears=commands that have sent commands."""

    def __init__(self):
        # Weak, because the last message of a member may come after it has left.
        # Member: the devices to which it sent commands, the latest last.
        self._devices = WeakKeyDictionary()

    def note(self, member, device):
        """Note that a member has sent the device a command."""
        names = [name for name in self._devices.get(member, ()) if name != device]
        self._devices[member] = [*names, device][-_MOST_DEVICES:]

    def of(self, device):
        """Return the members that get the results of a device. Some may have left."""
        return [member for member, names in self._devices.items() if device in names]
