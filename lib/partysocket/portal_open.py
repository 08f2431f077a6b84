"""The second step of an open portal: a small HTTP server, for one client at a time. What reads a
request, what answers it, and what answers a question for a name are files of their own. One of
them is in memory at a time, and none while nobody asks.
"""

import asyncio

from micropython import const

from .base import net, ticks_diff

_TURN_S = 0.05
# After so long it is the station's turn. Some radios may not change their channel for it while
# they have a client.
_SHARE_MS = const(120000)
# An answer needs so long to arrive at most.
_LINGER_S = const(2)
# EAGAIN of Linux and boards, macOS, and Windows.
_NOT_YET = (11, 35, 10035)
_SELF = const("portal_open")


async def serve(wifi, left_ms, note, socks, own, found, step):
    """Serve the page until there is a link, the time is over, or it is the station's turn. Returns
    (ssid, password) if somebody sent that. `step(name, kept)` loads a file, and unloads all
    steps but `kept`.
    """
    token = "".join(["%02x" % byte for byte in net.urandom(8)])
    begun = net.ticks_ms()
    while True:
        await asyncio.sleep(_TURN_S)
        status = wifi.status()
        open_ms = ticks_diff(net.ticks_ms(), begun)
        if status in ("up", "stopped") or open_ms >= min(left_ms, _SHARE_MS):
            return None
        try:
            asked = _now(socks[1].recvfrom, 300) if len(socks) > 1 else None
            if asked is not None:
                answer = step("portal_name", _SELF).answer(asked[0], own)
                step(None, _SELF)
                if answer is not None:
                    socks[1].sendto(answer, asked[1])
                asked = answer = None
            client = _now(socks[0].accept)
            if client is None:
                continue
            client = client[0]
            request = None
            try:
                client.setblocking(False)
                visit = _Visit(client)
                request = await step("portal_read", _SELF).read(visit, own, token)
                if request is not None:
                    page = step("portal_page", _SELF)
                    await page.answer(visit, own, token, note, found, *request)
            finally:
                page = None
                client.close()
                step(None, _SELF)
        # The client has gone.
        except OSError:
            continue
        if request is not None and request[1] is not None:
            await asyncio.sleep(_LINGER_S)
            return request[1]


class _Visit:
    """A client's connection, and how long it is there."""

    def __init__(self, sock):
        self._sock = sock
        self._begun = net.ticks_ms()

    def age_ms(self):
        return ticks_diff(net.ticks_ms(), self._begun)

    def recv(self, size):
        """Bytes, or None if there are none yet."""
        return _now(self._sock.recv, size)

    def send(self, data):
        """How many bytes were taken."""
        return _now(self._sock.send, data) or 0


def _now(call, *args):
    """The result of a socket's call, or None if it would have to wait."""
    try:
        return call(*args)
    except OSError as e:
        if e.errno in _NOT_YET:
            return None
        raise
