"""The rules of a room: who is in it, who hears what, what is kept. No sockets, no clock."""

from collections import Counter

from . import messages
from .budget import Budget
from .checks import MessageError, check_name, shorten
from .device import Device, bytes_of, bytes_of_about, bytes_of_values

ROLES = ("device", "dashboard", "")
MAX_SERIES = 64  # value names kept of one device; the one longest without news goes first
SNAPSHOT_POINTS = 20000  # in all: about half a megabyte, and some ten ms to make


class RoomFull(Exception):
    """No place for one more; the text names the limit and its option."""


class NotHere(Exception):
    """A command's device is not connected."""


class Rooms:
    """All rooms with somebody in them; the others are in the store."""

    def __init__(self, store, settings):
        self._store = store
        self._settings = settings
        self._open = {}  # (party, name): Room
        self._state = Budget(settings.max_state_bytes)

    def open(self, party, name):
        """Return the room, loaded at its first use; raise RoomFull if it were one too many."""
        room = self._open.get((party, name))
        if room is None:
            room = Room(party, name, self._store, self._settings, self._state)
            try:
                self._check_count(room)
            except RoomFull:
                room.let_go()
                raise
            self._open[party, name] = room
        return room

    def release(self, room):
        """Let go of the room if nobody is in it."""
        key = (room.party, room.name)
        # The last session of a room may end when a new one has the same name already.
        if not room.members and self._open.get(key) is room:
            del self._open[key]
            room.let_go()

    def in_use(self):
        """Return the rooms with somebody in them."""
        return list(self._open.values())

    def state_bytes(self):
        """Return what the rooms in use hold of values and hellos."""
        return self._state.used

    def members(self):
        """Return everybody in every room."""
        return [member for room in self._open.values() for member in room.members.values()]

    def _check_count(self, room):
        limit = self._settings.max_rooms
        if not room.devices and max(len(self._open), self._store.count_rooms()) >= limit:
            raise RoomFull(f"the server keeps {limit} rooms: raise --max-rooms")


