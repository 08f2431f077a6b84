"""5.3: octet i is XORed with octet i mod 4 of the key."""

from seeds import Chance
from wire import xored

from partysocket.core import mask as mask_module
from partysocket.core.mask import mask

_GUARD = b"\xa5\x5a\xa5\x5a\xa5"


def plain_mask():
    """The bytecode loop, also where native code took its place: its source, run without that."""
    with open(mask_module.__file__) as f:
        source = f.read()
    assert "from .native import mask" in source
    namespace = {}
    exec(source.replace("from .native import mask", "raise ImportError"), namespace)
    return namespace["mask"]


def check(mask, at, size, chance):
    key = chance.bytes(4)
    payload = chance.bytes(size)
    buf = bytearray(bytes(at) + key + payload + _GUARD)
    for i in range(at):
        buf[i] = 0xEE
    mask(buf, at + 4, size)
    assert bytes(buf[:at]) == b"\xee" * at
    assert bytes(buf[at : at + 4]) == key
    assert bytes(buf[at + 4 : at + 4 + size]) == xored(payload, key), (at, size)
    assert bytes(buf[at + 4 + size :]) == _GUARD, (at, size)


def test_masks_the_rfcs_hello():
    # 5.7: a single-frame masked text message
    buf = bytearray(b"\x81\x85\x37\xfa\x21\x3dHello")
    mask(buf, 6, 5)
    assert buf == b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"


def test_masks_every_length_at_every_alignment():
    chance = Chance("mask")
    for at in range(8):
        for size in range(71):
            check(mask, at, size, chance)


def test_plain_loop_masks_every_length_at_every_alignment():
    chance = Chance("plain mask")
    plain = plain_mask()
    for at in range(8):
        for size in range(71):
            check(plain, at, size, chance)


def test_masks_long_payloads():
    chance = Chance("long mask")
    for size in (125, 126, 1000, 1023, 1024, 1025, 4099):
        check(mask, 3, size, chance)


def test_masking_twice_restores():
    buf = bytearray(b"..\x01\x82\xf3\x04" + bytes(range(40)) + b"..")
    once = bytearray(buf)
    mask(once, 6, 40)
    assert once != buf
    mask(once, 6, 40)
    assert once == buf


def test_key_of_zeros_changes_nothing():
    buf = bytearray(b"\0\0\0\0hello")
    mask(buf, 4, 5)
    assert buf == b"\0\0\0\0hello"


def test_key_is_used_from_its_first_byte_in_each_call():
    # 5.3: i counts from the payload's start, wherever that lies
    for at in range(4):
        buf = bytearray(bytes(at) + b"\x01\x02\x04\x08" + bytes(6))
        mask(buf, at + 4, 6)
        assert bytes(buf[at + 4 :]) == b"\x01\x02\x04\x08\x01\x02"
