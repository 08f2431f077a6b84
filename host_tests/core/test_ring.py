"""The outgoing queue, in the exact bytes of RFC 6455 5.2, and against a plain list."""

from seeds import Chance
from wire import unmasked, xored

from partysocket.core.ring import Ring, header_bytes

TEXT = 1
BINARY = 2
KEY = b"\x11\x22\x33\x44"


def put_key(buf, at):
    buf[at : at + 4] = KEY


def taken(ring, most_bytes=100000, most_records=1000):
    """What take_off puts up for writing."""
    ring.take_off(most_bytes, most_records, put_key)
    return bytes(ring.buf[ring.out : ring.out_end])


def write_all(ring, most_bytes=100000):
    """All that is held, as (first byte, payload), written out in as many writes as it takes."""
    data = b""
    while ring.count:
        data += taken(ring, most_bytes)
        assert ring.written(ring.out_end - ring.out)
    frames, rest = unmasked(data)
    assert rest == b""
    return frames


def state(ring):
    return ring.count, ring.payload_bytes, ring.pushed, ring.popped, ring.flying


# One message in exact bytes: 5.2.


def test_empty_text_is_six_bytes():
    ring = Ring(64)
    assert ring.push(TEXT, b"")
    assert taken(ring) == b"\x81\x80" + KEY


def test_text_is_masked_as_in_the_rfcs_example():
    # 5.7: a single-frame masked text message
    ring = Ring(64)
    ring.push(TEXT, b"Hello")
    ring.take_off(100, 1, lambda buf, at: put(buf, at, b"\x37\xfa\x21\x3d"))
    out = bytes(ring.buf[ring.out : ring.out_end])
    assert out == b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"


def put(buf, at, data):
    buf[at : at + len(data)] = data


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
        ring = Ring(len(header) + 4 + size)  # not a byte more than it takes
        assert header_bytes(size) == len(header) + 4
        assert ring.push(BINARY, payload), size
        assert not ring.push(BINARY, b"")
        out = taken(ring)
        assert out[: len(header)] == header, size
        assert out[len(header) : len(header) + 4] == KEY
        assert len(out) == len(header) + 4 + size
        assert out[len(header) + 4 :] == xored(payload, KEY)
        assert ring.written(len(out))
        assert ring.count == ring.payload_bytes == 0


def test_bytes_like_of_every_kind_are_taken():
    ring = Ring(64)
    assert ring.push(BINARY, b"ab")
    assert ring.push(BINARY, bytearray(b"cd"))
    assert ring.push(BINARY, memoryview(b".ef.")[1:3])
    assert write_all(ring) == [(0x82, b"ab"), (0x82, b"cd"), (0x82, b"ef")]


def test_push_copies():
    ring = Ring(64)
    data = bytearray(b"abc")
    ring.push(BINARY, data)
    data[0] = 0
    assert write_all(ring) == [(0x82, b"abc")]


# What fits.


def test_fits_says_what_could_ever_be_held():
    for size in (6, 16, 131, 132, 133, 134, 135, 65543, 65544, 65549, 65550, 65551):
        ring = Ring(size)
        for payload in (size - 15, size - 14, size - 13, size - 9, size - 8, size - 7, size - 6):
            if payload < 0:
                continue
            assert ring.fits(payload) == ring.push(BINARY, bytes(payload)), (size, payload)
            ring.drain()
        assert not ring.fits(size - 5)
        assert not ring.push(BINARY, bytes(size - 5))


def test_ring_is_filled_to_its_last_byte():
    ring = Ring(3 * 8)
    for i in range(3):
        assert ring.push(BINARY, b"%d%d" % (i, i))
    assert not ring.push(BINARY, b"")
    assert state(ring) == (3, 6, 3, 0, 0)
    assert write_all(ring) == [(0x82, b"00"), (0x82, b"11"), (0x82, b"22")]
    assert state(ring) == (0, 0, 3, 3, 0)


def test_refused_message_changes_nothing():
    ring = Ring(20)
    ring.push(TEXT, b"abcdef")
    before = bytes(ring.buf), state(ring)
    assert not ring.push(BINARY, b"012")
    assert (bytes(ring.buf), state(ring)) == before
    assert ring.push(BINARY, b"01")


def test_empty_ring_has_all_its_room_again_wherever_it_was():
    ring = Ring(32)
    for size in (1, 7, 12, 26):
        ring.push(BINARY, b"x")
        write_all(ring)
        assert ring.push(BINARY, bytes(range(size)))
        assert write_all(ring) == [(0x82, bytes(range(size)))]


