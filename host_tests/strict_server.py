"""A WebSocket server for tests that enforces RFC 6455. It is used from ordinary test code.

It is the `websockets` library, in a thread with its own event loop. It closes with 1002 on an
unmasked frame, with 1007 on bad UTF-8 and so on; workerd accepts such things.

    with StrictServer() as server:              # sends back messages; or StrictServer(script)
        ...                                     # the client dials server.url
        first = server.wait_connections(1)[0]   # .path, .headers, .messages, .close_code
        server.wait_messages(2)
        server.drop_all("rst")

A script is `async def script(connection)`: it may `await connection.receive()`, `.send(...)`,
`.close(code)`. When it returns, the connection is closed with 1000.
"""

import asyncio
import contextlib
import socket
import struct
import threading

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

# The limit of each wait. Only failing tests reach it.
_TIMEOUT_S = 10


async def echo(connection):
    """Send back every message."""
    while True:
        await connection.send(await connection.receive())


async def silent(connection):
    """Receive and never answer."""
    while True:
        await connection.receive()


class Connection:
    """A record of one client, and ways to answer it. It stays after the connection has ended."""

    def __init__(self, ws, changed):
        # The connection object of `websockets`.
        self.ws = ws
        # With the query.
        self.path = ws.request.path
        # Names in any case. get_all(name) returns repeated ones.
        self.headers = ws.request.headers
        # str or bytes, as they came.
        self.messages = []
        self.is_open = True
        # Of the client's Close frame, or else of ours. 1006: there was none.
        self.close_code = None
        self._changed = changed

    def __repr__(self):
        return f"<Connection {self.path} messages={self.messages!r} close={self.close_code}>"

    async def receive(self):
        message = await self.ws.recv()
        self.messages.append(message)
        self._changed()
        return message

    async def send(self, message):
        await self.ws.send(message)

    async def close(self, code=1000, reason=""):
        await self.ws.close(code, reason)

    def drop(self, how="fin"):
        """End the TCP connection without a Close frame: "fin" in order, "rst" with a reset."""
        transport = self.ws.transport
        if how == "rst":
            # On, with a time of 0: close() resets.
            linger = struct.pack("ii", 1, 0)
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()


class StrictServer:
    """A server on `host` and `port` (0: a free port), from start() to stop()."""

    def __init__(self, script=echo, *, host="127.0.0.1", port=0, ssl=None, **serve_options):
        self.host = host
        self.port = port
        # For later connections. It may be set at any time.
        self.script = script
        # All connections so far, in the order of opening.
        self.connections = []
        # Exceptions in scripts. Leaving the `with` block raises the first.
        self.script_errors = []
        self._ssl = ssl
        self._options = {"compression": None, "ping_interval": None, **serve_options}
        self._state = threading.Condition()
        self._loop = None
        self._thread = None
        self._server = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.stop()
        if self.script_errors and exc_type is None:
            raise self.script_errors[0]

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def url(self):
        return f"{'wss' if self._ssl else 'ws'}://{self.address}"

    @property
    def messages(self):
        """All messages of all connections. Those of one connection are in order."""
        return [message for connection in self.connections for message in connection.messages]

    @property
    def open_connections(self):
        return [connection for connection in self.connections if connection.is_open]

    def start(self):
        """Listen; after stop() on the same port again."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._server = self._run(self._listen())
        except BaseException:
            self._end_loop()
            raise
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self, how="fin"):
        """Stop listening and drop every connection, by "fin" or "rst"."""
        if self._server is None:
            return
        self.drop_all(how)
        server, self._server = self._server, None
        self._run(self._end(server))
        self._end_loop()

    def wait_for(self, condition, what, timeout_s=_TIMEOUT_S):
        """Wait until `condition()` is true. It is called after each event here."""
        with self._state:
            if not self._state.wait_for(condition, timeout_s):
                raise AssertionError(f"{what} in {timeout_s} s; there is {self.connections}")

    def wait_connections(self, count, timeout_s=_TIMEOUT_S):
        """Wait until `count` connections have been opened in total. Returns the list of them."""
        what = f"not {count} connections"
        self.wait_for(lambda: len(self.connections) >= count, what, timeout_s)
        return list(self.connections)

    def wait_messages(self, count, timeout_s=_TIMEOUT_S):
        """Wait until `count` messages have come in total. Returns them."""
        self.wait_for(lambda: len(self.messages) >= count, f"not {count} messages", timeout_s)
        return self.messages

    def wait_closed(self, timeout_s=_TIMEOUT_S):
        """Wait until no connection is open."""
        self.wait_for(lambda: not self.open_connections, "not all closed", timeout_s)

    def send_all(self, message):
        """Send to every open connection."""
        self._each(lambda connection: connection.send(message))

    def close_all(self, code=1000, reason=""):
        """Close every open connection with a Close frame. Returns when they have ended."""
        self._each(lambda connection: connection.close(code, reason))

    def drop_all(self, how="fin"):
        """End every TCP connection without a Close frame: "fin" in order, "rst" with a reset."""

        async def drop(connection):
            connection.drop(how)

        self._each(drop)

    def _each(self, act):
        async def act_on_all():
            for connection in self.open_connections:
                with contextlib.suppress(ConnectionClosed):
                    await act(connection)

        self._run(act_on_all())

    async def _listen(self):
        return await serve(
            self._handle, self.host, self.port, ssl=self._ssl, reuse_address=True, **self._options
        )

    async def _end(self, server):
        server.close()
        await server.wait_closed()

    def _end_loop(self):
        loop, self._loop = self._loop, None
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(_TIMEOUT_S)
        loop.close()

    async def _handle(self, ws):
        connection = Connection(ws, self._changed)
        self.connections.append(connection)
        self._changed()
        script = asyncio.ensure_future(self.script(connection))
        ended = asyncio.ensure_future(ws.wait_closed())
        try:
            await asyncio.wait([script, ended], return_when=asyncio.FIRST_COMPLETED)
            error = script.exception() if script.done() else None
            if error is not None and not isinstance(error, ConnectionClosed):
                self.script_errors.append(error)
                await ws.close(1011, "the test's script failed")
            elif not ended.done():
                await ws.close()
        finally:
            script.cancel()
            await ended
            close = ws.protocol.close_rcvd or ws.protocol.close_sent
            connection.close_code = close.code if close else 1006
            connection.is_open = False
            self._changed()

    def _changed(self):
        with self._state:
            self._state.notify_all()

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_TIMEOUT_S)
