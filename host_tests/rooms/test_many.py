"""Many devices in one room, and one that does not read: every reading reaches every other."""

import asyncio
import re
import resource
from collections import defaultdict

import pytest

from bench import crowd
from rooms.clients import reading

SENDERS = 10
READINGS = 2  # of each in a round
ROUNDS_AFTER = 2  # after the stuck one was dropped
MOST_ROUNDS = 50  # it takes 4 or 5
QUEUE_BYTES = 200_000  # more than a round's readings: only who does not read is dropped
FILL = {f"f{n}": "x" * 250 for n in range(15)}
_READING = re.compile(
    rb'\{"type":"reading","device":"d([0-9]+)","at":[0-9]+,"values":\{"n":([0-9]+)'
)


class Crowd(crowd.Crowd):
    """All the clients, devices of one room; it keeps what each of them hears."""

    def __init__(self, port):
        super().__init__(port, "many")
        self.heard_readings = 0
        self.stories = defaultdict(list)  # client: [(sender, reading)]
        self.saw_stuck_go = 0
        self._changed = asyncio.Event()

    async def join(self, name, tcp=None):
        return await self._open(name, "&role=device", tcp)

    def heard(self, client, payload):
        if found := _READING.match(payload):
            self.stories[client].append((int(found[1]), int(found[2])))
            self.heard_readings += 1
        elif b'"presence"' in payload and b'"stuck"' in payload:
            self.saw_stuck_go += b'"online":false' in payload
        self._changed.set()

    async def until_heard(self, expected):
        while self.heard_readings < expected:
            self._changed.clear()
            await self._changed.wait()


@pytest.mark.parametrize(
    ("count", "limit_s"), [(300, 60), pytest.param(2000, 900, marks=pytest.mark.soak)]
)
async def test_one_that_does_not_read_holds_up_no_other(start, tmp_path, count, limit_s):
    raise_file_limit(count + 200)
    most = str(count + 1)
    options = ["--db", tmp_path / "rooms.db", "--queue-bytes", QUEUE_BYTES]
    for limit in ("connections", "per-address", "clients", "devices"):
        options += [f"--max-{limit}", most]
    options += ["--queue-messages", "100000", "--rate", "100000", "--request-rate", "100000"]
    server = start(*options)
    everybody = Crowd(server.port)
    devices = [await everybody.join(f"d{n}") for n in range(count)]
    stuck = await everybody.join("stuck", crowd.socket_of_few_bytes())
    stuck.transport.pause_reading()
    rounds, rounds_left = 0, ROUNDS_AFTER
    while rounds_left:
        for sender in devices[:SENDERS]:
            for n in range(READINGS * rounds, READINGS * (rounds + 1)):
                sender.send(reading(n=n, **FILL).encode())
        rounds += 1
        expected = rounds * SENDERS * READINGS * (count - 1)
        await asyncio.wait_for(everybody.until_heard(expected), limit_s)
        rounds_left -= everybody.saw_stuck_go == count
        assert rounds < MOST_ROUNDS
    assert everybody.heard_readings == expected
    every = list(range(READINGS * rounds))
    for number, client in enumerate(devices):
        for sender in {*range(SENDERS)} - {number}:
            assert [n for who, n in everybody.stories[client] if who == sender] == every
    assert len({tuple(everybody.stories[client]) for client in devices[SENDERS:]}) == 1
    assert not any(client.lost.is_set() for client in devices)
    for client in (*devices, stuck):
        client.transport.abort()


def raise_file_limit(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
