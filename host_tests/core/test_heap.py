# micropython only
"""What runs for each byte, message or tick allocates nothing: it works with the heap locked."""

import gc

import micropython
from test_mask import plain_mask

from partysocket.core.connection import SEND_PING, Connection
from partysocket.core.frames import MAX_CONTROL_FRAME, PING, FrameReader, control_frame
from partysocket.core.mask import mask
from partysocket.core.ring import Ring
from partysocket.core.utf8 import Utf8
from partysocket.presets import DEVICE

DATA = b"0123456789" * 30
KEY = b"\x11\x22\x33\x44"


def put_key(buf, at):
    for i in range(4):
        buf[at + i] = KEY[i]


def locked(function):
    """The result of function(), called with the heap locked; MemoryError if it allocates."""
    micropython.heap_lock()
    try:
        return function()
    finally:
        micropython.heap_unlock()


def allocates(function):
    try:
        locked(function)
    except MemoryError:
        return True
    return False


def test_lock_is_a_lock():
    assert allocates(lambda: bytearray(10))
    assert not allocates(lambda: len(DATA))


def test_push_allocates_nothing_for_bytes_like_data():
    large = bytearray(70000)
    ring = Ring(80000)
    for data in (b"", b"a", DATA[:125], DATA[:126], bytearray(DATA), memoryview(DATA), large):
        assert locked(lambda: ring.push(2, data))
    assert ring.count == 7


def test_refused_push_allocates_nothing():
    ring = Ring(20)
    fourteen = DATA[:14]
    assert locked(lambda: ring.push(2, DATA)) is False
    assert locked(lambda: ring.push(2, fourteen))
    assert locked(lambda: ring.push(2, b"")) is False


def test_pushes_round_the_end_allocate_nothing():
    ring = Ring(100)
    micropython.heap_lock()
    try:
        for i in range(200):
            while not ring.push(1, DATA_PIECES[i % 4]):
                ring.drop_oldest()
    finally:
        micropython.heap_unlock()
    assert ring.pushed == 200


DATA_PIECES = (b"", DATA[:13], DATA[:37], DATA[:60])


def test_writing_landing_and_dropping_allocate_nothing():
    ring = Ring(200)
    micropython.heap_lock()
    try:
        for i in range(50):
            while ring.push(1, DATA_PIECES[i % 4]):
                pass
            ring.take_off(100, 9, put_key)
            ring.written(1)
            ring.drop_oldest()
            if i % 3:
                ring.land()
            else:
                ring.written(ring.out_end - ring.out)
    finally:
        micropython.heap_unlock()
    assert ring.popped > 50


def test_native_mask_allocates_nothing_and_the_other_does_without_if_it_must():
    for one in (mask, plain_mask()):
        for size in (0, 1, 3, 4, 125, 300):
            buf = bytearray(KEY + DATA)
            assert not allocates(lambda: one(buf, 4, size))
            free = bytearray(KEY + DATA)
            one(free, 4, size)
            assert buf == free and (buf != KEY + DATA) == (size > 0)


def test_control_frame_allocates_nothing():
    buf = bytearray(MAX_CONTROL_FRAME)
    payload = DATA[:125]
    assert locked(lambda: control_frame(buf, PING, payload, put_key)) == 131


def test_utf8_allocates_nothing():
    utf8 = Utf8()
    text = ("aä€😀" * 20).encode()
    assert locked(lambda: utf8.feed(text, 0, len(text)))
    assert not allocates(lambda: utf8.reset())


def test_tick_and_wait_allocate_nothing():
    m = Connection(DEVICE, 5000)
    m.begin(0, 0)
    m.dial(0)
    assert not allocates(lambda: m.tick(100))
    assert not allocates(lambda: m.wait_ms(100))
    m.opened(200)
    assert locked(lambda: m.wait_ms(200)) == 5000
    assert not allocates(lambda: m.tick(5200))
    assert not allocates(lambda: m.heard(6000))
    assert locked(lambda: m.tick(26000)) == SEND_PING
    assert not allocates(lambda: m.pinged(26000))
    assert not allocates(lambda: m.stuck(26000))
    assert not allocates(lambda: m.hold(26001))
    assert not allocates(lambda: m.release(26500))
    assert not allocates(lambda: m.wait_ms(26500))


def test_message_costs_no_more_than_a_view_of_it():
    # given a message that lies in the receive buffer
    reader = FrameReader(2048, 16384)
    data = b"\x82\x7e\x04\x00" + bytes(1024)
    space = reader.space()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(20):
        space[: len(data)] = data
        reader.received(len(data))
        reader.next()
        reader.next()
    assert gc.mem_alloc() - before < 20 * 200
