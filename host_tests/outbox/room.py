"""A scripted room, according to tools/room_server/ROOMS.md: the other side of a device's readings.
`table` has the readings that it has stored, by epoch and number.
"""

import json

from api.world import World
from core.wire import PING, TEXT, frame
from simulation.clock import clock

# An acknowledgement comes at the latest so long after the first message without one,
ACK_MS = 250
# or with this many messages.
_ACK_COUNT = 16
# In this time an acknowledgement and a message may cross.
_CROSSING_MS = 100
_MOST_A_SECOND = 50


class Room(World):
    """Also the network of one device: its socket dials `transport`."""

    def __init__(self, draws):
        super().__init__()
        self._draws = draws
        # (epoch, number, i, at) of each reading on disk, in order.
        self.table = []
        # Epoch: the highest number on disk.
        self.numbers = {}
        # The i of readings that broke a rule.
        self.refused = set()
        # The i of readings that were neither numbered nor live.
        self.plain = []
        # i: the ms when it first came, live or not.
        self.seen = {}
        self.messages = 0
        self.is_down = False
        # The ms when the device got the last error.
        self.error_at = 0
        # The status of the error that answers all messages of readings.
        self.status = None
        self.greeting_ms = 0
        self.ack_ms = ACK_MS
        # The latency of the room's messages.
        self.latency_ms = 0
        # A planted fault: it acknowledges before readings are on disk.
        self.acks_early = False
        # The transaction: (epoch, highest, rows).
        self._open = []
        # The number of transactions.
        self._serial = 0
        # The times of the last messages of one connection.
        self._times = []
        self._joined = None
        # When the last message arrives: messages keep their order.
        self._arrives = 0
        # [(ms, number)] that the device of this connection was told.
        self._acks = []

    def expect(self, is_so, what):
        """The same as model.expect, but raises nothing."""
        if not is_so:
            self.fail(what)

    # The network.

    def transport(self):
        refuse = {"refuse": 5}
        self.plans = [refuse if self.is_down else {"accept": self._draws.one_of((0, 5, 300))}]
        return super().transport()

    def tell(self):
        peer = self.peers[-1] if self.peers else None
        if peer is not None and peer.answered and peer is not self._joined:
            self._joined = peer
            self._times = []
            self._acks = []
            peer.auto_pong = False
            clock.later(self.greeting_ms, self._greet, peer)
        super().tell()

    def _greet(self, peer):
        # A transaction that has begun is committed, or not, before an answer is sent.
        if self._open:
            self._commit(self._serial)
        self._ack(peer)
        # What came first is answered first: its pongs come after its greeting.
        peer.auto_pong = True
        for data in peer.got(PING) if peer.is_alive() else ():
            peer.pong(data)

    # The room.

    def taken(self, peer, opcode, data, is_chunked):
        message = json.loads(data)
        if peer is not self._joined or message.get("type") not in ("reading", "batch"):
            return
        self._count()
        readings = message.get("readings", [message])
        for one in readings:
            self.seen.setdefault(one["values"]["i"], clock.now())
        if "n" not in readings[0]:
            if not message.get("live"):
                self.plain.append(message["values"]["i"])
            return
        self.expect(message["epoch"] == self._epoch(peer), "an epoch that did not join")
        if self.status is not None:
            self._error(peer, self.status)
        elif [one for one in readings if one["values"].get("poison")]:
            self._error(peer, 400)
        else:
            self._store(peer, message["epoch"], message["after"], readings)

    def _store(self, peer, epoch, after, readings):
        told = [number for ms, number in self._acks if ms < clock.now() - _CROSSING_MS]
        told = max(told + [0])
        self.expect(readings[0]["n"] > told, "%s, and %d was done with" % (readings[0], told))
        highest = self._open[-1][1] if self._open else self.numbers.get(epoch, 0)
        if after > highest:
            self._ack(peer)
            return
        new = [one for one in readings if one["n"] > highest]
        rows = []
        for one in new:
            if "wrong" in one["values"]:
                self.refused.add(one["values"]["i"])
            else:
                rows.append((epoch, one["n"], one["values"]["i"], one.get("at")))
        wrong = [[one["n"], "wrong"] for one in new if "wrong" in one["values"]]
        self._open.append((epoch, max(highest, readings[-1]["n"]), rows))
        if wrong or self.acks_early:
            # Acknowledged when they are on disk.
            if not self.acks_early:
                self._commit(self._serial)
            self._ack(peer, wrong)
        elif len(self._open) == 1:
            clock.later(self.ack_ms, self._commit, self._serial, peer)
        elif len(self._open) >= _ACK_COUNT:
            self._commit(self._serial, peer)
        if self.acks_early and len(self._open) >= _ACK_COUNT:
            self._commit(self._serial)

    def _commit(self, serial, peer=None):
        if serial != self._serial:
            return
        for epoch, highest, rows in self._open:
            self.numbers[epoch] = highest
            self.table += rows
        self._open = []
        self._serial += 1
        if peer is not None:
            self._ack(peer)

    def _ack(self, peer, refused=()):
        epoch = self._epoch(peer)
        number = self.numbers.get(epoch, 0)
        if self.acks_early and self._open:
            number = self._open[-1][1]
        if peer is self._joined:
            at = max(self._arrives, clock.now() + self.latency_ms)
            self._acks = self._acks[-20:] + [(at, number)]
        more = ',"refused":' + json.dumps(refused) if refused else ""
        self._say(peer, '{"type":"ack","epoch":"%s","n":%d%s}' % (epoch, number, more))

    def kill(self):
        """The server's process is killed. Readings that are not on disk are lost."""
        self._open = []
        self._serial += 1
        self.is_down = True
        self.cut()

    def cut(self):
        """The connection is cut, and messages on their way in it are lost."""
        if self.peers:
            self.peer.reset()
            self._joined = None

    def _error(self, peer, status):
        self.error_at = clock.now() + self.latency_ms
        self._say(peer, '{"type":"error","status":%d,"error":"no"}' % status)

    def _say(self, peer, text):
        if peer is self._joined and peer.is_alive():
            self._arrives = max(self._arrives, clock.now() + self.latency_ms)
            peer.say(frame(TEXT, text.encode()), self._arrives - clock.now())

    def _epoch(self, peer):
        return peer.path().split("epoch=")[1].split("&")[0]

    def _count(self):
        self.messages += 1
        self._times.append(clock.now())
        if len(self._times) > _MOST_A_SECOND:
            is_slow = clock.now() - self._times.pop(0) >= 1000
            self.expect(is_slow, "more than 50 messages a second")