class Room:
    """One room. A member has `id`, `role`, `device`, `send(payload, is_text)` and `close(code,
    reason)`; neither call waits or raises, and `send` says whether it took the message.

    `now` is in ms since 1970 everywhere.
    """

    def __init__(self, party, name, store, settings, state=None):
        """`state` is the Budget of bytes that all rooms in use hold; raises RoomFull."""
        self.party = party
        self.name = name
        self.members = {}  # id: member
        self._store = store
        self._settings = settings
        stored = store.load(party, name)
        self.devices = {row[0]: Device(*row) for row in stored}
        self._state = state or Budget(settings.max_state_bytes)
        self._state_bytes = 0
        self._take(sum(bytes_of(device) for device in self.devices.values()))

    def join(self, member, now):
        """Take `member` in, in the place of an older one with its id; raise RoomFull if full."""
        limit = self._settings.max_clients
        older = self.members.get(member.id)
        if older is None and len(self.members) >= limit:
            raise RoomFull(f"{limit} clients are in the room: raise --max-clients")
        device = self._device(member.device, now) if member.role == "device" else None
        self.members[member.id] = member
        if device is not None:
            device.connections.append(member)
            if len(device.connections) == 1:
                self._announce(device, now, member)
        if member.role == "dashboard":
            member.send(messages.encode({"type": "snapshot", **self.state(now)}), True)
        # Last, so that a device which only changed its connection was never offline.
        if older is not None:
            self._disconnect(older, now)
            older.close(1008, "replaced by a newer connection with the same id")

    def leave(self, member, now):
        """Take `member` out, if it is still in."""
        if self.members.get(member.id) is member:
            del self.members[member.id]
            self._disconnect(member, now)

    def receive(self, member, text, now):
        """Handle a text from a member; what is wrong with it goes back as an `error` message."""
        try:
            message = messages.parse(text)
            if message is None:
                self.pass_on(text.encode(), True, member)
            else:
                self._from_member(member, message, now)
        except (MessageError, RoomFull) as error:
            member.send(messages.encode({"type": "error", "error": str(error)}), True)

    def publish(self, text, device, now):
        """Handle a text from outside and return how many members got it.

        `device` is the name a reading is for, or None if its own field says it. Raises
        MessageError, RoomFull, or NotHere for a command whose device is not connected.
        """
        message = messages.parse(text)
        if message is None:
            return self.pass_on(text.encode(), True)
        if message["type"] == "command":
            return self._command(message)
        if message["type"] != "reading":
            kind = message["type"]
            raise MessageError(f"{kind!r} comes from a device that joined: send 'reading'")
        name = message.get("device") if device is None else device
        return self._reading(check_name("device", name), message["values"], now)

    def pass_on(self, payload, is_text, sender=None):
        """Send `payload` to everybody but `sender`; return how many took it."""
        others = [member for member in self.members.values() if member is not sender]
        return sum(member.send(payload, is_text) for member in others)

    def state(self, now):
        """Return who is here, and the devices with their values, as a snapshot has them."""
        series = sum(len(device.last) for device in self.devices.values())
        points = max(1, SNAPSHOT_POINTS // max(1, series))
        devices = [self._device_state(device, points, now) for device in self.devices.values()]
        return {"room": self.name, "at": now, "clients": self.count_clients(), "devices": devices}

    def count_clients(self):
        """Return {role: how many connections}, with "other" for those without one."""
        roles = Counter(member.role for member in self.members.values())
        return {role or "other": roles[role] for role in ROLES}

    def count_devices(self):
        """Return how many devices are online, and how many known."""
        online = sum(1 for device in self.devices.values() if device.connections)
        return {"online": online, "known": len(self.devices)}

    def heard_at(self):
        """Return when a device was last heard of, or None if there is none."""
        return max((device.at for device in self.devices.values()), default=None)

    def _device_state(self, device, points, now):
        key = (self.party, self.name, device.name)
        history = {name: self._store.history(*key, name, points, now) for name in device.last}
        return {
            "device": device.name,
            "online": bool(device.connections),
            "at": device.at,
            "about": device.about,
            "last": device.last,
            "history": {name: series for name, series in history.items() if series},
        }

    def _from_member(self, member, message, now):
        kind = message["type"]
        if kind == "command":
            try:
                self._command(message)
            except NotHere as error:
                answer = {"type": "result", "device": message["device"], "name": message["name"]}
                answer.update(ok=False, error=str(error))
                member.send(messages.encode(answer), True)
        elif member.role != "device":
            raise MessageError(f"{kind!r} comes from devices alone: join with role=device")
        elif kind == "reading":
            self._reading(member.device, message["values"], now, member)
        elif kind == "hello":
            self._hello(member, message, now)
        else:
            message["device"] = member.device
            self.pass_on(messages.encode(message), True, member)

    def _command(self, message):
        device = self.devices.get(message["device"])
        # The newest connection alone: the others are remains, or would do it twice.
        if device is None or not device.connections:
            raise NotHere(f"device {shorten(message['device'])} is not here")
        if not device.connections[-1].send(messages.encode(message), True):
            raise NotHere(f"device {shorten(message['device'])} is going")
        return 1

    def _reading(self, name, values, now, sender=None):
        device = self._device(name, now)
        old = {key: device.last[key] for key in values if key in device.last}
        self._take(bytes_of_values(values) - bytes_of_values(old))
        device.at = now
        for key, value in values.items():
            device.last.pop(key, None)
            device.last[key] = value
        dropped = list(device.last)[:-MAX_SERIES]
        self._take(-bytes_of_values({key: device.last.pop(key) for key in dropped}))
        numbers = [item for item in values.items() if not isinstance(item[1], (bool, str))]
        self._save(device, numbers, dropped)  # first: whoever has seen it may rely on it
        message = {"type": "reading", "device": name, "at": now, "values": values}
        return self.pass_on(messages.encode(message), True, sender)

    def _hello(self, member, message, now):
        about = {key: value for key, value in message.items() if key != "type"}
        device = self._device(member.device, now)
        self._take(bytes_of_about(about) - bytes_of_about(device.about))
        device.about, device.at = about, now
        self._save(device)
        self.pass_on(messages.encode({**message, "device": device.name, "at": now}), True, member)

    def _device(self, name, now):
        if name not in self.devices:
            self._make_place()
            device = Device(name, now)
            self._take(bytes_of(device))
            self.devices[name] = device
        return self.devices[name]

    def _make_place(self):
        limit = self._settings.max_devices
        if len(self.devices) < limit:
            return
        offline = [device for device in self.devices.values() if not device.connections]
        if not offline:
            raise RoomFull(f"{limit} devices are in the room: raise --max-devices")
        oldest = min(offline, key=lambda device: device.at)
        del self.devices[oldest.name]
        self._take(-bytes_of(oldest))
        self._store.forget(self.party, self.name, oldest.name)

    def _take(self, count):
        if count > 0 and not self._state.has(count):
            limit = self._state.limit
            raise RoomFull(
                f"the rooms in use hold {limit} bytes of values: raise --max-state-bytes"
            )
        self._state_bytes += count
        self._state.take(count)

    def let_go(self):
        """Give back what it holds of the state: nobody uses it any more."""
        self._state.give_back(self._state_bytes)
        self._state_bytes = 0

    def _disconnect(self, member, now):
        device = self.devices.get(member.device) if member.role == "device" else None
        if device is not None:
            device.connections.remove(member)
            if not device.connections:
                self._announce(device, now, member)

    def _announce(self, device, now, member):
        device.at = now
        self._save(device)
        message = {"type": "presence", "device": device.name}
        message.update(online=bool(device.connections), at=now)
        self.pass_on(messages.encode(message), True, member)

    def _save(self, device, points=(), dropped=()):
        self._store.save(self.party, self.name, device, points, dropped)
