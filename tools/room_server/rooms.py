"""All rooms that have clients. The others are only in the store."""

from . import logs, messages
from .budget import Budget
from .devices import RoomFull
from .room import Room


class Rooms:
    """The rooms in use, by party and name."""

    def __init__(self, store, settings, receipts):
        self._store = store
        self._settings = settings
        self._receipts = receipts
        self._open = {}  # (party, name): Room
        self._state = Budget(settings.max_state_bytes)
        self._warnings = logs.Warnings()

    def open(self, party, name):
        """Return the room. Load it if it is not in use yet. RoomFull if there are too many."""
        room = self._open.get((party, name))
        if room is None:
            shared = (
                self._store,
                self._settings,
                self._receipts,
                self._state,
                self._warnings,
            )
            room = Room(party, name, *shared)
            try:
                self._check_count(room)
            except RoomFull:
                room.let_go()
                raise
            self._open[party, name] = room
        return room

    def release(self, room):
        """Remove the room from memory if it has no members."""
        key = (room.party, room.name)
        # When the last session of a room ends, there may already be a new room with this name.
        if not room.members and self._open.get(key) is room:
            del self._open[key]
            room.let_go()

    def in_use(self):
        """Return the rooms that have clients."""
        return list(self._open.values())

    def state_bytes(self):
        """Return the bytes of values and hellos that the rooms in use hold."""
        return self._state.used

    def members(self):
        """Return the members of all rooms."""
        return [member for room in self._open.values() for member in room.members.values()]

    def tell_storage(self):
        """Tell every dashboard that hears everything whether readings are stored."""
        payload = messages.encode({"type": "storage", **self._store.storage()})
        for member in self.members():
            if member.role == "dashboard" and member.hears == "all":
                member.send(payload, True)

    def _check_count(self, room):
        limit = self._settings.max_rooms
        if not len(room.devices) and max(len(self._open), self._store.count_rooms()) >= limit:
            raise RoomFull(f"the server keeps {limit} rooms: raise --max-rooms")
