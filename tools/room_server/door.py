"""Accepts TCP connections, within limits, and closes those that do not go on."""

import asyncio
import socket
from collections import Counter, deque
from contextlib import suppress

from aiohttp import web

from . import headers, logs
from .messages import encode
from .rate import network_of

# The wait after accept() failed. Mostly there are not enough files.
_RETRY_S = 0.5
_MAX_HEADERS = 64
# So many refused connections stay open for a moment, so that they can read the reason.
_LINGERING = 64


class Door:
    """Accepts connections for an aiohttp `server`. Connections in the TLS handshake count too."""

    def __init__(self, server, settings, counts, tls=None):
        # An SSLContext or None. A new one is used for the connections that come after.
        self.tls = tls
        self._server = server
        self._settings = settings
        self._counts = counts
        self._visits = set()
        # Network: how many visits.
        self._of_network = Counter()
        self._refused = deque()
        self._tasks = set()
        self._is_failing = False

    async def keep(self, listener):
        """Accept connections until cancelled; then close the listener."""
        listener.setblocking(False)
        sweeping = asyncio.create_task(self._sweep())
        try:
            while True:
                await self._accept(listener)
                # Give other tasks a turn, because accept() may never have to wait.
                await asyncio.sleep(0)
        finally:
            sweeping.cancel()
            for task in self._tasks:
                task.cancel()
            self._let_refused_go()
            listener.close()

    async def _accept(self, listener):
        try:
            connection, peer = await asyncio.get_running_loop().sock_accept(listener)
        except ConnectionError:
            # The client closed the connection before it was accepted.
            return
        except OSError as error:
            if not self._is_failing:
                text = f"no connection can be accepted: {error.strerror}"
                logs.warning("not-accepted", text, reason=error.strerror)
            self._is_failing = True
            await asyncio.sleep(_RETRY_S)
            return
        self._is_failing = False
        network = network_of(peer[0])
        reason = self._reason_against(network)
        if reason:
            self._refuse(connection, network, reason)
            return
        task = asyncio.create_task(self._admit(connection, self._enter(network)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _reason_against(self, network):
        settings = self._settings
        if self._of_network[network] >= settings.max_per_address:
            limit = settings.max_per_address
            return f"{limit} connections of one address: raise --max-per-address"
        if len(self._visits) >= settings.max_connections:
            return f"{settings.max_connections} connections in all: raise --max-connections"
        return None

    def _enter(self, network):
        visit = Visit(self, network)
        self._visits.add(visit)
        self._of_network[network] += 1
        return visit

    def leave(self, visit):
        """Stop counting a visit. Calling it twice is harmless."""
        if visit in self._visits:
            self._visits.remove(visit)
            self._of_network[visit.network] -= 1
            if not self._of_network[visit.network]:
                del self._of_network[visit.network]

    async def _admit(self, connection, visit):
        loop = asyncio.get_running_loop()
        tls, timeout_s = self.tls, self._settings.request_timeout_s
        try:
            await loop.connect_accepted_socket(
                lambda: Handler(self._server, self._settings, visit, loop),
                connection,
                ssl=tls,
                ssl_handshake_timeout=timeout_s if tls else None,
            )
        # TLS failed, or its handshake timed out.
        except OSError as error:
            name = type(error).__name__
            logs.info("no-tls", f"no TLS with {visit.network}: {name}", address=visit.network)
            self.leave(visit)
        except BaseException:
            self.leave(visit)
            raise

    def _refuse(self, connection, network, reason):
        logs.info("refused", f"503: {reason}", status=503, address=network, reason=reason)
        self._counts.refusals[503] += 1
        with suppress(OSError):
            if self.tls is None:
                body = encode({"error": reason})
                head = (
                    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                connection.send(head.encode() + body)
            connection.shutdown(socket.SHUT_WR)
        self._refused.append(connection)
        if len(self._refused) > _LINGERING:
            self._refused.popleft().close()

    def _let_refused_go(self):
        while self._refused:
            self._refused.popleft().close()

    async def _sweep(self):
        """Drop connections that were closed some time ago, if the peer does not read the rest."""
        closing = set()
        while True:
            await asyncio.sleep(self._settings.request_timeout_s)
            self._let_refused_go()
            for visit in closing & self._visits:
                visit.transport.abort()
            closing = {visit for visit in self._visits if visit.is_closing()}


class Visit:
    """One connection from accept() to its end."""

    def __init__(self, door, network):
        self.network = network
        # None until the TLS handshake is done.
        self.transport = None
        self._door = door

    def is_closing(self):
        return self.transport is not None and self.transport.is_closing()

    def end(self):
        self._door.leave(self)


class Handler(web.RequestHandler):
    """aiohttp's HTTP handler of one connection, with our limits and error texts."""

    __slots__ = ("_lost", "_visit")

    def __init__(self, server, settings, visit, loop):
        super().__init__(
            server,
            loop=loop,
            access_log=None,
            # This is also the timeout for the head of a request.
            keepalive_timeout=settings.request_timeout_s,
            lingering_time=min(1.0, settings.request_timeout_s),
            max_line_size=settings.max_header_bytes,
            max_field_size=settings.max_header_bytes,
            max_headers=_MAX_HEADERS,
            # A few compressed bytes may become gigabytes.
            auto_decompress=False,
        )
        self._visit = visit
        self._lost = asyncio.Event()

    async def lost(self, timeout_s):
        """Wait until the connection has ended, but no longer than `timeout_s`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._lost.wait(), timeout_s)

    def connection_made(self, transport):
        self._visit.transport = transport
        super().connection_made(transport)

    def connection_lost(self, exc):
        self._visit.end()
        self._lost.set()
        super().connection_lost(exc)

    def handle_error(self, request, status=500, exc=None, message=None):
        """Answer bytes that are not HTTP. aiohttp's text would quote them, and they may contain a
        token.
        """
        refused = "no HTTP request, or its head is too long: send HTTP/1.1 and a shorter head"
        text = "internal error" if status == 500 else refused
        body = encode({"error": text})
        response = web.Response(
            body=body,
            status=status,
            headers=headers.of_answer(),
            content_type="application/json",
        )
        response.force_close()
        return response
