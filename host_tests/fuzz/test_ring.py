"""Whatever is pushed, dropped, half written and lost: `websockets` reads each message once, whole,
in order; with `keeps`, what nobody has confirmed once more on the next connection.

SEED=n replays one life; without it each run draws where to begin, and says so.
"""

import os
import random

import pytest
from websockets.frames import Opcode
from websockets.protocol import SERVER, Protocol, State

from needs import in_ci
from partysocket.core.frames import BINARY, TEXT
from partysocket.core.ring import Ring

_LIVES = 4000
_SIZES = (0, 1, 5, 40, 119, 124, 125, 126, 127, 130, 300, 1000)
_FIRST = 0 if in_ci() else random.SystemRandom().randrange(1 << 30)


class Life:
    """A ring, its model, and the server's side of each connection."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.ring = Ring(self.rng.choice([16, 40, 150, 700, 4096]))
        self.ring.keeps = self.rng.random() < 0.5
        self.kept = []  # messages that were written and not confirmed
        self.waiting = []  # (opcode, payload) as it should lie in the ring, oldest first
        self.due = []  # what the server should have read of this connection
        self.read = []  # and what it has
        self.server = None
        self.connect()

    def connect(self):
        self.server = Protocol(SERVER, state=State.OPEN, max_size=None)
        self.due = []
        self.read = []

    def live(self, steps):
        acts = [self.push] * 5 + [self.write] * 6 + [self.drop, self.lose, self.drain, self.crowd]
        acts += [self.confirm] * 2
        for _ in range(steps):
            self.rng.choice(acts)()
            self.compare()
        while self.ring.count > self.ring.kept:
            self.write(self.ring.out_end - self.ring.out)
            self.compare()
        assert self.read == self.due
        self.ring.confirm(self.ring.done)
        assert not self.ring.count

    def push(self):
        opcode = self.rng.choice([TEXT, BINARY])
        size = self.rng.choice(_SIZES)
        payload = bytes([97 + self.rng.randrange(26)]) * size
        if self.ring.fits(size) and self.ring.push(opcode, payload):
            self.waiting.append((opcode, payload))

    def crowd(self):
        """What `overflow="drop-oldest"` does."""
        payload = self.rng.randbytes(self.rng.choice(_SIZES))
        while self.ring.fits(len(payload)):
            if self.ring.push(BINARY, payload):
                self.waiting.append((BINARY, payload))
                return
            if not self.drop():
                return

    def drop(self):
        has = len(self.waiting) > self.ring.flying
        assert self.ring.drop_oldest() is has
        if has:
            del self.waiting[self.ring.flying]
        return has

    def drain(self):
        flying = self.ring.flying
        found = self.ring.drain()
        assert [m.encode() if isinstance(m, str) else m for m in found] == [
            payload for _, payload in self.waiting[flying:]
        ]
        del self.waiting[flying:]

    def write(self, n=None):
        """Let the socket take some bytes."""
        ring = self.ring
        if not ring.flying:
            if not self.waiting:
                return
            most = self.rng.choice([1, 50, 1460])
            ring.take_off(most, self.rng.choice([1, 2, 99]), self.put_key)
            assert 0 < ring.flying <= ring.count
        left = ring.out_end - ring.out
        n = min(left, n or self.rng.choice([1, 2, 7, 130, 5000]))
        self.server.receive_data(bytes(ring.view[ring.out : ring.out + n]))
        flying = ring.flying
        assert ring.written(n) is (n == left)
        if n == left:
            self.due += self.waiting[:flying]
            if ring.keeps:
                self.kept += self.waiting[:flying]
            del self.waiting[:flying]

    def confirm(self):
        """A pong tells that the server has some of what was written."""
        n = self.rng.randrange(len(self.kept) + 1)
        self.ring.confirm(self.ring.popped + n)
        del self.kept[:n]

    def lose(self):
        """The connection dies: what it read whole, or has confirmed, is gone, nothing else."""
        self.take_events()
        flying = self.ring.flying
        gone = self.ring.land()
        self.due += self.waiting[:gone]
        if self.ring.keeps:
            assert not gone
            assert self.read[: len(self.due)] == self.due
            assert len(self.read) <= len(self.due) + flying
        else:
            assert self.read == self.due
        del self.waiting[:gone]
        self.waiting[:0] = self.kept
        self.kept = []
        self.connect()

    def put_key(self, buf, at):
        buf[at : at + 4] = self.rng.choice([bytes(4), self.rng.randbytes(4)])

    def take_events(self):
        """Note what the server has read on this connection."""
        assert self.server.parser_exc is None, self.server.parser_exc
        for frame in self.server.events_received():
            assert frame.fin and frame.opcode in (Opcode.TEXT, Opcode.BINARY)
            self.read.append((int(frame.opcode), bytes(frame.data)))

    def compare(self):
        ring = self.ring
        assert ring.count == len(self.kept) + len(self.waiting)
        assert ring.kept == len(self.kept)
        assert ring.pushed - ring.done == len(self.waiting)
        assert ring.payload_bytes == sum(len(payload) for _, payload in self.waiting)
        assert ring.pushed - ring.popped == ring.count
        self.take_events()
        assert self.read[: len(self.due)] == self.due
        # Of a write under way, the server may have read the first messages.
        rest = self.read[len(self.due) :]
        assert rest == self.waiting[: len(rest)] and len(rest) <= ring.flying


def live(first, count):
    for seed in range(first, first + count):
        try:
            Life(seed).live(120)
        except BaseException:
            print(f"SEED={seed} replays it")
            raise


def test_the_server_reads_each_message_once_whole_and_in_order():
    if os.environ.get("SEED"):
        live(int(os.environ["SEED"]), 1)
    else:
        live(_FIRST, _LIVES)


@pytest.mark.soak
def test_a_hundred_thousand_lives_of_a_ring():
    live(_FIRST + _LIVES, 100_000)
