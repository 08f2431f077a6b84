"""A device measures, and keeps its readings in an outbox. Links, servers and its power fail at
random. In the end the room has each reading once, in order, with its time.
"""

from simulation.clock import clock
from simulation.draws import Draws

from . import reach
from .flash import Flash
from .model import expect
from .room import ACK_MS, Room

_SIZE = 262144
# A new reading is seen within this time, whatever waits.
_LIVE_MS = 1000


class Delivery:
    def __init__(self, seed, count, tells=False, acks_early=False):
        self._draws = draws = Draws(seed)
        self._count = count
        self._tells = tells
        self._acks_early = acks_early
        # The times of the readings.
        self._given = []
        # Readings that may be lost: the power failed before they were on flash.
        self._lost = set()
        # Readings before this one are on flash, or acknowledged.
        self._sure = 0
        self._poison = set()
        self._batch = {"batch_count": draws.one_of((1, 1, 8)), "batch_ms": 2000}
        self.cuts = self.faults = 0

    def note(self, text):
        if self._tells:
            print("%9d %s" % (clock.now(), text))

    async def live(self):
        draws = self._draws
        self._wall = reach.Wall(clock.now)
        self.room = Room(draws)
        self.room.acks_early = self._acks_early
        self._flash = Flash(draws.one_of((32, 256)), 96)
        self._start()
        while len(self._given) < self._count:
            await self._measure(draws.between(1, 40))
            await self._something()
            expect(not self.room.faults, "%s" % self.room.faults[:1])
        await self._end()

    def _start(self):
        self._outbox = reach.Outbox(self._flash.path, _SIZE, **self._batch)
        self._socket = self.room.party(
            "home",
            query={"role": "device", "name": "d"},
            outbox=self._outbox,
            ping_interval_ms=20000,
            max_reconnection_delay=10000,
        )

    async def _measure(self, count):
        gap = self._draws.one_of((100, 100, 300, 1000, 20000))
        for _ in range(count):
            i = len(self._given)
            more = ""
            if self._draws.below(1000) == 0:
                more = ',"poison":true'
                self._poison.add(i)
            elif self._draws.below(200) == 0:
                more = ',"wrong":null'
            self._given.append(self._wall.true_ms())
            self._socket.send('{"type":"reading","values":{"i":%d%s}}' % (i, more))
            if self._socket.ready_state == 1 and not self.room.peer.mute:
                clock.later(_LIVE_MS, self._look, i, self.room.peer)
            await clock.sleep(gap)

    def _look(self, i, peer):
        """Check that reading `i` was seen, if nothing has happened to its connection."""
        # A reading may have to wait while it turns out that the one before it is refused.
        is_calm = clock.now() - self.room.error_at > _LIVE_MS
        if peer is self.room.peer and peer.is_alive() and not peer.mute and is_calm:
            self.room.expect(i in self.room.seen, "%d is not seen after a second" % i)

    async def _something(self):
        draws = self._draws
        room = self.room
        kind = draws.below(12)
        self.faults += 1
        self.note("%d given, %d stored; %d" % (len(self._given), len(room.table), kind))
        if kind == 0:
            room.cut()
        elif kind == 1:
            room.kill()
            clock.later(draws.one_of((100, 5000, 60000)), self._serve)
        elif kind == 2:
            room.status = draws.one_of((503, 507))
            clock.later(draws.one_of((100, 5000, 60000)), self._serve)
        elif kind == 3 and room.peers:
            # Its pings get no answer.
            room.peer.mute = True
        elif kind == 4:
            await self._cut_power()
        elif kind == 5:
            await self._outbox.sync()
            self._sure = len(self._given)
        elif kind == 6:
            clock.spawn(self._flush(self._socket, len(self._given)))
        elif kind == 7:
            self._outbox.close()
            await self._restart(self._flash)
        elif kind == 8:
            room.greeting_ms = draws.one_of((0, 10, 1000))
            room.ack_ms = draws.one_of((0, 20, ACK_MS))
            room.latency_ms = draws.one_of((0, 30, 400))
        elif kind == 9 and room.peers:
            room.peer.end()
        elif kind == 10:
            await clock.sleep(draws.one_of((1000, 30000)))

    def _serve(self):
        self.room.is_down = False
        self.room.status = None

    async def _flush(self, socket, count):
        if await socket.flush(self._draws.one_of((1000, 60000, 600000))):
            self._check_there(count, "flush() is True, and")

    async def _cut_power(self):
        self.cuts += 1
        blocks = self._flash.blocks
        if blocks is not None:
            blocks.cut_at = blocks.writes + self._draws.between(1, 20)
            blocks.cut_part = self._draws.below(1000)
            for _ in range(30):
                if not blocks.is_dead:
                    await self._measure(1)
        if blocks is None or not blocks.is_dead:
            self.note("the cut comes between two writes")
        flash = self._flash.copied()
        if blocks is not None:
            blocks.is_dead = True
        self._lost.update(range(self._sure, len(self._given)))
        await self._restart(flash)

    async def _restart(self, flash):
        self.room.cut()
        self._socket.close()
        self.room.sockets.remove(self._socket)
        await self._socket.wait_closed()
        try:
            self._outbox.close()
        except OSError:
            # There is no power.
            pass
        await clock.quiet()
        if flash is not self._flash:
            self._flash.let_go()
        self._flash = flash
        self._start()

    async def _end(self):
        self.note("healed")
        self._serve()
        self._sure = len(self._given)
        is_there = await self._socket.flush(3_600_000)
        # If a connection ends while the other messages are waited for, this is False.
        is_there = is_there or await self._socket.flush(3_600_000)
        expect(is_there, "flush() is False in a world that is well")
        self._check_there(len(self._given), "in the end")
        expect(len(self._outbox) == 0, "%d wait" % len(self._outbox))
        expect(self._socket.buffered_amount == 0, "%d buffered" % self._socket.buffered_amount)
        stats = self._outbox.stats()
        expect(not stats["dropped"] and not stats["torn"], "%s" % stats)
        await self.room.end()
        self._outbox.close()
        # The outbox's task ends after its pause.
        await clock.sleep(100)
        self._flash.let_go()

    def _check_there(self, count, when):
        """Check that each of the first readings is in the room's table, once and in order, with
        its time.
        """
        room = self.room
        there = set()
        last = -1
        keys = set()
        for epoch, number, i, at in room.table:
            room.expect((epoch, number) not in keys, "number %d is there twice" % number)
            keys.add((epoch, number))
            room.expect(i not in there, "%s %d is there twice" % (when, i))
            room.expect(i > last, "%s %d comes after %d" % (when, i, last))
            room.expect(at == self._given[i], "%d of %d is dated %s" % (i, self._given[i], at))
            there.add(i)
            last = i
        for i in range(count):
            is_there = i in there or i in room.refused or i in self._poison or i in self._lost
            room.expect(is_there, "%s %d of %d is lost" % (when, i, count))
        room.expect(not self._poison & there, "what it could not read is stored")
        room.expect(not room.plain, "%s came without a number" % room.plain[:10])
