"""Many clients of one room, in a process of their own, so that their cost is not counted as the
server's.

    python crowd.py PORT ROOM

It reads commands from stdin, one JSON object in each line, and answers each with one line:

    {"do": "join", "count": 2000}        answers when all are in the room
    {"do": "join", "count": 10, "query": "&role=dashboard", "hello": {...}}
                                         the same with more in their query, and a first message
    {"do": "stick"}                      one more client joins, and never reads
    {"do": "unstick"}                    that client leaves
    {"do": "publish", "count": 25, "pause_s": 0.25, "fill": 0}
                                         one more client sends readings; answers when all have them
    {"do": "storm"}                      from now on, clients that lose their connection join again
    {"do": "back"}                       answers when all are in the room again
    {"do": "settle"}                     answers when no message came for two seconds: how many
                                         came since the storm began
    {"do": "look"}                       answers at once

A client that is refused, or finds no server, tries again after a random wait: up to 0.1 s at
first, twice as much each time, 0.5 s at most. A command ends after `within_s` seconds (default:
120) and then answers with what was reached.
"""

import asyncio
import json
import random
import re
import socket
import sys
import time
from collections import Counter

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 0.5
# Handshakes of a `join` that are under way at the same time.
_AT_ONCE = 200
# So long without a message nothing more comes: what is gathered is told within a second.
_QUIET_S = 2.0
# Characters of a value that only makes a reading longer.
_FILL = 250
_REQUEST = (
    "GET /parties/main/{room}?_pk={id}{more} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Client(asyncio.Protocol):
    """One connection. It does as little work for each message as possible."""

    def __init__(self, crowd, request):
        self.transport = None
        # The status of the server's answer.
        self.opened = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()
        self._crowd = crowd
        self._request = request
        self._data = b""
        self._is_open = False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._request.encode())

    def data_received(self, data):
        self._data += data
        if not self._is_open:
            head, separator, rest = self._data.partition(b"\r\n\r\n")
            if not separator or self.opened.done():
                return
            status = int(head.split(b" ", 2)[1])
            self.opened.set_result(status)
            self._is_open = status == 101
            self._data = rest
        if self._is_open:
            self._take_frames()

    def _take_frames(self):
        data, at = self._data, 0
        while len(data) >= at + 2:
            length, begin = data[at + 1], at + 2
            if length == 126:
                length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if len(data) < begin + length:
                break
            if data[at] == 0x81:
                self._crowd.heard(self, data[begin : begin + length])
            elif data[at] == 0x89:
                self.send(data[begin : begin + length], 0x8A)
            at = begin + length
        self._data = data[at:]

    def send(self, payload, first=0x81):
        # Clients must mask. The key is zero, so the bytes stay the same.
        length = len(payload)
        head = bytes((first, 0x80 | length)) if length < 126 else bytes((first, 0xFE))
        if length >= 126:
            head += length.to_bytes(2, "big")
        self.transport.write(head + bytes(4) + payload)

    def connection_lost(self, exc):
        if not self.opened.done():
            self.opened.set_result(0)
        self.lost.set()


