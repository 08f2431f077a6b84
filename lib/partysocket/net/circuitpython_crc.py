"""The crc32 of `binascii`, for builds of CircuitPython that do not have it."""


def crc32(data, check=0):
    """The CRC-32 of `data`. `check` is the CRC-32 of the bytes before it."""
    check ^= 0xFFFFFFFF
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ (0xEDB88320 if check & 1 else 0)
    return check ^ 0xFFFFFFFF
