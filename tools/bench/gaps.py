"""How long a reconnect blocks other tasks."""

import asyncio
import contextlib
import json
import socket
import tempfile
import threading
from pathlib import Path

from .clients import PARTYSOCKET
from .server import WebSocket


def measure(bench):
    ms = 1500 if bench.is_quick else 4000
    for what, place, kind in (
        ("refused port", refused, None),
        ("black hole", black_hole, None),
        ("silent before the handshake", silent, None),
        ("silent after it", None, None),
        ("silent before the TLS handshake", silent, "tls"),
        ("a provider that never returns", refused, "provider"),
        ("a peer that stops reading", deaf, "flood"),
    ):

        def once(client, place=place, kind=kind):
            with place() if place else contextlib.nullcontext(bench.port(client)) as port:
                if kind is None:
                    longest, attempts = bench.task("gap", client, ms, port=port)
                else:
                    longest, attempts = _run(bench, client, kind, port, ms)
            return f"{longest} ms ({attempts} dials)"

        bench.row(f"longest gap of a 10 ms ticker, {what}", "", [PARTYSOCKET], once)
    bench.note("The gap has the ticker's own 10 ms in it. The others do not reconnect.")


def _run(bench, client, kind, port, ms):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "gap_task.py").write_text(_DEVICE)
        words = [kind, port, ms]
        return json.loads(bench.micropython.run("gap_task", words, [folder, bench.tree(client)]))


# The program for MicroPython, for cases that need more than a port: BENCH = "KIND PORT MS".
_DEVICE = """
import asyncio, json, os, ssl, time

from partysocket import WebSocket


async def never():
    await asyncio.Event().wait()


async def flood(socket):
    data = bytes(1400)
    while True:
        has_room = socket.ready_state == 1 and socket.buffered_amount < 14000
        if has_room:
            socket.send(data)
        await asyncio.sleep_ms(0 if has_room else 1)


async def main(kind, port, ms):
    options = {
        "min_reconnection_delay": 100,
        "max_reconnection_delay": 200,
        "connection_timeout": 400,
        "ping_interval_ms": 200,
        "ping_timeout_ms": 200,
    }
    url = "ws://127.0.0.1:%d/flood" % port
    if kind == "flood":
        options["queue_bytes"] = 16384
    elif kind == "provider":
        url = never
    elif kind == "tls":
        url = "wss://127.0.0.1:%d/" % port
        options["ssl"] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_NONE  # it never comes to that
    socket = WebSocket(url, **options)
    if kind == "flood":
        asyncio.create_task(flood(socket))
    longest = 0
    begun = last = time.ticks_ms()
    while time.ticks_diff(last, begun) < ms:
        await asyncio.sleep_ms(10)
        now = time.ticks_ms()
        longest = max(longest, time.ticks_diff(now, last))
        last = now
    return [longest, socket.stats()["attempts"]]


kind, port, ms = os.getenv("BENCH").split()
print("=> " + json.dumps(asyncio.run(main(kind, int(port), int(ms)))))
"""


@contextlib.contextmanager
def refused():
    # The port is bound, but nothing listens on it.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextlib.contextmanager
def silent():
    """A port where connections are made, but never accepted."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        yield listener.getsockname()[1]


@contextlib.contextmanager
def black_hole():
    """A port with a full backlog: packets that ask for a connection get no answer."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


class _Deaf(WebSocket):
    """Does the handshake, and then reads nothing more, so that the sockets' buffers fill."""

    def data_received(self, data):
        super().data_received(data)
        if self.path is not None:
            self.transport.pause_reading()


@contextlib.contextmanager
def deaf():
    loop = asyncio.new_event_loop()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    loop.run_until_complete(loop.create_server(_Deaf, sock=listener))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listener.close()
        loop.close()
