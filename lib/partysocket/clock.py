"""Sets the clock from an NTP server. Without the time, the dates of certificates can't be checked.

Call it with `await partysocket.clock.sync_clock()`.
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
except ImportError:
    # CircuitPython has no module `socket`.
    from .net.circuitpython_clock import Datagrams, set_rtc

# How often the socket is polled.
_STEP_MS = const(10)
# A packet without extensions (RFC 4330 4).
_BYTES = const(48)
_QUERY = const(0x23)  # leap 0, version 4, mode 3 (client)
_SERVER = const(4)  # the mode of a server's answer
_NOT_SET = const(3)  # the leap of a server whose own clock is not set
_MOST_STRATUM = const(15)
_UNIX = 2208988800  # seconds from 1900 to 1970
# NTP's seconds since 1900 wrap at this number. The second era begins in 2036.
_ERA = 4294967296
# 2025. An earlier time can't be right.
_OLDEST = 1735689600
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


async def sync_clock(host="pool.ntp.org", port=123, timeout_ms=5000, set_clock=None):
    """Ask an NTP server for the time once, and set the device's clock. `set_clock(seconds)` sets
    it, or without that the RTC is set. The clock of a computer is not changed. Returns the seconds
    since 1970, UTC. Raises Error if no usable answer came within `timeout_ms`, and OSError for
    errors of the network.

    The answer is not signed. An attacker who can read the packets can forge it. One who can't read
    them can't.
    """
    begun = net.ticks_ms()
    # Our "transmit time". The server copies it into its answer and does not use it otherwise, so
    # random bytes identify the answer.
    origin = net.urandom(8)
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
    """Return why a datagram is not the answer to our query, or None if it is. Other datagrams are
    ignored, because anybody can send them.
    """
    if len(answer) < _BYTES:
        return "no more than %d bytes" % len(answer)
    if answer[24:32] != origin:
        return "no answer to our question"
    if answer[0] & 7 != _SERVER:
        return "no answer of a server (mode %d)" % (answer[0] & 7)
    return None


def _seconds(host, answer, trip_ms):
    """Return the time of an answer in whole seconds since 1970. Raise Error if it has no time."""
    stratum = answer[1]
    # A "kiss-o'-death" (RFC 5905 7.4): DENY, RATE ...
    if stratum == 0:
        code = "".join([chr(b) for b in answer[12:16] if 32 < b < 127])
        raise Error("the time server %s refuses: %s" % (host, code))
    whole = int.from_bytes(answer[40:44], "big")
    if stratum > _MOST_STRATUM or answer[0] >> 6 == _NOT_SET or answer[40:48] == bytes(8):
        raise Error("the time server %s does not know the time itself" % host)
    # RFC 4330 3: this is a time from 2036 on.
    if whole < _ERA >> 1:
        whole += _ERA
    ms = (answer[44] << 8 | answer[45]) * 1000 >> 16
    seconds = whole - _UNIX + (ms + trip_ms // 2 + 500) // 1000
    if seconds < _OLDEST:
        raise Error("the time server %s tells a time before 2025" % host)
    return seconds


def _set_clock(seconds):
    set_rtc(_date(seconds))


def _date(seconds):
    """Convert to UTC as (year, month, day, hour, minute, second, weekday with Monday = 0). It does
    not use the board's own functions, which may count from another year.
    """
    days, rest = divmod(seconds, 86400)
    # 1970 began on a Thursday.
    weekday = (days + 3) % 7
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
