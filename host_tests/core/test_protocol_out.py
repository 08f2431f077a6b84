"""What a client sends, in the exact bytes of RFC 6455 5, and in which order."""

from claims import raised
from talk import KEY, feed, opened, protocol, taken, written
from wire import frame, unmasked, xored

from partysocket.core.errors import ProtocolError
from partysocket.core.protocol import BINARY, CLOSE, PING, PONG, TEXT
from partysocket.core.seldom import begin_long, break_long, drain

FIN = 0x80


def filled(payloads, **changes):
    """An open connection, on which these wait."""
    p = opened(**changes)
    for payload in payloads:
        assert p.push(BINARY, payload)
    return p


def counts(p):
    return p.unwritten, p.unwritten_bytes, p.pushed, p.done


def hear(p, opcode, payload):
    """A control frame comes; its answer is not written yet."""
    data = frame(opcode, payload)
    p.space()[: len(data)] = data
    p.received(len(data))
    return p.next()


# One message.


def test_header_takes_the_shortest_form():
    for size, header in (
        (0, b"\x82\x80"),
        (1, b"\x82\x81"),
        (124, b"\x82\xfc"),
        (125, b"\x82\xfd"),
        (126, b"\x82\xfe\x00\x7e"),
        (127, b"\x82\xfe\x00\x7f"),
        (255, b"\x82\xfe\x00\xff"),
        (256, b"\x82\xfe\x01\x00"),
        (65534, b"\x82\xfe\xff\xfe"),
        (65535, b"\x82\xfe\xff\xff"),
        (65536, b"\x82\xff\0\0\0\0\0\x01\0\0"),
        (65537, b"\x82\xff\0\0\0\0\0\x01\0\x01"),
        (131843, b"\x82\xff\0\0\0\0\0\x02\x03\x03"),
    ):
        payload = (b"0123456789abcdefg" * (size // 17 + 1))[:size]
        whole = header + KEY + xored(payload, KEY)
        p = opened(queue_bytes=len(whole))  # not a byte more than it takes
        assert p.push(BINARY, payload) and not p.push(BINARY, b""), size
        assert taken(p) == whole, size
        assert counts(p) == (0, 0, 1, 1)
        # a fragment of a long message is framed alike
        begin_long(p)
        p.put_fragment(BINARY, payload, False)
        assert taken(p) == bytes([BINARY]) + whole[1:], size


def test_text_is_masked_as_in_the_rfcs_example():
    # 5.7: a single-frame masked text message
    p = opened(lambda n: (b"\x37\xfa\x21\x3d" * 16)[:n])
    p.push(TEXT, b"Hello")
    assert taken(p) == b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"


def test_bytes_like_of_every_kind_are_copied():
    p = opened()
    data = bytearray(b"cd")
    for one in (b"ab", data, memoryview(b".ef.")[1:3]):
        assert p.push(BINARY, one)
    data[0] = 0
    assert written(p) == [(0x82, b"ab"), (0x82, b"cd"), (0x82, b"ef")]


def test_push_whose_copy_raises_leaves_nothing_behind():
    p = filled([b"aa"])
    before = counts(p)
    raised(Exception, p.push, BINARY, [b"x", None])
    assert counts(p) == before
    p.push(BINARY, b"bb")
    assert written(p) == [(0x82, b"aa"), (0x82, b"bb")]


def test_every_frame_has_a_key_of_its_own_from_the_source_of_chance():
    # 5.3; drawn 64 bytes at once for messages, 4 for a control frame
    asked = []

    def random(n):
        asked.append(n)
        return bytes([len(asked) * 64 + i & 0xFF for i in range(n)])

    p = opened(random)
    for _ in range(17):
        p.push(BINARY, b"")
    p.ping()
    assert taken(p)[2:6] == bytes(range(64, 68))
    data = taken(p)
    keys = [data[i + 2 : i + 6] for i in range(0, len(data), 6)]
    assert keys == [bytes(range(128 + i, 132 + i)) for i in range(0, 64, 4)] + [
        b"\xc0\xc1\xc2\xc3"
    ]
    assert asked == [4, 64, 64]


# What fits.


def test_fits_says_what_could_ever_be_held():
    for size in (6, 16, 131, 132, 133, 134, 135, 65543, 65544, 65549, 65550, 65551):
        for n in (
            size - 15,
            size - 14,
            size - 13,
            size - 9,
            size - 8,
            size - 7,
            size - 6,
            size - 5,
        ):
            if n >= 0:
                p = protocol(queue_bytes=size)
                is_held = n + (6 if n < 126 else 8 if n < 65536 else 14) <= size
                assert p.fits(n) == p.push(BINARY, bytes(n)) == is_held, (size, n)


def test_ring_is_filled_to_its_last_byte_and_a_refusal_changes_nothing():
    p = filled([b"00", b"11", b"22"], queue_bytes=24)
    before = bytes(p.ring), counts(p)
    assert not p.push(BINARY, b"")
    assert (bytes(p.ring), counts(p)) == before == (before[0], (3, 6, 3, 0))
    assert written(p) == [(0x82, b"00"), (0x82, b"11"), (0x82, b"22")]


def test_record_is_never_split_over_the_end_of_the_ring():
    # given a hole of 8 bytes at the front, and `free` at the end
    for free, refused in ((5, 9), (7, 9)):
        p = filled([b"aa"], queue_bytes=8 + 8 + 8 + free)
        view = p.to_send()
        p.push(BINARY, b"bb")
        p.push(BINARY, b"cc")
        p.sent(len(view))
        # then what fits into neither is refused, and what fits into the front goes there
        assert not p.push(BINARY, bytes(refused - 6))
        assert p.push(BINARY, b"dd") and not p.push(BINARY, b"")
        # and a write stops at the gap of old bytes
        assert unmasked(taken(p))[0] == [(0x82, b"bb"), (0x82, b"cc")]
        assert unmasked(taken(p))[0] == [(0x82, b"dd")]
        assert counts(p) == (0, 0, 4, 4)


def test_empty_ring_has_all_its_room_again_wherever_it_was():
    p = opened(queue_bytes=32)
    for size in (1, 7, 12, 26):
        p.push(BINARY, b"\x82")  # looks like a header to whoever looks at old bytes
        written(p)
        assert p.push(BINARY, b"\x82" * size)
        assert written(p) == [(0x82, b"\x82" * size)]
    assert p.push(BINARY, b"b") and drain(p) == [b"b"]


# Writes.


def test_small_messages_share_a_write_up_to_a_segment():
    for size, records in ((722, 2), (723, 1), (357, 4), (358, 3), (0, 243)):
        p = filled([bytes(size)] * 250, queue_bytes=200_000)
        assert len(unmasked(taken(p))[0]) == records, size
    p = filled([bytes(2000), b""], queue_bytes=8192)
    assert [len(payload) for _, payload in unmasked(taken(p))[0]] == [2000]


def test_what_is_in_flight_is_given_again_until_it_was_taken():
    p = filled([b"aa", b"bb"])
    whole = bytes(p.to_send())
    for i in range(16):
        assert bytes(p.to_send()) == whole[i:]
        assert counts(p) == (2, 4, 2, 0) and p.bytes_out == i
        assert p.sent(1) is False
        if i == 3:
            # what comes meanwhile waits, and touches nothing
            p.push(TEXT, b"c")
            p.drop_oldest()
            p.ping()
            p.close(1000, "", p.pushed)
    assert counts(p) == (0, 0, 2, 2)
    assert written(p) == [(0x89, b"1"), (0x88, b"\x03\xe8")]


def test_nothing_to_send_is_none():
    p = opened()
    assert p.to_send() is None and p.to_send() is None


# The order.


def test_request_goes_alone_then_hello_and_then_the_queue():
    p = protocol()
    p.push(BINARY, b"a")
    p.reset(b"GET /")
    p.want(1)
    assert taken(p, 2) == b"GE" and taken(p) == b"T /"
    p.push(BINARY, b"b")
    assert p.to_send() is None
    p.send_first(TEXT, b"hello")
    assert written(p) == [(0x81, b"hello")]
    p.open_queue()
    assert written(p) == [(0x82, b"a"), (0x82, b"b"), (0x89, b"1")]


def test_nothing_but_the_request_goes_out_before_the_upgrade_whatever_is_dropped():
    # a full queue while dialing, with overflow="drop-oldest"
    p = protocol(queue_bytes=16)
    p.reset(b"GET /")
    assert p.push(BINARY, b"a") and p.push(BINARY, b"b") and p.drop_oldest()
    assert taken(p) == b"GET /"
    assert p.to_send() is None


def test_pongs_go_before_pings_before_the_queue_before_a_fragment_before_our_close():
    for opcode, is_written in ((BINARY, True), (BINARY | FIN, False)):
        p = filled([b"a"])
        begin_long(p)
        p.push(BINARY, b"later")
        p.put_fragment(opcode & 0x7F, b"frag", opcode > 0x7F)
        p.ping()
        hear(p, PING, b"x")
        assert unmasked(taken(p))[0] == [(0x8A, b"x")]
        assert unmasked(taken(p))[0] == [(0x89, b"1")]
        assert unmasked(taken(p))[0] == [(0x82, b"a")]
        assert unmasked(taken(p))[0] == [(opcode, b"frag")]
        assert written(p) == ([] if is_written else [(0x82, b"later")])
        p.close(1000, "bye", p.pushed)
        assert written(p) == [(0x88, b"\x03\xe8bye")]
        assert p.is_close_sent and not written(p)


def test_close_goes_behind_the_records_that_it_names():
    for after, first in ((0, 0), (1, 1), (2, 2), (3, 3)):
        p = filled([b"0", b"1", b"2"])
        p.close(4999, "ö", after)
        assert written(p) == [(0x82, b"%d" % i) for i in range(first)] + [
            (0x88, b"\x13\x87\xc3\xb6")
        ]
        p.push(BINARY, b"new")
        p.ping()
        hear(p, PING, b"x")
        assert p.to_send() is None and p.unwritten == 4 - first


def test_first_close_counts():
    p = filled([b"a"])
    p.close(1000, "first", 1)
    p.close(1001, "second", 1)
    assert written(p) == [(0x82, b"a"), (0x88, b"\x03\xe8first")]


def test_nothing_follows_our_close():
    # 5.5.1; what is pushed after it waits for the next connection
    for sent in (False, True):
        p = filled([b"a"])
        p.close(1000, "", 1)
        if sent:
            written(p)
        p.push(BINARY, b"for the next one")
        p.reject(ProtocolError("garbage", 1002))
        assert written(p) == ([] if sent else [(0x82, b"a"), (0x88, b"\x03\xe8")])
        assert p.rewind() == 0 and p.unwritten == 1


def test_nothing_follows_our_close_when_a_long_message_is_broken_off_after_it():
    p = opened()
    begin_long(p)
    p.push(BINARY, b"behind it")
    p.close(1000, "", p.pushed)
    out = written(p)
    break_long(p)
    out += written(p)
    assert out[-1] == (0x88, b"\x03\xe8"), out


def test_after_shut_nothing_goes_out_but_what_comes_in_is_read():
    for then in ("close", "drop_oldest", "begin_long", "reject"):
        p = filled([b"a", b"b"])
        p.ping()
        hear(p, PING, b"x")
        p.shut()
        if then == "close":
            p.close(1000, "", p.pushed)
        elif then == "reject":
            p.reject(ProtocolError("garbage", 1002))
        elif then == "begin_long":
            begin_long(p)
        else:
            p.drop_oldest()
        assert p.to_send() is None, then
        assert hear(p, TEXT, b"the peer's last words") == TEXT
        assert hear(p, PING, b"y") == 0 and p.to_send() is None, then


def test_one_ping_is_echoed_at_a_time_and_each_gets_its_answer():
    p = opened()
    data = frame(PING, b"1") + frame(PING, b"2") + frame(TEXT, b"t")
    p.space()[: len(data)] = data
    p.received(len(data))
    assert p.next() == PING and p.next() == PING
    assert written(p) == [(0x8A, b"1")]
    assert p.next() == TEXT
    assert written(p) == [(0x8A, b"2")]


def test_pongs_of_every_size_are_exact():
    for size in (0, 1, 124, 125):
        payload = bytes(range(size))
        p = opened()
        hear(p, PING, payload)
        assert taken(p) == bytes([0x8A, 0x80 | size]) + KEY + xored(payload, KEY)


# What is dropped, drained or lost.


def test_dropping_the_oldest_frees_its_room_wherever_the_others_lie():
    for is_flying, resend in ((False, None), (True, None), (True, "unconfirmed")):
        p = filled([b"aa"], queue_bytes=32, resend=resend)
        if is_flying:
            flight = bytes(p.to_send())
            if resend:
                p.sent(8)
                assert p.kept == 1
        for payload in (b"bb", b"ccc"):
            p.push(BINARY, payload)
        assert p.push(BINARY, b"d") and not p.push(BINARY, b"ee")
        number = p.oldest_waiting()
        assert p.drop_oldest() and p.push(BINARY, b"ee")
        assert number == (1 if is_flying else 0) and p.pushed == 4
        if is_flying and not resend:
            assert bytes(p.to_send()) == flight
        left = [(0x82, b"bb")] if not is_flying else [(0x82, b"aa")] if not resend else []
        sent = [one for one in written(p) if one[0] == 0x82]
        assert sent == left + [(0x82, b"ccc"), (0x82, b"d"), (0x82, b"ee")]


def test_what_flies_is_never_dropped_nor_drained():
    p = filled([bytes(1000), b"bb", bytes(1000)])
    flight = bytes(p.to_send())
    assert drain(p) == [bytes(1000)]
    assert not p.drop_oldest() and drain(p) == []
    assert counts(p) == (2, 1002, 2, 0)
    assert bytes(p.to_send()) == flight


def test_drain_gives_text_as_str_and_binary_as_bytes():
    p = opened()
    for opcode, data in ((TEXT, "ä".encode()), (BINARY, b"\xff\0"), (TEXT, b"")):
        p.push(opcode, data)
    assert drain(p) == ["ä", b"\xff\0", ""]
    assert counts(p) == (0, 0, 0, 0)
    assert drain(p) == []


def test_rewind_keeps_what_was_not_written_whole():
    # given three messages of 8 bytes in one write
    for n, whole in ((0, 0), (1, 0), (7, 0), (8, 1), (9, 1), (15, 1), (16, 2), (23, 2)):
        for resend in (None, "unconfirmed"):
            p = filled([b"aa", b"bb", b"cc"], resend=resend)
            assert len(taken(p, n)) == n
            gone = 0 if resend else whole
            assert p.rewind() == (0 if gone else -1)
            assert counts(p) == (3 - gone, 6 - 2 * gone, 3, gone), n
            # then they go out again, under another key
            p.reset(None)
            p.open_queue()
            assert [one for one in written(p) if one[0] == 0x82] == [
                (0x82, b"aa"),
                (0x82, b"bb"),
                (0x82, b"cc"),
            ][gone:], n


def test_connection_begins_anew_after_rewind():
    p = filled([b"a"])
    p.ping()
    p.close(1000, "", 0)
    hear(p, PING, b"x")
    p.rewind()
    p.reset(b"GET")
    assert taken(p) == b"GET" and p.to_send() is None
    p.open_queue()
    assert not p.is_close_sent and written(p) == [(0x82, b"a")]


# What a pong confirms.


def test_confirmation_is_asked_for_once_all_is_written():
    p = filled([b"a", b"b"])
    p.want(2)
    assert written(p) == [(0x82, b"a"), (0x82, b"b"), (0x89, b"1")]
    p.push(BINARY, b"c")
    p.want(3)
    assert written(p) == [(0x82, b"c")]  # one such ping at a time
    assert p.confirmed == 0
    assert hear(p, PONG, b"1") == PONG and p.confirmed == 2
    assert written(p) == [(0x89, b"2")]
    assert hear(p, PONG, b"2") == PONG and p.confirmed == 3
    assert written(p) == []


def test_pong_confirms_only_what_was_written_before_its_ping():
    p = opened()
    p.ping()
    assert written(p) == [(0x89, b"1")]
    p.push(BINARY, b"a")
    p.want(1)
    assert written(p) == [(0x82, b"a")]
    hear(p, PONG, b"1")
    assert p.confirmed == 0
    assert written(p) == [(0x89, b"2")]
    hear(p, PONG, b"2")
    assert p.confirmed == 1


def test_pong_before_any_ping_is_no_answer():
    for payload in (b"0", b"00", b"1", b""):
        assert hear(opened(), PONG, payload) == 0, payload


def test_only_the_last_pings_pong_is_told():
    p = opened()
    for _ in range(12):
        p.ping()
        written(p)
    for wrong in (b"", b"0", b"11", b"13", b"1", b"x", b"-1", b" 12", b"12 ", b"1" * 9, b"1" * 99):
        assert hear(p, PONG, wrong) == 0, wrong
    assert hear(p, PONG, b"12") == PONG


def test_sent_tells_when_a_ping_is_out():
    p = filled([b"a"])
    p.ping()
    assert [p.sent(len(p.to_send())) for _ in range(2)] == [True, False]
    p.ping()
    view = p.to_send()
    assert p.sent(len(view) - 1) is False and p.to_send() is not None and p.sent(1) is True


def test_kept_records_go_when_they_are_confirmed():
    p = filled([b"a", b"b"], resend="unconfirmed")
    assert written(p) == [(0x82, b"a"), (0x82, b"b"), (0x89, b"1")]
    p.push(BINARY, b"c")
    assert written(p) == [(0x82, b"c")] and p.kept == 3
    hear(p, PONG, b"1")
    assert (p.kept, p.confirmed) == (1, 2)
    assert p.rewind() == -1 and counts(p) == (1, 1, 3, 2)
    p.reset(None)
    p.open_queue()
    assert written(p)[0] == (0x82, b"c")


# Long messages.


def test_long_message_waits_for_what_was_before_it_and_others_wait_for_it():
    p = filled([b"a"])
    begin_long(p)
    p.push(BINARY, b"b")
    assert written(p) == [(0x82, b"a")]
    for first, data in ((TEXT, b"x"), (0, b""), (FIN, b"z")):
        p.put_fragment(first & 0x7F, data, first > 0x7F)
        assert p.fragment is not None
        assert written(p)[0] == (first, data) and p.fragment is None
    assert p.unwritten == 0 and p.done == p.pushed == 3 and not p.is_split


def test_flush_waits_for_a_long_message_too():
    p = opened()
    begin_long(p)
    p.want(p.pushed)
    p.put_fragment(BINARY, b"x", False)
    assert written(p) == [(BINARY, b"x")]
    p.put_fragment(0, b"", True)
    assert written(p) == [(FIN, b""), (0x89, b"1")]
    assert p.confirmed == 0
    hear(p, PONG, b"1")
    assert p.confirmed == 1


def test_lost_long_message_is_told_whether_it_was_whole_or_not():
    for first in (BINARY, BINARY | FIN):
        p = opened()
        begin_long(p)
        p.put_fragment(first & 0x7F, b"x", first > 0x7F)
        target = p.pushed
        written(p)
        assert 0 <= p.rewind() < target and p.confirmed == p.done


def test_lost_long_message_is_told_although_what_was_before_it_is_kept():
    # `flush()` was True, and the long message had never arrived
    p = filled([b"a"], resend="unconfirmed")
    assert written(p) == [(0x82, b"a"), (0x89, b"1")]
    begin_long(p)
    p.put_fragment(BINARY, b"long", True)
    written(p)
    target = p.pushed
    hear(p, PONG, b"1")  # it is older than the long message
    first = p.rewind()
    assert 0 <= first < target, first


def test_broken_off_long_message_frees_the_others_unless_a_part_is_out():
    p = opened()
    begin_long(p)
    p.push(BINARY, b"b")
    p.put_fragment(TEXT, b"x", False)
    assert break_long(p) is False
    assert written(p) == [(0x82, b"b")]
    begin_long(p)
    p.put_fragment(TEXT, b"x", False)
    written(p)
    p.push(BINARY, b"c")
    assert break_long(p) is True
    assert written(p) == []


def test_long_message_that_is_broken_off_confirms_nothing_that_still_waits():
    # `flush()` was True, and the message had never left
    p = filled([b"a"])
    target = p.pushed
    p.want(target)
    begin_long(p)
    break_long(p)
    assert p.confirmed < target
    assert written(p) == [(0x82, b"a"), (0x89, b"1")]


# Our Close for a peer that broke the protocol: 7.1.7.


def test_broken_protocol_is_told_behind_what_waits():
    for data, code in ((b"\xff\xff", 1002), (frame(TEXT, b"\xff"), 1007)):
        p = filled([b"a"])
        error = raised(ProtocolError, feed, p, data)
        p.push(BINARY, b"b")
        p.reject(error)
        out = written(p)
        assert p.code == error.code == code
        assert out[-1] == (0x80 | CLOSE, code.to_bytes(2, "big") + str(error).encode())
        assert (0x82, b"b") in out and len(out[-1][1]) <= 125
