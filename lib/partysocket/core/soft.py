"""The functions of `native` for platforms without viper: CPython, CircuitPython, WebAssembly."""


def mask(buf, start, size, keys, at):
    """XOR `size` bytes of `buf` from `start` on, in place, with the key at keys[at:at+4]. Also
    write the key into the four bytes before `start` (RFC 6455 5.3).

    It uses big ints, whose XOR is a loop in C: up to 13 times as fast as a loop in bytecode, and
    about 4 bytes of garbage for each byte. If there is no memory, it goes on byte by byte.
    """
    for i in range(4):
        buf[start - 4 + i] = keys[at + i]
    i = start
    end = start + size
    try:
        # With less than 16 bytes the loop below is as fast.
        if size >= 16:
            view = memoryview(buf)
            # Longer pieces gain little, and they fragment the heap.
            n = min(128, size & ~3)
            repeated = bytes(view[start - 4 : start]) * (n >> 2)
            key = int.from_bytes(repeated, "little")
            while end - i > 3:
                if end - i < n:
                    n = end - i & ~3
                    key = int.from_bytes(repeated[:n], "little")
                masked = int.from_bytes(view[i : i + n], "little") ^ key
                view[i : i + n] = masked.to_bytes(n, "little")
                i += n
    except MemoryError:
        pass
    for i in range(i, end):
        buf[i] ^= buf[start - 4 + (i - start & 3)]


def is_ascii(data):
    """Whether all bytes of `data` are below 0x80, which means one character for each byte."""
    try:
        return len(str(data, "utf-8")) == len(data)
    except UnicodeError:
        return False
