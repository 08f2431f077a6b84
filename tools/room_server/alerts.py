"""The alerts of all rooms that have rules, also of those where nobody is."""

import asyncio
import time

from .devices import RoomFull
from .room_alerts import RoomAlerts


class Alerts:
    """Finds the RoomAlerts of a room, and has what they share."""

    def __init__(self, store, targets, max_rooms, clock=None, later=None):
        """`targets`: {name: kind}. `clock` returns ms since 1970. `later`: see Presence; it
        returns a handle as the loop's.
        """
        self.targets = targets
        self.clock = clock or (lambda: int(time.time() * 1000))
        # Called when a notification may be waiting.
        self.on_notices = None
        self._store = store
        self._max_rooms = max_rooms
        self._later = later
        self._rooms = {}  # (party, room): RoomAlerts, of those that ever had rules
        # Those that have changed since the last commit.
        self._changed = set()
        self._started_at = self.clock()

    def start(self):
        """Read what is stored, and begin to look."""
        for place, stored in (self._store.alerts() or {}).items():
            # Nobody is here yet, so nothing counts from before.
            self._rooms[place] = RoomAlerts(
                self, self._store, *place, stored, since=self._started_at
            )

    def of(self, party, room):
        """Return the RoomAlerts of a room."""
        return self._rooms.get((party, room)) or RoomAlerts(self, self._store, party, room)

    def with_notices(self):
        """Return the RoomAlerts of rooms where notifications wait."""
        return [alerts for alerts in self._rooms.values() if alerts.notices]

    def check_place(self, party, room):
        """Raise RoomFull if a room that had no rules can have none."""
        if (party, room) not in self._rooms and len(self._rooms) >= self._max_rooms:
            raise RoomFull(f"{self._max_rooms} rooms have alerts: raise --max-rooms")

    def keep(self, alerts):
        """Keep the RoomAlerts of a room that has rules now."""
        self._rooms[alerts.party, alerts.name] = alerts

    def forget(self, party, room):
        """Delete the alerts of a room. Return None, or why not."""
        if (party, room) not in self._rooms:
            return None
        why = self._store.forget_alerts(party, room)
        if why is None:
            self._rooms.pop((party, room)).take_back(None)
        return why

    def note_change(self, alerts):
        """Note that a RoomAlerts has changed in the open transaction."""
        self._changed.add(alerts)

    def ended(self, why):
        """Handle the end of a transaction. `why`: why all of it was lost, or None."""
        changed, self._changed = self._changed, set()
        stored = self._store.alerts() if why is not None and changed else None
        if stored is not None:
            for alerts in changed:
                alerts.take_back(stored.get((alerts.party, alerts.name)))

    def call_later(self, seconds, call):
        later = self._later or asyncio.get_running_loop().call_later
        return later(seconds, call)
