"""Helpers to talk with a Protocol: take what it writes, and feed it bytes."""

from wire import unmasked

from partysocket.core.protocol import CHUNK, CLOSE, NOTHING, PING, PONG, Protocol

KEY = b"\x11\x22\x33\x44"


def one_key(n):
    """Not random: each frame gets the same masking key."""
    return (KEY * 16)[:n]


def protocol(random=one_key, **changes):
    options = {"queue_bytes": 4096, "resend": None}
    options.update({"receive_bytes": 128, "max_message_bytes": 1 << 20})
    options.update(changes)
    return Protocol(options, random)


def opened(random=one_key, **changes):
    p = protocol(random, **changes)
    p.open_queue()
    return p


def taken(p, n=None):
    """Return what should be written next. The transport takes all of it, or `n` bytes."""
    view = p.to_send()
    if view is None:
        return b""
    data = bytes(view if n is None else view[:n])
    p.sent(len(data))
    return data


def written(p):
    """Return all that goes out now, as (first byte, payload)."""
    data = b""
    more = taken(p)
    while more:
        data += more
        more = taken(p)
    frames, rest = unmasked(data)
    assert rest == b""
    return frames


def note_pings(p, found):
    """Write all that should go out. Add the pings that this answers to `found`."""
    found += [(PING, payload) for first, payload in written(p) if first == 0x80 | PONG]


def feed(p, data, most=1 << 20, is_short=False, found=None):
    """Feed `data`, at most `most` bytes at a time. Return all that is found up to a Close, added
    to `found`. With `is_short` the fast way is tried first, as the driver does. Pongs are written
    at once.
    """
    found = [] if found is None else found
    at = 0
    while True:
        kind = -1
        while kind not in (NOTHING, CLOSE):
            kind = is_short and p.take_short() or p.next()
            note_pings(p, found)
            if kind == CHUNK:
                found.append((p.offset, p.is_text, p.is_last, bytes(p.payload)))
            elif kind not in (NOTHING, PING):
                found.append((kind, bytes(p.payload)))
        if at == len(data) or p.is_closed:
            return found
        space = p.space()
        n = min(len(space), len(data) - at, most)
        assert n > 0
        space[:n] = data[at : at + n]
        p.received(n)
        at += n
