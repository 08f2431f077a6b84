"""The queue, its numbers and what a pong confirms, compared with a plain list, in random lives."""

from seeds import Chance
from talk import protocol
from wire import frame, unmasked

from partysocket.core.protocol import BINARY, CLOSE, NOTHING, PING, PONG, TEXT
from partysocket.core.seldom import begin_long, break_long, drain

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
# The most bytes of messages that share a write.
SEGMENT = 1460


def cost(n):
    return n + (6 if n < 126 else 8 if n < 65536 else 14)


class Record:
    """A message, or a long message (opcode 0). `serial`: its place among all messages ever."""

    def __init__(self, serial, opcode, payload):
        self.serial = serial
        self.opcode = opcode
        self.payload = payload
        self.is_confirmed = False


class Flush:
    """A flush that waits for the records before `target`."""

    def __init__(self, target, records):
        self.target = target
        self.records = records
        self.is_lost = False


class Model:
    def __init__(self, chance, size, resend):
        self.chance = chance
        self.size = size
        self.p = protocol(chance.bytes, queue_bytes=size, resend=resend)
        self.keeps = resend is not None
        self.serial = 0
        self.kept = []
        self.flying = []
        self.waiting = []
        # Written on this connection, but not confirmed.
        self.unsure = []
        self.flushes = []
        # The largest record so far. A gap in the ring can waste so much.
        self.largest = 0
        self.pushed = self.done = self.confirmed = self.wanted = 0
        self.pings = self.bytes_out = self.messages_out = 0
        self.had_long = False
        # How often each thing has happened.
        self.seen = {}
        self.connect()

    def connect(self):
        self.p.reset(REQUEST)
        # The bytes that the transport should still take, or None.
        self.flight = REQUEST
        self.what = "request"
        # The bytes of the flight that were taken.
        self.part = b""
        self.is_open = self.is_shut = self.is_close_sent = self.is_ping_due = False
        self.pong = self.close_payload = self.fragment = self.long = None
        self.is_split = False
        # Our Close holds back records from this serial on.
        self.before = 1 << 28
        self.asked = self.covered = 0
        self.covers = []

    def note(self, what):
        self.seen[what] = self.seen.get(what, 0) + 1

    # Actions of the application.

    def payload(self):
        most = self.chance.one_of((3, 12, 40, 140, self.size))
        n = min(self.chance.below(most + 1), self.size)
        return bytes([0x61 + self.chance.below(26)]) * n

    def push(self, opcode=BINARY, payload=None):
        if payload is None:
            opcode = self.chance.one_of((TEXT, BINARY))
            payload = self.payload()
        held = self.kept + self.flying + self.waiting
        need = cost(len(payload))
        free = self.size - sum([cost(len(r.payload)) for r in held])
        assert self.p.fits(len(payload)) == (need <= self.size)
        done = self.p.push(opcode, payload)
        if not held:
            assert done == (need <= self.size)
        if need > free:
            assert not done
        elif free >= need + max(need, self.largest) - 1:
            assert done, "room for it in one piece, wherever the others lie"
        if done:
            self.largest = max(self.largest, need)
            self.waiting.append(self.new_record(opcode, payload))
        self.note("push" if done else "refused")
        return done

    def new_record(self, opcode, payload):
        self.serial += 1
        self.pushed += 1
        return Record(self.serial, opcode, payload)

    def crowd(self):
        """Do what `overflow="drop-oldest"` does."""
        payload = self.payload()
        while self.p.fits(len(payload)) and not self.push(BINARY, payload) and self.drop():
            pass

    def drop(self):
        if self.waiting:
            self.lose_from(self.p.oldest_waiting(), self.waiting[:1])
        assert self.p.drop_oldest() is bool(self.waiting)
        if not self.waiting:
            return False
        self.waiting.pop(0)
        self.give_back(1)
        self.note("drop, kept" if self.kept else "drop, flying" if self.flying else "drop")
        return True

    def lose_from(self, first, lost):
        """Flushes that wait for one of `lost`, which begin with number `first`, must be told."""
        for flush in [one for one in self.flushes if not one.is_lost]:
            has_lost = bool([r for r in flush.records if r in lost])
            is_told = 0 <= first < flush.target
            assert is_told if has_lost else not is_told or self.had_long
            flush.is_lost = is_told

    def give_back(self, n):
        self.pushed -= n
        self.wanted = min(self.wanted, self.pushed)

    def drain(self):
        wanted = [r.payload.decode() if r.opcode == TEXT else r.payload for r in self.waiting]
        if wanted:
            self.lose_from(self.p.oldest_waiting(), self.waiting)
        assert drain(self.p) == wanted
        self.give_back(len(wanted))
        self.waiting = []
        self.note("drain")

    def want(self):
        self.p.want(self.p.pushed)
        self.wanted = self.pushed
        records = self.unsure + self.flying + self.waiting
        if self.long is not None:
            records = records + [self.long]
        self.flushes.append(Flush(self.pushed, records))

    # Actions of the connection.

    def write(self):
        view = self.p.to_send()
        if self.flight is None:
            self.take(view)
        if self.flight is None:
            assert view is None
            return
        assert bytes(view) == self.flight, "what is in flight was touched"
        n = len(view)
        if self.chance.below(3):
            n = 1 + self.chance.below(self.chance.one_of((1, n)))
        self.part += self.flight[:n]
        self.flight = self.flight[n:]
        self.bytes_out += n
        is_ping = self.p.sent(n)
        assert is_ping == (self.what == "ping" and not self.flight)
        if not self.flight:
            self.flight = None
            self.wrote()

    def take(self, view):
        """Say what should go out now, and compare it with `view`."""
        self.part = b""
        first = payload = None
        open_ones = [r for r in self.waiting if r.serial < self.before]
        if self.long is not None:
            open_ones = [r for r in open_ones if r.serial < self.long.serial]
        if self.is_close_sent or self.is_shut or not self.is_open:
            return
        if self.pong is not None:
            self.what, first, payload = "pong", 0x80 | PONG, self.pong
            self.pong = None
        elif self.is_ping_due or self.must_ask():
            self.pings += 1
            self.what, first, payload = "ping", 0x80 | PING, b"%d" % self.pings
            self.is_ping_due = False
            if not self.asked:
                self.asked = self.pings
                self.covered = self.settled()
                self.covers = list(self.unsure)
        elif open_ones:
            self.what = "records"
            frames, rest = unmasked(bytes(view))
            n = len(frames)
            self.flying = open_ones[:n]
            self.waiting = self.waiting[n:]
            assert rest == b"" and n and (n == 1 or len(view) <= SEGMENT)
            assert frames == [(0x80 | r.opcode, r.payload) for r in self.flying]
            self.flight = bytes(view)
            return
        elif self.fragment is not None and self.close_payload is None:
            self.what = "fragment"
            first, payload = self.fragment
            self.is_split = True
        elif self.close_payload is not None:
            self.what, first, payload = "close", 0x80 | CLOSE, self.close_payload
        else:
            return
        self.note(self.what)
        self.flight = bytes(view)
        assert unmasked(self.flight) == ([(first, payload)], b"")

    def settled(self):
        return self.done if self.long is None else min(self.done, self.long_number())

    def long_number(self):
        """How many records come before the long message, of all that were ever pushed."""
        return self.pushed - 1 - len([r for r in self.waiting if r.serial > self.long.serial])

    def must_ask(self):
        if self.asked or self.close_payload is not None:
            return False
        return bool(self.kept) or self.confirmed < self.wanted <= self.settled()

    def wrote(self):
        if self.what == "records":
            self.done += len(self.flying)
            self.messages_out += len(self.flying)
            self.unsure += self.flying
            if self.keeps:
                self.kept += self.flying
            self.flying = []
        elif self.what == "fragment":
            if self.fragment[0] & 0x80:
                self.done += 1
                self.unsure.append(self.long)
                self.long = None
                self.is_split = False
                self.note("long")
            self.fragment = None
        elif self.what == "close":
            self.is_close_sent = True
        elif self.what == "request":
            if self.chance.below(2):
                self.p.send_first(TEXT, b"hello")
                view = self.p.to_send()
                assert unmasked(bytes(view)) == ([(0x81, b"hello")], b"")
                self.flight, self.part, self.what = bytes(view), b"", "hello"
                return
            self.open_queue()
        elif self.what == "hello":
            self.open_queue()

    def open_queue(self):
        assert self.p.to_send() is None
        self.p.open_queue()
        self.is_open = True

    def hear(self, opcode, payload):
        """A control frame comes from the server."""
        data = frame(opcode, payload)
        self.p.space()[: len(data)] = data
        self.p.received(len(data))
        return self.p.next()

    def heard_ping(self):
        if self.is_open and self.pong is None:
            payload = self.chance.bytes(self.chance.below(126))
            assert self.hear(PING, payload) == NOTHING
            if not self.is_shut and not self.is_close_sent:
                self.pong = payload

    def heard_pong(self):
        """A pong comes: to any ping of this life, to none, or to the last one."""
        drawn = self.chance.below(self.pings + 2)
        number = self.chance.one_of((self.pings, self.pings, self.asked, drawn)) or drawn
        is_last = self.hear(PONG, b"%d" % number) == PONG
        assert is_last == (number == self.pings > 0)
        if self.asked and self.asked <= number <= self.pings:
            self.asked = 0
            self.confirmed = max(self.confirmed, self.covered)
            for record in self.covers:
                record.is_confirmed = True
            self.unsure = [r for r in self.unsure if not r.is_confirmed]
            self.note("confirmed")
        released = len(self.kept) - self.p.kept
        for record in self.kept[:released]:
            assert record.is_confirmed, "it may be lost yet"
        self.kept = self.kept[released:]
        # A long message among them counts as kept until all is confirmed.
        assert self.had_long or not [r for r in self.kept if r.is_confirmed]

    def ping(self):
        if self.is_open:
            self.p.ping()
            self.is_ping_due = True

    def close(self):
        if not self.is_open:
            return
        after = self.chance.one_of((0, self.p.pushed))
        self.p.close(1000, "bye", after)
        self.close_payload = b"\x03\xe8bye"
        self.before = min(self.before, self.serial + 1 if after else 0)

    def shut(self):
        if self.is_open:
            self.p.shut()
            self.is_shut = True
            self.pong = None

    def go_on_with_long(self):
        if not self.is_open or self.close_payload is not None:
            return
        if self.long is None:
            begin_long(self.p)
            self.long = self.new_record(0, b"")
            self.had_long = True
        elif self.fragment is None:
            first = 0 if self.is_split else TEXT
            if not self.chance.below(3):
                first |= 0x80
            self.fragment = first, self.payload()
            self.p.put_fragment(first & 0x7F, self.fragment[1], first > 0x7F)

    def break_long(self):
        """The application breaks off a long message. If a part is written, the connection must
        end.
        """
        if self.long is None:
            return
        was_flying = self.flight is not None and self.what == "fragment"
        is_split = break_long(self.p)
        assert is_split == self.is_split
        if is_split:
            if not was_flying:
                self.fragment = None
            self.lose()
            return
        self.note("broken off")
        # A flush that waits for it may be told either way: it has not arrived, but it was not lost
        # on the way either.
        self.flushes = [one for one in self.flushes if self.long not in one.records]
        self.fragment = self.long = None

    def lose(self):
        """The connection ends. Records that were written whole are lost. The others wait again."""
        lost = list(self.unsure)
        if self.flying:
            whole = len(unmasked(self.part)[0])
            if not self.keeps:
                self.done += whole
                self.messages_out += whole
                lost += self.flying[:whole]
                self.flying = self.flying[whole:]
            self.note("cut off")
        if self.keeps:
            self.done -= len(self.kept)
            lost = [r for r in lost if not r.opcode]
        if self.long is not None:
            lost.append(self.long)
            self.done += 1
        self.waiting = self.kept + self.flying + self.waiting
        self.kept = []
        self.flying = []
        self.unsure = []
        for record in self.waiting:
            record.is_confirmed = False
        first = self.p.rewind()
        if self.had_long:
            assert first >= 0 or not lost
        else:
            assert first == (self.confirmed if lost else -1)
        self.confirmed = self.done
        self.lose_from(first, lost)
        self.note("lost")
        self.connect()

    # The random walk.

    def step(self):
        kind = self.chance.below(100)
        if (self.is_shut or self.is_close_sent) and kind < 6:
            self.lose()
        elif kind < 26:
            self.push()
        elif kind < 64:
            self.write()
        elif kind < 71:
            self.crowd()
        elif kind < 76:
            self.drop()
        elif kind < 83:
            self.heard_pong()
        elif kind < 86:
            self.heard_ping()
        elif kind < 89:
            self.want()
        elif kind < 94:
            self.go_on_with_long()
        else:
            (self.drain, self.ping, self.close, self.lose, self.shut, self.break_long)[kind - 94]()
        self.compare()

    def compare(self):
        p = self.p
        unwritten = self.flying + self.waiting
        assert p.unwritten == len(unwritten)
        assert p.unwritten_bytes == sum([len(r.payload) for r in unwritten])
        assert p.kept == len(self.kept)
        if self.had_long:
            # After a long message was broken off, its number is internal to the library. Flushes
            # are told the truth in any case.
            self.pushed, self.done, self.confirmed = p.pushed, p.done, p.confirmed
            self.wanted = p.wanted
        numbers = self.pushed, self.done, self.confirmed, self.wanted
        assert (p.pushed, p.done, p.confirmed, p.wanted) == numbers
        assert (p.bytes_out, p.messages_out) == (self.bytes_out, self.messages_out)
        assert (p.is_split, p.is_close_sent) == (self.is_split, self.is_close_sent)
        assert len(p.ring) == self.size
        if self.waiting and not self.had_long:
            assert p.oldest_waiting() == self.pushed - len(self.waiting)
        for flush in list(self.flushes):
            if flush.is_lost or p.confirmed >= flush.target:
                self.flushes.remove(flush)
            if p.confirmed >= flush.target and not flush.is_lost:
                self.note("flushed")
                for record in flush.records:
                    assert record.is_confirmed, "told as arrived, and nobody knows"

    def end(self):
        """On a connection that works, all that waits is written, and confirmed if that is
        wanted.
        """
        self.lose()
        self.compare()
        self.want()
        for _ in range(20_000):
            if not (self.waiting or self.flushes or self.kept):
                break
            self.write()
            self.compare()
            if self.asked and self.flight is None:
                self.heard_pong()
                self.compare()
        assert not self.flushes, "somebody waits for ever"
        assert self.p.unwritten == self.p.unwritten_bytes == self.p.kept == 0


