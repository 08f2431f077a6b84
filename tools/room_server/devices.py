"""The devices that a room knows, with their last values: in memory, within bounds, and stored."""

import asyncio

from .device import Device, bytes_of, bytes_of_about
from .update import update_of

# In a snapshot: of a series, and of all series together. That is about half a megabyte, which
# takes about 10 ms to make.
_MOST_POINTS = 300
_SNAPSHOT_POINTS = 20000
_FEWEST_POINTS = 2
_MOST_CHANGES = 20


class RoomFull(Exception):
    """There is no space for one more. The text names the limit and its option."""


class Devices:
    """The devices of one room. `now` is always in ms since 1970."""

    def __init__(self, party, room, store, settings, state):
        """`state` is the Budget of bytes that all rooms in use hold together. Raises RoomFull."""
        self._place = (party, room)
        self._store = store
        self._settings = settings
        self._state = state
        self._state_bytes = 0
        self._devices = {row[0]: Device(*row) for row in store.load(party, room)}
        self._take(sum(map(bytes_of, self._devices.values())))

    def __len__(self):
        return len(self._devices)

    def __iter__(self):
        return iter(self._devices.values())

    def get(self, name):
        """Return the Device, or None."""
        return self._devices.get(name)

    def make(self, name, now):
        """Return the Device; make it if it does not exist. Raises RoomFull."""
        if name not in self._devices:
            self._make_place()
            device = Device(name, now)
            self._take(bytes_of(device))
            self._devices[name] = device
        return self._devices[name]

    def heard(self, device, now):
        """Note that a device joined or left."""
        device.at = now
        self._store.save(*self._place, device)

    def hello(self, name, about, now):
        """Keep a device's hello. Return None, or why it was not stored. Raises RoomFull."""
        device = self.make(name, now)
        self._take(bytes_of_about(about) - bytes_of_about(device.about))
        device.about, device.at = about, now
        return self._store.save(*self._place, device)

    def add(self, name, readings, now, undated_is_last=True, step=None):
        """Keep readings of a device. Return None, or why they were not stored. Raises RoomFull.

        `undated_is_last`: see update_of. `step`: see Store.save. With a step, readings that were
        not stored change nothing here either, because the device will send them again.
        """
        update = update_of(self.make(name, now), readings, now, undated_is_last)
        self._check(update.growth)
        news = (update.points, update.changes, update.dropped, update.undated, step)
        why = self._store.save(*self._place, update.device, *news)
        if why is None or step is None:
            self._take(update.growth)
            self._devices[name] = update.device
        return why

    def state(self, now):
        """Return the devices with their values and newest points, in the form of a snapshot."""
        series = sum(len(device.last) for device in self)
        points = min(_MOST_POINTS, _SNAPSHOT_POINTS // max(1, series))
        if points < _FEWEST_POINTS:
            # One point says no more than `last`, and 10,000 queries would take 100 ms.
            return [_without_history(device, device.last) for device in self]
        return [self._state_of(device, points, now) for device in self]

    async def part(self, wanted, now):
        """Return what an asked.Wanted says of the devices, one series in each turn of the loop: a
        long one takes 20 ms. Raises Refusal.
        """
        found = []
        for device in self:
            names = [name for name in device.last if wanted.has_name(name)]
            if wanted.has_device(device.name) and (names or wanted.names is None):
                found.append((device, names))
        state = [_without_history(device, names) for device, names in found]
        if wanted.part is not None:
            wanted.check_count(sum(len(names) for _, names in found))
            for each in state:
                each.update(await self._part_of(each["device"], each["last"], wanted.part, now))
        return state

    def let_go(self):
        """Return its bytes to the Budget, when the room is no longer used."""
        self._state.give_back(self._state_bytes)
        self._state_bytes = 0

    def _state_of(self, device, points, now):
        key = (*self._place, device.name)
        history, changes = {}, {}
        for name, series in self._store.series_of(*key).items():
            history[name] = self._store.newest(series, points, now)
            changes[name] = self._store.newest_changes(series, _MOST_CHANGES, now)
        state = {**_without_history(device, device.last), **_filled(history, changes)}
        undated = self._store.undated(*key)
        return {**state, "undated": undated} if undated else state

    async def _part_of(self, device, names, part, now):
        history, changes = {}, {}
        for name in names:
            # Looked up in each turn: it may go meanwhile, and its number be another's.
            series = self._store.series_of(*self._place, device).get(name)
            if series:
                history[name], changes[name] = self._store.part(series, part, now)
            await asyncio.sleep(0)
        return _filled(history, changes)

    def _make_place(self):
        limit = self._settings.max_devices
        if len(self._devices) < limit:
            return
        offline = [device for device in self if not device.connections]
        if not offline:
            raise RoomFull(f"{limit} devices are in the room: raise --max-devices")
        oldest = min(offline, key=lambda device: device.at)
        del self._devices[oldest.name]
        self._take(-bytes_of(oldest))
        self._store.forget(*self._place, oldest.name)

    def _take(self, count):
        self._check(count)
        self._state_bytes += count
        self._state.take(count)

    def _check(self, count):
        if count > 0 and not self._state.has(count):
            limit = self._state.limit
            raise RoomFull(
                f"the rooms in use hold {limit} bytes of values: raise --max-state-bytes"
            )


def _without_history(device, names):
    return {
        "device": device.name,
        "online": bool(device.connections),
        "at": device.at,
        "about": device.about,
        "last": {name: device.last[name] for name in names},
    }


def _filled(history, changes):
    """Return the fields of a device without the series that have no points."""
    history = {name: points for name, points in history.items() if points}
    changes = {name: points for name, points in changes.items() if points}
    return {"history": history, "changes": changes} if changes else {"history": history}
