"""Whether bytes are ASCII, in native code, where the platform has viper."""


@micropython.viper
def is_ascii(data) -> bool:
    """Whether all bytes of `data` (bytes-like) are below 0x80. Allocates nothing."""
    p = ptr8(data)
    n = int(len(data))
    seen = 0
    i = 0
    while i < n - 3:
        seen |= p[i] | p[i + 1] | p[i + 2] | p[i + 3]
        i += 4
    while i < n:
        seen |= p[i]
        i += 1
    return seen < 0x80
