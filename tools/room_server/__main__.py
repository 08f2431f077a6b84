"""Run the room server until SIGINT or SIGTERM."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys

from aiohttp import web

from .app import App
from .settings import parse_arguments
from .store import Store, StoreError

_HANDLERS_S = 0.5  # for requests under way when the server stops


class ListenError(Exception):
    """The address cannot be listened on; the text says why, and what to do."""


def main():
    """Run the server; the exit status is 0 after a signal, 2 if it could not start."""
    settings = parse_arguments()
    logging.basicConfig(
        level=logging.INFO if settings.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    # Its messages may quote a request line or header, and so a token.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)
    try:
        listener = listen(settings.host, settings.port)
        store = Store(settings.db, settings.history)
    except (ListenError, StoreError) as error:
        sys.exit(_fail(str(error)))
    try:
        asyncio.run(serve(settings, store, listener))
    finally:
        store.close()


def listen(host, port):
    """Return one listening socket, IPv4 if the host has both; raise ListenError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = min(found, key=lambda each: each[0] != socket.AF_INET)
        return socket.create_server(where, family=family, backlog=1024)
    except (OSError, UnicodeError) as error:
        code = getattr(error, "errno", None)
        if code == errno.EADDRINUSE:
            text = f"port {port} is in use: give another with --port, or 0 for any free one"
        elif code == errno.EACCES:
            text = f"port {port} needs more rights: give one above 1023 with --port"
        else:
            text = f"host {host!r} cannot be used ({error}): give an address of this computer"
        raise ListenError(text) from None


async def serve(settings, store, listener):
    """Serve on `listener` until a signal comes; a second one ends the process at once."""
    app = App(settings, store)
    runner = web.AppRunner(app.web, access_log=None, shutdown_timeout=_HANDLERS_S)
    await runner.setup()
    site = web.SockSite(runner, listener)
    await site.start()
    stopping = _stop_on_signals()
    print(f"room server: {_url(listener)}", flush=True)
    await stopping.wait()
    await site.stop()
    await app.stop()
    await runner.cleanup()


def _stop_on_signals():
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    is_second = False

    def stop(number, _frame):
        nonlocal is_second
        if is_second:
            os._exit(128 + number)
        is_second = True
        loop.call_soon_threadsafe(stopping.set)

    # Not loop.add_signal_handler, which Windows lacks.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping


def _url(listener):
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _fail(text):
    print(f"room_server: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
