"""What the bridge knows of a room's devices: their presence, hellos and last values.

It follows the room's messages, and says what they changed. No sockets, no clock.
"""

from dataclasses import dataclass, field

from ..times import is_last, time_of_value
from .discovery import BOOL, NUMBER, TEXT

# As in a room: the name that was not sent for the longest time is forgotten.
_MOST_NAMES = 64
# Stands for a hello among names of values, none of which is empty.
_HELLO = ""
# A device that counts them has had a connection of its own.
_RECONNECTS = "reconnects"


@dataclass
class Value:
    """The last value of a name."""

    value: object
    kind: str
    # When it was measured, or a time before that.
    time: int
    # When it had come at the latest, if `time` is not its own time.
    came: int = 0


@dataclass
class Device:
    """A device as the bridge knows it."""

    about: dict = field(default_factory=dict)
    is_online: bool = False
    # It has had a connection of its own. One that only posts has not, and is never away.
    has_joined: bool = False
    # Name: Value. The one that was not sent for the longest time is the first.
    values: dict = field(default_factory=dict)
    # It has sent a live value on its connection: what has no time may be older than that.
    has_sent_live: bool = False

    @property
    def is_available(self):
        return self.is_online or not self.has_joined

    @property
    def kinds(self):
        """{name: the kind of its values}."""
        return {name: value.kind for name, value in self.values.items()}


@dataclass
class Changes:
    """What a message has changed. The keys are names of devices."""

    # Those that are new. In their place, the room may have forgotten others.
    new: set = field(default_factory=set)
    # Those whose presence may have changed.
    present: set = field(default_factory=set)
    # Those with another hello, or with values of another name or kind.
    described: set = field(default_factory=set)
    # Device: names with a new last value, or a dict of them.
    values: dict = field(default_factory=dict)
    # Device: names that are forgotten.
    dropped: dict = field(default_factory=dict)
    # Device: what was known of it. The room has forgotten it.
    forgotten: dict = field(default_factory=dict)


