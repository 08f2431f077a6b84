"""What a server may send and what it may not, in exact bytes; the closing handshake (RFC 6455).

These are the edge cases, also on 32 bits. host_tests/hostile, fuzz and conformance test invalid
frames from outside, on CPython and MicroPython.
"""

import gc
import sys

from claims import raised
from seeds import Chance
from talk import feed, opened, protocol, written
from test_utf8 import TRUNCATED, VALID, WRONG
from wire import frame

from partysocket.core.errors import ProtocolError
from partysocket.core.protocol import BINARY, CLOSE, NOTHING, PING, PONG, TEXT

CONTINUATION = 0
# 1000.
NORMAL = b"\x03\xe8"
# The pong to our first ping. Other pongs are not reported.
PONG_1 = b"1"


def reader(size=128, limit=1 << 20, streams=False):
    """An open connection that has sent one ping."""
    p = opened(receive_bytes=size, max_message_bytes=limit)
    p.hears_chunks = lambda: streams
    p.ping()
    written(p)
    return p


def parsed(data, size=128, limit=1 << 20, most=1 << 20, is_short=False):
    return feed(reader(size, limit), data, most, is_short)


def both_ways(data, size=128, limit=1 << 20):
    """All that is found. It must be the same as a whole and in small pieces, also if the fast way
    is tried first.
    """
    found = parsed(data, size, limit)
    for most, is_short in ((1, False), (1, True), (3, True), (7, False), (1 << 20, True)):
        assert parsed(data, size, limit, most, is_short) == found, (most, is_short)
    return found


def code_of(data, limit=1 << 20):
    """The close code for `data`. It must be the same as a whole and byte by byte."""
    code = raised(ProtocolError, parsed, data, 128, limit).code
    for is_short in (False, True):
        assert raised(ProtocolError, parsed, data, 128, limit, 1, is_short).code == code
    return code


def given(p, data):
    """`p` after it has received `data`, before it was asked."""
    p.space()[: len(data)] = data
    p.received(len(data))
    return p


def allocated():
    """Bytes in use, if the platform can tell (otherwise 0)."""
    if not hasattr(gc, "mem_alloc") or sys.platform == "webassembly":
        # In WebAssembly gc.collect() does nothing while code runs.
        return 0
    gc.collect()
    return gc.mem_alloc()


# 5.7: the RFC's own examples. 5.2: lengths.


def test_rfcs_examples():
    data = bytes(range(256))
    for stream, wanted in (
        (b"\x81\x05Hello", [(TEXT, b"Hello")]),
        (b"\x01\x03Hel\x80\x02lo", [(TEXT, b"Hello")]),
        (b"\x89\x05Hello", [(PING, b"Hello")]),
        (b"\x82\x7e\x01\x00" + data, [(BINARY, data)]),
    ):
        assert both_ways(stream) == wanted
    assert parsed(b"\x82\x7f\0\0\0\0\0\x01\0\0" + data * 256) == [(BINARY, data * 256)]


