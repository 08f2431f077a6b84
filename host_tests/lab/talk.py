"""The server of a walker (see walker.py), behind a fault proxy. It answers each message with a
numbered one, until all plans are used up and the last connection works.

    talk = Talk(plans)
    async with talk.serving() as proxy: ...     # the device dials proxy.port
    talk.check(report)                          # walker.py's last line
"""

import contextlib

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from .fault_proxy import FaultProxy
from .messages import FINISH, made, number_of
from .plans import SHUT

# So many messages on the last connection show that it works.
ENOUGH = 3
# Errors that only time shows.
WAITED_FOR = ("TIMEOUT", "no sign of life from the peer")


class Talk:
    def __init__(self, plans):
        self.plans = plans
        self.proxy = None
        # (passage, messages), in the order of opening.
        self.connections = []
        # Called on the last connection, before it ends.
        self.on_finish = lambda: None
        # Messages to the device, numbered across connections.
        self._told = 0

    @contextlib.asynccontextmanager
    async def serving(self):
        how = {"compression": None, "ping_interval": None}
        async with serve(self._serve, "127.0.0.1", 0, **how) as server:
            port = server.sockets[0].getsockname()[1]
            async with FaultProxy(port, self.plans) as self.proxy:
                yield self.proxy

    async def _serve(self, ws):
        messages = []
        passage = self.proxy.passage_from(ws.remote_address[1])
        self.connections.append((passage, messages))
        is_finished = False
        with contextlib.suppress(ConnectionClosed):
            while True:
                messages.append(await ws.recv())
                # It reads what still waits, and sends nothing.
                if is_finished:
                    continue
                is_finished = len(messages) == ENOUGH and self._is_last()
                if is_finished:
                    self.on_finish()
                await ws.send(FINISH if is_finished else made(self._told))
                self._told += 1

    def _is_last(self):
        return not self.proxy.plans and self.proxy.passages[-1].plan.fault == "none"

    def check(self, report):
        """Check that the device's counts, the messages that the server got and the bytes that
        passed the proxy fit together. Returns the numbers that the server got.
        """
        got = []
        for passage, messages in self.connections:
            numbers = [number_of(message) for message in messages]
            if passage.plan[:2] != ("flip", "up"):
                assert None not in numbers, (passage, messages)
            got += [number for number in numbers if number is not None]
        assert got == sorted(set(got)), "not in order, or doubled"
        assert got[-1] == report["pushed"] - 1, "the last one is missing"
        assert report["disordered"] == 0, report
        stats, events, passages = report["stats"], report["events"], self.proxy.passages
        assert stats["sent"] + stats["discarded"] == report["pushed"], report
        # 1: the order to finish.
        heard = report["heard"] + report["damaged"] + 1
        assert stats["received"] == heard, report
        assert stats["opens"] == events["open"] == stats["drops"], report
        assert events["close"] == stats["attempts"], report
        assert events["reconnecting"] == stats["attempts"] - 1, report
        assert events["error"] <= events["reconnecting"], report
        if not any(p.plan[:2] == ("flip", "down") for p in passages):
            assert report["damaged"] == 0, report
        carried = sum(p.bytes["up"] + p.swallowed["up"] for p in passages)
        assert carried <= stats["bytes_out"], report
        assert stats["bytes_in"] <= sum(p.bytes["down"] for p in passages), report
        if not any(p.plan.fault == SHUT for p in passages):
            assert stats["attempts"] == len(passages), report
        return got
