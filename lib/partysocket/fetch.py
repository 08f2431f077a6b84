"""PartySocket.fetch: one HTTP request to a room, with limited memory and time."""

import asyncio

from micropython import const

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import Error, asked, net, wait_of
from .urls import (
    check_header,
    check_types,
    clean_host,
    query_pairs,
    query_string,
    room_url,
    split_url,
)

# The longest line of the head.
_BUFFER_BYTES = const(1024)
_MAX_LINES = const(100)
# How often a socket that is not ready is polled.
_STEP_MS = const(5)
_BODILESS = (204, 304)
# The warning about ssl=False was printed.
_has_warned = False


class Response:
    """An HTTP answer with any status. `headers`: a dict with names in lower case; values of the
    same name are joined by ", ". `body`: bytes.
    """

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def text(self):
        """Return the body as a str. Raises UnicodeError if it is not UTF-8."""
        return self.body.decode()

    def json(self):
        """Return the body's JSON as an object. Raises ValueError if it is not JSON."""
        import json

        return json.loads(self.body)


async def fetch(
    host,
    room=None,
    *,
    method="GET",
    headers=None,
    body=None,
    ssl=True,
    timeout_ms=15000,
    max_body_bytes=16384,
    party=None,
    base_path=None,
    prefix=None,
    path=None,
    protocol=None,
    query=None,
    transport=None,
):
    """Send an HTTP request to a room's address, and return the Response.

    `headers`: a mapping, or a function (async or not) that returns one. `body`: str, bytes-like or
    None. A str is sent with `Content-Type: text/plain;charset=UTF-8`, unless `headers` has another
    type. `protocol`: "http", "https", "ws" or "wss". The other arguments are the same as for
    PartySocket. Certificates in `ssl` are read again at each call; an SSLContext is not.

    Redirects are not followed. Raises Error if the body has more than `max_body_bytes`, if the
    answer is not HTTP, or if it is not complete within `timeout_ms`; and OSError for errors of the
    network.
    """
    check_types(host=host, room=room, party=party, base_path=base_path, prefix=prefix, path=path)
    if not host:
        raise ValueError("fetch needs a host, as in fetch('example.com', 'my-room')")
    if not room and not base_path:
        raise ValueError("fetch needs a room, or base_path")
    if path and path.startswith("/"):
        raise ValueError("path must not start with a slash")
    if protocol not in (None, "http", "https", "ws", "wss"):
        raise ValueError('protocol is "http" or "https", not %r' % (protocol,))
    is_text = isinstance(body, str)
    if is_text:
        body = body.encode()
    elif body is not None and not isinstance(body, (bytes, bytearray, memoryview)):
        raise TypeError("body is str, bytes-like or None, not %s" % type(body).__name__)
    host = clean_host(host)
    url, _ = room_url(
        host, "main" if party is None else party, room, base_path, prefix, path, protocol
    )
    url += "?" + query_string(query_pairs(await asked(query)))
    secure, authority, host, port, target = split_url(url)
    headers = await asked(headers) or {}
    request = _request(method, target, authority, headers, body, is_text)
    exchange = _Exchange((transport or net.Transport)(), timeout_ms, max_body_bytes)
    context = None
    if secure:
        context = _context(ssl)
    return await exchange.run(host, port, context, request, body, method == "HEAD")


def _context(trust):
    global _has_warned
    from .tls import context

    if trust is False and not _has_warned:
        _has_warned = True
        print("partysocket: ssl=False: anybody can pose as the server")
    return context(trust)


