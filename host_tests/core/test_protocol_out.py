"""What a client sends, in the exact bytes of RFC 6455 5, and in which order.

test_outgoing_model.py compares random lives of the queue with a plain list: records are dropped,
cut off or lost.
"""

from claims import raised
from talk import KEY, feed, opened, protocol, taken, written
from wire import frame, unmasked, xored

from partysocket.core.errors import ProtocolError
from partysocket.core.protocol import BINARY, CLOSE, PING, PONG, TEXT
from partysocket.core.seldom import begin_long, break_long

FIN = 0x80


def filled(payloads, **changes):
    """An open connection on which these payloads wait."""
    p = opened(**changes)
    for payload in payloads:
        assert p.push(BINARY, payload)
    return p


def counts(p):
    return p.unwritten, p.unwritten_bytes, p.pushed, p.done


def hear(p, opcode, payload):
    """A control frame comes. Its answer is not written yet."""
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
        # A ring with exactly the needed size.
        p = opened(queue_bytes=len(whole))
        assert p.push(BINARY, payload) and not p.push(BINARY, b""), size
        assert taken(p) == whole, size
        assert counts(p) == (0, 0, 1, 1)
        # A fragment of a long message has the same form.
        begin_long(p)
        p.put_fragment(BINARY, payload, False)
        assert taken(p) == bytes([BINARY]) + whole[1:], size


def test_push_whose_copy_raises_leaves_nothing_behind():
    p = filled([b"aa"])
    before = counts(p)
    raised(Exception, p.push, BINARY, [b"x", None])
    assert counts(p) == before
    p.push(BINARY, b"bb")
    assert written(p) == [(0x82, b"aa"), (0x82, b"bb")]


def test_every_frame_has_a_key_of_its_own_from_the_source_of_chance():
    # 5.3: 64 bytes are drawn at once for messages, 4 for a control frame.
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


def test_fits_says_what_could_ever_be_held():
    for size in (6, 16, 131, 132, 133, 134, 135, 65543, 65544, 65549, 65550, 65551):
        for less in (5, 6, 7, 8, 9, 13, 14, 15):
            n = size - less
            if n >= 0:
                p = protocol(queue_bytes=size)
                is_held = n + (6 if n < 126 else 8 if n < 65536 else 14) <= size
                assert p.fits(n) == p.push(BINARY, bytes(n)) == is_held, (size, n)


def test_record_is_never_split_over_the_end_of_the_ring():
    # Given a gap of 8 bytes at the front, and `free` bytes at the end.
    for free, refused in ((5, 9), (7, 9)):
        p = filled([b"aa"], queue_bytes=8 + 8 + 8 + free)
        view = p.to_send()
        p.push(BINARY, b"bb")
        p.push(BINARY, b"cc")
        p.sent(len(view))
        # Then a record that fits into neither is refused, and one that fits into the front goes
        # there,
        assert not p.push(BINARY, bytes(refused - 6))
        assert p.push(BINARY, b"dd") and not p.push(BINARY, b"")
        # and a write stops at the gap.
        assert unmasked(taken(p))[0] == [(0x82, b"bb"), (0x82, b"cc")]
        assert unmasked(taken(p))[0] == [(0x82, b"dd")]
        assert counts(p) == (0, 0, 4, 4)


def test_small_messages_share_a_write_up_to_a_segment():
    for size, records in ((722, 2), (723, 1), (357, 4), (358, 3), (0, 243)):
        p = filled([bytes(size)] * 250, queue_bytes=200_000)
        assert len(unmasked(taken(p))[0]) == records, size
    p = filled([bytes(2000), b""], queue_bytes=8192)
    assert [len(payload) for _, payload in unmasked(taken(p))[0]] == [2000]


# The order.


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


def test_first_close_counts_and_goes_behind_the_records_that_it_names():
    for after in range(4):
        p = filled([b"0", b"1", b"2"])
        p.close(4999, "ö", after)
        p.close(1001, "second", 3)
        assert written(p) == [(0x82, b"%d" % i) for i in range(after)] + [
            (0x88, b"\x13\x87\xc3\xb6")
        ]
        # 5.5.1: nothing follows it. Later records wait for the next connection.
        p.push(BINARY, b"new")
        p.ping()
        hear(p, PING, b"x")
        p.reject(ProtocolError("garbage", 1002))
        assert p.to_send() is None and p.unwritten == 4 - after


def test_nothing_follows_our_close_when_a_long_message_is_broken_off_after_it():
    p = opened()
    begin_long(p)
    p.push(BINARY, b"behind it")
    p.close(1000, "", p.pushed)
    out = written(p)
    break_long(p)
    out += written(p)
    assert out[-1] == (0x88, b"\x03\xe8"), out


def test_rewind_keeps_what_was_not_written_whole():
    # Given three messages of 8 bytes in one write.
    for n, whole in ((0, 0), (1, 0), (7, 0), (8, 1), (9, 1), (15, 1), (16, 2), (23, 2)):
        for resend in (None, "unconfirmed"):
            p = filled([b"aa", b"bb", b"cc"], resend=resend)
            assert len(taken(p, n)) == n
            gone = 0 if resend else whole
            assert p.rewind() == (0 if gone else -1)
            assert counts(p) == (3 - gone, 6 - 2 * gone, 3, gone), n
            # Then they go out again, with another key.
            p.reset(None)
            p.open_queue()
            assert [one for one in written(p) if one[0] == 0x82] == [
                (0x82, b"aa"),
                (0x82, b"bb"),
                (0x82, b"cc"),
            ][gone:], n


# What a pong confirms.


def test_confirmation_is_asked_for_once_all_is_written():
    p = filled([b"a", b"b"])
    p.want(2)
    assert written(p) == [(0x82, b"a"), (0x82, b"b"), (0x89, b"1")]
    p.push(BINARY, b"c")
    p.want(3)
    # Only one such ping at a time.
    assert written(p) == [(0x82, b"c")]
    assert p.confirmed == 0
    assert hear(p, PONG, b"1") == PONG and p.confirmed == 2
    assert written(p) == [(0x89, b"2")]
    assert hear(p, PONG, b"2") == PONG and p.confirmed == 3
    assert written(p) == []


def test_only_the_last_pings_pong_is_told():
    p = opened()
    for payload in (b"0", b"1", b""):
        # There was no ping yet.
        assert hear(p, PONG, payload) == 0, payload
    for _ in range(12):
        p.ping()
        written(p)
    for wrong in (b"", b"0", b"11", b"13", b"1", b"x", b"-1", b" 12", b"12 ", b"1" * 9, b"1" * 99):
        assert hear(p, PONG, wrong) == 0, wrong
    assert hear(p, PONG, b"12") == PONG


# Our Close to a peer that broke the protocol: 7.1.7.


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
