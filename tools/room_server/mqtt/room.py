"""One room in the broker: its messages become topics, and commands from topics go to it.

No sockets and no clock.
"""

import json

from .. import logs
from ..messages import encode
from .descriptions import Descriptions
from .mirror import Mirror
from .orders import Refusal, order_of

ONLINE, OFFLINE = b"online", b"offline"
# Commands that wait for their results.
_MOST_SENT = 100
_ENDED = "the connection to the room has ended: perhaps it was carried out, perhaps not"
# Messages that the broker held, until the room's snapshot is there.
_MOST_FOUND = 100_000


class Room:
    """One room. `topics` are its Topics, `shelf` is the Shelf.

    `link.send(message)` sends a dict to the room, and returns whether it could. `link.ask()` gets
    the room's state without its history: it calls look(), and later looked(). `link.settle()`
    calls settled() soon. `bridge`, `origin`, `most_bytes`, `with_commands`: see Descriptions.
    """

    def __init__(self, topics, shelf, link, bridge, origin, most_bytes, with_commands):
        self._topics = topics
        self._shelf = shelf
        self._link = link
        self._with_commands = with_commands
        self._most_bytes = most_bytes
        self._mirror = Mirror()
        self._descriptions = Descriptions(
            topics, shelf, bridge, origin, most_bytes, with_commands, self._warn
        )
        # The server's time less the link's ticks, in ms; None before the first snapshot.
        self._ahead = None
        # {topic of its description: device}.
        self._names = {}
        # Devices that are to be described anew.
        self._unsettled = set()
        # {topic: payload} that the broker held when we came. None after the first snapshot.
        self._found = {}
        # (device, name) of the commands that wait for their results, the oldest first.
        self._sent = []
        self._warnings = logs.Warnings()
        self.left()

    # From the room.

    def hears(self, text, ticks):
        """Take a text of the room. `ticks`: ms of a clock that never jumps."""
        if not text.startswith("{"):
            # A member has sent something of its own.
            return
        message = json.loads(text)
        kind = message.get("type")
        if kind == "snapshot":
            self._ahead = message["at"] - ticks
            self._publish(self._mirror.snapshot(message), is_news=False)
            found, self._found = self._found or {}, None
            for topic, payload in found.items():
                self._check(topic, payload)
            self._shelf.put(self._topics.room, ONLINE)
        elif kind == "result":
            self._result(message["device"], message["name"], message)
        elif kind == "error":
            text = f"the room refuses: {message['error']}"
            self._warn(None, text)
            # The bridge sends nothing but commands.
            self._end_sent(text)
        elif self._ahead is not None and kind in ("presence", "hello", "reading", "batch"):
            self._publish(self._mirror.apply(message, int(ticks + self._ahead)))

    def left(self):
        """Note that the room is not heard any more. When it is again, it sends a snapshot."""
        self._shelf.put(self._topics.room, OFFLINE)
        self._end_sent(_ENDED)

    def look(self):
        """Note that the room is asked for its state."""
        self._mirror.look()

    def looked(self, states):
        """Take the states of all devices of the room."""
        self._publish(self._mirror.looked(states))

    def settled(self):
        """Describe the devices that have changed."""
        names, self._unsettled = self._unsettled, set()
        for name in sorted(names):
            if device := self._mirror.get(name):
                self._descriptions.describe(name, device)

    # From the broker.

    def born(self):
        """Home Assistant has started: tell it all devices again."""
        self._shelf.repeat(self._names)

    def takes(self, topic, payload, is_retained):
        """Take a message of the broker below the room's topics."""
        if commanded := self._topics.commanded(topic):
            self._commanded(*commanded, payload, is_retained)
        elif not is_retained or not payload:
            return
        elif self._found is None:
            self._check(topic, payload)
        elif len(self._found) < _MOST_FOUND:
            self._found[topic] = payload

    def _commanded(self, device, name, payload, is_retained):
        """Pass a command on. If it is refused, the refusal is its result."""
        try:
            if is_retained:
                raise Refusal("a retained command is ignored: send it without retain")
            if not self._with_commands:
                raise Refusal("commands are off: start the bridge with --commands")
            known = self._mirror.get(device)
            if known is None:
                raise Refusal(f"the room has no device {device!r}")
            if not self._link.send(order_of(known.about, device, name, payload)):
                raise Refusal("the room cannot be reached: send it again later")
            self._sent = [*self._sent, (device, name)][-_MOST_SENT:]
        except Refusal as error:
            self._fail(device, name, str(error))

    def _check(self, topic, payload):
        """Remove a message that the broker holds if it is of a device or value that the room has
        forgotten, perhaps in an earlier run.
        """
        if not self._topics.is_config(topic):
            if topic not in self._shelf and self._topics.is_state(topic):
                self._shelf.remove(topic)
            return
        name = self._names.get(topic)
        if name is None:
            self._shelf.remove(topic)
        elif self._descriptions.found(name, payload):
            self._unsettle([name])

    # Inside.

    def _publish(self, changes, is_news=True):
        topics, shelf = self._topics, self._shelf
        for name, device in changes.forgotten.items():
            del self._names[topics.config(name)]
            self._descriptions.forget(name)
            shelf.remove(topics.available(name))
            for each in device.values:
                shelf.remove(topics.value(name, each))
        self._names.update((topics.config(name), name) for name in changes.new)
        for name in changes.present:
            is_available = self._mirror.get(name).is_available
            shelf.put(topics.available(name), ONLINE if is_available else OFFLINE)
        for name, dropped in changes.dropped.items():
            for each in dropped:
                shelf.remove(topics.value(name, each))
        for name, values in changes.values.items():
            for each in values:
                payload = encode(self._mirror.get(name).values[each].value)
                shelf.put(topics.value(name, each), payload, is_news)
        self._unsettle(changes.described)
        if changes.new and is_news:
            self._link.ask()

    def _unsettle(self, names):
        if names:
            self._unsettled.update(names)
            self._link.settle()

    def _end_sent(self, why):
        """Answer all commands that wait for their results."""
        sent, self._sent = self._sent, []
        for device, name in sent:
            self._fail(device, name, why)

    def _fail(self, device, name, why):
        self._result(device, name, {"ok": False, "error": why})
        self._warn((device, name), f"command {name!r} to {device!r}: {why}")

    def _result(self, device, name, result):
        if (device, name) in self._sent:
            self._sent.remove((device, name))
        told = {key: result[key] for key in ("ok", "value", "error") if key in result}
        payload = encode(told)
        if len(payload) > self._most_bytes:
            text = f"the result of {name!r} of {device!r} has {len(payload)} bytes: it is left out"
            self._warn((device, name), text)
            payload = encode({"ok": told["ok"]})
        self._shelf.pass_on(self._topics.result(device, name), payload)

    def _warn(self, subject, text):
        self._warnings.warning(subject, "mqtt", f"{self._topics.root}: {text}")
