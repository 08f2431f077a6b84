"""Random faults and random users, from seeds: what holds in every life.

SEEDS=10000 runs so many seeds, SEED=1234 replays one and prints its story.
"""

import asyncio
import os
import random

import pytest

from engine.virtual import (
    BINARY,
    TEXT,
    Accept,
    Log,
    Refuse,
    Server,
    frame,
    now,
    play,
    sleep,
    text_frame,
)

_SEEDS = int(os.environ.get("SEEDS", "300"))
_SEED = os.environ.get("SEED")
_FAULTS_MS = 120_000
_MAX_DELAY = 3000
_BACK_MS = 5 * _MAX_DELAY + 6000 + 3000 + 4000  # patience, dial, ping and timeout, a Close ignored


class Life:
    """One seed's server, network and user."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.server = Server()
        self.story = []
        self.calm = False
        self.sent = 0  # messages that send() took or discarded
        self.drained = []
        self.told = 0  # by the server, in order
        self.heard = []
        self.overflow = self.rng.choice(["drop-oldest", "drop-newest", "error"])

    def note(self, *what):
        self.story.append((now(), *what))

    # The network.

    def transport(self):
        self.server.plan = Accept() if self.calm else self._plan()
        peer = self.server.transport()
        self.note("dial", type(peer.plan).__name__)
        if not self.calm:
            peer.most = self.rng.choice([None, None, 1, 7, 100])
            peer.segment = self.rng.choice([None, None, 1, 5])
            peer.auto_close = self.rng.random() < 0.7
            peer.auto_pong = self.rng.random() < 0.9
            peer.mute = self.rng.random() < 0.05
        return peer

    def _plan(self):
        rng = self.rng
        kind = rng.randrange(10)
        if kind == 0:
            return Refuse(ms=rng.choice([0, 1, 50]))
        if kind == 1:
            return Accept(connect_ms=None)
        if kind == 2:
            return Accept(answer_ms=None)
        if kind == 3:
            return Accept(answer=rng.choice([500, 503, 404, 101, b"garbage\r\n\r\n", b"", 200]))
        if kind == 4:
            return Accept(start=OSError(-2, "no address"))
        tail = self._message() * rng.randrange(3) if rng.random() < 0.3 else b""
        if tail:
            tail = b"".join(self._message() for _ in range(rng.randrange(1, 4)))
        return Accept(
            connect_ms=rng.choice([0, 0, 10, 900]),
            answer_ms=rng.choice([0, 0, 10, 900]),
            tail=tail,
            cut=rng.choice([0, 0, 1, 9]),
            then=rng.choice([None, None, None, lambda p: p.end(), lambda p: p.reset()]),
        )

    def _message(self):
        self.told += 1
        return text_frame(f"{self.told}")

    def fault(self):
        rng = self.rng
        peer = self.server.peers[-1] if self.server.peers else None
        if peer is None or not peer.is_open:
            return
        kind = rng.choice(
            "talk talk talk end reset mute close garbage window narrow ping pong".split()
        )
        self.note("peer", kind)
        if kind == "talk" and peer.answered:
            peer.raw(b"".join(self._message() for _ in range(rng.randrange(1, 6))))
        elif kind == "end":
            peer.end()
        elif kind == "reset":
            peer.reset()
        elif kind == "mute":
            peer.mute = True
        elif kind == "close" and peer.answered:
            peer.say_close(rng.choice([1000, 1001, 1011, 1012, 4000]))
        elif kind == "garbage" and peer.answered:
            peer.raw(frame(rng.choice([3, 11])))
        elif kind == "window":
            peer.window = rng.randrange(0, 200)
        elif kind == "narrow":
            peer.open_window()
        elif kind == "ping" and peer.answered:
            for _ in range(rng.randrange(1, 5)):
                peer.ping(b"p")
        elif kind == "pong" and peer.answered:
            peer.pong(b"p")

    # The user.

    def act(self, ws):
        from partysocket import QueueFull

        rng = self.rng
        kind = rng.choice(
            ["send"] * 12 + ["burst"] * 3 + ["close", "reconnect", "reconnect", "both", "drain"]
        )
        self.note("user", kind)
        if kind in ("send", "burst"):
            for _ in range(1 if kind == "send" else rng.randrange(30)):
                body = f"{self.sent}:" + "x" * rng.choice([0, 3, 50, 130])
                try:
                    ws.send(body if rng.random() < 0.5 else body.encode())
                    self.sent += 1
                except QueueFull:
                    assert self.overflow == "error"
        elif kind == "close":
            ws.close()
        elif kind == "reconnect":
            ws.reconnect()
        elif kind == "both":
            ws.close()
            ws.reconnect()
        elif kind == "drain":
            self.drained += ws.drain_queued_messages()

    def on_message(self, event):
        self.heard.append(int(event.data))
        if self.rng.random() < 0.05:
            return self._slow()

    async def _slow(self):
        await sleep(self.rng.choice([0, 1, 100, 3000]))

    def on_any(self, event):
        if not self.calm and self.rng.random() < 0.03:
            self.note("in the handler of", event.type)
            self.act(event.target)

    # The life.

    async def run(self, server):
        rng = self.rng
        ws = server.websocket(
            transport=self.transport,
            min_reconnection_delay=rng.choice([0, 10, 500]),
            max_reconnection_delay=_MAX_DELAY,
            reconnection_delay_grow_factor=2,
            jitter=rng.choice(["none", "full", "equal"]),
            connection_timeout=rng.choice([1000, (1000, 6000)]),
            min_uptime=rng.choice([0, 1000, 5000]),
            ping_interval_ms=2000,
            ping_timeout_ms=1000,
            queue_bytes=rng.choice([200, 1000, 4096]),
            receive_bytes=rng.choice([128, 2048]),
            max_enqueued_messages=rng.choice([None, 0, 3]),
            overflow=self.overflow,
        )
        log = Log(ws)
        ws.onmessage = self.on_message
        for name in ("open", "message", "close", "error", "reconnecting", "discard"):
            ws.add_event_listener(name, self.on_any)
        while now() < _FAULTS_MS:
            gap = rng.choice([0, 0, 1, 5, 20, 100, 1000, 3000])
            await (asyncio.sleep(0) if not gap else sleep(gap))
            (self.fault if rng.random() < 0.5 else lambda: self.act(ws))()
            assert ws.ready_state in (0, 1, 2, 3)
        self.note("calm")
        self.calm = True
        if ws.ready_state == 3 and not ws.should_reconnect:
            ws.reconnect()
        peer = server.peers[-1] if server.peers else None
        if peer is not None and peer.is_open:
            peer.most = peer.segment = None
            peer.auto_close = peer.auto_pong = True
            peer.open_window()
        begun = now()
        await sleep(_BACK_MS)
        assert await ws.wait_open(_BACK_MS), "it did not come back"
        assert now() - begun <= _BACK_MS, "it came back late"
        assert ws.ready_state == 1 and server.last.is_open and server.last.answered
        at = now()
        ws.close()
        await ws.wait_closed()
        assert now() - at <= 2001
        self.check(ws, log)

    def check(self, ws, log):
        queued = ws.drain_queued_messages()
        went = []
        for peer in self.server.peers:
            both = [f for f in peer.swallowed + peer.frames if f[0] in (TEXT, BINARY)]
            went += sorted(_number(data) for _, data in both)
            assert [_number(d) for op, d in peer.frames if op in (TEXT, BINARY)] == sorted(
                _number(d) for op, d in peer.frames if op in (TEXT, BINARY)
            ), "out of order"
        assert went == sorted(set(went)), "out of order, or twice"
        gone = set(went) | {_number(m) for m in self.drained} | {_number(m) for m in queued}
        assert len(gone) == len(went) + len(self.drained) + len(queued), "in two places"
        stats = ws.stats()
        assert self.sent == len(gone) + stats["discarded"], "the sum is wrong"
        assert sum(n for _, n in log.of("discard")) == stats["discarded"]
        assert self.heard == sorted(set(self.heard)), "heard out of order, or twice"
        ups = [name for name in log.names if name in ("open", "close")]
        for first, second in zip(ups, ups[1:]):
            assert first != "open" or second == "close", "open twice"
        assert "giveup" not in log.names
        assert stats["opens"] == log.names.count("open")
        assert stats["attempts"] >= len(self.server.peers)


def _number(data):
    return int((data if isinstance(data, str) else data.decode()).split(":")[0])


def _run(seed, loud=False):
    life = Life(seed)
    try:
        play(life.run, life.server)
    except BaseException as e:
        if loud:
            for entry in life.story:
                print(*entry)
        raise AssertionError(f"SEED={seed} replays it: {e!r}") from e


@pytest.mark.timeout(0)
def test_random_lives():
    if _SEED:
        _run(int(_SEED), loud=True)
        return
    for seed in range(_SEEDS):
        _run(seed)