def test_every_length_around_a_form_or_a_buffer_size():
    # 128: receive_bytes. 130 to 139: frames that are as long as the buffer, or longer.
    for size in list(range(4)) + list(range(122, 142)) + [255, 256, 257, 1000]:
        payload = bytes([i & 0x7F for i in range(size)])
        for opcode in (TEXT, BINARY):
            stream = frame(opcode, payload) + frame(PONG, PONG_1)
            assert both_ways(stream) == [(opcode, payload), (PONG, PONG_1)], size
    for size in (65534, 65535, 65536, 65537):
        payload = (b"\x01\x02\x03\x04\x05\x06\x07" * (size // 7 + 1))[:size]
        for most in (1000, 1 << 20):
            found = parsed(frame(BINARY, payload) + frame(TEXT, b"."), most=most)
            assert found == [(BINARY, payload), (TEXT, b".")], size


def test_message_within_receive_bytes_lies_in_the_receive_buffer():
    # With a memoryview as binary_type nothing is allocated for the payload.
    for size, header in ((128, 4), (300, 4), (70000, 10)):
        for is_short in (False, True):
            p = protocol(receive_bytes=size)
            buffer = p.space()
            given(p, frame(BINARY, bytes(size)))
            kind = p.take_short() if is_short else p.next()
            if is_short and size > 65535:
                assert kind == NOTHING and p.next() == BINARY
            else:
                assert kind == BINARY
            p.payload[0] = 0x77
            assert buffer[header] == 0x77 and len(p.payload) == size


# The fast way.


def test_short_way_takes_exactly_what_is_whole_plain_and_right():
    text = "ä".encode()
    taken = [frame(BINARY, bytes(n)) for n in (0, 125, 126, 130)]
    taken += [frame(TEXT), frame(TEXT, b"abc"), frame(BINARY, text)]
    left = [b"", b"\x82", frame(BINARY, b"abc")[:-1], frame(BINARY, b"abc", form=64)]
    # Larger than max_message_bytes.
    left += [frame(BINARY, bytes(131))]
    left += [frame(BINARY, bytes(126))[:3], frame(BINARY, bytes(126))[:-1]]
    left += [frame(TEXT, text), frame(TEXT, b"abc", False), frame(CONTINUATION, b"abc")]
    left += [frame(BINARY, b"abc", True, 4), b"\x82\x80", b"\x82\xfe\0\x7e" + bytes(130)]
    left += [frame(PING, b"abc"), frame(CLOSE, NORMAL)]
    for data in taken + left:
        p = given(protocol(receive_bytes=140, max_message_bytes=130), data)
        before = p.start, p.end, p.messages_in, p.payload
        kind = p.take_short()
        if data in left:
            assert kind == NOTHING, data
            # Nothing has changed.
            assert (p.start, p.end, p.messages_in, p.payload) == before
        else:
            assert kind == data[0] & 0x0F, data
            assert bytes(p.payload) == data[len(data) - len(p.payload) :]
            assert (p.start, p.messages_in) == (len(data), 1)


def test_short_way_leaves_a_message_that_has_begun_to_the_long_one():
    for begun in (frame(TEXT, b"a", False), frame(BINARY, b"", False), frame(TEXT, b"ab")[:3]):
        p = reader()
        assert feed(p, begun) == []
        assert given(p, frame(BINARY, b"x")).take_short() == NOTHING


# 5.4: fragments.


def test_a_thousand_empty_fragments_in_a_row_take_no_memory_and_one_more_is_refused():
    p = reader(128, 1000)
    empty = frame(CONTINUATION, b"", False)
    assert feed(p, frame(TEXT, b"a", False)) == []
    before = allocated()
    for _ in range(100):
        assert feed(p, empty * 10) == []
    assert allocated() - before < 5000
    # A fragment with a byte: counting begins again.
    assert feed(p, frame(CONTINUATION, b"b", False)) == []
    for _ in range(100):
        assert feed(p, empty * 10) == []
    assert raised(ProtocolError, feed, p, empty).code == 1008


# 5.2: frames that a server must not send.


def test_every_first_byte_is_judged_with_the_length_alone():
    for first in range(256):
        opcode = first & 0x0F
        for begun in (b"", frame(TEXT, b"a", False)):
            # 5.5: they are not fragmented.
            is_right = first in (0x80 | CLOSE, 0x80 | PING, 0x80 | PONG)
            if not first & 0x70:
                # 5.4: fragments come in order.
                is_right |= opcode == CONTINUATION if begun else opcode in (TEXT, BINARY)
            if is_right:
                # As a Close it has code 3072.
                both_ways(begun + bytes([first, 5]) + b"\x0c\0why")
            else:
                assert code_of(begun + bytes([first, 5])) == 1002, (first, begun)
            # 5.1: a client closes when it gets one.
            for masked in (0x80, 0xFE, 0xFF):
                assert code_of(begun + bytes([first, masked])) == 1002


def test_control_frames_are_short():
    for opcode in (CLOSE, PING, PONG):
        for form in (16, 64):
            for size in (0, 125, 126, 5000):
                assert code_of(frame(opcode, bytes(size), form=form)) == 1002


# Limits.


def test_message_limit_in_one_frame_and_over_fragments():
    for limit in (1, 2, 125, 126, 128, 300):
        for opcode, fin in ((BINARY, True), (TEXT, False)):
            assert code_of(frame(opcode, bytes(limit + 1), fin), limit) == 1009
        for first in (0, 1, limit // 2, limit):
            head = frame(BINARY, b"a" * first, False)
            left = limit - first
            found = both_ways(head + frame(CONTINUATION, b"b" * left), 128, limit)
            assert found == [(BINARY, b"a" * first + b"b" * left)]
            assert code_of(head + frame(CONTINUATION, bytes(left + 1)), limit) == 1009


def test_limit_counts_each_message_anew_and_no_control_frames():
    data = frame(BINARY, bytes(6), False) + frame(PING, bytes(125)) + frame(CONTINUATION, bytes(4))
    data += frame(TEXT, bytes(10)) + frame(BINARY, bytes(10), False) + frame(CONTINUATION, b"")
    assert len(both_ways(data, 128, 10)) == 4


def test_length_over_the_limit_is_refused_by_the_header_alone_and_takes_no_memory():
    huge = (1 << 30, 1 << 31, 1 << 32, 1 << 38, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
    for limit, lengths in (
        (124, (125,)),
        (125, (126,)),
        (1000, (1001, 65536) + huge),
        (65535, (65536,)),
        (65536, (65537,)),
        (1 << 29, ((1 << 29) + 1, (1 << 30) - 1) + huge),
    ):
        for length in lengths:
            for opcode, fin in ((BINARY, True), (TEXT, False)):
                p = reader(128, limit)
                header = frame(opcode, b"", fin, size=length)
                assert feed(p, header[:-1]) == []
                before = allocated()
                assert raised(ProtocolError, feed, p, header[-1:]).code == 1009
                assert allocated() - before < 5000


def test_message_that_memory_does_not_hold_is_1009():
    # CPython's memory can't be filled.
    if hasattr(gc, "mem_free"):
        data = b"\x82\x7f" + (1 << 29).to_bytes(8, "big")
        assert raised(ProtocolError, parsed, data, 128, 1 << 29).code == 1009


# Messages in pieces.


def chunks(data, most=1 << 20):
    return feed(reader(128, 200, True), data, most)


def test_only_messages_beyond_the_receive_buffer_come_in_pieces():
    for size, is_whole in ((127, True), (134, True), (135, False), (1000, False), (70000, False)):
        payload = (b"0123456789abcdefg" * (size // 17 + 1))[:size]
        for opcode in (TEXT, BINARY):
            for most in (1, 7, 1 << 20) if size < 2000 else (1 << 20,):
                found = chunks(frame(opcode, payload) + frame(PONG, PONG_1), most)
                assert found.pop() == (PONG, PONG_1)
                if is_whole:
                    assert found == [(opcode, payload)], size
                    continue
                at = 0
                for offset, is_text, is_last, piece in found:
                    assert (offset, is_text) == (at, opcode == TEXT) and piece
                    at += len(piece)
                    assert is_last == (at == size)
                assert b"".join([one[3] for one in found]) == payload


def test_streaming_begins_and_ends_with_a_message():
    p = reader(128, 200)
    begun = frame(BINARY, b"a" * 150, False)
    assert feed(p, begun) == []
    p.hears_chunks = lambda: True
    assert feed(p, frame(CONTINUATION, b"b")) == [(BINARY, b"a" * 150 + b"b")]
    assert len(feed(p, begun)) >= 1
    p.hears_chunks = lambda: False
    assert feed(p, frame(CONTINUATION, b"b")) == [(150, False, True, b"b")]
    assert feed(p, begun + frame(CONTINUATION, b"c")) == [(BINARY, b"a" * 150 + b"c")]
    # The limit is the one when the message began.
    p.hears_chunks = lambda: True
    feed(p, begun)
    p.hears_chunks = lambda: False
    assert feed(p, frame(CONTINUATION, b"b" * 60))[-1][2]
    assert feed(p, begun) == []
    p.hears_chunks = lambda: True
    assert raised(ProtocolError, feed, p, frame(CONTINUATION, b"b" * 60)).code == 1009


# Streams in pieces.


def drawn_messages(chance, n, most):
    """`n` messages, and control frames between them: the bytes of the stream, and what they
    hold.
    """
    stream = b""
    wanted = []
    for _ in range(n):
        opcode = chance.one_of((TEXT, BINARY))
        payload = bytes([chance.below(128)]) * chance.below(most) + bytes([chance.below(128)])
        pieces = chance.one_of((1, 1, 1, 2, 3, 9, 30))
        at = 0
        for i in range(pieces):
            last = i == pieces - 1
            end = len(payload) if last else at + chance.below(len(payload) - at + 1)
            # 5.2: senders must use the shortest form. As a reader, the library accepts others too.
            form = chance.one_of((None, None, 16, 64))
            stream += frame(opcode if i == 0 else CONTINUATION, payload[at:end], last, 0, form)
            at = end
            if last:
                wanted.append((opcode, payload))
            if chance.below(3) == 0:
                ping = chance.bytes(chance.below(126))
                stream += frame(PING, ping) + frame(PONG, PONG_1)
                wanted += [(PING, ping), (PONG, PONG_1)]
    return stream, wanted


def test_drawn_streams_in_drawn_cuts():
    chance = Chance("frames")
    for _ in range(15):
        size = chance.one_of((128, 200, 500))
        stream, wanted = drawn_messages(chance, 8, chance.one_of((20, 140, 700)))
        assert both_ways(stream, size) == wanted
        for is_short in (False, True):
            p = reader(size)
            found = []
            at = 0
            while at < len(stream):
                n = 1 + chance.below(chance.one_of((2, 10, 400)))
                found += feed(p, stream[at : at + n], 1 << 20, is_short)
                at += n
            assert found == wanted
            assert (p.messages_in, p.bytes_in) == (8, len(stream))


def test_rest_of_a_long_message_goes_straight_to_its_own_buffer():
    p = reader(128, 10000)
    assert feed(p, frame(BINARY, bytes(1000))[:104]) == []
    assert len(p.space()) == 900
    # Its last part is in the receive buffer with the next message.
    assert feed(p, bytes(850)) == []
    assert len(p.space()) > 50
    assert feed(p, bytes(50) + frame(PONG, PONG_1)) == [(BINARY, bytes(1000)), (PONG, PONG_1)]


def test_a_read_that_filled_less_than_the_space_has_drained_the_transport():
    p = reader()
    for n, is_drained in ((137, True), (138, False)):
        p.clear()
        assert len(p.space()) == 138
        p.received(n)
        assert p.is_drained is is_drained


def test_payload_holds_until_the_next_call():
    p = given(reader(), frame(BINARY, b"first") + frame(BINARY, b"second"))
    p.next()
    first = p.payload
    assert isinstance(first, memoryview) and first == b"first"
    p.next()
    assert p.payload == b"second" and first == b"first"
    assert p.next() == NOTHING and p.payload is None


def test_view_of_a_former_buffer_stays_true():
    p = given(reader(), frame(BINARY, b"first") + frame(TEXT, b"second") + b"\x82")
    p.next()
    first = p.payload
    p.renew_buffer()
    # Bytes that were not parsed are moved to the new buffer.
    assert feed(p, b"\x05other") == [(TEXT, b"second"), (BINARY, b"other")]
    assert first == b"first"


def test_a_new_connection_forgets_everything():
    # Given a connection that stopped in each of its states, or at a fault.
    for half in (
        b"\x81",
        b"\x81\x05He",
        b"\x81\x05\xc3\xa4\xc3",
        b"\x82\x7e\x01",
        frame(TEXT, b"abc", False),
        frame(TEXT, b"a\xc3", False) + b"\x80\x05de",
        frame(BINARY, bytes(500))[:300],
        frame(TEXT, b"", False) + b"\x89",
        frame(TEXT, b"a", False) + frame(TEXT),
        frame(BINARY, bytes(2000)),
        b"\xff\xff",
    ):
        for begin in ("reset", "clear"):
            p = reader(128, 1000)
            try:
                assert feed(p, half) == []
            except ProtocolError:
                pass
            if begin == "reset":
                p.reset(None)
                p.open_queue()
            else:
                p.clear()
            assert p.payload is None
            assert feed(p, frame(TEXT, b"new")) == [(TEXT, b"new")]
            assert feed(p, frame(BINARY, bytes(1000))) == [(BINARY, bytes(1000))]
    p = reader()
    feed(p, frame(CLOSE, b"\x03\xe9bye"))
    p.reset(None)
    assert (p.is_closed, p.code, p.reason) == (False, 1006, "")


# 8.1: text.


def test_text_is_checked_however_it_comes():
    for data in VALID:
        for text in (data, b"x" * 140 + data, data + b"x" * 140):
            assert both_ways(frame(TEXT, text)) == [(TEXT, text)]
    for data in WRONG + TRUNCATED:
        for text in (data, b"ok" + data, data + b"ok", b"x" * 140 + data):
            assert code_of(frame(TEXT, text)) == 1007, text
            assert parsed(frame(BINARY, text)) == [(BINARY, text)]
            for streams in (False, True):
                p = reader(streams=streams)
                half = len(text) // 2
                data = frame(TEXT, text[:half], False) + frame(CONTINUATION, text[half:])
                assert raised(ProtocolError, feed, p, data).code == 1007


def test_wrong_text_is_found_before_the_message_is_whole():
    # Autobahn 6.4: fail fast.
    for size, header in ((20, 2), (1000, 4)):
        data = frame(TEXT, b"\xce\xba\xf4\x90" + b"x" * size)[: header + 4]
        assert code_of(data) == 1007


def test_character_cut_by_fragments_or_chunks_is_whole():
    # Autobahn 6.2: fragments may cut a character.
    text = "κόσμε€😀".encode()
    for cut in range(len(text) + 1):
        data = frame(TEXT, text[:cut], False) + frame(CONTINUATION, text[cut:])
        assert both_ways(data) == [(TEXT, text)]
        assert b"".join([one[3] for one in chunks(data, 1)]) == text


# The closing handshake: 5.5.1, 7.1 and 7.4.


def test_peers_close_is_told_and_answered_once_with_its_code():
    for payload, code, reason, answer in (
        # 7.1.5: there is no code.
        (b"", 1005, "", b"\x03\xe8"),
        (b"\x03\xe8", 1000, "", b"\x03\xe8"),
        (b"\x03\xe9bye", 1001, "bye", b"\x03\xe9"),
        (b"\x13\x87" + "grüß €".encode(), 4999, "grüß €", b"\x13\x87"),
        (b"\x03\xe8" + b"x" * 123, 1000, "x" * 123, b"\x03\xe8"),
    ):
        for most in (1, 999):
            p = reader()
            p.push(BINARY, b"not heard any more")
            data = frame(CLOSE, payload)
            for i in range(0, len(data), most):
                kind = given(p, data[i : i + most]).next()
            assert kind == CLOSE and p.is_closed
            assert (p.code, p.reason) == (code, reason)
            assert written(p) == [(0x88, answer)]
            assert p.is_close_sent and p.unwritten == 1


def test_answer_to_our_close_needs_no_answer():
    p = reader()
    p.close(4000, "ours", p.pushed)
    assert written(p) == [(0x88, b"\x0f\xa0ours")]
    found = feed(p, frame(TEXT, b"on its way") + frame(CLOSE, b"\x0f\xa0"))
    assert found == [(TEXT, b"on its way"), (CLOSE, b"\x0f\xa0")]
    assert (p.code, p.reason) == (4000, "") and written(p) == []
    # There is also no answer to a Close that crosses ours.
    p = reader()
    p.close(4000, "ours", p.pushed)
    assert given(p, frame(CLOSE, b"\x03\xe9")).next() == CLOSE
    assert written(p) == [(0x88, b"\x0f\xa0ours")] and p.code == 1001


def test_every_close_code_is_judged():
    # 7.4.1, IANA's registry, and 7.4.2: 3000 to 4999.
    ranges = ((1000, 1003), (1007, 1014), (3000, 4999))
    for code in [0, 1, 32768, 65535] + list(range(900, 5100)):
        p = given(protocol(), frame(CLOSE, code.to_bytes(2, "big")))
        if any([low <= code <= high for low, high in ranges]):
            assert p.next() == CLOSE and p.code == code
        else:
            assert raised(ProtocolError, p.next).code == 1002, code
            assert not p.is_closed


def test_close_payload_that_is_none():
    for byte in (b"\x00", b"\x03", b"\xff"):
        assert code_of(frame(CLOSE, byte)) == 1002
    for reason in WRONG + TRUNCATED:
        assert code_of(frame(CLOSE, b"\x03\xe8" + reason)) == 1007, reason


# Lines of the HTTP head.


def lines_of(p, data, most=1 << 20):
    """The lines up to the empty one, fed at most `most` bytes at a time, and the bytes that were
    not fed.
    """
    lines = []
    at = 0
    while True:
        line = p.next_line()
        while line is not None:
            lines.append(line)
            if not line:
                return lines, data[at:]
            line = p.next_line()
        if at == len(data):
            return lines, b""
        n = min(len(p.space()), len(data) - at, most)
        given(p, data[at : at + n])
        at += n


def test_lines_are_read_however_they_come_and_frames_behind_them():
    # Wire fact 11: frames may be in the same segment as the head.
    frames = frame(TEXT, b"hi\n") + frame(BINARY, b"x" * 300)
    longest = b"x" * 126
    many = [b"H%d: " % i + b"v" * 60 for i in range(20)]
    for data, wanted in (
        (b"HTTP/1.1 101 OK\r\nA: 1\nB: 2\r\n\r\n", [b"HTTP/1.1 101 OK", b"A: 1", b"B: 2"]),
        (b"A\n\n", [b"A"]),
        # One carriage return belongs to the line end.
        (b"a\r\r\nb\rc\n\r\n", [b"a\r", b"b\rc"]),
        (b"GET\r\n" + longest + b"\r\n\r\n", [b"GET", longest]),
        (b"\r\n".join(many) + b"\r\n\r\n", many),
    ):
        for most in (1, 2, 5, 50, 1000):
            p = protocol()
            lines, rest = lines_of(p, data + frames, most)
            assert lines == wanted + [b""], (data, most)
            p.open_queue()
            assert feed(p, rest, most) == [(TEXT, b"hi\n"), (BINARY, b"x" * 300)], most
    assert lines_of(protocol(), b"HTTP/1.1 101 Swi") == ([], b"")


def test_line_without_end_is_refused_when_the_buffer_is_full():
    for most in (1, 7, 1000):
        p = protocol()
        assert raised(ProtocolError, lines_of, p, b"x" * 1000, most).code == 1002
        p.reset(None)
        assert lines_of(p, b"ok\n\n", most)[0] == [b"ok", b""]