class Crowd:
    def __init__(self, port, room):
        self._port, self._room = port, room
        # A task for each client of a storm.
        self._places = []
        self._inside = {}  # number: Client
        # Number: more of its query, and its first message or None.
        self._kinds = {}
        # Messages to all clients since the storm began.
        self._heard = 0
        self._number = 0
        # Failed attempts, by status; 0 means no answer.
        self._failures = Counter()
        self._delays_s = []
        # Client: the number of the reading that it must get next.
        self._next = {}
        self._disorder = 0
        self._publisher = None
        self._stuck = None

    async def do(self, what, within_s=120, **arguments):
        """Run one command and return its answer."""
        if what in ("join", "storm"):
            self._failures.clear()
        begun = time.perf_counter()
        job = asyncio.create_task(getattr(self, "do_" + what)(**arguments))
        await asyncio.wait({job}, timeout=within_s)
        answer = {} if not job.done() else job.result()
        if not job.done():
            job.cancel()
        seconds = time.perf_counter() - begun
        failures = {str(status): count for status, count in sorted(self._failures.items())}
        return {
            "inside": len(self._inside),
            "failures": failures,
            "seconds": seconds,
            "in_time": job.done() and not job.cancelled(),
            **answer,
        }

    async def do_join(self, count, query="", hello=None):
        gate = asyncio.Semaphore(_AT_ONCE)

        async def join(number):
            async with gate:
                await self._enter(number)

        numbers = range(self._number, self._number + count)
        self._number += count
        first = hello and json.dumps(hello, separators=(",", ":")).encode()
        self._kinds.update(dict.fromkeys(numbers, (query, first)))
        await asyncio.gather(*map(join, numbers))
        return {}

    async def do_stick(self):
        self._stuck = await self._open("stuck", "", socket_of_few_bytes())
        self._stuck.transport.pause_reading()
        return {}

    async def do_unstick(self):
        self._stuck.transport.abort()
        return {}

    async def do_look(self):
        return {}

    async def do_publish(self, count, pause_s=0, fill=0, patience_s=60):
        if self._publisher is None or self._publisher.lost.is_set():
            self._publisher = await self._open("publisher", "&role=device&name=publisher")
        hearers = list(self._inside.values())
        self._delays_s, self._disorder = [], 0
        self._next = dict.fromkeys(hearers, 0)
        begun = time.perf_counter()
        for n in range(count):
            values = {f"f{i}": "x" * min(_FILL, fill - i) for i in range(0, fill, _FILL)}
            values = {"t": time.perf_counter(), "n": n, **values}
            text = json.dumps({"type": "reading", "values": values}, separators=(",", ":"))
            self._publisher.send(text.encode())
            await asyncio.sleep(pause_s)
        deadline = begun + patience_s + count * pause_s
        while len(self._delays_s) < count * len(hearers) and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        delays = sorted(self._delays_s)
        last = self._last if delays else begun
        return {
            "delivered": len(delays),
            "expected": count * len(hearers),
            "disorder": self._disorder,
            "p50_s": delays[len(delays) // 2] if delays else None,
            "p99_s": delays[len(delays) * 99 // 100] if delays else None,
            "took_s": last - begun,
        }

    async def do_storm(self):
        # An earlier storm may have made some: there is one task for each client.
        for place in self._places:
            place.cancel()
        self._heard = 0
        self._places = [asyncio.create_task(self._stay(number)) for number in list(self._inside)]
        return {}

    async def do_back(self):
        while len(self._inside) < len(self._places):
            await asyncio.sleep(0.01)
        return {}

    async def do_settle(self):
        heard = None
        while heard != self._heard:
            heard = self._heard
            await asyncio.sleep(_QUIET_S)
        return {"messages": heard}

    def heard(self, client, payload):
        """Count a message. Note when a reading of the publisher came, and whether it came in
        order.
        """
        self._heard += 1
        at = payload.find(b'"t":')
        if at < 0 or client not in self._next:
            return
        self._last = time.perf_counter()
        # The fields are in the order in which they were sent; parsing JSON would take longer.
        middle = payload.index(b',"n":', at)
        n = int(re.match(rb"[0-9]+", payload[middle + 5 : middle + 15])[0])
        self._delays_s.append(self._last - float(payload[at + 4 : middle]))
        self._disorder += n != self._next[client]
        self._next[client] = n + 1

    async def _stay(self, number):
        while True:
            client = self._inside.get(number)
            if client:
                await client.lost.wait()
                del self._inside[number]
            await self._enter(number)

    async def _enter(self, number):
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                query, first = self._kinds[number]
                client = self._inside[number] = await self._open(f"c{number}", query)
                if first:
                    client.send(first)
                return
            except ConnectionError:
                await asyncio.sleep(random.uniform(0, wait_s))
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def _open(self, id, more, tcp=None):
        """Return a client that has joined. If it fails, count that and raise ConnectionError."""
        request = _REQUEST.format(room=self._room, id=id, more=more, port=self._port)
        loop = asyncio.get_running_loop()
        tcp = tcp or socket.socket()
        tcp.setblocking(False)
        try:
            await loop.sock_connect(tcp, ("127.0.0.1", self._port))
            _, client = await loop.create_connection(lambda: Client(self, request), sock=tcp)
        except OSError:
            tcp.close()
            self._failures[0] += 1
            raise ConnectionError from None
        status = await client.opened
        if status != 101:
            self._failures[status] += 1
            client.transport.abort()
            raise ConnectionError
        return client


def socket_of_few_bytes():
    """Return a TCP socket with small buffers in both systems."""
    tcp = socket.socket()
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    return tcp


async def main():
    crowd = Crowd(int(sys.argv[1]), sys.argv[2])
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        print(json.dumps(await crowd.do(command.pop("do"), **command)), flush=True)


def raise_file_limit():
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(main())
