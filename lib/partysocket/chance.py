"""Chance, always from the system's cryptographic source: masks, jitter, ids."""

from micropython import const

from .net import platform as net

_BATCH = const(64)  # bytes of masking keys drawn at once


class Keys:
    """Masking keys (RFC 6455 5.3: unpredictable, a fresh one for each frame), drawn in batches."""

    def __init__(self):
        self._batch = b""
        self._at = 0

    def put(self, buf, at):
        """Write the next key to buf[at:at+4]."""
        i = self._at
        if i == len(self._batch):
            self._batch = net.urandom(_BATCH)
            i = 0
        batch = self._batch
        buf[at] = batch[i]
        buf[at + 1] = batch[i + 1]
        buf[at + 2] = batch[i + 2]
        buf[at + 3] = batch[i + 3]
        self._at = i + 4


def chance():
    """A random int of 16 bits, as `core.connection` takes it."""
    two = net.urandom(2)
    return two[0] << 8 | two[1]


def drawn(value):
    """An option that may be a pair: its value, or one drawn between the two."""
    if isinstance(value, int):
        return value
    return value[0] + ((value[1] - value[0] + 1) * chance() >> 16)


def new_id():
    """A random UUID (RFC 9562, version 4)."""
    raw = bytearray(net.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = "".join(["%02x" % b for b in raw])
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
