"""Clients for the tests: WebSockets and HTTP with timeouts, and connections for raw bytes."""

import asyncio
import json
import socket
from contextlib import AsyncExitStack, closing, suppress
from contextvars import ContextVar
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

import websockets

# The limit of every wait. Only a failure takes this long.
WAIT_S = 30.0

# The clients that stay until the end of the running test.
_guests = ContextVar("guests")


async def until_all_left(coroutine):
    """Run a test, and then close the clients that it made with `await join(...)`."""
    async with AsyncExitStack() as guests:
        _guests.set(guests)
        await coroutine


class join:
    """Join a room as a `Client`: for an `async with` block, or with `await` until the test's end.

    `pk` is the `_pk` of the query. Without `pings`, only the server notices that it is gone.
    """

    def __init__(self, server, room, headers=None, party="main", pings=True, **query):
        if "pk" in query:
            query["_pk"] = query.pop("pk")
        self._opening = websockets.connect(
            server.ws_url(room, party, urlencode(query)),
            additional_headers=headers,
            compression=None,
            max_size=None,
            max_queue=None,
            open_timeout=WAIT_S,
            ping_interval=20 if pings else None,
        )

    async def __aenter__(self):
        return Client(await self._opening.__aenter__())

    async def __aexit__(self, *exc_info):
        await self._opening.__aexit__(*exc_info)

    def __await__(self):
        return _guests.get().enter_async_context(self).__await__()


class Client:
    """A joined WebSocket."""

    def __init__(self, socket):
        self.socket = socket

    async def send(self, message):
        """Send a str or bytes unchanged, anything else as JSON."""
        verbatim = isinstance(message, (str, bytes))
        await self.socket.send(message if verbatim else json.dumps(message))

    async def send_all(self, messages):
        for message in messages:
            await self.send(message)

    async def raw(self):
        """Return the next message."""
        return await asyncio.wait_for(self.socket.recv(), WAIT_S)

    async def next(self, type=None, **fields):
        """Return the next room message with this type, if one is given, and these fields."""
        wanted = {"type": type, **fields} if type else fields
        while True:
            message = json.loads(await self.raw())
            if wanted.items() <= message.items():
                return message

    async def presence(self, device, online=True):
        """Wait until this client is told that the device came, or went: alone, or in a list."""
        while (device, online) not in changes_of(await self.next("presence")):
            pass

    def stop_reading(self):
        """Stop reading from the network, and so stop answering, like a client that vanished."""
        self.socket.transport.pause_reading()

    def vanish(self):
        """End TCP without a close frame."""
        self.socket.transport.abort()

    async def closed(self):
        """Wait for the end and return (code, reason)."""
        await asyncio.wait_for(self.socket.wait_closed(), WAIT_S)
        return self.socket.close_code, self.socket.close_reason

    async def told(self):
        """Wait for a close frame and return (code, reason). Then end TCP, because workerd leaves
        this to the client after its own close.
        """
        protocol = self.socket.protocol

        async def told():
            while protocol.close_rcvd is None:
                assert protocol.state is not websockets.State.CLOSED, "no close frame came"
                await asyncio.sleep(0.005)

        await asyncio.wait_for(told(), WAIT_S)
        self.socket.transport.abort()
        return protocol.close_rcvd.code, protocol.close_rcvd.reason


def changes_of(presence):
    """Return what a presence tells, in either of its forms, as [(device, online)]."""
    if "device" in presence:
        return [(presence["device"], presence["online"])]
    lists = ((True, presence.get("online", ())), (False, presence.get("offline", ())))
    return [(device, online) for online, devices in lists for device in devices]


async def join_many(server, room, count, **query):
    """Join that many equal clients, until the test's end."""
    return [await join(server, room, **query) for _ in range(count)]


def path_of(room, query=""):
    """Return the path of a room of the party `main`, as in a request."""
    return f"/parties/main/{room}" + (query and f"?{query}")


def state_of(server, room, query=""):
    """Return the room's state from a GET."""
    status, state, _ = http(server, path_of(room, query))
    assert status == 200, state
    return state


async def until(server, room, is_so):
    """Wait until the room's state fulfils the condition, and return the state."""

    async def look():
        while not is_so(state := state_of(server, room)):
            await asyncio.sleep(0.01)
        return state

    return await asyncio.wait_for(look(), WAIT_S)


def reading(**values):
    return json.dumps({"type": "reading", "values": values})


def post(server, room, device, **values):
    """Post a reading of a device. The server must accept it."""
    query = urlencode({"name": device})
    answer = http(server, path_of(room, query), reading(**values).encode())
    assert answer[0] == 200, answer


async def refusal(server, room, **arguments):
    """Try to join and return (status, error) of the refusal."""
    try:
        async with join(server, room, **arguments):
            return 101, ""
    except websockets.InvalidStatus as refused:
        response = refused.response
        answer = json.loads(response.body)
        assert list(answer) == ["error"], answer
        assert int(response.headers["Content-Length"]) == len(response.body)
        return response.status_code, answer["error"]


def http(server, path, body=None, method=None, headers=None):
    """Return (status, parsed JSON or text, headers) of a request."""
    method = method or ("GET" if body is None else "POST")
    headers = {"Content-Type": "text/plain", **(headers or {})}
    with closing(HTTPConnection(server.url.partition("://")[2], timeout=WAIT_S)) as connection:
        connection.request(method, path, body, headers)
        return _parsed(connection.getresponse())


def _parsed(response):
    text = response.read().decode()
    is_json = response.headers.get_content_type() == "application/json"
    return response.status, json.loads(text) if is_json and text else text, response.headers


def connect(server):
    """Return a TCP connection with a timeout."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S)


def read_all(tcp):
    """Return the bytes until the server ends the connection, by a FIN or a reset."""
    pieces = []
    with suppress(ConnectionError):
        while piece := tcp.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def talk(server, sent):
    """Send bytes on a new connection and return the only answer, like `http`."""
    with connect(server) as tcp:
        # The server may answer before it has read everything.
        with suppress(ConnectionError):
            tcp.sendall(sent)
        return read_answer(tcp)


def read_answer(tcp):
    """Return the next answer on a connection, like `http`."""
    response = HTTPResponse(tcp)
    response.begin()
    return _parsed(response)


def get(path, *lines):
    """Return the bytes of a GET request, with more header lines."""
    return ("\r\n".join([f"GET {path} HTTP/1.1", "Host: a", *lines]) + "\r\n\r\n").encode()


def upgrade(path, *lines):
    """Return the bytes of a WebSocket handshake, with more header lines."""
    return get(
        path,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *lines,
    )


def upgraded(tcp, path, *lines):
    """Do a WebSocket handshake on a TCP connection. Return the headers of the answer."""
    tcp.sendall(upgrade(path, *lines))
    status, _, headers = read_answer(tcp)
    assert status == 101 and "Sec-WebSocket-Extensions" not in headers
    return headers


def flood(tcp, piece, most=64 << 20):
    """Send a piece again and again until none is accepted for half a second. False if all were."""
    tcp.settimeout(0.5)
    sent = 0
    try:
        while sent < most:
            sent += tcp.send(piece)
    except (TimeoutError, ConnectionError):
        return True
    return False