def test_message_that_does_not_fit_before_the_end_goes_to_the_front():
    # given a hole of 8 bytes at the front, and 5 free at the end
    ring = Ring(8 + 8 + 8 + 5)
    for payload in (b"aa", b"bb", b"cc"):
        ring.push(BINARY, payload)
    taken(ring, 8)
    assert ring.written(8)
    # when one of 8 bytes comes
    assert ring.push(BINARY, b"dd")
    # then the ring is full, and the order is kept
    assert not ring.push(BINARY, b"")
    assert write_all(ring) == [(0x82, b"bb"), (0x82, b"cc"), (0x82, b"dd")]


def test_used_part_that_goes_round_the_end_may_fill_the_ring():
    # given 16 free bytes between the youngest message, at the front, and the oldest
    ring = Ring(4 * 8)
    for payload in (b"aa", b"bb", b"cc", b"dd"):
        ring.push(BINARY, payload)
    taken(ring, 24)
    ring.written(24)
    ring.push(BINARY, b"ee")
    # when they are taken
    assert not ring.push(BINARY, bytes(11))
    assert ring.push(BINARY, bytes(10))
    # then it is full, and in order
    assert not ring.push(BINARY, b"")
    assert write_all(ring) == [(0x82, b"dd"), (0x82, b"ee"), (0x82, bytes(10))]


def test_message_is_not_split_over_the_end():
    # given 7 free bytes at the end and 8 at the front
    ring = Ring(8 + 8 + 7)
    ring.push(BINARY, b"aa")
    ring.push(BINARY, b"bb")
    taken(ring, 8)
    ring.written(8)
    # then 15 don't fit, nor do 9; 8 do
    assert not ring.push(BINARY, bytes(9))
    assert not ring.push(BINARY, bytes(3))
    assert ring.push(BINARY, b"cc")
    assert write_all(ring) == [(0x82, b"bb"), (0x82, b"cc")]


def test_old_bytes_behind_the_last_message_are_not_taken_for_one():
    ring = Ring(30)
    ring.push(BINARY, b"\x82" * 20)  # looks like headers all over
    write_all(ring)
    ring.push(BINARY, b"a")
    assert unmasked(taken(ring)) == ([(0x82, b"a")], b"")
    ring.written(7)
    assert ring.count == 0
    ring.push(BINARY, b"b")
    assert ring.drain() == [b"b"]


def test_gap_of_old_bytes_is_skipped():
    # given a buffer full of what looks like headers, and a gap of 4 bytes at its end
    ring = Ring(8 + 8 + 4)
    ring.push(BINARY, b"\x81" * 14)
    write_all(ring)
    ring.push(BINARY, b"aa")
    ring.push(BINARY, b"bb")
    taken(ring, 8)
    ring.written(8)
    ring.push(BINARY, b"cc")  # at the front: the gap lies between bb and cc
    # when both are taken at once, then the write stops at the gap
    assert unmasked(taken(ring)) == ([(0x82, b"bb")], b"")
    ring.written(8)
    assert unmasked(taken(ring)) == ([(0x82, b"cc")], b"")
    ring.written(8)
    assert state(ring) == (0, 0, 4, 4, 0)


# Flying.


def test_small_messages_share_a_write_up_to_the_limit():
    for most, records in ((1, 1), (8, 1), (15, 1), (16, 2), (17, 2), (23, 2), (24, 3), (99, 3)):
        ring = Ring(100)
        for payload in (b"aa", b"bb", b"cc"):
            ring.push(BINARY, payload)
        assert len(taken(ring, most)) == records * 8, most
        assert ring.flying == records


def test_write_takes_no_more_messages_than_asked():
    for most in (1, 2, 3):
        ring = Ring(100)
        for payload in (b"aa", b"bb", b"cc"):
            ring.push(BINARY, payload)
        assert len(taken(ring, 100, most)) == most * 8
        assert ring.flying == most


def test_every_message_of_a_write_has_a_fresh_key():
    keys = [b"\x01\x02\x03\x04", b"\x50\x60\x70\x80"]
    ring = Ring(100)
    ring.push(BINARY, b"aaaa")
    ring.push(BINARY, b"aaaa")
    ring.take_off(100, 9, lambda buf, at: put(buf, at, keys.pop(0)))
    out = bytes(ring.buf[ring.out : ring.out_end])
    assert out == b"\x82\x84\x01\x02\x03\x04`cbe" + b"\x82\x84\x50\x60\x70\x80\x31\x01\x11\xe1"


def test_messages_go_only_when_their_write_is_whole():
    ring = Ring(100)
    ring.push(BINARY, b"aa")
    ring.push(BINARY, b"bb")
    out = taken(ring)
    wire = b""
    for i in range(16):
        assert ring.count == 2
        wire += bytes(ring.buf[ring.out : ring.out + 1])
        assert ring.written(1) == (i == 15)
    assert wire == out
    assert state(ring) == (0, 0, 2, 2, 0)


