"""The mask of RFC 6455 5.3: every byte a client sends is XORed with its frame's key."""

try:
    from .native import mask
except (ImportError, NameError, SyntaxError, ValueError):  # no native code here, or another's

    def mask(buf, start, size):
        """XOR `size` bytes of `buf` from `start` on, in place, with the four bytes before them.
        Allocates nothing.
        """
        a = buf[start - 4]
        b = buf[start - 3]
        c = buf[start - 2]
        d = buf[start - 1]
        end = start + size
        i = start
        for i in range(start, end - 3, 4):
            buf[i] ^= a
            buf[i + 1] ^= b
            buf[i + 2] ^= c
            buf[i + 3] ^= d
        i = end - size % 4
        if i < end:
            buf[i] ^= a
        if i + 1 < end:
            buf[i + 1] ^= b
        if i + 2 < end:
            buf[i + 2] ^= c
