"""Read the head of a chunk of records. The format is in `core.records`.

It is a file of its own because only the outbox's start and its segments need it.
"""

from micropython import const

# Where these fields begin.
_DONE = const(5)
_FIRST = const(8)
_TIME = const(13)
_FAR = const(0xFFFFFF)


def length_of(chunk):
    """The chunk's length in bytes. Any number if `chunk` is not really a chunk."""
    return chunk[0] << 8 | chunk[1]


def figures_of(chunk):
    """The chunk's (number of records, bytes of their payload)."""
    return chunk[2], chunk[3] << 8 | chunk[4]


def done_of(chunk):
    """The number up to which all records were done when the chunk was written. 0: unknown."""
    less = int.from_bytes(chunk[_DONE:_FIRST], "big")
    return 0 if less == _FAR else int.from_bytes(chunk[_FIRST:_TIME], "big") - less
