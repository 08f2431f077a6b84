# micropython only
"""Code that runs for each byte, message or tick allocates nothing: it works with the heap
locked.
"""

import gc

import micropython
from talk import KEY, opened, protocol
from wire import frame

from partysocket.core import mask, soft
from partysocket.core.keepalive import SEND_PING
from partysocket.core.lifecycle import Lifecycle
from partysocket.core.utf8 import Utf8
from partysocket.presets import DEVICE

DATA = b"0123456789" * 30
PIECES = (b"", DATA[:13], DATA[:37], DATA[:60])
KEYS = bytes(range(64))


def same_keys(n):
    return KEYS


def locked(function):
    """Call function() with the heap locked, and return its result. MemoryError if it allocates."""
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
    assert allocates(lambda: bytearray(10)) and not allocates(lambda: len(DATA))


def test_push_allocates_nothing_for_bytes_like_data_nor_when_it_is_refused():
    large = bytearray(70000)
    p = opened(queue_bytes=80000)
    for data in (b"", b"a", DATA[:125], DATA[:126], bytearray(DATA), memoryview(DATA), large):
        assert locked(lambda: p.push(2, data))
    assert p.pushed == 7
    p = opened(queue_bytes=20)
    fourteen = DATA[:14]
    assert locked(lambda: p.push(2, DATA)) is False and not locked(lambda: p.fits(300))
    assert locked(lambda: p.push(2, fourteen))
    assert locked(lambda: p.push(2, b"")) is False


def crowd(p, n):
    """Do what `overflow="drop-oldest"` does, `n` times."""
    dropped = 0
    for i in range(n):
        while not p.push(1, PIECES[i % 4]):
            p.oldest_waiting()
            p.drop_oldest()
            dropped += 1
    return dropped


def test_pushes_into_a_full_queue_allocate_nothing_whatever_lies_before_it():
    for is_flying, resend in ((False, None), (True, None), (True, "unconfirmed")):
        p = opened(same_keys, queue_bytes=150, resend=resend)
        if is_flying:
            p.push(1, PIECES[1])
            view = p.to_send()
            if resend:
                p.sent(len(view))
        assert locked(lambda: crowd(p, 200)) > 100
        assert p.pushed == p.done + p.unwritten


def test_writing_landing_and_dropping_allocate_nothing():
    # Only the views for the transport and the keys are allocated.
    p = opened(same_keys, queue_bytes=200)
    for i in range(50):
        assert not allocates(lambda: crowd(p, 5))
        n = len(p.to_send())
        if i % 3:
            p.sent(1)
            assert not allocates(p.rewind)
            p.open_queue()
        else:
            assert not allocates(lambda: p.sent(n))
            assert not allocates(lambda: p.want(p.pushed))
        assert not allocates(p.drop_oldest)
    assert p.done > 20


def test_native_mask_allocates_nothing_and_the_other_does_without_if_it_must():
    for form in (mask, soft):
        for size in (0, 1, 3, 4, 125, 300):
            buf = bytearray(KEY + DATA)
            assert not allocates(lambda: form.mask(buf, 4, size, buf, 0))
            free = bytearray(KEY + DATA)
            form.mask(free, 4, size, KEY, 0)
            assert buf == free and (buf != KEY + DATA) == (size > 0)
    if mask.is_ascii is not soft.is_ascii:
        assert not allocates(lambda: mask.is_ascii(DATA))


def test_utf8_allocates_nothing():
    utf8 = Utf8()
    text = ("aä€😀" * 20).encode()
    assert locked(lambda: utf8.feed(text, 0, len(text)))
    assert not allocates(utf8.reset)


def test_tick_and_wait_allocate_nothing():
    life = Lifecycle(DEVICE, 5000)
    life.begin(0, 0)
    life.dial(0)
    locked(lambda: life.tick(100))
    locked(lambda: life.wait_ms(100))
    life.opened(200)
    assert locked(lambda: life.wait_ms(200)) == 5000
    locked(lambda: life.tick(5200))
    locked(lambda: life.heard(6000))
    assert locked(lambda: life.tick(26000)) == SEND_PING
    for happens in (life.pinged, life.stuck, life.hold, life.release, life.wait_ms):
        locked(lambda: happens(26000))


def test_message_costs_no_more_than_a_view_of_it():
    # Given a message that lies in the receive buffer.
    p = protocol(receive_bytes=2048)
    data = frame(2, bytes(1024))
    space = p.space()
    for ask in (p.take_short, p.next):
        gc.collect()
        before = gc.mem_alloc()
        for _ in range(20):
            p.clear()
            space[: len(data)] = data
            p.received(len(data))
            assert ask() == 2
            ask()
        assert gc.mem_alloc() - before < 20 * 200
