"""Streams of a right server, broken by chance, and what must hold for whatever reads them.

Runs on CPython and, as a program (`micropython mutants.py SEED COUNT`), on MicroPython. A stream
is made from its own seed alone, which is what a failure prints; SEED replays it.
"""

import sys

from partysocket.core.errors import HandshakeError, ProtocolError
from partysocket.core.frames import BINARY, CHUNK, CLOSE, NOTHING, TEXT, FrameReader
from partysocket.core.handshake import Response

BUFFER = 128
MOST = 600  # max_message_bytes
HEADER = 10
_ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
_HEADS = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: b\r\n\r\n",
    b"HTTP/1.1 101 x\nconnection: keep-alive, upgrade\nSec-WebSocket-Accept: "
    b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nX:\nUPGRADE: WebSocket\n\n",
    b"HTTP/1.1 503 Busy\r\nDate: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
    b"Retry-After: Wed, 21 Oct 2015 07:29:00 GMT\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/?x\r\nRetry-After: 120\r\n\r\n",
)
_TEXTS = (b"", b"a", "é€😀".encode(), b"x" * 60, "ä".encode() * 70, b"y" * 300, "€".encode() * 150)
_SIZES = (0, 1, 2, 124, 125, 126, 127, 128, 134, 135, 136, 137, 255, 300, MOST - 1, MOST, MOST + 1)
_LENGTHS = (
    b"\x7d",
    b"\x7e\x00\x00",
    b"\x7e\x00\x7e",
    b"\x7e\x02\x58",
    b"\x7e\x02\x59",
    b"\x7e\xff\xff",
    b"\x7f\x00\x00\x00\x00\x00\x00\x00\x05",
    b"\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
    b"\x7f\x00\x00\x00\x00\x3f\xff\xff\xff",
    b"\x7f\x00\x00\x00\x00\x40\x00\x00\x00",
    b"\x7f\x00\x00\x00\x01\x00\x00\x00\x00",
    b"\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
)


class Chance:
    """A generator that draws alike on every interpreter, in small ints."""

    def __init__(self, seed):
        self._state = (seed * 7919 + 12345) & 0xFFFFFF
        self._more = (seed >> 8) & 0xFFFF
        self.below(2)

    def below(self, n):
        self._state = (self._state * 69 + 12347 + self._more) & 0xFFFFFF
        return (self._state >> 6) % n

    def one_of(self, values):
        return values[self.below(len(values))]


def stream(chance):
    """(whether it begins with a handshake, whether long messages are streamed, the bytes)."""
    out = []
    has_head = chance.below(4) == 0
    if has_head:
        out.append(chance.one_of(_HEADS))
    for _ in range(1 + chance.below(4)):
        _message(chance, out)
    data = bytearray(b"").join(out)
    for _ in range(chance.below(5)):
        data = _mutated(chance, data)
    return has_head, chance.below(4) == 0, bytes(data)


def _message(chance, out):
    kind = chance.below(8)
    if kind < 3:
        _frames(chance, out, TEXT, chance.one_of(_TEXTS))
    elif kind < 6:
        _frames(chance, out, BINARY, b"\xfe" * chance.one_of(_SIZES))
    elif kind == 6:
        out.append(_frame(0x80 | chance.one_of((9, 10)), b"p" * chance.one_of((0, 1, 124, 125))))
    else:
        codes = (b"", b"\x03\xe8", b"\x0f\xa0why", b"\x03\xe8\xc3\xa9", b"\x03\xed", b"\x03")
        out.append(_frame(0x88, chance.one_of(codes)))


def _frames(chance, out, opcode, payload):
    """A message in one frame or several, with control frames in between."""
    while chance.below(3) == 0:
        cut = chance.below(len(payload) + 1)
        out.append(_frame(opcode, payload[:cut]))
        payload = payload[cut:]
        opcode = 0
        if chance.below(3) == 0:
            out.append(_frame(0x89, b"between"))
    out.append(_frame(0x80 | opcode, payload))


def _frame(first, payload):
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    return bytes((first, 126, size >> 8, size & 0xFF)) + payload


def _mutated(chance, data):
    """Flip, cut, insert, duplicate, or splice a length in."""
    if not data:
        return data
    at = chance.below(len(data))
    if chance.below(2):
        at = min(at, chance.below(24))  # where the headers are
    kind = chance.below(7)
    if kind < 2:
        data[at] ^= 1 << chance.below(8)
        return data
    if kind == 2:
        data[at] = chance.below(256)
        return data
    size = 1 + chance.below(12)
    if kind == 3:
        return data[:at] + data[at + size :]
    if kind == 4:
        return data[:at] + bytes([chance.below(256) for _ in range(size)]) + data[at:]
    if kind == 5:
        end = at + 1 + chance.below(200)
        return data[:end] + data[at:]
    return data[: at + 1] + bytearray(chance.one_of(_LENGTHS)) + data[at + 2 :]


