"""The mask in native code, a word at a time, where the platform has viper."""


@micropython.viper
def mask(buf, start: int, size: int):
    """XOR `size` bytes of `buf` from `start` on, in place, with the four bytes before them.
    Allocates nothing.
    """
    p = ptr8(buf)
    i = start
    end = start + size
    k = start - 4  # where the key lies; k + ((i - start) & 3) is the byte of the key for p[i]
    while i < end and (i & 3):  # Cortex-M0+ and Xtensa fault on a word that is not aligned
        p[i] ^= p[k + ((i - start) & 3)]
        i += 1
    n = i - start
    key = p[k + (n & 3)] | p[k + ((n + 1) & 3)] << 8
    key |= p[k + ((n + 2) & 3)] << 16 | p[k + ((n + 3) & 3)] << 24
    w = ptr32(buf)
    j = i >> 2
    last = end >> 2
    while j < last:
        w[j] ^= key
        j += 1
    if i < last << 2:
        i = last << 2
    while i < end:
        p[i] ^= p[k + ((i - start) & 3)]
        i += 1
