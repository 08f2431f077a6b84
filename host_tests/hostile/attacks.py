"""The bytes of a hostile server, for runs in virtual time and over real sockets."""

from core.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close_frame,
    fragments,
    frame,
    text_frame,
)

# receive_bytes.
BUFFER = 2048
# max_message_bytes.
MOST = 16384

RESERVED_OPCODES = (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
BAD_CODES = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 9999, 65535)
GOOD_CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999)
TOO_LONG = (2**64 - 1, 2**63 + 1, 2**63, 2**63 - 1, 2**32, 2**31, 2**30, 2**22, MOST + 1)

BAD_UTF8 = {
    "a lone continuation": b"\x80",
    "a byte that never stands in UTF-8": b"\xff",
    "an overlong slash": b"\xc0\xaf",
    "an overlong NUL": b"\xe0\x80\x80",
    "a surrogate": b"\xed\xa0\x80",
    "past U+10FFFF": b"\xf4\x90\x80\x80",
    "a sequence cut by ASCII": b"\xe2\x82a",
}
_SOUND = "aé€😀".encode()


def bad_texts():
    """(name, payload): each invalid sequence at the start, in the middle and at the end; and texts
    that are cut short.
    """
    for what, bad in BAD_UTF8.items():
        yield what + ", first", bad + _SOUND
        yield what + ", in the middle", _SOUND + bad + _SOUND
        yield what + ", last", _SOUND + bad
        yield what + ", behind a buffer of ASCII", b"a" * BUFFER + bad
    for n in (1, 2, 3):
        yield f"four bytes cut to {n}", _SOUND + "😀".encode()[:n]


def frame_attacks():
    """name -> (bytes after the handshake, the code of our Close, number of messages)."""
    found = {}
    for opcode in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        found[f"masked, opcode {opcode}"] = frame(opcode, b"", mask=True), 1002, 0
        for bits in range(1, 8):
            found[f"reserved bits {bits}, opcode {opcode}"] = frame(opcode, rsv=bits), 1002, 0
    for opcode in RESERVED_OPCODES:
        for fin in (True, False):
            found[f"opcode {opcode}, FIN {fin}"] = frame(opcode, b"x", fin=fin), 1002, 0
    for opcode in (CLOSE, PING, PONG):
        found[f"control {opcode} fragmented"] = frame(opcode, b"", fin=False), 1002, 0
        for size in (126, 65536):
            found[f"control {opcode} of {size}"] = frame(opcode, bytes(size)), 1002, 0
    for code in BAD_CODES:
        found[f"Close {code}"] = close_frame(code, "why"), 1002, 0
    found["Close of one byte"] = frame(CLOSE, b"\x03"), 1002, 0
    for what, bad in BAD_UTF8.items():
        found[f"a Close whose reason is {what}"] = frame(CLOSE, b"\x03\xe8ok" + bad), 1007, 0
    for size in TOO_LONG:
        for opcode in (TEXT, BINARY):
            for fin in (True, False):
                name = f"{size} bytes claimed, opcode {opcode}, FIN {fin}"
                found[name] = frame(opcode, b"x" * 50, fin=fin, size=size), 1009, 0
        rest = frame(CONTINUATION, b"", size=min(size, 2**64 - 1) - 1)
        found[f"{size} bytes claimed by two fragments"] = (
            frame(TEXT, b"x", fin=False) + rest,
            1009,
            0,
        )
    found["a continuation of nothing"] = frame(CONTINUATION, b"x"), 1002, 0
    found["a continuation after a whole message"] = text_frame("a") + frame(CONTINUATION), 1002, 1
    found["a message within a message"] = frame(TEXT, b"a", fin=False) + text_frame("b"), 1002, 0
    found["binary within a text"] = frame(TEXT, b"a", fin=False) + frame(BINARY, b"b"), 1002, 0
    pieces = frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b") + frame(CONTINUATION, b"c")
    found["a fragment too many"] = pieces, 1002, 1
    grown = fragments(BINARY, [b"x"] * (MOST // 16 + 1) + [bytes(MOST * 15 // 16)])
    found["too long by its fragments"] = grown, 1009, 0
    for what, payload in bad_texts():
        found[f"text with {what}"] = frame(TEXT, payload), 1007, 0
        pieces = [payload[i : i + 1] for i in range(len(payload))][-20:]
        pieces[0] = payload[: len(payload) - len(pieces) + 1]
        found[f"fragments of text with {what}"] = fragments(TEXT, pieces), 1007, 0
    return found


def refusals():
    """name -> answers to our request that open no WebSocket, in one piece."""
    right = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    wrong = right + "Sec-WebSocket-Accept: " + "x" * 28 + "\r\n\r\n"
    return {
        "a line without end": b"HTTP/1.1 101 " + b"a" * (2 * BUFFER),
        "a header without end": right.encode() + b"X: " + b"a" * (2 * BUFFER),
        "lines without end": right.encode() + b"X: y\r\n" * 1000,
        "newlines": b"\n" * 5000,
        "zeros": bytes(5000),
        "a frame": text_frame("hello"),
        "another key's Accept": wrong.encode(),
        "no Accept": right.encode() + b"\r\n",
        "a 100": b"HTTP/1.1 100 Continue\r\n\r\n" + wrong.encode(),
        "a status of 3,000 digits": b"HTTP/1.1 " + b"1" * 1900 + b" x\r\n\r\n",
        "a Retry-After of 1,000 digits": b"HTTP/1.1 503 x\r\nRetry-After: "
        + b"9" * 1000
        + b"\r\n\r\n",
        "a Retry-After that is a date of big numbers": b"HTTP/1.1 503 x\r\n"
        b"Date: a, 1 Jan 2030 0:0:0 GMT\r\nRetry-After: a, "
        + b"9" * 900
        + b" Jan 2031 "
        + b"9" * 900
        + b":0:0 GMT\r\n\r\n",
        "bytes that are no ASCII": b"HTTP/1.1 101 \xff\xfe\r\n\xff\xfe: \xff\r\n\r\n",
    }
