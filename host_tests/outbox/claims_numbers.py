"""No number is used twice in an epoch after it may have been seen."""

from . import reach
from .flash import Flash
from .life import waiting

_SIZE = 65536


def _text(i):
    return '{"type":"reading","values":{"i":%d}}' % i


async def _next_number(outbox):
    outbox.append(_text(-1))
    await outbox.sync()
    return waiting(outbox, 100000)[-1][0]


async def claim_what_was_sent_from_memory_and_lost_with_the_power_has_its_numbers_for_good(world):
    for count in (1, 31, 32, 33, 63, 64, 65, 90):
        flash = Flash(32)
        outbox = reach.Outbox(flash.path, _SIZE, batch_count=200)
        for i in range(count):
            outbox.append(_text(i))
        last = waiting(outbox, 100000)[-1][0]
        board = flash.copied()
        outbox.close()
        outbox = reach.Outbox(board.path, _SIZE)
        assert not len(outbox)
        assert await _next_number(outbox) > last, "after %d" % count
        outbox.close()
        board.let_go()
        flash.let_go()


async def claim_an_id_that_was_put_back_from_a_copy_goes_on_behind_the_readings(world):
    flash = Flash(32)
    last = 0
    old = b""
    for _ in range(2):
        outbox = reach.Outbox(flash.path, _SIZE)
        for i in range(150):
            outbox.append(_text(i))
            await outbox.sync()
        last = waiting(outbox, 100000)[-1][0]
        outbox.close()
        if not old:
            with open(flash.path + "/id", "rb") as file:
                old = file.read()
    with open(flash.path + "/id", "wb") as file:
        file.write(old)
    outbox = reach.Outbox(flash.path, _SIZE)
    assert await _next_number(outbox) > last
    outbox.close()
    flash.let_go()
