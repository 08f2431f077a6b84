"""How long a reconnect keeps other tasks waiting."""

import contextlib
import socket

from .clients import PARTYSOCKET


def measure(bench):
    ms = 1500 if bench.is_quick else 4000
    for what, place in (
        ("refused port", refused),
        ("black hole", black_hole),
        ("silent before the handshake", silent),
        ("silent after it", None),
    ):

        def once(client, place=place):
            with place() if place else contextlib.nullcontext(bench.port(client)) as port:
                longest, attempts = bench.task("gap", client, ms, port=port)
            return f"{longest} ms ({attempts} dials)"

        bench.row(f"longest gap of a 10 ms ticker, {what}", "", [PARTYSOCKET], once)
    bench.note("The gap has the ticker's own 10 ms in it. The others do not reconnect.")


@contextlib.contextmanager
def refused():
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextlib.contextmanager
def silent():
    """Connections come to be, and nobody accepts them."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        yield listener.getsockname()[1]


@contextlib.contextmanager
def black_hole():
    """A full backlog: packets that ask for a connection get no answer."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
