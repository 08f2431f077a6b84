"""Runs the room server until SIGINT or SIGTERM. SIGHUP makes it read its certificate again."""

import asyncio
import errno
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import replace

from aiohttp import web

from . import logs, reach
from .ages import DAY_MS, Keep
from .app import App
from .door import Door
from .home import Home
from .home_token import with_kept_token
from .lock import locked
from .place import default_file
from .schema import StoreError
from .settings import parse_arguments
from .store import Store
from .tls import CertificateError, make_context

# Files that are open in addition to the clients' connections.
_OTHER_FILES = 128
# Connections that wait to be accepted.
_BACKLOG = 1024
# The time for requests that are under way when the server stops.
_HANDLERS_S = 0.5


class ListenError(Exception):
    """The server cannot listen on the address. The text says why, and what to do."""


def main(arguments=None, prog="room_server"):
    """Run the server. The exit status is 0 after a signal, 2 if it could not start. `prog`: its
    name in what it says.
    """
    settings = parse_arguments(arguments, prog)
    # Not every terminal can show every file's name.
    sys.stdout.reconfigure(errors="backslashreplace")
    logs.start(settings.log_format, settings.verbose)
    with ExitStack() as used:
        try:
            listener = listen_at_home(settings) if settings.lan else listen(settings)
            settings, path_of_token = with_kept_token(settings)
            tls = make_context(settings.cert, settings.key) if settings.cert else None
            path = None if settings.memory else settings.db or default_file()
            used.enter_context(locked(path))
            store = _open_store(path, settings)
        except (CertificateError, ListenError, StoreError) as error:
            print(f"{prog}: {error}", file=sys.stderr)
            sys.exit(2)
        used.callback(store.close)
        raise_file_limit(settings.max_connections + _OTHER_FILES)
        asyncio.run(serve(settings, store, path, listener, tls, path_of_token))


def _open_store(path, settings):
    days = (settings.keep_raw, settings.keep_minutes, settings.keep_hours)
    keep = Keep(*(int(each * DAY_MS) for each in days))
    now = int(time.time() * 1000)
    return Store(path, settings.max_db_bytes, keep, settings.commit_ms, now)


def listen(settings):
    """Return one listening socket, IPv4 if the host has both; raise ListenError."""
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = min(found, key=lambda each: each[0] != socket.AF_INET)
        return socket.create_server(where, family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        code = getattr(error, "errno", None)
        if code == errno.EADDRINUSE:
            text = f"port {port} is in use: give another with --port, or 0 for any free one"
        elif code == errno.EACCES:
            text = f"port {port} needs more rights: give one above 1023 with --port"
        else:
            text = f"host {host!r} cannot be used ({error}): give an address of this computer"
        raise ListenError(text) from None


def listen_at_home(settings):
    """Return one listening socket for all addresses, of IPv6 too where that is possible.

    Without a token it is IPv4 alone: at home, the router keeps the internet away from IPv4
    addresses, but not always from those of IPv6.
    """
    if socket.has_dualstack_ipv6() and not settings.open:
        try:
            where = ("::", settings.port)
            return socket.create_server(
                where, family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True
            )
        except OSError:
            # Perhaps IPv6 is switched off. Any other reason holds for IPv4 too.
            pass
    return listen(replace(settings, host="0.0.0.0"))


def raise_file_limit(wanted):
    """Raise the limit to `wanted` open files, or warn that this is not possible."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    possible = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
    except (OSError, ValueError):
        possible = soft
    if possible < wanted:
        text = f"the system allows {possible} open files: lower --max-connections"
        logs.warning("few-files", text, files=possible)


async def serve(settings, store, path, listener, tls=None, path_of_token=None):
    """Serve on `listener` until a signal comes. A second signal ends the process at once. `path`
    is the store's file, None for memory. `path_of_token` is the file of a token that was made.
    """
    app = App(settings, store)
    runner = web.AppRunner(app.web, access_log=None, shutdown_timeout=_HANDLERS_S)
    await runner.setup()
    app.start()
    door = Door(runner.server, settings, app.counts, tls)
    host, port = listener.getsockname()[:2]
    scheme = "https" if tls else "http"
    home = Home(settings, scheme, port, path_of_token) if settings.lan else None
    announcement = home.announcement() if home else reach.announcement(scheme, host, port)
    keeping = asyncio.create_task(door.keep(listener))
    stopping = _stop_on_signals()
    # Without a cancel it ends only because of a fault.
    keeping.add_done_callback(lambda _: stopping.set())
    if tls:
        _reload_on_hangup(door, settings)
    # At home, boards are given an address of IPv4.
    link = app.installer.open(scheme, "0.0.0.0" if home else host, port)
    kept = f"readings are kept in {path}" if path else "readings are in memory (--memory)"
    print(f"room server: {announcement}\n{kept}", flush=True)
    if link:
        print(f"to install a board on USB, open {link}", flush=True)
    announcing = asyncio.create_task(home.run()) if home else None
    await stopping.wait()
    keeping.cancel()
    await asyncio.wait({keeping})
    if announcing:
        announcing.cancel()
        await asyncio.gather(app.stop(), home.stop(announcing))
    else:
        await app.stop()
    await runner.cleanup()
    if not keeping.cancelled():
        keeping.result()


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

    # loop.add_signal_handler does not exist on Windows.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping


def _reload_on_hangup(door, settings):
    if not hasattr(signal, "SIGHUP"):
        return

    def read_again():
        try:
            door.tls = make_context(settings.cert, settings.key)
        except CertificateError as error:
            logs.warning("certificate-kept", f"the old certificate stays: {error}")
        else:
            logs.info("certificate-read", "the certificate was read again")

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, read_again)


if __name__ == "__main__":
    main()