def test_landing_keeps_what_was_not_written_whole():
    # given three messages of 8 bytes in one write
    for written, kept in ((0, 3), (1, 3), (7, 3), (8, 2), (9, 2), (15, 2), (16, 1), (23, 1)):
        ring = Ring(100)
        for payload in (b"aa", b"bb", b"cc"):
            ring.push(BINARY, payload)
        taken(ring)
        if written:
            ring.written(written)
        ring.land()
        assert state(ring) == (kept, 2 * kept, 3, 3 - kept, 0), written
        assert ring.drain() == [b"aa", b"bb", b"cc"][3 - kept :], written


def test_landed_messages_fly_again_under_another_key():
    ring = Ring(100)
    ring.push(BINARY, b"abc")
    ring.take_off(100, 1, lambda buf, at: put(buf, at, b"\xff\xfe\xfd\xfc"))
    ring.written(3)
    ring.land()
    assert taken(ring) == b"\x82\x83" + KEY + xored(b"abc", KEY)


def test_landing_of_nothing_changes_nothing():
    ring = Ring(100)
    ring.land()
    ring.push(BINARY, b"a")
    ring.land()
    assert state(ring) == (1, 1, 1, 0, 0)


def test_pushes_while_flying_are_kept_apart():
    ring = Ring(100)
    ring.push(TEXT, b"a")
    out = taken(ring)
    ring.push(TEXT, b"b")
    assert bytes(ring.buf[ring.out : ring.out_end]) == out
    assert ring.written(7)
    assert ring.drain() == ["b"]


# Dropping and draining.


def test_oldest_is_dropped():
    ring = Ring(100)
    assert not ring.drop_oldest()
    ring.push(TEXT, b"a")
    ring.push(TEXT, b"bb")
    assert ring.drop_oldest()
    assert state(ring) == (1, 2, 2, 1, 0)
    assert write_all(ring) == [(0x81, b"bb")]
    assert not ring.drop_oldest()


def test_flying_messages_are_never_dropped():
    ring = Ring(100)
    for payload in (b"aa", b"bb", b"cc"):
        ring.push(BINARY, payload)
    out = taken(ring, 16)
    assert ring.drop_oldest()
    assert not ring.drop_oldest()
    assert state(ring) == (2, 4, 3, 1, 2)
    assert bytes(ring.buf[ring.out : ring.out_end]) == out
    assert ring.written(16)
    assert ring.count == 0


def test_dropping_behind_the_flying_frees_the_room():
    # given a full ring whose oldest message flies
    ring = Ring(4 * 8)
    for payload in (b"aa", b"bb", b"cc", b"dd"):
        ring.push(BINARY, payload)
    taken(ring, 8)
    assert not ring.push(BINARY, b"ee")
    # when the next one is dropped
    assert ring.drop_oldest()
    # then the new one fits, in order
    assert ring.push(BINARY, b"ee")
    ring.written(8)
    assert write_all(ring) == [(0x82, b"cc"), (0x82, b"dd"), (0x82, b"ee")]


def test_drop_behind_the_flying_across_the_end():
    # given bb flying in the last 8 bytes; cc and dd at the front
    ring = Ring(4 * 8)
    for payload in (b"..", b"..", b"aa", b"bb"):
        ring.push(BINARY, payload)
    taken(ring, 24)
    ring.written(24)
    out = taken(ring)
    ring.push(BINARY, b"cc")
    ring.push(BINARY, b"ddd")
    assert ring.drop_oldest()
    assert bytes(ring.buf[ring.out : ring.out_end]) == out
    ring.written(8)
    assert write_all(ring) == [(0x82, b"ddd")]


def test_drain_gives_text_as_str_and_binary_as_bytes():
    ring = Ring(100)
    ring.push(TEXT, "ä".encode())
    ring.push(BINARY, b"\xff\0")
    ring.push(TEXT, b"")
    assert ring.drain() == ["ä", b"\xff\0", ""]
    assert state(ring) == (0, 0, 3, 3, 0)
    assert ring.drain() == []


def test_drain_leaves_the_flying():
    ring = Ring(100)
    for payload in (b"aa", b"bb", b"cc"):
        ring.push(BINARY, payload)
    out = taken(ring, 8)
    assert ring.drain() == [b"bb", b"cc"]
    assert state(ring) == (1, 2, 3, 2, 1)
    ring.push(TEXT, b"new")
    assert bytes(ring.buf[ring.out : ring.out_end]) == out
    assert ring.written(8)
    assert ring.drain() == ["new"]


# Against a plain list.