class Reading:
    """One reading of a stream: `result` is the sequence of what came of it, errors at its end."""

    def __init__(self, has_head, streams):
        self.result = []
        self.most_held = 0
        self._frames = FrameReader(BUFFER, MOST)
        self._frames.streams = streams
        self._streams = streams
        self._response = Response(_ACCEPT, ["a", "b"]) if has_head else None
        self._chunks = b""

    def read(self, data, chance):
        """Feed `data`: as much at a time as fits, or with `chance` in pieces drawn from it."""
        frames = self._frames
        at = 0
        end = len(data)
        looks = 0
        try:
            while at < end:
                space = frames.space()
                n = min(len(space), end - at)
                assert n > 0, "no room to receive into"
                if chance is not None:
                    n = min(n, 1 + chance.below(chance.one_of((1, 4, 40, 300))))
                space[:n] = data[at : at + n]
                frames.received(n)
                at += n
                if self._response is not None:
                    looks += self._lines()
                if self._response is None:
                    looks += self._messages()
                # each frame takes two bytes at least, each line one
                assert looks <= 2 * at + 2, "next() finds more than there is"
        except ProtocolError as e:
            assert e.code in (1002, 1007, 1008, 1009) and len(str(e)) <= 123
            self.result.append(("ProtocolError", e.code))
        except HandshakeError as e:
            assert e.retry_after is None or e.retry_after >= 0
            self.result.append(("HandshakeError", e.status, e.retry_after))
        except _Closed:
            pass
        self._look()
        return self.result

    def _lines(self):
        looks = 0
        while True:
            looks += 1
            line = self._frames.line()
            if line is None:
                return looks
            assert len(line) < BUFFER + HEADER
            if self._response.feed(line):
                self.result.append(("open", self._response.protocol))
                self._response = None
                return looks

    def _messages(self):
        frames = self._frames
        looks = 0
        while True:
            looks += 1
            kind = frames.next()
            self._look()
            if kind == NOTHING:
                return looks
            if kind == CHUNK:
                assert self._streams and frames.offset == len(self._chunks)
                self._chunks += bytes(frames.payload)
                if frames.is_last:
                    self.result.append((TEXT if frames.is_text else BINARY, self._chunks))
                    self._chunks = b""
            elif kind == TEXT:
                text = frames.text()
                assert text.encode() == bytes(frames.payload)
                self.result.append((TEXT, bytes(frames.payload)))
            elif kind == CLOSE:
                code = frames.close_code()
                self.result.append((CLOSE, code, frames.close_reason() if code != 1005 else ""))
                raise _Closed
            else:
                assert kind in (BINARY, 9, 10)
                assert kind == BINARY or len(frames.payload) <= 125
                self.result.append((kind, bytes(frames.payload)))

    def _look(self):
        message = self._frames._message
        if message is not None:
            assert not self._streams and len(message) <= MOST, "more than max_message_bytes held"
        assert len(self._frames._buf) == BUFFER + HEADER


class _Closed(Exception):
    pass


def check(seed):
    """Read stream `seed` whole and cut, now and then byte by byte: the same comes of it."""
    chance = Chance(seed)
    has_head, streams, data = stream(chance)
    whole = Reading(has_head, streams).read(data, None)
    cut = Reading(has_head, streams).read(data, chance)
    assert cut == whole, f"whole: {whole!r}\n  cut: {cut!r}"
    if seed % 16 == 0:
        cut = Reading(has_head, streams).read(data, _Ones())
        assert cut == whole, f"whole: {whole!r}\n  byte by byte: {cut!r}"
    return whole


class _Ones:
    """No chance: each piece is one byte."""

    def below(self, n):
        return 0

    def one_of(self, values):
        return values[0]


def run(first, count):
    """Check `count` streams; returns how many of them ended in an error, and in a message."""
    errors = messages = 0
    seed = first
    try:
        for seed in range(first, first + count):
            for entry in check(seed):
                if isinstance(entry[0], str):
                    errors += entry[0] != "open"
                else:
                    messages += 1
    except BaseException:
        print(f"SEED={seed} replays the stream {stream(Chance(seed))!r}")
        raise
    return errors, messages


if __name__ == "__main__":
    print("errors and messages:", *run(int(sys.argv[1]), int(sys.argv[2])))
