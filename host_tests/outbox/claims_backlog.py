"""A device comes back with many readings, and a room stores them."""

from simulation.clock import clock
from simulation.draws import Draws

from . import reach
from .flash import Flash
from .life import waiting
from .room import Room

_SIZE = 262144


def _text(i):
    return '{"type":"reading","values":{"i":%d},"x":"%s"}' % (i, "x" * 60)


class _Device:
    """An outbox with so many readings, and its room."""

    def __init__(self):
        self.room = Room(Draws(1))
        self.flash = Flash(32, 96)
        self.outbox = reach.Outbox(self.flash.path, _SIZE, batch_count=16, batch_ms=0)

    async def fill(self, count):
        for i in range(count):
            self.outbox.append(_text(i))
            if i % 16 == 15:
                await self.outbox.sync()
        await self.outbox.sync()

    async def join(self):
        query = {"role": "device", "name": "d"}
        self.socket = self.room.party(
            "home", query=query, outbox=self.outbox, max_reconnection_delay=1000
        )
        assert await self.socket.wait_open(5000)

    def stored(self):
        return [i for _, _, i, _ in self.room.table]

    async def end(self):
        await self.room.end()
        self.outbox.close()
        # The outbox's task ends after its pause.
        await clock.sleep(100)
        self.flash.let_go()


async def claim_a_backlog_goes_out_in_order_and_slowly_and_what_is_measured_now_ahead_of_it(world):
    reach.Wall(clock.now)
    device = _Device()
    await device.fill(1600)
    # The window never fills up.
    device.room.ack_ms = 0
    await device.join()
    i = 1600
    waited = device.socket.buffered_amount
    assert waited > 1600 * len(_text(0))
    ahead = 0
    while len(device.outbox) > 100:
        device.socket.send(_text(i))
        begun = clock.now()
        await clock.sleep(1000)
        assert not device.room.faults, device.room.faults
        assert device.room.seen[i] - begun <= 1000
        ahead += i not in device.stored()
        i += 1
    assert ahead > 2, "there was a backlog"
    assert await device.socket.flush(60_000)
    assert device.stored() == list(range(i)) and device.socket.buffered_amount == 0
    await device.end()


async def claim_flush_waits_until_the_room_has_it_on_disk(world):
    reach.Wall(clock.now)
    device = _Device()
    await device.join()
    for status in (None, 507):
        device.room.status = status
        before = clock.now()
        device.socket.send(_text(len(device.room.seen)))
        if status is None:
            assert await device.socket.flush()
            assert 0 < clock.now() - before <= 400
        else:
            assert not await device.socket.flush(10_000)
            assert len(device.outbox) == 1 and clock.now() - before == 10_000
            device.room.status = None
            assert await device.socket.flush(60_000)
    assert device.stored() == [0, 1]
    await device.end()


async def claim_a_room_that_is_killed_with_what_was_on_its_way_gets_it_again(world):
    reach.Wall(clock.now)
    device = _Device()
    await device.fill(1000)
    device.room.latency_ms = 120
    await device.join()
    for after_ms in (1, 120, 256, 270, 283, 296, 309, 330, 510):
        await clock.sleep(after_ms)
        device.room.kill()
        await clock.sleep(100)
        device.room.is_down = False
        assert await device.socket.wait_open(20_000)
    await clock.sleep(30_000)
    stored = device.stored()
    assert stored == list(range(1000)), "%d, %d wait" % (len(stored), len(device.outbox))
    await device.end()


async def claim_a_room_that_greets_late_has_each_reading_once(world):
    """A mobile network may take seconds."""
    for late_ms in (1000, 3000, 10_000):
        reach.Wall(clock.now)
        device = _Device()
        await device.fill(100)
        device.room.greeting_ms = late_ms
        await device.join()
        await clock.sleep(20_000)
        assert await device.socket.flush(60_000)
        assert not device.room.plain, "after %d ms" % late_ms
        assert device.stored() == list(range(100))
        await device.end()


async def claim_an_error_that_is_not_about_a_reading_costs_none(world):
    """The server answers other messages of the application with errors, at any moment."""
    reach.Wall(clock.now)
    device = _Device()
    await device.fill(60)
    await device.join()
    for i in range(60, 160):
        device.socket.send(_text(i))
        peer = device.room.peer
        peer.text('{"type":"error","status":400,"error":"value is null"}')
        await clock.sleep(170)
    assert await device.socket.flush(3_600_000)
    assert device.outbox.stats()["refused"] == 0
    assert device.stored() == list(range(160))
    await device.end()


async def claim_what_others_say_in_the_room_is_no_word_to_the_outbox(world):
    reach.Wall(clock.now)
    device = _Device()
    await device.join()
    words = (
        '["ack"]',
        '"ack"',
        '["error"]',
        '{"type":"ack"}',
        '{"type":"ack","epoch":"0123456789abcdef","n":99}',
        '{"type":"ack","epoch":null,"n":99}',
        '{"type":"error"',
        '{"type":"error","status":"500"}',
        '{"type":"error","status":null}',
        '{"type":"error","status":[1]}',
        '["ack",' + "[" * 5000,
    )
    i = 0
    for word in words:
        # So that something is on its way.
        device.socket.send(_text(i))
        await clock.sleep(60)
        device.room.peer.text(word)
        i += 1
    assert await device.socket.flush(3_600_000)
    assert device.stored() == list(range(i)) and len(device.room.peers) == 1
    await device.end()


async def claim_an_acknowledgement_of_what_was_never_given_lets_go_of_nothing(world):
    for number in (5, 1 << 41, 1 << 53, -1):
        reach.Wall(clock.now)
        device = _Device()
        await device.fill(3)
        device.room.is_down = True
        await clock.sleep(1)
        device.room.is_down = False
        device.room.greeting_ms = 100_000
        await device.join()
        number = number + 1000 if number == 5 else number
        epoch = device.outbox.epoch
        device.room.peer.text('{"type":"ack","epoch":"%s","n":%d}' % (epoch, number))
        await clock.sleep(1)
        device.room.greeting_ms = 0
        left = waiting(device.outbox, 100000)
        assert [payload for _, _, payload in left] == [_text(i).encode() for i in range(3)]
        device.socket.reconnect()
        await clock.sleep(5000)
        for i in range(3, 6):
            device.socket.send(_text(i))
        assert await device.socket.flush(60_000) or await device.socket.flush(60_000)
        assert device.stored() == list(range(6)), "%d: %s" % (number, device.stored())
        await device.end()
