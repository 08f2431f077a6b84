"""What a server may send and what it may not, in the exact bytes of RFC 6455."""

import gc

from claims import raised
from seeds import Chance
from test_utf8 import TRUNCATED, VALID, WRONG
from wire import frame, unmasked

from partysocket.core.errors import Error, ProtocolError
from partysocket.core.frames import (
    BINARY,
    CLOSE,
    MAX_CONTROL_BYTES,
    MAX_CONTROL_FRAME,
    NOTHING,
    PING,
    PONG,
    TEXT,
    FrameReader,
    close_payload,
    control_frame,
)

CONTINUATION = 0


def feed(reader, data, most=1 << 20):
    """Feed `data`, at most `most` bytes at a time; the messages and control frames found."""
    found = []
    at = 0
    while True:
        kind = reader.next()
        while kind != NOTHING:
            found.append((kind, bytes(reader.payload)))
            kind = reader.next()
        if at == len(data):
            return found
        space = reader.space()
        assert len(space) > 0
        n = min(len(space), len(data) - at, most)
        space[:n] = data[at : at + n]
        reader.received(n)
        at += n


def parsed(data, size=128, limit=1 << 20, most=1 << 20):
    return feed(FrameReader(size, limit), data, most)


def both_ways(data, size=128, limit=1 << 20):
    """What is found, alike whether `data` comes whole or in small pieces."""
    found = parsed(data, size, limit)
    for most in (1, 2, 3, 7):
        assert parsed(data, size, limit, most) == found, most
    return found


def code_of(data, size=128, limit=1 << 20):
    """The close code that `data` deserves, alike whole and byte by byte."""
    code = raised(ProtocolError, parsed, data, size, limit).code
    assert raised(ProtocolError, parsed, data, size, limit, 1).code == code
    return code


def reader_at(opcode, payload):
    """A reader that has just found this."""
    reader = FrameReader(256, 1000)
    data = frame(opcode, payload)
    reader.space()[: len(data)] = data
    reader.received(len(data))
    assert reader.next() == opcode
    return reader


# 5.7: the RFC's own examples.


def test_rfcs_single_frame_text_message():
    assert both_ways(b"\x81\x05Hello") == [(TEXT, b"Hello")]


def test_rfcs_fragmented_text_message():
    assert both_ways(b"\x01\x03Hel\x80\x02lo") == [(TEXT, b"Hello")]


def test_rfcs_ping():
    assert both_ways(b"\x89\x05Hello") == [(PING, b"Hello")]


def test_rfcs_binary_messages_of_256_bytes_and_64_kib():
    data = bytes(range(256))
    assert both_ways(b"\x82\x7e\x01\x00" + data) == [(BINARY, data)]
    data = data * 256
    assert parsed(b"\x82\x7f\0\0\0\0\0\x01\0\0" + data) == [(BINARY, data)]


# 5.2: lengths.


def test_every_length_around_a_form_or_a_buffer_size():
    # 128: receive_bytes; 130 to 139: its frames are as long as the buffer, or longer
    for size in list(range(4)) + list(range(122, 142)) + [255, 256, 257, 1000]:
        payload = bytes([i & 0xFF for i in range(size)])
        assert both_ways(frame(BINARY, payload) + frame(PONG, b"!")) == [
            (BINARY, payload),
            (PONG, b"!"),
        ], size


