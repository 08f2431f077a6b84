"""RFC 6455 on the wire, in simple code: writes a server's frames, and reads a client's.

All tests use this frame writer, on CPython and on MicroPython, including its WebAssembly port.
"""

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, payload=b"", fin=True, rsv=0, form=None, mask=False, size=None):
    """A server's frame (5.2). For invalid frames: `rsv` are the three reserved bits; `mask`;
    `size` is a wrong length; `form` is 7, 16 or 64 bits of length instead of the shortest form.
    """
    size = len(payload) if size is None else size
    if form is None:
        form = 7 if size < 126 else 16 if size < 65536 else 64
    bit = 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if form == 7:
        head += bytes([bit | size])
    elif form == 16:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    return head + (bytes(4) if mask else b"") + payload


def text_frame(text):
    return frame(TEXT, text.encode())


def close_frame(code=1000, reason=""):
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason.encode())


def fragments(opcode, pieces):
    """One message in so many frames."""
    last = len(pieces) - 1
    frames = [
        frame(CONTINUATION if i else opcode, piece, i == last) for i, piece in enumerate(pieces)
    ]
    return b"".join(frames)


def unmasked(data, fault=None):
    """A client's frames as (first byte, payload), and the bytes of an incomplete one.
    `fault(text)` is called for a frame that is not masked; without it that is an AssertionError.
    """
    found = []
    at = 0
    while True:
        start = at
        if len(data) < at + 2:
            return found, data[start:]
        if not data[at + 1] & 0x80:
            if fault is None:
                raise AssertionError("a client's frame is masked (5.1)")
            fault("a frame without a mask")
        size = data[at + 1] & 0x7F
        at += 2
        more = 0 if size < 126 else 2 if size == 126 else 8
        if len(data) < at + more:
            return found, data[start:]
        if more:
            size = int.from_bytes(data[at : at + more], "big")
            at += more
        key = data[at : at + 4]
        at += 4
        if len(data) < at + size:
            return found, data[start:]
        found.append((data[start], xored(data[at : at + size], key)))
        at += size


def xored(payload, key):
    """5.3, octet by octet."""
    out = bytearray(payload)
    for i in range(len(out)):
        out[i] ^= key[i & 3]
    return bytes(out)


def accepting(request, headers=b""):
    """The right 101 to a request (4.2.2). `headers`: more lines, with their line ends."""
    import binascii
    import hashlib

    (key,) = [
        line[19:]
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key: ")
    ]
    accept = binascii.b2a_base64(hashlib.sha1(key + _GUID).digest())[:-1]
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n" + headers + b"\r\n"
    )
