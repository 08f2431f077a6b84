"""A random life of an outbox on flash with power cuts, compared with the model of its promises."""

from simulation.clock import clock
from simulation.draws import Draws

from . import reach
from .flash import Flash
from .model import Model, expect

_SIZES = (40960, 40960, 45056, 49152, 65536, 98304)
# One step can write so much.
_AT_ONCE = 4 * 4096
_POLICIES = ("drop-oldest", "drop-oldest", "drop-newest", "thin", "latest")
_KEYS = ("a", "b", "a b", "c")


class Life:
    """`every`: at each so-many-th write it also checks what a board would find after a cut there.
    0: never.
    """

    def __init__(self, seed, every=0, tells=False):
        self._draws = Draws(seed)
        # For the checks, which must not change the life.
        self._chance = Draws(seed + 1)
        self._every = every
        self._tells = tells
        self.steps = self._draws.between(40, 160)
        self.cuts = self.looks = self.writes = 0
        self._size = 0
        # It may drop readings soon, because flash is nearly full.
        self._may_drop = False
        # A fault that a check has found: nothing may be raised through the littlefs.
        self._broken = None

    def note(self, text):
        if self._tells:
            print("%8d %s" % (clock.now(), text))

    async def live(self):
        draws = self._draws
        self.wall = reach.Wall(clock.now)
        self.model = Model()
        self.flash = Flash(draws.one_of((32, 256)))
        self.outbox = None
        self._sent = 0
        self._heard = 0
        self._watch()
        await self._open()
        for _ in range(self.steps):
            if self.flash.blocks is not None and draws.odds(15):
                # Some cuts come soon, others in the middle of something long.
                blocks = self.flash.blocks
                blocks.cut_at = blocks.writes + draws.between(1, draws.one_of((5, 30, 100)))
                blocks.cut_part = draws.below(1000)
            await self._step()
        if self.flash.blocks is not None:
            self.flash.blocks.cut_at = None
        await self._settle()
        self._shut()
        await clock.quiet()
        self.flash.let_go()

    # Actions.

    async def _step(self):
        draws = self._draws
        kind = draws.below(100)
        size = self.outbox.stats()["flash_bytes"] + _AT_ONCE
        self._may_drop = self._may_drop or size > self._size
        try:
            if kind < 45:
                self._append(draws.between(1, draws.one_of((1, 3, 12, 40, 90))))
                if draws.odds(70):
                    await clock.sleep(draws.one_of((0, 1, 1000, 20000)))
            elif kind < 65:
                await self._settle()
            elif kind < 78:
                self._send()
            elif kind < 92:
                await self._hear()
            elif kind < 94:
                self.wall.set()
                await clock.sleep(5000)
            elif kind < 97:
                await self._close_and_open()
            elif self.flash.blocks is None:
                await self._restart()
        except OSError as e:
            expect(self.flash.is_dead, "%r, and the power is there" % e)
        if self._broken is not None:
            raise self._broken
        if self.flash.is_dead:
            await self._restart()

    def _append(self, count):
        draws = self._draws
        model = self.model
        for _ in range(count):
            keys = draws.one_of(_KEYS)
            values = "".join([',"%s":%d' % (key, draws.below(1000)) for key in keys.split(" ")])
            more = ""
            if count <= 40 and draws.odds(50):
                more = "°" * draws.one_of((0, 0, 0, 0, 5, 40, 300, 900))
            text = '{"type":"reading","values":{"i":%d%s},"x":"%s"}' % (model.next(), values, more)
            if self.outbox.append(text):
                model.give(keys, text, self.wall.true_ms(), self.wall.is_set())
            else:
                model.refuse()
        self.note("append %d, to %d" % (count, model.next()))

    def _send(self):
        """Do what the sender does."""
        records = reach.after(self.outbox, self._sent, self._draws.one_of((1, 300, 1400)))
        if not self.flash.is_dead:
            self._take(records)
        if records:
            self._sent = records[-1][0]
            self.note("sent to %d" % self._sent)

    async def _hear(self):
        low = self.model.acknowledged
        if self._sent <= low:
            return
        number = low + self._draws.between(1, self._sent - low)
        self.note("acknowledged %d" % number)
        self._heard = number
        reach.acknowledge(self.outbox, number)
        await clock.quiet()
        if not self.flash.is_dead:
            self.model.heard(number)

    async def _settle(self):
        """Nothing is under way, so the readable records must be exactly the expected ones."""
        await self.outbox.sync()
        if self.flash.is_dead:
            return
        self.model.synced()
        found = self._take(waiting(self.outbox, self._draws.one_of((1, 700, 100000))))
        stats = self.outbox.stats()
        if self.flash.is_dead:
            return
        self._check_figures(self.outbox, found, stats)
        self.note("%d wait, %d dropped" % (len(found), stats["dropped"]))
        self.model.settle(found, stats["dropped"], self._options["full"])
        self._may_drop = False
        used = self.flash.used_bytes()
        expect(used <= self._size, "%d bytes of flash, of %d" % (used, self._size))

    async def _close_and_open(self):
        self.note("close")
        self.outbox.close()
        if self.flash.is_dead:
            return
        self.model.synced()
        # The next outbox counts from 0.
        self.model.dropped -= self.outbox.stats()["dropped"]
        await self._open()
        if not self.flash.is_dead:
            await self._settle()

    async def _restart(self):
        """The board starts again after a cut."""
        self.note("cut")
        self.cuts += 1
        flash = self.flash.copied()
        self._shut()
        self.flash.let_go()
        self.flash = flash
        self._watch()
        self.wall.start(self._draws.odds(70))
        self._new_outbox()
        found = self._take(waiting(self.outbox, 100000))
        stats = self.outbox.stats()
        self._check_figures(self.outbox, found, stats)
        self.note("%d wait, %d dropped" % (len(found), stats["dropped"]))
        known = stats["acknowledged"]
        may_drop = self._may_drop or stats["dropped"]
        self.model.restart(found, stats["dropped"], known, self._options["full"], may_drop)
        self._heard = self.model.acknowledged
        self._may_drop = False

    async def _open(self):
        if self._draws.odds(50):
            self.wall.start(self._draws.odds(70))
        self._new_outbox()

    def _new_outbox(self):
        draws = self._draws
        size = self._size
        self._size = draws.one_of(_SIZES)
        self._may_drop = self._may_drop or self._size < size
        self._options = {
            "batch_count": draws.one_of((1, 1, 2, 5, 20, 100)),
            "batch_ms": draws.one_of((0, 1000, 60000)),
            "full": draws.one_of(_POLICIES),
        }
        self.note("open: %d, %s" % (self._size, sorted(self._options.items())))
        self.model.policies.add(self._options["full"])
        # If it was larger before.
        self.model.policies.add("drop-oldest")
        self.outbox = reach.Outbox(self.flash.path, self._size, **self._options)
        self._sent = self.outbox.stats()["acknowledged"]

    def _shut(self):
        try:
            self.outbox.close()
        except OSError as e:
            expect(self.flash.is_dead, "%r, and the power is there" % e)

    # Checks.

    def _take(self, records):
        return self.model.readings_of(records, lambda time: reach.at_of(self.outbox, time))

    def _check_figures(self, outbox, found, stats):
        count = len(outbox)
        expect(count == len(found) == stats["waiting"], "len is %d: %s, of %d" % (
            count, stats, len(found)
        ))  # fmt: skip
        size = sum([len(one.payload) for one in found])
        expect(stats["waiting_bytes"] == size, "of %d bytes: %s" % (size, stats))
        expect(stats["torn"] == 0, "torn: %s" % stats)
        expect(stats["number"] >= self.model.highest, "%s: %d" % (stats, self.model.highest))
        known = stats["acknowledged"]
        is_right = self.model.gone_to <= known <= self._heard
        expect(is_right, "%d acknowledged, then %d: %s" % (
            self.model.gone_to, self._heard, stats
        ))  # fmt: skip

    def _watch(self):
        if self.flash.blocks is not None and self._every:
            self.flash.blocks.look = self._look

    def _look(self, start, new):
        """Check what a board would find if the power failed during this write."""
        self.writes += 1
        if self.outbox is None or self.writes % self._every or self._broken is not None:
            return
        self.looks += 1
        part = self._chance.one_of((0, 999, self._chance.below(1000)))
        blocks = self.flash.blocks
        flash = self.flash.copied(blocks.half_done(start, new, part))
        try:
            outbox = reach.Outbox(flash.path, self._size, **self._options)
            self._probe(outbox)
            outbox.close()
        except Exception as e:
            self.note("after %d thousandths of the write at %d" % (part, start))
            self._broken = e
        flash.let_go()
        for name in (
            "outbox_begin",
            "outbox_blocks",
            # An opening that is under way unloads them.
        ):
            __import__("partysocket." + name)

    def _probe(self, outbox):
        model = self.model
        found = model.readings_of(
            waiting(outbox, 100000), lambda time: reach.at_of(outbox, time), True
        )
        self._check_figures(outbox, found, outbox.stats())
        model.check_gone(found)
        lost = [
            one.i for one in model.missing(found)[0] if one.is_proven and one.number > self._heard
        ]
        expect(self._may_drop or not lost, "%s are lost" % lost[:20])
        outbox.append('{"type":"reading","values":{"i":-1}}')
        records = waiting(outbox, 100000)
        if len(records) > len(found):
            number = records[-1][0]
            expect(number > model.highest, "%d again: %d was sent" % (number, model.highest))


def waiting(outbox, most_bytes):
    """The waiting records, read as the sender reads them."""
    found = []
    number = outbox.stats()["acknowledged"]
    while True:
        some = reach.after(outbox, number, most_bytes)
        if not some:
            return found
        found += some
        number = some[-1][0]
