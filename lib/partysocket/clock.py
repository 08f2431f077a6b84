"""The time of day, asked of an NTP server: a certificate's dates can't be checked without.

await partysocket.clock.sync_clock() does it.
"""

import asyncio

from micropython import const

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import Error, net, ticks_diff

try:
    from .net.udp import Datagrams, set_rtc
except ImportError:  # no module `socket`: CircuitPython
    from .net.circuitpython_clock import Datagrams, set_rtc

_STEP_MS = const(10)  # between looks at the socket
_BYTES = const(48)  # of a packet without extensions (RFC 4330 4)
_QUERY = const(0x23)  # leap 0, version 4, mode 3: client
_SERVER = const(4)  # the mode of an answer
_NOT_SET = const(3)  # leap: the server's own clock isn't
_MOST_STRATUM = const(15)
_UNIX = 2208988800  # seconds from 1900 to 1970
_ERA = 4294967296  # of seconds since 1900: the second one begins in 2036
_OLDEST = 1735689600  # 2025: no answer is from before
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


async def sync_clock(host="pool.ntp.org", port=123, timeout_ms=5000, set_clock=None):
    """Ask an NTP server for the time, once, and set this device's clock by it: its RTC, or
    what `set_clock(seconds)` sets. Returns the seconds since 1970, UTC. A computer's own clock is
    left alone. Error: no usable answer within `timeout_ms`; OSError: the network's.

    The answer is not signed: who sits between can forge it, but not who can only guess.
    """
    begun = net.ticks_ms()
    origin = net.urandom(8)  # our "transmit time", which nobody needs to know: it comes back
    query = bytearray(_BYTES)
    query[0] = _QUERY
    query[40:48] = origin
    flaw = "no answer"
    asked = None
    peer = Datagrams(host, port)
    try:
        while ticks_diff(net.ticks_ms(), begun) < timeout_ms:
            if asked is None and peer.is_ready():
                asked = net.ticks_ms()
                peer.send(query)
            answer = peer.receive(_BYTES) if asked is not None else None
            if answer is None:
                await asyncio.sleep(_STEP_MS / 1000)
                continue
            flaw = _not_ours(answer, origin)
            if flaw is None:
                trip_ms = ticks_diff(net.ticks_ms(), asked)
                seconds = _seconds(host, answer, trip_ms)
                (set_clock or _set_clock)(seconds)
                return seconds
    finally:
        peer.close()
    raise Error("the time server %s: %s within %d ms" % (host, flaw, timeout_ms))


def _not_ours(answer, origin):
    """Why a datagram is no answer to our query, or None. Anybody could have sent it: wait on."""
    if len(answer) < _BYTES:
        return "no more than %d bytes" % len(answer)
    if answer[24:32] != origin:
        return "no answer to our question"
    if answer[0] & 7 != _SERVER:
        return "no answer of a server (mode %d)" % (answer[0] & 7)
    return None


def _seconds(host, answer, trip_ms):
    """The seconds since 1970 that an answer tells, to the nearest; Error if it has none."""
    stratum = answer[1]
    if stratum == 0:  # a "kiss-o'-death" (RFC 5905 7.4): DENY, RATE ...
        code = "".join([chr(b) for b in answer[12:16] if 32 < b < 127])
        raise Error("the time server %s refuses: %s" % (host, code))
    whole = int.from_bytes(answer[40:44], "big")
    if stratum > _MOST_STRATUM or answer[0] >> 6 == _NOT_SET or answer[40:48] == bytes(8):
        raise Error("the time server %s does not know the time itself" % host)
    if whole < _ERA >> 1:  # RFC 4330 3: from 2036 on
        whole += _ERA
    ms = (answer[44] << 8 | answer[45]) * 1000 >> 16
    seconds = whole - _UNIX + (ms + trip_ms // 2 + 500) // 1000
    if seconds < _OLDEST:
        raise Error("the time server %s tells a time before 2025" % host)
    return seconds


def _set_clock(seconds):
    set_rtc(_date(seconds))


def _date(seconds):
    """UTC as (year, month, day, hour, minute, second, weekday from Monday = 0), whatever the year
    from which this board's own clock counts.
    """
    days, rest = divmod(seconds, 86400)
    weekday = (days + 3) % 7  # 1970 began on a Thursday
    year = 1970
    while days >= (length := 366 if _is_leap(year) else 365):
        days -= length
        year += 1
    month = 1
    while days >= (length := _DAYS[month - 1] + (month == 2 and _is_leap(year))):
        days -= length
        month += 1
    return year, month, days + 1, rest // 3600, rest // 60 % 60, rest % 60, weekday


def _is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
