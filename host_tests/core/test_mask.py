"""5.3: octet i is XORed with octet i mod 4 of the key. And the ASCII check. Both are tested in the
form in use (native code on MicroPython's unix port) and in the other form.
"""

from seeds import Chance
from wire import xored

from partysocket.core import mask, soft

GUARD = b"\xa5\x5a\xa5\x5a\xa5"
FORMS = (mask, soft)


def check(form, at, size, chance):
    """Check that masking `size` bytes after `at` other bytes changes only those."""
    key = chance.bytes(4)
    payload = chance.bytes(size)
    wanted = b"\xee" * at + key + xored(payload, key) + GUARD
    buf = bytearray(b"\xee" * at + key + payload + GUARD)
    form.mask(buf, at + 4, size, buf, at)
    assert bytes(buf) == wanted, (at, size)
    form.mask(buf, at + 4, size, buf, at)
    assert bytes(buf) == b"\xee" * at + key + payload + GUARD, "twice restores"
    buf = bytearray(b"\xee" * at + b"----" + payload + GUARD)
    keys = chance.bytes(at) + key + GUARD
    form.mask(buf, at + 4, size, keys, at)
    assert bytes(buf) == wanted, (at, size)


def test_masks_the_rfcs_hello():
    # 5.7: a single-frame masked text message.
    for form in FORMS:
        buf = bytearray(b"\x81\x85\x37\xfa\x21\x3dHello")
        form.mask(buf, 6, 5, buf, 2)
        assert buf == b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"


def test_masks_every_length_at_every_alignment():
    chance = Chance("mask")
    for form in FORMS:
        for at in range(8):
            for size in range(71):
                check(form, at, size, chance)
        for size in (125, 126, 127, 128, 129, 255, 256, 257, 1000, 1024, 1025, 4099):
            check(form, 3, size, chance)


def test_ascii_is_every_byte_below_128():
    for form in FORMS:
        for at in range(5):
            for size in range(21):
                data = bytearray(at) + bytearray(b"\x7f" * size) + bytearray(b"\xff" * 3)
                view = memoryview(data)[at : at + size]
                assert form.is_ascii(view) and form.is_ascii(bytes(view))
                for i in range(size):
                    for b in (0x80, 0xC3, 0xFF):
                        data[at + i] = b
                        assert not form.is_ascii(view), (at, size, i, b)
                        assert not form.is_ascii(bytes(view))
                    data[at + i] = 0x7F
        assert not form.is_ascii("ä€😀".encode())
