"""Hostile servers over real sockets, against real MicroPython with the heap of a board.

The process survives each, comes back, and holds afterwards what it held before. The attacks one
by one, and floods: claims_*.py.
"""

import asyncio

from e2e.devices import Device
from simulation.wire import CLOSE, PING, PONG, TEXT, accepting, frame, text_frame, unmasked

from .attacks import MOST, frame_attacks, refusals

_ROUNDS = 50
_SLACK_BYTES = 512  # of the heap: an int more here, a list that has grown there
_WAIT_S = 30  # the bound of every wait: only a failure takes as long
_ECHOES = 5000


class Server:
    """Serves one attack after another; `served` are done."""

    def __init__(self, attacks):
        self._left = list(attacks)
        self.served = asyncio.Event()
        self.faults = []
        self.held = []  # the device's heap in use, by its own word
        self.out_of_memory = 0

    async def serve(self, reader, writer):
        if not self._left:
            writer.close()
            return
        attack = self._left.pop(0)
        try:
            await asyncio.wait_for(attack(self, reader, writer), _WAIT_S)
        except Exception as e:
            self.faults.append(f"{attack}: {e!r}")
        if not self._left:
            self.served.set()


async def _frames(reader, n):
    """`n` frames of the device, pings left out; or those until a Close, or the end."""
    found, rest = [], b""
    while len(found) < n and not any(first & 0xF == CLOSE for first, _ in found):
        data = await reader.read(65536)
        if not data:
            break
        more, rest = unmasked(rest + data)
        found += [one for one in more if one[0] & 0xF != PING]
    return [(first & 0xF, payload) for first, payload in found]


async def _open(reader, writer, data=b""):
    writer.write(accepting(await reader.readuntil(b"\r\n\r\n")) + data)


async def _left(reader, writer):
    """Wait until the device has ended the connection, by a FIN or a RST."""
    try:
        while await reader.read(65536):
            pass
    except OSError:
        pass
    writer.close()


def broken(data, code):
    async def attack(server, reader, writer):
        await _open(reader, writer, data)
        payload = dict(await _frames(reader, 1 << 20))[CLOSE]
        if b"no memory" in payload:  # a board may say so of any long message, and lives on
            server.out_of_memory += 1
        else:
            assert int.from_bytes(payload[:2], "big") == code, payload
        writer.close()

    return attack


def refused(answer):
    async def attack(server, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await _left(reader, writer)

    return attack


def dropped(data, is_reset):
    async def attack(server, reader, writer):
        await (_open(reader, writer, data) if data is not None else asyncio.sleep(0))
        writer.transport.abort() if is_reset else writer.close()

    return attack


async def silent(server, reader, writer):
    """Takes what comes, and says nothing more: the device leaves."""
    await _open(reader, writer)
    await _left(reader, writer)


def asked(echoes=0):
    async def attack(server, reader, writer):
        flood = frame(PING, b"p" * 20) * 100 + text_frame("echo") * echoes
        await _open(reader, writer, flood + text_frame("alloc"))
        *found, (_, held) = await _frames(reader, 100 + echoes + 1)
        assert found.count((PONG, b"p" * 20)) == 100 and found.count((TEXT, b"echo")) == echoes
        server.held.append(int(held))
        writer.transport.abort()

    return attack


def one_round():
    yield asked()
    attacks = list(frame_attacks().values())
    for data, code, _ in attacks[:: len(attacks) // 30]:
        yield broken(data, code)
    yield from (refused(answer) for answer in refusals().values() if b"\n" in answer)
    for data in (None, b"", b"\x81", frame(TEXT, b"half", size=9000), frame(2, b"x", size=MOST)):
        yield dropped(data, True)
        yield dropped(data, False)


def suffer(attacks):
    """Let a device meet them all; the server, when it has."""

    async def main():
        server = Server(attacks)
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        with Device("micropython", "host_tests/hostile/sufferer.py", str(port)) as sufferer:
            await asyncio.wait_for(server.served.wait(), 3 * _WAIT_S)
            assert sufferer._process.poll() is None and sufferer.lines == [], sufferer.lines
        listening.close()
        assert server.faults == []
        return server

    return asyncio.run(main())


def test_fifty_rounds_of_attacks_leave_the_heap_as_it_was(micropython):
    attacks = [attack for _ in range(_ROUNDS) for attack in one_round()]
    server = suffer([silent, *attacks])
    held = server.held
    print(held, "out of memory:", server.out_of_memory)
    assert server.out_of_memory <= _ROUNDS
    # It moves by a few blocks, or a buffer, with what the collector takes for a pointer; but once
    # it is warm, low and high do not climb together, as a leak would have them.
    half, most = _ROUNDS // 2, _ROUNDS * 3 // 4
    climbs = [end(held[most:]) - end(held[half:most]) for end in (min, max)]
    assert min(climbs) <= _SLACK_BYTES, held


def test_the_heap_is_flat_over_many_small_messages(micropython):
    few, many = suffer([asked(_ECHOES // 10), asked(10)]), suffer([asked(_ECHOES), asked(10)])
    print(few.held, many.held)
    assert abs(few.held[-1] - many.held[-1]) <= _SLACK_BYTES
