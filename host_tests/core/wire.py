"""RFC 6455 5.2 on the wire, written plainly: a server's frames to send, and a client's to read."""


def frame(opcode, payload=b"", fin=True, rsv=0, form=None):
    """A server's frame. `form`: 7, 16 or 64 bits of length; else the shortest."""
    size = len(payload)
    if form is None:
        form = 7 if size < 126 else 16 if size < 65536 else 64
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    if form == 7:
        head += bytes([size])
    elif form == 16:
        head += b"\x7e" + size.to_bytes(2, "big")
    else:
        head += b"\x7f" + size.to_bytes(8, "big")
    return head + payload


def unmasked(data):
    """A client's frames as (first byte, payload); and the bytes of one that is not whole."""
    frames = []
    at = 0
    while True:
        start = at
        if len(data) < at + 2:
            return frames, data[start:]
        assert data[at + 1] & 0x80, "a client's frame is masked (5.1)"
        size = data[at + 1] & 0x7F
        at += 2
        more = {126: 2, 127: 8}.get(size, 0)
        if more:
            size = int.from_bytes(data[at : at + more], "big")
            at += more
        key = data[at : at + 4]
        at += 4
        if len(data) < at + size:
            return frames, data[start:]
        frames.append((data[start], xored(data[at : at + size], key)))
        at += size


def xored(payload, key):
    """5.3, octet by octet."""
    out = bytearray(payload)
    for i in range(len(out)):
        out[i] ^= key[i % 4]
    return bytes(out)
