"""CRC-32 as `binascii` has it, for builds of CircuitPython that leave it out."""


def crc32(data, check=0):
    """The CRC-32 of `data`, after bytes whose CRC-32 was `check`."""
    check ^= 0xFFFFFFFF
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ (0xEDB88320 if check & 1 else 0)
    return check ^ 0xFFFFFFFF
