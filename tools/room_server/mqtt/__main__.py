"""Runs the bridge until SIGINT or SIGTERM."""

import asyncio
import os
import signal

from partysocket import __version__

from .. import logs
from .broker import Broker
from .link import Link
from .room import Room
from .settings import parse_arguments
from .shelf import Shelf
from .topics import Topics

_ORIGIN = "partysocket-rooms"
# What the broker gets at the end must be there in this time.
_LAST_S = 3.0


def main(arguments=None, prog="room_server.mqtt"):
    """Run the bridge. `prog`: its name in what it says."""
    settings = parse_arguments(arguments, prog)
    logs.start("text", settings.verbose)
    asyncio.run(bridge(settings))


async def bridge(settings):
    """Keep rooms and broker together until a signal comes. A second one ends the process."""
    stopping = _stop_on_signals()
    # Two levels: a room has more.
    alive = f"{settings.prefix}/{settings.id}"
    birth = f"{settings.discovery}/status"
    filters = [birth]
    rooms, links = {}, []

    def take(topic, payload, is_retained):
        if topic == birth:
            for room in rooms.values() if payload == b"online" else ():
                room.born()
            return
        for topics, room in rooms.items():
            if topics.has(topic):
                room.takes(topic, payload, is_retained)

    identifier = f"{settings.prefix}-{settings.id}".replace("/", "-")
    broker = Broker(settings.broker, identifier, alive, filters, settings.max_bytes, take)
    shelf = Shelf(broker.wake)
    origin = {"name": _ORIGIN, "sw": __version__}
    for party, name in settings.rooms:
        topics = Topics(settings.prefix, party, name, settings.discovery)
        link = Link(settings.server, party, name)
        room = Room(topics, shelf, link, alive, origin, settings.max_bytes, settings.commands)
        filters += topics.filters
        rooms[topics] = room
        links.append(link)
        link.start(room)
    running = asyncio.create_task(broker.run(shelf))
    where = f"{settings.broker.host}:{settings.broker.port}"
    names = ", ".join(f"{party}/{name}" for party, name in settings.rooms)
    print(f"{names} of {settings.server.host} to {where}, below {settings.prefix}/", flush=True)
    ending = {running, asyncio.create_task(stopping.wait())}
    await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
    broker.stop()
    await asyncio.wait({running}, timeout=_LAST_S)
    running.cancel()
    await asyncio.gather(*(link.stop() for link in links))
    if running.done() and not running.cancelled():
        running.result()


def _stop_on_signals():
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop(number, _frame):
        if stopping.is_set():
            os._exit(128 + number)
        loop.call_soon_threadsafe(stopping.set)

    # loop.add_signal_handler does not exist on Windows.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping


if __name__ == "__main__":
    main()
