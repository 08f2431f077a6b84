"""Another computer in the network: one that asks by mDNS, and one that lies.

As a program it is that computer's: `python neighbour.py ADDRESS resolve NAME`, `... own NAME ...`,
`... fetch NAME PORT [TOKEN]`.
"""

import asyncio
import json
import random
import socket
import struct
import sys
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from zeroconf import (
    AddressResolverIPv4,
    DNSAddress,
    DNSOutgoing,
    DNSPointer,
    IPVersion,
    ServiceInfo,
    ServiceStateChange,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

GROUP = ("224.0.0.251", 5353)
HTTP = "_http._tcp.local."
_WAIT_S = 20
_A, _PTR, _IN, _UNIQUE, _ANSWER = 1, 12, 1, 0x8000, 0x8400


class Neighbour:
    """Asks and answers at `address`, an address of this computer."""

    def __init__(self, address="127.0.0.1"):
        self._address = address
        # A service: "came" or "went", as the last message about it said.
        self.services = {}
        self._changed = asyncio.Event()

    async def __aenter__(self):
        self._all = AsyncZeroconf(interfaces=[self._address], ip_version=IPVersion.V4Only)
        await self._all.zeroconf.async_wait_for_start()
        self._browser = AsyncServiceBrowser(self._all.zeroconf, HTTP, handlers=[self._note])
        return self

    async def __aexit__(self, *_):
        await self._browser.async_cancel()
        await self._all.async_close()

    async def resolve(self, name, ms=3000):
        """The addresses of NAME.local; none if nobody answers in time."""
        asked = AddressResolverIPv4(f"{name}.local.")
        await asked.async_request(self._all.zeroconf, ms)
        return asked.parsed_addresses()

    async def own(self, *names):
        """Answer for names before anybody else does."""
        for name in names:
            info = ServiceInfo(
                "_other._tcp.local.",
                f"{name}._other._tcp.local.",
                port=9,
                server=f"{name}.local.",
                addresses=[socket.inet_aton("192.0.2.66")],
            )
            await self._all.async_register_service(info, cooperating_responders=True)

    async def until(self, name, what):
        """Wait until a web page of this name came or went; return what is said about it."""
        full = f"{name}.{HTTP}"
        while self.services.get(full) != what:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), _WAIT_S)
        if what == "went":
            return None
        info = AsyncServiceInfo(HTTP, full)
        await info.async_request(self._all.zeroconf, 3000)
        return info

    def _note(self, zeroconf, service_type, name, state_change):
        is_gone = state_change is ServiceStateChange.Removed
        self.services[name] = "went" if is_gone else "came"
        self._changed.set()


class Liar:
    """Sends whatever it likes to everybody at `address`."""

    def __init__(self, address="127.0.0.1"):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(
            socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address)
        )
        self._random = random.Random(7)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def claim(self, name, address, ttl=120):
        """Say that NAME.local is at an address; with a `ttl` of 0, that it is nowhere now."""
        data = socket.inet_aton(address)
        self._say(DNSAddress(f"{name}.local.", _A, _IN | _UNIQUE, ttl, data))

    def list(self, count, name="someone", kind=HTTP):
        """Say that there are so many services: NAME, NAME-2 and so on; 20 in a packet."""
        names = [name, *(f"{name}-{n}" for n in range(2, count + 1))]
        for first in range(0, count, 20):
            listed = (f"{one}.{kind}" for one in names[first : first + 20])
            self._say(*(DNSPointer(kind, _PTR, _IN, 4500, one) for one in listed))

    def babble(self, count):
        """Send what is no message, or half of one."""
        head = struct.pack(">6H", 0, _ANSWER, 1, 9, 9, 9)
        # Names that refer to themselves, and lengths beyond the end.
        for body in (b"\xc0\x0c", b"\xc0\x0c" * 99, b"\x3f", b"\xff" * 600, b"\x05rooms\xc0\x0c"):
            self._socket.sendto(head + body, GROUP)
        for _ in range(count):
            self._socket.sendto(head[: self._random.randrange(13)] + self._noise(), GROUP)

    def _noise(self):
        return self._random.randbytes(self._random.randrange(1, 9000))

    def _say(self, *records):
        out = DNSOutgoing(_ANSWER)
        for record in records:
            out.add_answer_at_time(record, 0)
        for packet in out.packets():
            self._socket.sendto(packet, GROUP)


def fetch(url, token=None, host=None):
    """Return the status of a GET. With a `host`, it is that of a page that has this address."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if host:
        headers |= {"Host": host, "Origin": f"http://{host}"}
    try:
        with build_opener(ProxyHandler({})).open(Request(url, headers=headers), timeout=10) as got:
            return got.status
    except HTTPError as error:
        return error.code


async def main(address, what, *names):
    async with Neighbour(address) as neighbour:
        if what == "resolve":
            print(json.dumps(await neighbour.resolve(*names)))
        elif what == "fetch":
            name, port, *token = names
            # No system in a namespace does this by itself.
            [found] = await neighbour.resolve(name)
            url = f"http://{found}:{port}/parties/main/r"
            print(await asyncio.to_thread(fetch, url, *token or [None], f"{name}.local:{port}"))
        else:
            await neighbour.own(*names)
            print("mine", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
