"""The rules of a room: who is in it, and who gets which messages. No sockets, no clock."""

from collections import Counter
from weakref import WeakSet

from . import messages
from .checks import MessageError, check_name
from .commands import Commands
from .devices import Devices, RoomFull
from .hello import complaint, summary
from .layout import Layout
from .numbered import news_of
from .presence import Presence
from .relayed import relayed

ROLES = ("device", "dashboard", "")
# What a member wants to hear. The first is the default.
HEARS = ("all", "commands")


class NotStored(Exception):
    """A reading was passed on, but not stored. The text says why."""


class Room:
    """One room. A member has `id`, `role`, `device`, `epoch`, `hears`, `send(payload, is_text)`
    and `close(code, reason)`. Neither call waits or raises. `send` returns whether it accepted
    the message.

    `now` is always in ms since 1970.
    """

    def __init__(
        self, party, name, store, settings, receipts, state, warnings, alerts, later=None
    ):
        """`state` is the Budget of bytes that all rooms in use hold, `warnings` the Warnings of
        all rooms, `alerts` the RoomAlerts. `later`: see Presence. Raises RoomFull.
        """
        self.party = party
        self.name = name
        self.members = {}  # id: member
        # id: member, of those that hear everything. They are few where the devices are many.
        self._hearers = {}
        self.alerts = alerts
        self.devices = Devices(party, name, store, settings, state, alerts)
        self._store = store
        self._settings = settings
        self._receipts = receipts
        self._warnings = warnings
        self._layout = Layout(store, (party, name))
        self._presence = Presence(self._hearers, later)
        # Weak, because the last message of a member may come after it has left.
        # Members that have sent a live reading.
        self._live = WeakSet()
        self._commands = Commands(self.devices)

    def join(self, member, now):
        """Add `member`. It replaces an older one with the same id. Raises RoomFull."""
        limit = self._settings.max_clients
        older = self.members.get(member.id)
        if older is None and len(self.members) >= limit:
            raise RoomFull(f"{limit} clients are in the room: raise --max-clients")
        device = self.devices.make(member.device, now) if member.role == "device" else None
        self.members[member.id] = member
        self._hearers.pop(member.id, None)
        if member.hears == "all":
            self._hearers[member.id] = member
        if member.epoch is not None:
            self._receipts.greet(member, self._log_of(member))
        if device is not None:
            device.connections.append(member)
            if len(device.connections) == 1:
                self._announce(device, now)
        if member.role == "dashboard":
            member.send(messages.encode({"type": "snapshot", **self.state(now)}), True)
        # This comes last, so that a device which only changed its connection never goes offline.
        if older is not None:
            self._disconnect(older, now)
            older.close(1008, "replaced by a newer connection with the same id")

    def leave(self, member, now):
        """Remove `member`, if it is still in the room."""
        if self.members.get(member.id) is member:
            del self.members[member.id]
            self._hearers.pop(member.id, None)
            self._disconnect(member, now)

    def receive(self, member, text, now):
        """Handle a text from a member. If it is wrong, the member gets an `error` message."""
        try:
            message = messages.parse(text)
            if message is None:
                self.pass_on(text.encode(), True, member)
            else:
                self._from_member(member, message, now)
        except MessageError as error:
            member.send(messages.error(str(error), 400), True)
        except RoomFull as error:
            member.send(messages.error(str(error), 503), True)

    def publish(self, text, device, now):
        """Handle a text from a POST. Return how many members got it, and whether it is a reading,
        which is safe only after the next commit.

        `device` is the name of the reading's device, or None if the reading has it as a field.
        Raises MessageError, RoomFull, NotStored, or NotHere for a command whose device is not
        connected.
        """
        message = messages.parse(text)
        if message is None:
            return self.pass_on(text.encode(), True), False
        if message["type"] == "command":
            return self._commands.pass_on(message), False
        if message["type"] != "reading" or "epoch" in message:
            kind = "numbered reading" if message["type"] == "reading" else message["type"]
            raise MessageError(f"{kind!r} comes from a client that joined: send 'reading'")
        name = check_name("device", message.get("device") if device is None else device)
        delivered, why = self._reading(name, message, now)
        if why is not None:
            raise NotStored(why)
        return delivered, True

    def pass_on(self, payload, is_text, sender=None, result_of=None):
        """Send `payload` to members that hear it, except `sender`. Return how many accepted it.

        If it is a result, `result_of` is its device.
        """
        hearers = [*self._hearers.values()]
        if result_of is not None:
            found = self._commands.senders(result_of)
            hearers += [member for member in found if self.members.get(member.id) is member]
        others = [member for member in hearers if member is not sender]
        return sum(member.send(payload, is_text) for member in others)

    def state(self, now):
        """Return the numbers of clients, and the devices with their values, as in a snapshot."""
        self._presence.shown()
        state = self._state_of(self.devices.state(now), now)
        return {**state, **self._layout.state(), "alerts": self.alerts.shown()}

    async def part(self, wanted, now):
        """Return of the state what an asked.Wanted says. Raises Refusal."""
        self._presence.shown()
        return self._state_of(await self.devices.part(wanted, now), now)

    def let_go(self):
        """Give its memory back to the Budget and tell nothing more: the room is no longer used."""
        self.devices.let_go()
        self._presence.let_go()

    def count_clients(self):
        """Return {role: how many connections}. Those without a role are "other"."""
        roles = Counter(member.role for member in self.members.values())
        return {role or "other": roles[role] for role in ROLES}

    def count_devices(self):
        """Return how many devices are online, and how many are known."""
        online = sum(1 for device in self.devices if device.connections)
        return {"online": online, "known": len(self.devices)}

    def heard_at(self):
        """Return the latest `at` of its devices, or None if there is no device."""
        return max((device.at for device in self.devices), default=None)

    def tell_dashboards(self, payload, sender=None):
        """Send to the dashboards that hear everything, and to `sender`."""
        if sender is not None:
            sender.send(payload, True)
        for member in self._hearers.values():
            if member is not sender and member.role == "dashboard":
                member.send(payload, True)

    def _state_of(self, devices, now):
        return {
            "room": self.name,
            "at": now,
            "clients": self.count_clients(),
            **self._store.storage(),
            "devices": devices,
        }

    def _from_member(self, member, message, now):
        kind = message["type"]
        if kind == "command":
            self._commands.take(member, message)
        elif kind == "layout":
            self._layout.take(member, message, now, self.tell_dashboards)
        elif kind == "alerts":
            self._set_alerts(member, message, now)
        elif member.role != "device":
            raise MessageError(f"{kind!r} comes from devices alone: join with role=device")
        elif "epoch" in message:
            self._numbered(member, message, now)
        elif kind == "reading":
            self._reading(member.device, message, now, member)
        elif kind == "hello":
            self._hello(member, message, now)
        else:
            message["device"] = member.device
            self.pass_on(messages.encode(message), True, member, member.device)

    def _reading(self, name, message, now, sender=None):
        """Keep a reading without a number, and pass it on. Return how many members accepted it,
        and None or why it was not stored.
        """
        reading = {key: message[key] for key in ("values", "at", "live") if key in message}
        # It is stored before it is passed on, because members rely on what they have seen.
        why = self.devices.add(name, [reading], now)
        if sender is not None and "live" in reading:
            self._live.add(sender)
        delivered = self._pass_on_readings(name, [reading], now, sender, False)
        self._receipts.wrote(sender, 1, why)
        return delivered, why

    def _numbered(self, member, message, now):
        """Keep and pass on the new readings of a numbered message, and arrange its `ack`."""
        if message["epoch"] != member.epoch:
            raise MessageError("epoch: give that of the join, `?epoch=`, with each reading")
        log = self._log_of(member)
        highest = self._store.highest(*log)
        # Without a disk there are no acks, so none could ask for the missing readings.
        if message["after"] > highest and not self._store.is_memory:
            self._receipts.took(member, log, 0)
            return
        news = news_of(message["readings"], highest)
        if news.n > highest:
            step = (member.epoch, highest, news.n)
            # After a live value, members have already seen values that are newer than this one.
            undated_is_last = member not in self._live
            why = self.devices.add(member.device, news.readings, now, undated_is_last, step)
            if why is not None:
                self._receipts.wrote(member, len(news.readings), why)
                return
        is_batch = message["type"] == "batch"
        self._pass_on_readings(member.device, news.readings, now, member, is_batch)
        self._receipts.took(member, log, news.n, news)

    def _pass_on_readings(self, name, readings, now, sender, is_batch):
        if not readings:
            return 0
        message = relayed(name, readings, now, is_batch)
        return self.pass_on(messages.encode(message), True, sender)

    def _hello(self, member, message, now):
        self._complain(member, message["left_out"])
        about = message["about"]
        why = self.devices.hello(member.device, about, now)
        hello = {"type": "hello", **about, "device": member.device, "at": now}
        self.pass_on(messages.encode(hello), True, member)
        self._receipts.wrote(member, 0, why)

    def _complain(self, member, left_out):
        """Tell the device and the log which parts of its hello were left out, if any."""
        where = {"party": self.party, "room": self.name, "device": member.device}
        subject = tuple(where.values())
        if not left_out:
            self._warnings.over(subject)
            return
        member.send(messages.error(complaint(left_out), 400), True)
        text = f"{self.party}/{self.name}: device {member.device!r}: {summary(left_out)}"
        self._warnings.warning(subject, "hello-in-part", text, **where)

    def _set_alerts(self, member, message, now):
        is_ours, why = self.alerts.set_rules(message["version"], message["rules"], now)
        if not is_ours:
            stale = {"type": "alerts", **self.alerts.shown(), "error": "stale"}
            member.send(messages.encode(stale), True)
            return
        self._receipts.wrote(member, 0, why)
        if why is None:
            self.alerts.tell(member)

    def _log_of(self, member):
        return self.party, self.name, member.device, member.epoch

    def _disconnect(self, member, now):
        device = self.devices.get(member.device) if member.role == "device" else None
        if device is not None:
            device.connections.remove(member)
            if not device.connections:
                self._announce(device, now)

    def _announce(self, device, now):
        self.devices.heard(device, now)
        self._presence.changed(device.name, bool(device.connections), now)