class Mirror:
    """The devices of one room. `now` is always the server's time in ms since 1970."""

    def __init__(self):
        self._devices = {}
        # {device: {value name, or _HELLO}} of the messages since look(), or None.
        self._heard = None

    def get(self, name):
        """Return the Device, or None."""
        return self._devices.get(name)

    def snapshot(self, message):
        """Take a snapshot of the room in place of all that was known. Return the Changes."""
        changes = Changes()
        states = {state["device"]: state for state in message["devices"]}
        self._forget([name for name in self._devices if name not in states], changes)
        for name, state in states.items():
            device = self._make(name, changes)
            self._describe(name, state["about"], changes)
            device.is_online = state["online"]
            device.has_joined |= bool(
                device.is_online or device.about or _RECONNECTS in state["last"]
            )
            device.has_sent_live = False
            changes.present.add(name)
            last = state["last"]
            self._drop(name, [each for each in device.values if each not in last], changes)
            for each, value in last.items():
                self._keep(name, each, value, *_times_in(state, each), changes)
        return changes

    def look(self):
        """Note that the room is asked for its state. looked() has the answer."""
        self._heard = {}

    def looked(self, states):
        """Take the states that look() has asked for. Return the Changes: what is forgotten.

        The room may have forgotten a device that is there again: then only its values are gone.
        """
        changes = Changes()
        heard, self._heard = self._heard or {}, None
        states = {state["device"]: state for state in states}
        for name in list(self._devices):
            if name in states:
                self._compare(name, states[name], heard.get(name, ()), changes)
            elif name in heard:
                # It has come after the answer was made, perhaps in place of others.
                changes.new.add(name)
            else:
                self._forget([name], changes)
        return changes

    def _compare(self, name, state, heard, changes):
        """Drop what is not in a device's state and was not heard of since."""
        known = {*state["last"], *heard}
        self._drop(
            name, [each for each in self._devices[name].values if each not in known], changes
        )
        if _HELLO not in heard:
            self._describe(name, state["about"], changes)

    def apply(self, message, now):
        """Take a message of the room, and return the Changes."""
        changes = Changes()
        kind = message["type"]
        if kind == "presence":
            for name, is_online in _presences(message):
                device = self._make(name, changes)
                device.is_online, device.has_joined = is_online, True
                device.has_sent_live &= is_online
                changes.present.add(name)
        elif kind == "hello":
            self._make(message["device"], changes).has_joined = True
            about = {key: message[key] for key in ("name", "units", "controls") if key in message}
            self._describe(message["device"], about, changes)
            self._note(message["device"], _HELLO)
        elif kind == "reading":
            self._readings(message["device"], [message], now, False, changes)
        elif kind == "batch":
            self._readings(message["device"], message["readings"], now, True, changes)
        return changes

    def _readings(self, name, readings, now, is_batch, changes):
        device = self._make(name, changes)
        for reading in readings:
            is_undated = reading.get("undated", False) or "at" not in reading
            if is_undated and not reading.get("live") and device.has_sent_live:
                continue
            device.has_sent_live |= reading.get("live", False)
            time = time_of_value(None if is_undated else reading["at"], now)
            for each, value in reading["values"].items():
                if _is_newer(time, device.values.get(each), now, is_batch):
                    self._keep(name, each, value, time, 0, changes)
        self._drop(name, list(device.values)[:-_MOST_NAMES], changes)

    def _note(self, name, *heard):
        if self._heard is not None:
            self._heard.setdefault(name, set()).update(heard)

    def _make(self, name, changes):
        self._note(name)
        if name not in self._devices:
            self._devices[name] = Device()
            for each in (changes.new, changes.present, changes.described):
                each.add(name)
        return self._devices[name]

    def _describe(self, name, about, changes):
        device = self._devices[name]
        if device.about != about:
            device.about = about
            changes.described.add(name)

    def _keep(self, name, each, value, time, came, changes):
        values = self._devices[name].values
        before = values.pop(each, None)
        kind = BOOL if isinstance(value, bool) else TEXT if isinstance(value, str) else NUMBER
        if before is None or kind != before.kind:
            # Texts can be everything, so a name with values of two kinds stays one.
            kind = kind if before is None else TEXT
            if before is None or before.kind != TEXT:
                changes.described.add(name)
        self._note(name, each)
        # At the end: it is the name that was sent last.
        values[each] = Value(value, kind, time, came)
        changes.values.setdefault(name, {})[each] = None

    def _drop(self, name, dropped, changes):
        if not dropped:
            return
        for each in dropped:
            del self._devices[name].values[each]
            changes.values.get(name, {}).pop(each, None)
        changes.described.add(name)
        changes.dropped.setdefault(name, []).extend(dropped)

    def _forget(self, names, changes):
        for name in names:
            changes.forgotten[name] = self._devices.pop(name)


def _presences(message):
    if "device" in message:
        return [(message["device"], message["online"])]
    lists = ((True, message.get("online", ())), (False, message.get("offline", ())))
    return [(name, is_online) for is_online, names in lists for name in names]


def _is_newer(time, before, now, is_batch):
    """Whether what was measured at `time` replaces the Value `before`, or None."""
    if before is None:
        return True
    # A batch may be a backlog. A single reading hardly is, but its device's clock may be behind.
    if is_batch and time <= before.came:
        return False
    return is_last(time, before.time, now)


def _times_in(state, name):
    """Return Value's `time` and `came` for a last value of a snapshot."""
    points = state.get("history", {}).get(name)
    if points:
        at, value = points[-1]
        # Another one than the newest that is stored was live, or its time is not known.
        return at, 0 if value == state["last"][name] else state["at"]
    # Of bools and texts, only when one became another is known.
    changes = state.get("changes", {}).get(name)
    return changes[0][0] if changes else 0, state["at"]
