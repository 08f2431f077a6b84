"""Damaged files of an outbox. It begins in spite of them, loses no more than the damaged parts,
and sends nothing that it was not given.
"""

import os

from api.world import raises
from simulation.draws import Draws

from . import reach
from .flash import Flash
from .life import waiting

_COUNT = 300
_SIZE = 65536
# Of each kind.
_TRIES = 30
_SEED = [0]


def _text(i):
    return '{"type":"reading","values":{"i":%d,"t":%d}}' % (i, i * 7919 % 1000)


async def _filled(count=_COUNT):
    """A board whose outbox holds so many readings, in segments and in slots."""
    flash = Flash(32)
    outbox = reach.Outbox(flash.path, _SIZE)
    for i in range(count):
        outbox.append(_text(i))
        await outbox.sync()
    outbox.close()
    return flash


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def _files(flash):
    """{name: content}."""
    return dict([(name, _read(flash.path + "/" + name)) for name in os.listdir(flash.path)])


def _is_in_order(found):
    numbers = [number for number, _, _ in found]
    return numbers == sorted(set(numbers))


async def _after(damage, may_lose, is_counted=True):
    """Apply `damage(draws, flash, name)` to one file at a time, and check that it loses at most
    `may_lose(name, content, records)`.
    """
    flash = await _filled()
    whole = _files(flash)
    outbox = reach.Outbox(flash.path, _SIZE)
    given = waiting(outbox, 100000)
    outbox.close()
    assert len(given) == _COUNT
    names = sorted([name for name in whole if name != "id"])
    for try_ in range(_TRIES):
        draws = Draws(_SEED[0] + try_)
        # Alternately a slot (there are more of them) and a segment.
        name = draws.one_of(names[32:] if try_ % 2 else names[:32])
        board = flash.copied()
        damage(draws, board, name)
        outbox = reach.Outbox(board.path, _SIZE)
        found = waiting(outbox, 100000)
        told = "seed %d, %s" % (_SEED[0] + try_, name)
        assert not set(found) - set(given), "%s: what nobody gave: %s" % (told, found)
        assert _is_in_order(found), told
        lost = len(given) - len(found)
        assert lost <= may_lose(whole[name]), "%s: %d are lost" % (told, lost)
        # It goes on, and counts damaged readings at the latest when their file is removed.
        outbox.append(_text(_COUNT))
        await outbox.sync()
        last = waiting(outbox, 100000)[-1]
        assert last[2] == _text(_COUNT).encode() and last[0] > given[-1][0], told
        reach.acknowledge(outbox, last[0])
        await outbox.sync()
        outbox.close()
        torn = outbox.stats()["torn"]
        assert torn or not lost or not is_counted, "%s: %d lost, %d torn" % (
            told, lost, torn
        )  # fmt: skip
        board.let_go()
    flash.let_go()


def _records_in(content):
    """How many records a file may hold, by the heads of its chunks."""
    count = at = 0
    while at + 19 <= len(content):
        count += content[at + 2]
        at += content[at] << 8 | content[at + 1]
    return count


async def claim_a_flipped_bit_costs_no_more_than_its_file_and_is_counted(world):
    def flip(draws, flash, name):
        content = bytearray(_read(flash.path + "/" + name))
        content[draws.below(len(content))] ^= 1 << draws.below(8)
        _write(flash.path + "/" + name, content)

    await _after(flip, _records_in)


async def claim_a_file_that_was_cut_short_costs_no_more_than_itself(world):
    def cut(draws, flash, name):
        content = _read(flash.path + "/" + name)
        _write(flash.path + "/" + name, content[: draws.below(len(content))])

    # An empty file does not show that it held something.
    await _after(cut, _records_in, False)


async def claim_a_file_of_noise_costs_no_more_than_itself(world):
    def fill(draws, flash, name):
        content = _read(flash.path + "/" + name)
        _write(flash.path + "/" + name, draws.bytes(len(content)))

    await _after(fill, _records_in, False)


async def claim_a_file_that_is_gone_costs_no_more_than_itself(world):
    def remove(draws, flash, name):
        os.remove(flash.path + "/" + name)

    await _after(remove, _records_in, False)


async def claim_a_torn_id_begins_another_epoch_with_the_readings_that_there_are(world):
    flash = await _filled(100)
    outbox = reach.Outbox(flash.path, _SIZE)
    epoch, given = outbox.epoch, waiting(outbox, 100000)
    outbox.close()
    whole = _read(flash.path + "/id")
    for i in range(len(whole)):
        draws = Draws(_SEED[0] + i)
        board = flash.copied()
        torn = bytearray(whole)
        torn[i] ^= 1 << draws.below(8)
        _write(board.path + "/id", torn if draws.odds(80) else torn[:i])
        outbox = reach.Outbox(board.path, _SIZE)
        assert outbox.epoch != epoch, "byte %d" % i
        assert waiting(outbox, 100000) == given
        outbox.append(_text(100))
        await outbox.sync()
        assert waiting(outbox, 100000)[-1][0] > given[-1][0]
        outbox.close()
        board.let_go()
    flash.let_go()


async def claim_a_folder_of_a_newer_version_is_refused_and_left_as_it_is(world):
    import binascii

    from partysocket import Error

    flash = await _filled(100)
    newer = b"\x02" + _read(flash.path + "/id")[1:-4]
    _write(flash.path + "/id", newer + binascii.crc32(newer).to_bytes(4, "big"))
    before = _files(flash)
    for _ in range(2):
        assert "newer" in str(raises(Error, reach.Outbox, flash.path, _SIZE))
    assert _files(flash) == before
    flash.let_go()


async def claim_a_flipped_bit_in_the_head_of_a_chunk_lets_go_of_nothing_else(world):
    """The head says up to which number all is acknowledged. A wrong one must not be believed."""
    flash = await _filled(100)
    outbox = reach.Outbox(flash.path, _SIZE)
    given = waiting(outbox, 100000)
    outbox.close()
    for name in ("00", sorted([name for name in os.listdir(flash.path) if name[0] == "s"])[0]):
        whole = _read(flash.path + "/" + name)
        for bit in range(8 * 19):
            torn = bytearray(whole)
            torn[bit // 8] ^= 1 << bit % 8
            _write(flash.path + "/" + name, torn)
            outbox = reach.Outbox(flash.path, _SIZE)
            found = waiting(outbox, 100000)
            outbox.close()
            assert not set(found) - set(given), "%s, bit %d" % (name, bit)
            lost = len(given) - len(found)
            assert lost <= _records_in(whole), "%s, bit %d: %d are lost" % (name, bit, lost)
        _write(flash.path + "/" + name, whole)
    flash.let_go()
