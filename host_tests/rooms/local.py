"""Rooms of the room server without sockets. The test controls clock, timers and commits."""

import json
from itertools import count

from room_server.alerts import Alerts
from room_server.metrics import Counts
from room_server.receipts import Receipts
from room_server.rooms import Rooms
from room_server.settings import Settings
from room_server.store import Store

NOW = 1790000000000  # ms since 1970
EPOCH = "9f0c2ab1d4e65c37"


class Local:
    """A server with the room `home`. Only `store.commit()` commits."""

    def __init__(self, path=None, now=NOW, settings=None, targets=None, **options):
        """`targets`: {name: kind} of alerts. Nothing is sent to them: see due()."""
        self.now = now
        self.store = Store(path, now=now, monotonic=lambda: self.now / 1000, **options)
        self.counts = Counts()
        # In the order in which they were set.
        self._timers = []
        self._ids = count()
        receipts = Receipts(self.store, self.counts, self._later)
        settings = settings or Settings()
        clock = lambda: self.now  # noqa: E731
        self.alerts = Alerts(self.store, targets or {}, settings.max_rooms, clock, self._later)
        self.store.on_end = lambda why: (receipts.ended(why), self.alerts.ended(why))
        self.rooms = Rooms(self.store, settings, receipts, self.alerts, self._later)
        self.store.on_failing = self.rooms.tell_storage
        self.alerts.start()
        self.room = self.rooms.open("main", "home")

    def join(self, role="", name=None, epoch=None, hears="all"):
        guest = Guest(self, f"id-{next(self._ids)}", role, name, epoch, hears)
        self.room.join(guest, self.now)
        return guest

    def device(self, name="d", epoch=EPOCH):
        """Join as a device. The server's first messages are in `heard()`."""
        return self.join("device", name, epoch)

    def leave(self, guest):
        self.room.leave(guest, self.now)
        self.rooms.release(self.room)

    def pass_time(self, seconds=1.0):
        """Let this time pass. Each timer is called when it is due."""
        end = self.now + round(1000 * seconds)
        while due := [timer for timer in self._timers if timer.at <= end]:
            timer = min(due, key=lambda timer: timer.at)
            timer.cancel()
            self.now = max(self.now, timer.at)
            timer.call()
        self.now = end

    def pass_to_next(self, end):
        """Let time pass until the next timer, but not beyond `end`."""
        due = min((timer.at for timer in self._timers), default=end)
        self.pass_time((min(max(due, self.now), end) - self.now) / 1000)

    def waits(self):
        """True if a timer is set."""
        return bool(self._timers)

    def _later(self, seconds, call):
        timer = Timer(self._timers, self.now + round(1000 * seconds), call)
        self._timers.append(timer)
        return timer

    def state(self, name="d"):
        """The current state of a device in the room."""
        devices = self.room.state(self.now)["devices"]
        return next(device for device in devices if device["device"] == name)

    def points(self, name="t", device="d"):
        return self.state(device)["history"].get(name, [])

    def break_commit(self):
        """Make the next commit fail, with all changes in it."""
        self.store._db.execute("PRAGMA defer_foreign_keys = ON")
        self.store._db.execute("INSERT INTO epochs (device, epoch, n) VALUES (-1, '', 0)")


class Timer:
    """One of `timers`: `call` is due `at` this time."""

    def __init__(self, timers, at, call):
        self._timers, self.at, self.call = timers, at, call

    def cancel(self):
        self._timers.remove(self)


class Guest:
    """A member that keeps the messages it gets."""

    def __init__(self, local, id, role, device, epoch, hears):
        self.id, self.role, self.device, self.epoch = id, role, device, epoch
        self.hears = hears
        self._local = local
        self._heard = []

    def send(self, payload, is_text):
        self._heard.append(json.loads(payload))
        return True

    def close(self, code, reason):
        pass

    def say(self, message):
        self._local.room.receive(self, json.dumps(message), self._local.now)

    def read(self, at=None, live=None, **values):
        """Send a reading without a number."""
        more = {"at": at, "live": live}
        more = {key: value for key, value in more.items() if value is not None}
        self.say({"type": "reading", "values": values, **more})

    def batch(self, after, *readings, epoch=EPOCH):
        """Send a batch of readings (n, at or None, values)."""
        listed = [_numbered(*reading) for reading in readings]
        self.say({"type": "batch", "epoch": epoch, "after": after, "readings": listed})

    def heard(self, *types):
        """The messages since the last call. With `types`, only messages of these types."""
        heard, self._heard = self._heard, []
        return [message for message in heard if not types or message["type"] in types]


def _numbered(n, at, values):
    reading = {"n": n, "values": values}
    return reading if at is None else {**reading, "at": at}


def ack(n, **more):
    return {"type": "ack", "epoch": EPOCH, "n": n, **more}


def lost(why):
    return {"type": "error", "error": f"not stored: {why}", "status": 507}
