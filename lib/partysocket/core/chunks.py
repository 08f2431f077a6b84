"""What a chunk of records tells by its head, without a look at the records: see `core.records`.

Apart from it, since only what waits in segments, and the start, ask.
"""

from micropython import const

_DONE = const(5)  # where these begin
_FIRST = const(8)
_TIME = const(13)
_FAR = const(0xFFFFFF)


def length_of(chunk):
    """Its bytes; of what is no chunk, anything."""
    return chunk[0] << 8 | chunk[1]


def figures_of(chunk):
    """(records, bytes of their payload)."""
    return chunk[2], chunk[3] << 8 | chunk[4]


def done_of(chunk):
    """Up to what number all were done with when it was written; 0: it does not say."""
    less = int.from_bytes(chunk[_DONE:_FIRST], "big")
    return 0 if less == _FAR else int.from_bytes(chunk[_FIRST:_TIME], "big") - less
