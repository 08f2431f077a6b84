"""The hostile servers over real sockets, against real MicroPython with the heap of a board.

The process survives each, comes back, and holds afterwards what it held before.
"""

import asyncio
import functools

import pytest

from e2e.devices import Device
from engine.virtual import BINARY, PING, PONG, TEXT, close_frame, frame, text_frame

from .attacks import CONTINUATION, MOST, frame_attacks, refusals
from .raw_server import RawServer

_ROUNDS = 50
_SLACK_BYTES = 512  # of the heap: an int more here, a list that has grown there
_FLOOD_SLACK_BYTES = 8192  # and what the first messages bring; a flood is many times that
_ECHOES = 10_000
_ECHOES_SOAK = 100_000


def asynchronous(test):
    @functools.wraps(test)
    def run(*args, **kwargs):
        asyncio.run(test(*args, **kwargs))

    return run


def device(server):
    return Device("micropython", "host_tests/hostile/sufferer.py", str(server.port))


def _some(attacks, n):
    """About `n` of them, evenly."""
    names = list(attacks)
    return [attacks[name] for name in names[:: max(1, len(names) // n)]]


async def break_frames(server, data, code):
    connection = await server.opened()
    await connection.send(data)
    while (got := await connection.frame())[0] in (TEXT, BINARY):  # what it heard comes back
        pass
    if b"no memory" in got[1]:  # a board may say so of any long message, and lives on
        server.out_of_memory += 1
    else:
        assert int.from_bytes(got[1][:2], "big") == code, (data[:80], got)
    connection.end()


async def refuse(server, answer):
    connection = await server.connection()
    await connection.read_request()
    await connection.send(answer)
    await connection.ended()
    connection.end()


async def drop(server, data, how):
    connection = await server.opened()
    await connection.send(data)
    getattr(connection, how)()


async def drop_at_once(server):
    (await server.connection()).reset()


async def close_within_a_message(server):
    connection = await server.opened()
    await connection.send(frame(TEXT, b"a" * 3000, fin=False) + close_frame(4000, "enough"))
    assert await connection.close_code() == 4000
    connection.end()


async def say_more_after_close(server):
    connection = await server.opened()
    await connection.send(close_frame(1001) + text_frame("late") * 100 + frame(3))
    assert await connection.close_code() == 1001
    connection.end()


async def claim_what_never_comes(server):
    connection = await server.opened()
    await connection.send(frame(BINARY, b"x" * 100, size=MOST))
    connection.reset()


def rounds():
    """One round: what is done to each of the connections that follow one another."""
    for data, code, _ in _some(frame_attacks(), 30):
        yield functools.partial(break_frames, data=data, code=code)
    for answer in refusals().values():
        if b"\n" in answer:  # else it waits for the rest of a line: see below
            yield functools.partial(refuse, answer=answer)
    for how in ("end", "reset"):
        for data in (b"", b"\x81", frame(TEXT, b"half", size=9000)):
            yield functools.partial(drop, data=data, how=how)
    yield drop_at_once
    yield close_within_a_message
    yield say_more_after_close
    yield claim_what_never_comes


@asynchronous
async def test_fifty_rounds_of_attacks_leave_the_heap_as_it_was(micropython):
    async with RawServer() as server:
        with device(server) as sufferer:
            held = []
            for _ in range(_ROUNDS):
                connection = await server.opened()
                held.append(await connection.alloc())
                connection.reset()
                for attack in rounds():
                    await attack(server)
            assert sufferer._process.poll() is None, sufferer.lines
            assert sufferer.lines == []
    print(held, "out of memory:", server.out_of_memory)
    assert server.out_of_memory <= _ROUNDS
    # It moves by a few blocks, or a buffer, with what the collector takes for a pointer; but once
    # it is warm, low and high do not climb together, as a leak would have them.
    half, most = _ROUNDS // 2, _ROUNDS * 3 // 4
    climbs = [end(held[most:]) - end(held[half:most]) for end in (min, max)]
    assert min(climbs) <= _SLACK_BYTES, held


@asynchronous
async def test_floods_are_survived(micropython):
    async with RawServer() as server:
        with device(server) as sufferer:
            connection = await server.opened()
            before = await connection.alloc()

            pings = 5000
            writing = asyncio.create_task(connection.send(frame(PING, b"p" * 20) * pings))
            for _ in range(pings):
                assert await connection.frame() == (PONG, b"p" * 20)
            await writing
            await connection.send(frame(PONG, b"unasked") * pings)
            assert await connection.alloc() - before <= _FLOOD_SLACK_BYTES

            fragments = frame(CONTINUATION, b"", fin=False) * 1_000_000
            await connection.send(frame(TEXT, b"", fin=False) + fragments)
            assert await connection.close_code() == 1008
            connection.reset()

            connection = await server.opened()
            await connection.send(frame(BINARY, b"", fin=False))
            await connection.send(frame(CONTINUATION, b"x", fin=False) * (MOST + 1))
            assert await connection.close_code() == 1009
            connection.reset()

            connection = await server.opened()
            await connection.send(fragments_of_one_byte(2000))
            assert await connection.frame() == (BINARY, b"x" * 2000)
            assert await connection.alloc() - before <= _FLOOD_SLACK_BYTES
            assert sufferer._process.poll() is None
            connection.end()


def fragments_of_one_byte(n):
    first = frame(BINARY, b"x", fin=False)
    return first + frame(CONTINUATION, b"x", fin=False) * (n - 1) + frame(CONTINUATION)


@asynchronous
async def test_servers_that_never_read_or_never_answer_are_left(micropython):
    async with RawServer() as server:
        with device(server) as sufferer:
            # It takes no byte: the device's echoes fill the sockets, and it gives up.
            connection = await server.opened()
            connection.writer.transport.pause_reading()
            echoed = asyncio.create_task(flood(connection, frame(BINARY, bytes(4000))))
            second = await server.opened()
            echoed.cancel()
            connection.reset()

            # Silence: no pong comes.
            second.writer.transport.pause_reading()
            third = await server.opened()
            second.reset()

            # Our Close gets no answer, but more of what it was for.
            third.writer.write(frame(3))
            assert await third.close_code() == 1002
            flooding = asyncio.create_task(flood(third, b"x" * 100_000))
            fourth = await server.opened()
            flooding.cancel()
            third.reset()

            assert await fourth.alloc() > 0
            assert sufferer.lines == []
            fourth.end()


async def flood(connection, data):
    while not connection.writer.is_closing():
        await connection.send(data)


async def echo(count):
    """Have `count` small messages echoed; the heap after a tenth of them, and after all."""
    async with RawServer() as server:
        with device(server):
            connection = await server.opened()
            await exchange(connection, count // 10)
            early = await connection.alloc()
            await exchange(connection, count - count // 10)
            return early, await connection.alloc()


async def exchange(connection, count):
    for done in range(count):
        connection.writer.write(text_frame(f"{done:06}"))
        assert await connection.frame() == (TEXT, b"%06d" % done)


@asynchronous
async def test_the_heap_is_flat_over_many_small_messages(micropython):
    early, late = await echo(_ECHOES)
    assert abs(late - early) <= _SLACK_BYTES // 2, (early, late)


@pytest.mark.soak
@asynchronous
async def test_the_heap_is_flat_over_very_many_small_messages(micropython):
    early, late = await echo(_ECHOES_SOAK)
    assert abs(late - early) <= _SLACK_BYTES // 2, (early, late)
