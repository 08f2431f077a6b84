"""All rooms that have clients. The others are only in the store."""

import asyncio

from . import logs, messages
from .ages import DAY_MS
from .budget import Budget
from .devices import RoomFull
from .room import Room

_LOOK_AGAIN_MS = 60000  # for a room that may give way: to look takes some ms


class Rooms:
    """The rooms in use, by party and name."""

    def __init__(self, store, settings, receipts, alerts, later=None):
        """`alerts` are the Alerts of all rooms. `later`: see Presence."""
        self._store = store
        self._alerts = alerts
        self._settings = settings
        self._receipts = receipts
        self._later = later
        self._open = {}  # (party, name): Room
        self._state = Budget(settings.max_state_bytes)
        self._warnings = logs.Warnings()
        self._asking = asyncio.Lock()
        self._looked_at = -_LOOK_AGAIN_MS  # when no room was found that may give way

    async def make_place(self, party, name, now):
        """To be called before something is stored in a room that may be new. If there are too
        many, and the settings allow it, delete the one longest unheard that has no clients.
        """
        limit, days = self._settings.max_rooms, self._settings.keep_room_days
        if days is None:
            return
        before = now - int(days * DAY_MS)
        while not self._is_known(party, name) and len(self._open) < limit <= self._stored():
            quiet = self._quiet_room(before, now)
            if quiet is None or not await self._forget(*quiet):
                return

    def open(self, party, name):
        """Return the room. Load it if it is not in use yet. RoomFull if there are too many."""
        room = self._open.get((party, name))
        if room is None:
            room = self._load(party, name)
            try:
                self._check_count(room)
            except RoomFull:
                room.let_go()
                raise
            self._open[party, name] = room
            room.alerts.enter(room)
        return room

    async def state(self, party, name, now, wanted=None):
        """Return the state of a room; with an asked.Wanted, only what that says. A room without
        clients stays only in the store, so it needs no place. Raises Refusal, or RoomFull if there
        is no memory for its values.
        """
        # One after the other, so that many who ask do not hold up all others.
        async with self._asking:
            room = self._open.get((party, name))
            if room is not None:
                return await _state_of(room, now, wanted)
            room = self._load(party, name)
            try:
                return await _state_of(room, now, wanted)
            finally:
                room.let_go()

    def release(self, room):
        """Remove the room from memory if it has no members."""
        key = (room.party, room.name)
        # When the last session of a room ends, there may already be a new room with this name.
        if not room.members and self._open.get(key) is room:
            del self._open[key]
            room.alerts.leave()
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

    def members_of(self, party, name):
        """Return the members of a room."""
        room = self._open.get((party, name))
        return list(room.members.values()) if room else []

    def tell_storage(self):
        """Tell every dashboard that hears everything whether readings are stored."""
        payload = messages.encode({"type": "storage", **self._store.storage()})
        for room in self._open.values():
            room.tell_dashboards(payload)

    def _load(self, party, name):
        ours = (self._store, self._settings, self._receipts, self._state, self._warnings)
        return Room(party, name, *ours, self._alerts.of(party, name), self._later)

    def _check_count(self, room):
        limit, days = self._settings.max_rooms, self._settings.keep_room_days
        is_known = self._store.has_room(room.party, room.name)
        if not is_known and max(len(self._open), self._stored()) >= limit:
            kept = f", in use or heard of in the last {days:g} days" if days else ""
            raise RoomFull(f"the server keeps {limit} rooms{kept}: raise --max-rooms")

    def _stored(self):
        return self._store.count_rooms()

    def _is_known(self, party, name):
        return (party, name) in self._open or self._store.has_room(party, name)

    def _quiet_room(self, before, now):
        """Return the party and name of a room not heard of since `before`, or None."""
        if self._looked_at <= now < self._looked_at + _LOOK_AGAIN_MS:
            return None
        for place in self._store.quiet_rooms(before):
            if place not in self._open:
                return place
        self._looked_at = now
        return None

    async def _forget(self, party, name):
        """Delete a room, a device in each turn of the loop; return False if the disk fails."""
        devices = self._store.devices_of(party, name)
        text = f"{party}/{name}: deleted with its readings, to make place for a new room"
        logs.warning("forgotten", text, party=party, room=name)
        for device in devices:
            await asyncio.sleep(0)
            if (party, name) in self._open:
                return True  # somebody has come in meanwhile: it stays, with what is left
            if self._store.forget(party, name, device) is not None:
                return False
        # In the turn of the last device, so that nobody comes in before it.
        has_kept = self._store.forget_kept(party, name)
        is_done = self._alerts.forget(party, name) is None
        return is_done and (has_kept or bool(devices))


async def _state_of(room, now, wanted):
    return await room.part(wanted, now) if wanted else room.state(now)