def _request(method, target, authority, headers, body, is_text):
    if not isinstance(method, str) or not method:
        raise ValueError("method is a str such as GET, not %r" % (method,))
    for c in method:
        if not "!" <= c <= "~" or c in '"(),/:;<=>?@[\\]{}':
            raise ValueError("%r is no HTTP method" % method)
    lines = ["%s %s HTTP/1.1" % (method, target), "Host: " + authority, "Connection: close"]
    if body is not None or method in ("POST", "PUT", "PATCH"):
        lines.append("Content-Length: %d" % len(body or b""))
    for name in headers:
        check_header(name, headers[name])
        lines.append("%s: %s" % (name, headers[name]))
        if name.lower() == "content-type":
            is_text = False
    if is_text:
        # A browser sends the same.
        lines.append("Content-Type: text/plain;charset=UTF-8")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class _Exchange:
    """One request and its answer, over a new transport."""

    def __init__(self, transport, timeout_ms, most):
        self._transport = transport
        self._wait = wait_of(transport)
        self._timeout_ms = timeout_ms
        # The most bytes that a body may have.
        self._most = most
        self._buf = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buf)
        # The bytes that are not read yet begin and end here.
        self._start = 0
        self._end = 0
        self._done = net.Alarm()
        # A Response or an exception, when it is done.
        self._outcome = None

    async def run(self, *request):
        """Run the exchange in a new task. At the deadline cancel it and close the socket."""
        talk = asyncio.create_task(self._talk(*request))
        try:
            await self._done.wait(self._timeout_ms)
        finally:
            if self._outcome is None:
                talk.cancel()
            self._transport.close()
        outcome = self._outcome
        if outcome is None:
            raise Error("TIMEOUT")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _talk(self, host, port, context, head, body, is_bodiless):
        # The TLS handshake is not finished yet. On boards it happens in the first write.
        shakes = context is not None
        try:
            net.collect()
            self._transport.start(host, port, context, host, self._timeout_ms)
            while not self._transport.step():
                await asyncio.sleep(_STEP_MS / 1000)
            await self._send(memoryview(head))
            shakes = False
            if body:
                await self._send(memoryview(body))
            self._outcome = await self._answer(is_bodiless)
        except Exception as e:
            if shakes:
                from .tls import explained

                e = explained(e)
            self._outcome = e
        finally:
            self._done.set()

    async def _send(self, view):
        while view:
            n = self._transport.send(view)
            if n:
                view = view[n:]
            else:
                await self._wait(False, True, _STEP_MS)

    async def _answer(self, is_bodiless):
        status = 100
        # 1xx answers come before the final one.
        while 100 <= status < 200:
            words = (await self._line()).split(b" ", 2)
            if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
                got = b" ".join(words).split(b"?", 1)[0]
                raise Error("the answer is not HTTP: %r" % got[:40])
            status = int(words[1])
            headers = await self._headers()
        if is_bodiless or status in _BODILESS:
            return Response(status, headers, b"")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return Response(status, headers, await self._chunked())
        length = headers.get("content-length")
        if length is None:
            return Response(status, headers, await self._until_end())
        if not length.isdigit() or len(length) > 9:
            raise Error("a Content-Length of %r" % length[:40])
        body = bytearray()
        await self._read_onto(body, int(length))
        return Response(status, headers, bytes(body))

    async def _headers(self):
        headers = {}
        for _ in range(_MAX_LINES):
            line = await self._line()
            if not line:
                return headers
            try:
                text = line.decode()
            except UnicodeError:
                # Headers were ISO 8859-1 in the past (RFC 9110 5.5).
                text = "".join([chr(b) for b in line])
            name, colon, value = text.partition(":")
            if not colon:
                raise Error("a header without a colon")
            name = name.lower()
            value = value.strip()
            headers[name] = headers[name] + ", " + value if name in headers else value
        raise Error("more than %d header lines" % _MAX_LINES)

    async def _chunked(self):
        body = bytearray()
        while True:
            words = (await self._line()).split(b";")
            try:
                size = int(words[0].strip(), 16)
            except ValueError:
                size = -1
            if size < 0 or len(words[0]) > 7:
                raise Error("a chunk of the size %r" % words[0][:40])
            if not size:
                # Trailers are read and ignored.
                await self._headers()
                return bytes(body)
            await self._read_onto(body, size)
            if await self._line():
                raise Error("a chunk that is longer than it says")

    async def _until_end(self):
        body = bytearray()
        while True:
            # A part of the body may have come with the head.
            await self._read_onto(body, self._end - self._start)
            if not await self._receive():
                return bytes(body)

    async def _read_onto(self, body, size):
        if len(body) + size > self._most:
            raise Error("a body of more than max_body_bytes (%d)" % self._most)
        while size:
            if self._start == self._end and not await self._receive():
                raise OSError(104, "the peer ended the connection inside the body")
            n = min(size, self._end - self._start)
            body.extend(self._view[self._start : self._start + n])
            self._start += n
            size -= n

    async def _line(self):
        while True:
            end = self._buf.find(b"\n", self._start, self._end)
            if end >= 0:
                line = bytes(self._view[self._start : end])
                self._start = end + 1
                return line[:-1] if line.endswith(b"\r") else line
            if self._end - self._start == _BUFFER_BYTES:
                raise Error("a header line of more than %d bytes" % _BUFFER_BYTES)
            if not await self._receive():
                raise OSError(104, "the peer ended the connection inside the head")

    async def _receive(self):
        """Receive more bytes after the unread ones. Returns how many; 0 at the end."""
        left = self._end - self._start
        if self._start:
            self._view[:left] = self._view[self._start : self._end]
            self._start = 0
            self._end = left
        view = self._view[left:]
        n = self._transport.recv_into(view)
        while n is None:
            await self._wait(True, False, _STEP_MS)
            n = self._transport.recv_into(view)
        self._end += n
        return n