class Model:
    """The same queue as a list, beside a Ring; every step compares the two."""

    def __init__(self, size, chance):
        self.ring = Ring(size)
        self.chance = chance
        self.size = size
        self.held = []  # (opcode, payload), oldest first
        self.pushed = 0
        self.popped = 0
        self.largest = 0  # record ever tried: how much a gap can waste
        self.sent = b""  # on this connection
        self.expected = []  # the whole messages in it
        self.half = 0  # bytes of a message cut off by the end of the connection

    def used(self):
        return sum([len(p) + header_bytes(len(p)) for _, p in self.held])

    def push(self):
        opcode = self.chance.one_of((TEXT, BINARY))
        most = self.chance.one_of((3, 12, 40, 140, self.size))
        size = min(self.chance.below(most + 1), self.size)
        payload = bytes([0x61 + self.chance.below(26)]) * size
        need = size + header_bytes(size)
        done = self.ring.push(opcode, payload)
        if not self.held:
            assert done == (need <= self.size)
        free = self.size - self.used()
        if need > free:
            assert not done
        elif free >= need + max(need, self.largest) - 1:
            assert done, "room for it in one piece, wherever the others lie"
        if done:
            self.largest = max(need, self.largest)
            self.held.append((opcode, payload))
            self.pushed += 1

    def take_off(self):
        if self.ring.flying or not self.held:
            return
        most_bytes = self.chance.one_of((1, 20, 60, 100000))
        most_records = self.chance.one_of((1, 2, 1000))
        self.ring.take_off(most_bytes, most_records, self.put_key)
        flying = self.ring.flying
        out = bytes(self.ring.buf[self.ring.out : self.ring.out_end])
        assert 1 <= flying <= most_records
        assert flying == 1 or len(out) <= most_bytes
        assert unmasked(out) == ([(0x80 | o, p) for o, p in self.held[:flying]], b"")

    def put_key(self, buf, at):
        for i in range(4):
            buf[at + i] = self.chance.below(256)

    def write(self):
        ring = self.ring
        if not ring.flying:
            return
        n = 1 + self.chance.below(ring.out_end - ring.out)
        self.sent += bytes(ring.buf[ring.out : ring.out + n])
        flying = ring.flying
        whole = ring.out + n == ring.out_end
        assert ring.written(n) == whole
        if whole:
            self.go(flying)

    def go(self, n):
        self.expected += [(0x80 | o, p) for o, p in self.held[:n]]
        self.held = self.held[n:]
        self.popped += n

    def land(self):
        frames, self.rest = unmasked(self.sent)
        flying = self.ring.flying
        self.ring.land()
        assert self.ring.flying == 0
        whole = len(frames) - len(self.expected)
        assert 0 <= whole <= flying
        self.go(whole)
        assert frames == self.expected
        self.sent = b""
        self.expected = []

    def drop(self):
        flying = self.ring.flying
        has_any = len(self.held) > flying
        assert self.ring.drop_oldest() == has_any
        if has_any:
            self.held.pop(flying)
            self.popped += 1

    def drain(self):
        flying = self.ring.flying
        wanted = [p.decode() if o == TEXT else p for o, p in self.held[flying:]]
        assert self.ring.drain() == wanted
        self.popped += len(wanted)
        self.held = self.held[:flying]

    def step(self):
        ring = self.ring
        flying = ring.flying
        flight = bytes(ring.buf[ring.out : ring.out_end]) if flying else None
        kind = self.chance.below(100)
        if kind < 50:
            self.push()
        elif kind < 65:
            self.drop()
        elif kind < 67:
            self.drain()
        else:
            flight = None
            if kind < 80:
                self.take_off()
            elif kind < 97:
                self.write()
            else:
                self.land()
        if flight is not None:
            assert bytes(ring.buf[ring.out : ring.out_end]) == flight, "flying bytes were touched"
            assert ring.flying == flying
        assert ring.count == len(self.held)
        assert ring.pushed == self.pushed
        assert ring.popped == self.popped
        assert ring.payload_bytes == sum([len(p) for _, p in self.held])
        assert len(ring.buf) == self.size


def test_ring_agrees_with_a_list_over_thousands_of_steps():
    chance = Chance("ring")
    for _ in range(60):
        model = Model(chance.one_of((16, 17, 31, 48, 64, 100, 150, 300, 700)), chance)
        for _ in range(300):
            model.step()
        model.land()
        model.drain()
        assert model.ring.count == 0 and model.ring.payload_bytes == 0


def test_large_ring_agrees_with_a_list():
    # headers of 14 bytes, in and out, dropped, landed and drained
    chance = Chance("large ring")
    model = Model(200_000, chance)
    for i in range(60):
        size = chance.one_of((0, 5, 125, 126, 65535, 65536, 65537, 90_000))
        payload = bytes([i + 1]) * size
        if model.ring.push(BINARY, payload):
            model.held.append((BINARY, payload))
            model.pushed += 1
        elif chance.below(2):
            model.drop()
        else:
            if not model.ring.flying:
                model.take_off()
            model.write()
            if chance.below(4) == 0:
                model.land()
        assert model.ring.count == len(model.held)
        assert model.ring.popped == model.popped
    model.land()
    model.drain()
