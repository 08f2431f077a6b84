"""The server's name in the network: answers for `rooms.local`, and lists the server for programs
that look for web pages there (mDNS and DNS-SD, RFC 6762 and 6763).

Everything that is sent here is for everyone in the network: a name, addresses and a port.
Everything that comes may be a lie; SECURITY.md says what that costs.
"""

import asyncio
import logging
import socket

from . import logs

# So many names are tried: rooms, rooms-2 ... A neighbour could answer for all there are.
_MOST_NAMES = 9
# The time for an answer of who has a name. RFC 6762, 8.1, waits 750 ms.
_TAKEN_MS = 1000
# The longest time for good-bye.
_BYE_S = 2.0


class Announcer:
    """Answers for a name that nobody else in the network has. `told(host)` is called with each new
    one, such as `rooms.local`. Failures cost a warning.
    """

    def __init__(self, port, is_secure, told, name="rooms"):
        self._name = name
        self._port = port
        self._type = f"_{'https' if is_secure else 'http'}._tcp.local."
        self._told = told
        self._zeroconf = None
        # Where it answers now.
        self._addresses = []
        self._warnings = logs.Warnings()
        # Its messages may quote what neighbours send.
        logging.getLogger("zeroconf").setLevel(logging.CRITICAL + 1)

    async def answer_at(self, addresses):
        """Answer in the networks of these IPv4 addresses of this computer, and in no others. If
        they are the same as before, that is all; but after a failure it tries again.
        """
        if self._zeroconf and addresses == self._addresses:
            return
        await self.stop()
        if not addresses:
            return
        from zeroconf import Error

        try:
            name = await self._start(addresses)
        # A TimeoutError is no OSError before Python 3.11.
        except (OSError, Error, asyncio.TimeoutError) as error:
            await self.stop()
            reason = getattr(error, "strerror", None) or type(error).__name__
            self._warn(f"the network gives no name ({reason}): use the address")
            return
        if name is None:
            await self.stop()
            last = f"{self._name}-{_MOST_NAMES}.local"
            self._warn(f"others have all names up to {last}: use the address")
            return
        self._addresses = addresses
        self._warnings.over("name")
        self._told(f"{name}.local")

    async def stop(self):
        """Say good-bye, so that nobody keeps the name in mind."""
        if self._zeroconf is None:
            return
        ending, self._zeroconf = self._zeroconf, None
        try:
            await asyncio.wait_for(ending.async_close(), _BYE_S)
        except (OSError, asyncio.TimeoutError):
            # The network has gone.
            pass

    async def _start(self, addresses):
        """Return the name, None if all are taken."""
        from zeroconf import IPVersion, ServiceInfo
        from zeroconf.asyncio import AsyncZeroconf

        # In other networks the addresses would mean other computers.
        self._zeroconf = AsyncZeroconf(interfaces=addresses, ip_version=IPVersion.V4Only)
        await self._zeroconf.zeroconf.async_wait_for_start()
        name = await self._free_name()
        if name is None:
            return None
        info = ServiceInfo(
            self._type,
            f"{name}.{self._type}",
            port=self._port,
            properties={"path": "/"},
            server=f"{name}.local.",
            addresses=[socket.inet_aton(address) for address in addresses],
        )
        # The name has just been asked for. The package's own check would go through all that
        # neighbours claim, which may be ten thousand names.
        sent = await self._zeroconf.async_register_service(info, cooperating_responders=True)
        self._watch(info.server, set(info.addresses))
        await sent
        return name

    async def _free_name(self):
        from zeroconf import AddressResolver

        for number in range(1, _MOST_NAMES + 1):
            name = self._name if number == 1 else f"{self._name}-{number}"
            asked = AddressResolver(f"{name}.local.")
            if not await asked.async_request(self._zeroconf.zeroconf, _TAKEN_MS):
                return name
        return None

    def _watch(self, server, own):
        """Warn, once, if somebody else answers for the name."""
        from zeroconf import DNSAddress, RecordUpdateListener

        warn = self._warn

        class Watcher(RecordUpdateListener):
            has_warned = False

            def async_update_records(self, zc, now, records):
                for update in () if self.has_warned else records:
                    record = update.new
                    is_ours = not isinstance(record, DNSAddress) or record.address in own
                    if is_ours or record.key != server or record.is_expired(now):
                        continue
                    self.has_warned = True
                    family = socket.AF_INET if len(record.address) == 4 else socket.AF_INET6
                    other = socket.inet_ntop(family, record.address)
                    warn(f"{other} answers for {server[:-1]} too: use the address, not the name")

        self._zeroconf.zeroconf.async_add_listener(Watcher(), None)

    def _warn(self, text):
        self._warnings.warning("name", "no-name", text)
