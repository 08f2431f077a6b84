"""What stands in for `native` where there is no viper: CPython, CircuitPython, WebAssembly."""


def mask(buf, start, size, keys, at):
    """XOR `size` bytes of `buf` from `start` on, in place, with the key at keys[at:at+4], which
    goes into the four bytes before them (RFC 6455 5.3). By big ints, whose XOR is a loop in C: up
    to 13 times the pace of one in bytecode, for some 4 bytes of garbage a byte. In want of memory
    it goes on byte by byte.
    """
    for i in range(4):
        buf[start - 4 + i] = keys[at + i]
    i = start
    end = start + size
    try:
        if size >= 16:  # below, a loop does as well
            view = memoryview(buf)
            n = min(128, size & ~3)  # longer pieces gain little, and fragment the heap
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
    """Whether all bytes of `data` are below 0x80: as many characters as bytes."""
    try:
        return len(str(data, "utf-8")) == len(data)
    except UnicodeError:
        return False
