"""A TCP proxy on loopback that treats each connection as its plan says.

    async with FaultProxy(server_port, [Plan("rst", "down", 130), Plan("mute")]) as proxy:
        ...     # the device dials proxy.port; after the plans, connections are not disturbed

A plan "shut" comes between two connections. From the moment when the connection before it is made,
nothing listens, until `reopen()` is called.
"""

import asyncio
import contextlib
import socket
import struct

from .plans import SHUT, WAYS, Plan

_HOST = "127.0.0.1"
_READ_BYTES = 65536
_DRIP_BYTES = 8
# With this, close() resets.
_LINGER_NOT = struct.pack("ii", 1, 0)


class Passage:
    """One connection, and what happened to it."""

    def __init__(self, plan):
        self.plan = plan
        # Bytes that went through, by way.
        self.bytes = dict.fromkeys(WAYS, 0)
        # Bytes that were read and thrown away.
        self.swallowed = dict.fromkeys(WAYS, 0)
        # Our port in the connection to the server, by which the server knows it.
        self.server_port = None
        # Both sockets are closed.
        self.is_over = False

    def __repr__(self):
        return f"<{self.plan} {self.bytes} swallowed={self.swallowed} over={self.is_over}>"


class FaultProxy:
    def __init__(self, target, plans=()):
        # A port.
        self.target = target
        # Plans for later connections.
        self.plans = list(plans)
        # All connections so far, in order, also each "shut".
        self.passages = []
        self.port = None
        self.on_accept = lambda passage: None
        # A connection has ended.
        self._has_ended = asyncio.Event()
        # Bound to the port but not listening, so that the port stays ours.
        self._holder = None
        self._listener = None
        self._tasks = set()

    async def __aenter__(self):
        self._holder = _bound(0)
        self.port = self._holder.getsockname()[1]
        self._go_on()
        return self

    async def __aexit__(self, *_):
        """End everything. Connections that are still open are reset."""
        self._stop_listening()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._holder.close()

    async def over(self):
        """Wait until every connection has ended."""
        while not all(passage.is_over for passage in self.passages):
            self._has_ended.clear()
            await self._has_ended.wait()

    def passage_from(self, port):
        """The current connection that reaches the server from `port`."""
        return next(p for p in reversed(self.passages) if p.server_port == port)

    def reopen(self):
        """Go on after a "shut"."""
        self.passages[-1].is_over = True
        self._go_on()

    # Listening.

    def _go_on(self):
        """Listen, unless the next plan is "shut"."""
        if self.plans and self.plans[0].fault == SHUT:
            self._stop_listening()
            self.passages.append(Passage(self.plans.pop(0)))
            return
        # The listener is not made again: a process that another thread is about to start may hold
        # a copy of the old one for a moment, and then the port is in use.
        if self._listener is None:
            self._listener = _bound(self.port)
            self._listener.listen(8)
            asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _stop_listening(self):
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()

    def _accept(self):
        try:
            device, _ = self._listener.accept()
        # It has gone already.
        except OSError:
            return
        _prepare(device)
        passage = Passage(self.plans.pop(0) if self.plans else Plan())
        self.passages.append(passage)
        self.on_accept(passage)
        self._go_on()
        task = asyncio.ensure_future(self._carry(passage, device))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # One connection.

    async def _carry(self, passage, device):
        ends = [device]
        # Unless it ends in order.
        is_reset = True
        try:
            is_reset = await self._pass(passage, device, ends)
        # One of the two was reset, so the other one is reset too.
        except OSError:
            pass
        finally:
            for end in ends:
                _reset(end) if is_reset else end.close()
            passage.is_over = True
            self._has_ended.set()

    async def _pass(self, passage, device, ends):
        """Returns whether the connection should end with a reset."""
        fault = passage.plan.fault
        if fault == "refuse":
            return True
        if fault == "mute":
            await self._swallow(passage, "up", device)
            return False
        server = socket.socket()
        ends.append(server)
        _prepare(server)
        await asyncio.get_running_loop().sock_connect(server, (_HOST, self.target))
        passage.server_port = server.getsockname()[1]
        ways = (("up", device, server), ("down", server, device))
        pumps = [asyncio.ensure_future(self._pump(passage, *way)) for way in ways]
        try:
            await asyncio.gather(*pumps)
        except _Cut:
            if fault == "rst" or fault == "close":
                return fault == "rst"
            await self._end_in_order(passage, pumps, ways)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        return False

    async def _pump(self, passage, way, source, sink):
        """Copy bytes until their end, which is passed on, or until the plan's limit."""
        plan = passage.plan if passage.plan.way == way else Plan()
        loop = asyncio.get_running_loop()
        while plan.limit is None or passage.bytes[way] < plan.limit:
            left = _READ_BYTES if plan.limit is None else plan.limit - passage.bytes[way]
            data = await loop.sock_recv(source, min(left, _READ_BYTES))
            if not data:
                break
            async for piece in _pieces(plan, data, passage.bytes[way]):
                await loop.sock_sendall(sink, piece)
                passage.bytes[way] += len(piece)
        else:
            if plan.fault not in ("half", "stall"):
                raise _Cut
            if plan.fault == "half":
                _end(sink)
            await self._swallow(passage, way, source)
            # The device gets nothing more.
            if way == "down":
                return
        _end(sink)

    async def _end_in_order(self, passage, pumps, ways):
        """Tell both sides that there is no more, and read until they have said the same."""
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for _, _, sink in ways:
            _end(sink)
        await asyncio.gather(*(self._swallow(passage, way, source) for way, source, _ in ways))

    async def _swallow(self, passage, way, source):
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(source, _READ_BYTES):
            passage.swallowed[way] += len(data)


class _Cut(Exception):
    """The limit of the plan is reached."""


async def _pieces(plan, data, at):
    """`data` in pieces, as the plan says. It begins with byte number `at` of its way."""
    if plan.fault == "flip" and at <= plan.at < at + len(data):
        changed = bytearray(data)
        changed[plan.at - at] ^= 1 << plan.value
        data = bytes(changed)
    if plan.fault == "late":
        await asyncio.sleep(plan.value / 1000)
    size = {"slices": 1, "drip": _DRIP_BYTES}.get(plan.fault, len(data))
    for i in range(0, len(data), size):
        yield data[i : i + size]
        if plan.fault == "drip":
            await asyncio.sleep(plan.value / 1000)
        elif plan.fault == "slices":
            await asyncio.sleep(0)


def _bound(port):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((_HOST, port))
    sock.setblocking(False)
    return sock


def _prepare(sock):
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _end(sock):
    # It has gone already.
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)


def _reset(sock):
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    sock.close()
