"""Many devices in one room, and one that does not read: every reading reaches every other."""

import asyncio
import json
import re
import resource
import socket

import pytest

from bench.crowd import Client, socket_of_few_bytes

SENDERS = 10
READINGS = 2  # of each in a round
ROUNDS_AFTER = 2  # after the stuck one was dropped
MOST_ROUNDS = 50  # it takes 4 or 5
QUEUE_BYTES = 200_000  # more than a round's readings: only who does not read is dropped
FILL = {f"f{n}": "x" * 250 for n in range(15)}
_READING = re.compile(
    rb'\{"type":"reading","device":"d([0-9]+)","at":[0-9]+,"values":\{"n":([0-9]+)'
)


class Crowd:
    """All the clients; it hears what each of them does."""

    def __init__(self, port):
        self.heard_readings = 0
        self.faults = []  # (client's number, device, reading, the one that was due)
        self.saw_stuck_go = 0
        self._port = port
        self._due = {}  # client: [the next reading of each sender]
        self.stories = {}  # client: [(sender, reading)] as it heard them
        self._changed = asyncio.Event()

    async def join(self, name, tcp=None):
        tcp = tcp or socket.socket()
        tcp.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(tcp, ("127.0.0.1", self._port))
        request = (
            f"GET /parties/main/many?_pk={name}&role=device HTTP/1.1\r\nHost: a\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        _, client = await loop.create_connection(lambda: Client(self, request), sock=tcp)
        assert await client.opened == 101
        self._due[client] = [0] * SENDERS
        self.stories[client] = []
        return client

    async def join_stuck(self):
        """Join as one that will not read, and whose system keeps little for it."""
        client = await self.join("stuck", socket_of_few_bytes())
        client.transport.pause_reading()
        return client

    def heard(self, client, payload):
        found = _READING.match(payload)
        if found:
            sender, n = int(found[1]), int(found[2])
            due = self._due[client][sender]
            if n != due:
                self.faults.append((sender, n, due))
            self._due[client][sender] = n + 1
            self.stories[client].append((sender, n))
            self.heard_readings += 1
        elif b'"presence"' in payload and b'"stuck"' in payload:
            self.saw_stuck_go += b'"online":false' in payload
        self._changed.set()

    async def until(self, is_so, limit_s):
        async def wait():
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), limit_s)


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
    crowd = Crowd(server.port)
    devices = [await crowd.join(f"d{n}") for n in range(count)]
    stuck = await crowd.join_stuck()
    rounds, rounds_left = 0, ROUNDS_AFTER
    while rounds_left:
        for sender in devices[:SENDERS]:
            for n in range(READINGS * rounds, READINGS * (rounds + 1)):
                reading = {"type": "reading", "values": {"n": n, **FILL}}
                sender.send(json.dumps(reading).encode())
        rounds += 1
        expected = rounds * SENDERS * READINGS * (count - 1)
        await crowd.until(lambda expected=expected: crowd.heard_readings >= expected, limit_s)
        rounds_left -= crowd.saw_stuck_go == count
        assert rounds < MOST_ROUNDS
    assert crowd.faults == []
    assert crowd.heard_readings == expected
    assert len({tuple(crowd.stories[client]) for client in devices[SENDERS:]}) == 1
    assert not any(client.lost.is_set() for client in devices)
    for client in (*devices, stuck):
        client.transport.abort()


def raise_file_limit(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