def live(name, lives, resend, has_longs, wanted):
    chance = Chance(name)
    seen = {}
    for _ in range(lives):
        size = chance.one_of((16, 17, 31, 48, 64, 100, 150, 300, 700, 4096))
        model = Model(chance, size, resend)
        if not has_longs:
            model.go_on_with_long = model.write
        for _ in range(400):
            model.step()
        model.end()
        for what in model.seen:
            seen[what] = seen.get(what, 0) + model.seen[what]
    for what in wanted:
        assert seen[what] > 3, (what, seen)


EVENTS = ("push", "refused", "drop", "drop, flying", "drain", "ping", "pong", "close", "confirmed")
EVENTS += ("cut off", "lost", "flushed")


def test_queue_agrees_with_a_list():
    live("queue", 30, None, False, EVENTS)


def test_queue_that_keeps_what_is_not_confirmed_agrees_with_a_list():
    live("kept queue", 30, "unconfirmed", False, EVENTS + ("drop, kept",))


def test_long_messages_between_others_agree_with_a_list():
    for resend in (None, "unconfirmed"):
        live("long %s" % resend, 20, resend, True, EVENTS + ("fragment", "long", "broken off"))


def test_large_records_agree_with_a_list():
    # Headers of 14 bytes, in and out, dropped, cut off and drained.
    chance = Chance("large records")
    model = Model(chance, 200_000, None)
    sizes = (0, 5, 125, 126, 65535, 65536, 65537, 90_000)
    model.payload = lambda: bytes([0x61 + chance.below(26)]) * chance.one_of(sizes)
    for _ in range(120):
        model.step()
    model.end()