def test_lengths_around_64_kib():
    for size in (65534, 65535, 65536, 65537):
        payload = b"\x01\x02\x03\x04\x05\x06\x07" * (size // 7 + 1)
        payload = payload[:size]
        for most in (1000, 1 << 20):
            found = parsed(frame(BINARY, payload) + frame(TEXT, b"."), 128, 1 << 20, most)
            assert found == [(BINARY, payload), (TEXT, b".")], size


def test_longer_form_of_length_than_needed_is_understood():
    # 5.2 asks senders for the shortest; as a reader, the library is lenient
    for form in (16, 64):
        for size in (0, 1, 125, 126):
            data = frame(BINARY, bytes(size), form=form)
            assert both_ways(data) == [(BINARY, bytes(size))]
    assert both_ways(frame(BINARY, bytes(300), form=64)) == [(BINARY, bytes(300))]


def test_message_exactly_as_long_as_the_receive_buffer_and_one_longer():
    for size in (128, 300):
        for extra in (-1, 0, 1, 9, 10, 11):
            payload = b"x" * (size + extra)
            assert both_ways(frame(TEXT, payload) * 2, size) == [(TEXT, payload)] * 2


def test_message_within_receive_bytes_lies_in_the_receive_buffer():
    # API, binary_type: nothing is allocated for the payload
    for size, header in ((128, 4), (300, 4), (70000, 10)):
        reader = FrameReader(size, 1 << 20)
        buffer = reader.space()
        data = frame(BINARY, bytes(size))
        buffer[: len(data)] = data
        reader.received(len(data))
        assert reader.next() == BINARY
        reader.payload[0] = 0x77
        assert buffer[header] == 0x77
        assert len(reader.payload) == size


# 5.4: fragments.


def test_message_of_many_fragments():
    for n in (2, 3, 10, 60):
        data = frame(BINARY, b"0", False)
        for i in range(1, n - 1):
            data += frame(CONTINUATION, bytes([i]) * (i % 20), False)
        data += frame(CONTINUATION, b"end")
        wanted = b"0" + b"".join([bytes([i]) * (i % 20) for i in range(1, n - 1)]) + b"end"
        assert both_ways(data) == [(BINARY, wanted)], n


def test_empty_fragments():
    assert both_ways(frame(TEXT, b"", False) + frame(CONTINUATION, b"")) == [(TEXT, b"")]
    data = frame(TEXT, b"", False) + frame(CONTINUATION, b"mid", False) + frame(CONTINUATION)
    assert both_ways(data) == [(TEXT, b"mid")]


def test_a_thousand_empty_fragments_in_a_row_take_no_memory_and_one_more_is_refused():
    reader = FrameReader(128, 1000)
    empty = frame(CONTINUATION, b"", False)
    assert feed(reader, frame(TEXT, b"a", False)) == []
    before = allocated()
    for _ in range(100):
        assert feed(reader, empty * 10) == []
    assert allocated() - before < 5000
    assert feed(reader, frame(CONTINUATION, b"b", False)) == []  # a byte: counted anew
    for _ in range(100):
        assert feed(reader, empty * 10) == []
    assert raised(ProtocolError, feed, reader, empty).code == 1008
    reader.reset()
    assert feed(reader, empty[:0] + frame(TEXT, b"z")) == [(TEXT, b"z")]


def test_control_frames_between_fragments_come_at_once():
    # 5.4; 5.5: in the order of the wire, and the message whole after them
    data = frame(TEXT, b"one ", False) + frame(PING, b"1")
    data += frame(CONTINUATION, b"two ", False) + frame(PONG, b"2") + frame(PING)
    data += frame(CONTINUATION, b"three")
    assert both_ways(data) == [(PING, b"1"), (PONG, b"2"), (PING, b""), (TEXT, b"one two three")]


def test_largest_control_frame_between_fragments_larger_than_the_buffer():
    ping = bytes(range(125))
    for size in (0, 1, 127, 128, 137, 138, 139, 500):
        part = b"p" * size
        data = frame(BINARY, part, False) + frame(PING, ping) + frame(CONTINUATION, part, False)
        data += frame(PING, ping) + frame(CONTINUATION, part) + frame(PING, ping)
        assert both_ways(data) == [(PING, ping), (PING, ping), (BINARY, part * 3), (PING, ping)]


def test_close_within_a_fragmented_message_is_found():
    data = frame(TEXT, b"half", False) + frame(CLOSE, b"\x03\xe8")
    assert both_ways(data) == [(CLOSE, b"\x03\xe8")]


def test_fragment_out_of_order_is_1002():
    assert code_of(frame(CONTINUATION, b"a")) == 1002
    assert code_of(frame(CONTINUATION, b"a", False)) == 1002
    assert code_of(frame(TEXT, b"a", False) + frame(TEXT, b"b")) == 1002
    assert code_of(frame(TEXT, b"a", False) + frame(BINARY, b"b", False)) == 1002
    assert code_of(frame(TEXT, b"", False) + frame(TEXT, b"b")) == 1002
    assert code_of(frame(TEXT, b"a", False) + frame(PING) + frame(BINARY, b"b")) == 1002
    done = frame(TEXT, b"a", False) + frame(CONTINUATION, b"b")
    assert code_of(done + frame(CONTINUATION, b"c")) == 1002


# 5.2: what no server may send.


def test_reserved_bits_are_1002():
    for rsv in range(0x10, 0x80, 0x10):
        for opcode in (TEXT, BINARY, CLOSE, PING, PONG):
            assert code_of(frame(opcode, b"", True, rsv)) == 1002
        assert code_of(frame(TEXT, b"a", False) + frame(CONTINUATION, b"", True, rsv)) == 1002


def test_reserved_opcodes_are_1002():
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        for payload in (b"", b"ab", bytes(200)):
            assert code_of(frame(opcode, payload)) == 1002
        assert code_of(frame(opcode, b"", False)) == 1002
        assert code_of(frame(TEXT, b"a", False) + frame(opcode, b"")) == 1002


def test_masked_frames_are_1002():
    # 5.1: a client closes on them
    for first in (0x81, 0x82, 0x88, 0x89, 0x8A):
        for second in (0x80, 0x81, 0xFD, 0xFE, 0xFF):
            assert code_of(bytes([first, second])) == 1002


def test_control_frames_are_short():
    for opcode in (CLOSE, PING, PONG):
        for size in (124, 125):
            assert both_ways(frame(opcode, b"\x03" * size)) == [(opcode, b"\x03" * size)]
        for form in (16, 64):
            for size in (0, 125, 126, 5000):
                assert code_of(frame(opcode, bytes(size), form=form)) == 1002


def test_control_frames_are_whole():
    for opcode in (CLOSE, PING, PONG):
        for payload in (b"", b"ab"):
            assert code_of(frame(opcode, payload, False)) == 1002
            assert code_of(frame(TEXT, b"x", False) + frame(opcode, payload, False)) == 1002


def test_fault_is_found_on_the_two_bytes_of_the_header():
    for head in (b"\xc1\x05", b"\x83\x05", b"\x81\x85", b"\x89\x7e", b"\x09\x00", b"\x80\x05"):
        reader = FrameReader(128, 1000)
        assert feed(reader, head[:1]) == []
        assert raised(ProtocolError, feed, reader, head[1:]).code == 1002


def test_what_came_before_a_fault_is_found():
    reader = FrameReader(128, 1000)
    data = frame(TEXT, b"good") + frame(PING, b"p") + b"\xff\xff"
    reader.space()[: len(data)] = data
    reader.received(len(data))
    assert reader.next() == TEXT and reader.payload == b"good"
    assert reader.next() == PING and reader.payload == b"p"
    assert raised(ProtocolError, reader.next).code == 1002


def test_protocol_error_is_an_error():
    assert isinstance(raised(ProtocolError, parsed, b"\xff\x00"), Error)


# Limits.


def test_message_limit_in_one_frame():
    for limit in (1, 5, 125, 126, 128, 200, 1000):
        for size in (limit - 1, limit):
            assert both_ways(frame(BINARY, bytes(size)), 128, limit) == [(BINARY, bytes(size))]
        assert code_of(frame(BINARY, bytes(limit + 1)), 128, limit) == 1009
        assert code_of(frame(TEXT, bytes(limit + 1), False), 128, limit) == 1009


def test_message_limit_over_fragments():
    for limit in (2, 126, 300):
        for first in (0, 1, limit // 2, limit - 1, limit):
            head = frame(BINARY, b"a" * first, False)
            for rest in (limit - first - 1, limit - first):
                if rest >= 0:
                    found = both_ways(head + frame(CONTINUATION, b"b" * rest), 128, limit)
                    assert found == [(BINARY, b"a" * first + b"b" * rest)]
            assert (
                code_of(head + frame(CONTINUATION, bytes(limit - first + 1)), 128, limit) == 1009
            )


def test_limit_counts_each_message_anew():
    data = frame(BINARY, bytes(6), False) + frame(CONTINUATION, bytes(4)) + frame(TEXT, bytes(10))
    data += frame(BINARY, bytes(10), False) + frame(CONTINUATION, b"")
    assert len(both_ways(data, 128, 10)) == 3


def test_control_frames_do_not_count_towards_the_limit():
    data = frame(BINARY, bytes(10), False) + frame(PING, bytes(125)) + frame(CONTINUATION)
    assert both_ways(data, 128, 10) == [(PING, bytes(125)), (BINARY, bytes(10))]


def test_limit_is_seen_in_the_header_alone():
    for limit, header in (
        (124, b"\x82\x7d"),
        (125, b"\x82\x7e\x00\x7e"),
        (1000, b"\x82\x7e\x03\xe9"),
        (65535, b"\x82\x7f\0\0\0\0\0\x01\0\0"),
        (65536, b"\x82\x7f\0\0\0\0\0\x01\0\x01"),
    ):
        reader = FrameReader(128, limit)
        assert feed(reader, header[:-1]) == []
        assert raised(ProtocolError, feed, reader, header[-1:]).code == 1009


def test_monstrous_lengths_cost_no_memory():
    for limit in (1000, 1 << 29):
        for length in ((1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 31, 1 << 30, 1 << 32, 1 << 38):
            for head in (b"\x82\x7f", b"\x01\x7f"):
                reader = FrameReader(128, limit)
                before = allocated()
                data = head + length.to_bytes(8, "big")
                assert raised(ProtocolError, feed, reader, data).code == 1009
                assert allocated() - before < 5000


def test_length_just_over_a_limit_of_half_a_gib_is_refused():
    reader = FrameReader(128, 1 << 29)
    data = b"\x82\x7f" + ((1 << 29) + 1).to_bytes(8, "big")
    assert raised(ProtocolError, feed, reader, data).code == 1009
    reader = FrameReader(128, 1 << 29)
    data = b"\x82\x7f" + ((1 << 30) - 1).to_bytes(8, "big")
    assert raised(ProtocolError, feed, reader, data).code == 1009


def test_message_that_memory_does_not_hold_is_1009():
    if not hasattr(gc, "mem_free"):
        return  # CPython's memory isn't ours to fill
    reader = FrameReader(128, 1 << 29)
    data = b"\x82\x7f" + (1 << 29).to_bytes(8, "big")
    assert raised(ProtocolError, feed, reader, data).code == 1009


def test_limit_may_change_between_messages():
    reader = FrameReader(128, 10)
    assert feed(reader, frame(BINARY, bytes(10))) == [(BINARY, bytes(10))]
    reader.max_message_bytes = 20
    assert feed(reader, frame(BINARY, bytes(20))) == [(BINARY, bytes(20))]
    reader.max_message_bytes = 10
    assert raised(ProtocolError, feed, reader, frame(BINARY, bytes(11))).code == 1009


def allocated():
    """Bytes in use, where the platform says (0 elsewhere)."""
    if not hasattr(gc, "mem_alloc"):
        return 0
    gc.collect()
    return gc.mem_alloc()


# Streams in pieces.


def drawn_messages(chance, n, most):
    """`n` messages and control frames between: the bytes of the stream, and what they hold."""
    stream = b""
    wanted = []
    for _ in range(n):
        opcode = chance.one_of((TEXT, BINARY))
        payload = bytes([chance.below(128)]) * chance.below(most) + bytes([chance.below(128)])
        pieces = chance.one_of((1, 1, 1, 2, 3, 9))
        at = 0
        for i in range(pieces):
            last = i == pieces - 1
            end = len(payload) if last else at + chance.below(len(payload) - at + 1)
            form = chance.one_of((None, None, None, 64))
            stream += frame(opcode if i == 0 else CONTINUATION, payload[at:end], last, 0, form)
            at = end
            if last:
                wanted.append((opcode, payload))
            if chance.below(3) == 0:
                control = (chance.one_of((PING, PONG)), chance.bytes(chance.below(126)))
                stream += frame(control[0], control[1])
                wanted.append(control)
    return stream, wanted


def test_drawn_streams_in_drawn_cuts():
    chance = Chance("frames")
    for _ in range(25):
        size = chance.one_of((128, 200, 500))
        stream, wanted = drawn_messages(chance, 8, chance.one_of((20, 140, 700)))
        assert parsed(stream, size) == wanted
        assert parsed(stream, size, 1 << 20, 1) == wanted
        reader = FrameReader(size, 1 << 20)
        found = []
        at = 0
        while at < len(stream):
            n = 1 + chance.below(chance.one_of((2, 10, 400)))
            found += feed(reader, stream[at : at + n])
            at += n
        assert found == wanted


def test_every_cut_in_two():
    data = frame(TEXT, b"abc", False) + frame(PING, b"12") + frame(CONTINUATION, b"d" * 140)
    data += frame(BINARY, b"e" * 126) + frame(CLOSE, b"\x03\xe8bye")
    wanted = parsed(data)
    assert len(wanted) == 4
    for cut in range(len(data) + 1):
        reader = FrameReader(128, 1000)
        assert feed(reader, data[:cut]) + feed(reader, data[cut:]) == wanted, cut


def test_payload_is_right_when_the_buffer_is_compacted():
    # given frames of 70 bytes in a buffer of 138: each second one must move to the front
    reader = FrameReader(128, 1000)
    for i in range(50):
        payload = bytes([i]) * 60 + bytes(range(8))
        assert feed(reader, frame(BINARY, payload), 48) == [(BINARY, payload)], i


def test_space_is_never_empty_and_never_beyond_what_is_needed_for_a_long_message():
    reader = FrameReader(128, 10000)
    data = frame(BINARY, bytes(1000)) + frame(PING, b"next")
    at = 0
    found = []
    while at < len(data):
        n = min(len(reader.space()), len(data) - at)
        assert n > 0
        reader.space()[:n] = data[at : at + n]
        reader.received(n)
        at += n
        kind = reader.next()
        while kind != NOTHING:
            found.append((kind, len(reader.payload)))
            kind = reader.next()
    assert found == [(BINARY, 1000), (PING, 4)]


def test_rest_of_a_long_message_goes_straight_to_its_own_buffer():
    reader = FrameReader(128, 10000)
    assert feed(reader, frame(BINARY, bytes(1000))[:104]) == []
    assert len(reader.space()) == 900
    # its last part shares the receive buffer with what follows
    assert feed(reader, bytes(850)) == []
    assert len(reader.space()) > 50
    assert feed(reader, bytes(50) + frame(PING)) == [(BINARY, bytes(1000)), (PING, b"")]


def test_payload_holds_until_the_next_call():
    reader = FrameReader(128, 1000)
    data = frame(BINARY, b"first") + frame(BINARY, b"second")
    reader.space()[: len(data)] = data
    reader.received(len(data))
    reader.next()
    first = reader.payload
    assert isinstance(first, memoryview)
    assert first == b"first"
    reader.next()
    assert reader.payload == b"second"
    assert reader.next() == NOTHING
    assert reader.payload is None


def test_reset_forgets_everything():
    # given a reader stopped in each of its states
    for half in (
        b"\x81",
        b"\x81\x05He",
        b"\x82\x7e\x01",
        frame(TEXT, b"abc", False),
        frame(TEXT, b"abc", False) + b"\x80\x05de",
        frame(BINARY, bytes(500))[:300],
        frame(TEXT, b"", False) + b"\x89",
    ):
        reader = FrameReader(128, 1000)
        assert feed(reader, half) == []
        # when it begins anew
        reader.reset()
        # then nothing of it is left
        assert reader.payload is None
        assert feed(reader, frame(BINARY, b"new") + frame(PING)) == [(BINARY, b"new"), (PING, b"")]
        assert feed(reader, frame(BINARY, bytes(1000))) == [(BINARY, bytes(1000))]


def test_reset_forgets_half_a_line():
    reader = FrameReader(128, 1000)
    assert lines_of(reader, b"HTTP/1.1 101 Swi") == ([], b"")
    reader.reset()
    assert lines_of(reader, b"HTTP/1.1 200 OK\n\n") == ([b"HTTP/1.1 200 OK", b""], b"")


def test_reset_after_a_fault():
    for fault in (b"\xff\xff", frame(TEXT, b"a", False) + frame(TEXT), frame(BINARY, bytes(2000))):
        reader = FrameReader(128, 1000)
        raised(ProtocolError, feed, reader, fault)
        reader.reset()
        assert feed(reader, frame(TEXT, b"ok")) == [(TEXT, b"ok")]


# 8.1: text.


def test_text_that_is_utf8_becomes_a_str():
    for data in VALID:
        assert reader_at(TEXT, data).text() == data.decode()


def test_text_that_is_no_utf8_is_1007():
    for data in WRONG + TRUNCATED:
        for text in (data, b"ok" + data, data + b"ok"):
            assert raised(ProtocolError, reader_at(TEXT, text).text).code == 1007, text


def test_text_is_checked_from_the_start_each_time():
    reader = reader_at(TEXT, b"\xe0\xa0")
    assert raised(ProtocolError, reader.text).code == 1007
    assert feed(reader, b"") == []
    data = frame(TEXT, b"\x80")
    reader.space()[: len(data)] = data
    reader.received(len(data))
    assert reader.next() == TEXT
    assert raised(ProtocolError, reader.text).code == 1007


def test_character_cut_by_fragments_is_whole():
    # Autobahn 6.2: fragments may cut a character
    text = "κόσμε€😀".encode()
    for cut in range(len(text) + 1):
        reader = FrameReader(128, 1000)
        data = frame(TEXT, text[:cut], False) + frame(CONTINUATION, text[cut:])
        space = reader.space()
        space[: len(data)] = data
        reader.received(len(data))
        assert reader.next() == TEXT
        assert reader.text() == "κόσμε€😀"


# 5.5.1 and 7.4: Close.


def test_close_without_a_payload_is_1005():
    assert reader_at(CLOSE, b"").close_code() == 1005


def test_close_codes_that_may_be_sent():
    # 7.4.1, IANA's registry, and 7.4.2: 3000 to 4999
    allowed = [1000, 1001, 1002, 1003] + list(range(1007, 1015)) + [3000, 3001, 3999, 4000, 4999]
    for code in allowed:
        for reason in (b"", b"why"):
            reader = reader_at(CLOSE, code.to_bytes(2, "big") + reason)
            assert reader.close_code() == code


def test_close_codes_that_may_not_be_sent_are_1002():
    wrong = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32768, 65535]
    for code in wrong:
        reader = reader_at(CLOSE, code.to_bytes(2, "big"))
        assert raised(ProtocolError, reader.close_code).code == 1002, code


def test_every_close_code_is_judged():
    ranges = ((1000, 1003), (1007, 1014), (3000, 4999))
    for code in range(900, 5100):
        reader = reader_at(CLOSE, code.to_bytes(2, "big"))
        if any([low <= code <= high for low, high in ranges]):
            assert reader.close_code() == code
        else:
            assert raised(ProtocolError, reader.close_code).code == 1002, code


def test_close_payload_of_one_byte_is_1002():
    for byte in (b"\x00", b"\x03", b"\xff"):
        assert raised(ProtocolError, reader_at(CLOSE, byte).close_code).code == 1002


def test_close_reason_is_text():
    for reason in (b"", b"bye", "grüß dich €".encode(), b"x" * 123):
        reader = reader_at(CLOSE, b"\x03\xe8" + reason)
        assert reader.close_code() == 1000
        assert reader.close_reason() == reason.decode()


def test_close_reason_that_is_no_utf8_is_1007():
    for reason in WRONG + TRUNCATED:
        reader = reader_at(CLOSE, b"\x03\xe8" + reason)
        assert reader.close_code() == 1000
        assert raised(ProtocolError, reader.close_reason).code == 1007, reason


# Lines of the HTTP head.


def lines_of(reader, data, most=1 << 20):
    """The lines up to the empty one, fed at most `most` bytes at a time; and what was not fed."""
    lines = []
    at = 0
    while True:
        line = reader.line()
        while line is not None:
            lines.append(line)
            if not line:
                return lines, data[at:]
            line = reader.line()
        if at == len(data):
            return lines, b""
        space = reader.space()
        n = min(len(space), len(data) - at, most)
        assert n > 0
        space[:n] = data[at : at + n]
        reader.received(n)
        at += n


def test_lines_end_in_crlf_or_lf():
    data = b"HTTP/1.1 101 OK\r\nA: 1\nB: 2\r\n\r\n"
    for most in (1, 2, 5, 1000):
        lines, rest = lines_of(FrameReader(128, 1000), data, most)
        assert lines == [b"HTTP/1.1 101 OK", b"A: 1", b"B: 2", b""], most
        assert rest == b""
    assert lines_of(FrameReader(128, 1000), b"A\n\n")[0] == [b"A", b""]


def test_only_one_carriage_return_belongs_to_the_end():
    assert lines_of(FrameReader(128, 1000), b"a\r\r\nb\rc\n\r\n")[0] == [b"a\r", b"b\rc", b""]


def test_frames_behind_the_head_are_read():
    # wire fact 11: they may share its segment
    data = b"HTTP/1.1 101 OK\r\nA: 1\r\n\r\n" + frame(TEXT, b"hi\n") + frame(BINARY, b"x" * 300)
    for most in (1, 3, 1000):
        reader = FrameReader(128, 1000)
        rest = lines_of(reader, data, most)[1]
        assert feed(reader, rest, most) == [(TEXT, b"hi\n"), (BINARY, b"x" * 300)], most


def test_head_longer_than_the_buffer_is_read():
    lines = [b"H%d: " % i + b"v" * 60 for i in range(20)]
    data = b"\r\n".join(lines) + b"\r\n\r\n"
    for most in (1, 50, 1000):
        assert lines_of(FrameReader(128, 1000), data, most)[0] == lines + [b""]


def test_lines_may_be_as_long_as_receive_bytes():
    for size in (128, 200):
        line = b"x" * (size - 2)
        data = b"GET\r\n" + line + b"\r\n\r\n"
        for most in (1, 1000):
            assert lines_of(FrameReader(size, 1000), data, most)[0] == [b"GET", line, b""]


def test_line_without_end_is_refused_when_the_buffer_is_full():
    for most in (1, 7, 1000):
        reader = FrameReader(128, 1000)
        error = raised(ProtocolError, lines_of, reader, b"x" * 1000, most)
        assert error.code == 1002
        reader.reset()
        assert lines_of(reader, b"ok\n\n", most)[0] == [b"ok", b""]


# What we send: 5.5.


def put_key(buf, at):
    buf[at : at + 4] = b"\x37\xfa\x21\x3d"


def test_control_frame_in_exact_bytes():
    # 5.7: a masked pong
    buf = bytearray(MAX_CONTROL_FRAME)
    n = control_frame(buf, PONG, b"Hello", put_key)
    assert bytes(buf[:n]) == b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
    n = control_frame(buf, PING, b"", put_key)
    assert bytes(buf[:n]) == b"\x89\x80\x37\xfa\x21\x3d"


def test_control_frame_of_every_size_fits_its_buffer():
    for size in range(MAX_CONTROL_BYTES + 1):
        buf = bytearray(MAX_CONTROL_FRAME)
        payload = bytes(range(size))
        n = control_frame(memoryview(buf), PING, memoryview(payload), put_key)
        assert n == size + 6
        assert unmasked(bytes(buf[:n])) == ([(0x89, payload)], b"")
    assert n == MAX_CONTROL_FRAME


def test_close_payload_in_exact_bytes():
    assert close_payload(1000, "") == b"\x03\xe8"
    assert close_payload(4999, "ö") == b"\x13\x87\xc3\xb6"
    assert close_payload(1009, "too big") == b"\x03\xf1too big"
