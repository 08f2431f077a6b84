"""sync_clock with an NTP server on loopback: which answers it accepts, and which it refuses."""

import contextlib
import datetime
import random
import socket

from partysocket.clock import _date

from .devices import done
from .ntp import UNIX, NtpServer, good, packet

_NOW = 1_795_488_325  # 2026
_HASTY = {"timeout_ms": 300}


def asked(interpreter, *asks, **how):
    """The results of sync_clock with each of these arguments."""
    return done(interpreter, [{"what": "clock", "arguments": ask, **how} for ask in asks])


def outcomes(interpreter, answers, arguments=(), **how):
    """The results of asking a server with each of the answers, and the queries that it got."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(NtpServer(answer)) for answer in answers]
        asks = [{"host": "127.0.0.1", "port": s.port, **dict(arguments)} for s in servers]
        return asked(interpreter, *asks, **how), [server.queries for server in servers]


def test_the_time_is_told_returned_and_set(interpreter):
    times = [
        (_NOW, 0.25, 0),
        # Rounded to the nearest second.
        (_NOW, 0.75, 1),
        # The last second of NTP's first era, in 2036.
        (2**32 - UNIX - 1, 0.0, 0),
        # The first second of its second era: the field is 0.
        (2**32 - UNIX, 0.25, 0),
        (2_300_000_000, 0.0, 0),  # 2042
        # 2104: the last one.
        (2**32 - UNIX + 2**31 - 1, 0.0, 0),
    ]
    answers = [good(seconds, fraction=fraction) for seconds, fraction, _ in times]
    found, queries = outcomes(interpreter, answers)
    for (seconds, _, more), result in zip(times, found):
        late = result["seconds"] - seconds - more
        assert 0 <= late <= 10, "half of the round trip is added"
        assert result["told"] == [result["seconds"]]
    for (query,) in queries:
        # Version 4, client.
        assert len(query) == 48 and query[0] == 0x23
        assert query[1:40] == bytes(39), "nothing about this device"
    assert len({query[40:48] for (query,) in queries}) == len(times)


WRONG = {
    "no answer": (lambda query: [], "no answer within 300 ms"),
    "short": (lambda query: [packet(query, _NOW)[:47]], "no more than 47 bytes"),
    "empty": (lambda query: [b""], "no more than 0 bytes"),
    "another's answer": (good(_NOW, origin=bytes(8)), "no answer to our question"),
    "a client's packet": (good(_NOW, mode=3), "no answer of a server (mode 3)"),
    "a broadcast": (good(_NOW, mode=5), "no answer of a server (mode 5)"),
    "our own query": (lambda query: [query], "no answer to our question"),
    "kiss-o'-death": (good(_NOW, stratum=0, refid=b"RATE"), "refuses: RATE"),
    "a kiss of junk": (good(_NOW, stratum=0, refid=b"\r\n\x00\xff"), "refuses: "),
    "stratum 16": (good(_NOW, stratum=16), "does not know the time itself"),
    "its clock is not set": (good(_NOW, leap=3), "does not know the time itself"),
    "no time": (lambda query: [packet(query, _NOW)[:40] + bytes(8)], "does not know the time"),
    "2001": (good(1_000_000_000), "a time before 2025"),
}


def test_every_other_answer_is_refused_with_its_reason_and_sets_nothing(interpreter):
    found, _ = outcomes(interpreter, [answer for answer, _ in WRONG.values()], _HASTY)
    for (name, (_, text)), result in zip(WRONG.items(), found):
        assert text in result.get("error", ""), (name, result)
        assert "127.0.0.1" in result["error"] and not result["is_os_error"]
        assert result["told"] == [] and result["error"].isprintable()
        assert "within" not in text or result["turns"] > 1, "others run meanwhile"


def test_a_forged_answer_before_the_right_one_does_not_count(interpreter):
    forged = [
        lambda query: packet(query, _NOW + 9999, origin=b"guessed!"),
        lambda query: packet(query, _NOW + 9999, stratum=0, refid=b"DENY", origin=bytes(8)),
        lambda query: packet(query, _NOW + 9999)[:20],
        lambda query: packet(query, _NOW + 9999, mode=1),
    ]

    def answer(query):
        return [forge(query) for forge in forged] + [packet(query, _NOW)]

    (result,), _ = outcomes(interpreter, [answer])
    assert 0 <= result["seconds"] - _NOW <= 10


def test_an_answer_from_another_port_is_not_heard(interpreter):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        with NtpServer(good(_NOW), other) as server:
            ask = {"host": "127.0.0.1", "port": server.port, **_HASTY}
            (result,) = asked(interpreter, ask)
        assert server.queries and "no answer within" in result["error"]


def test_what_the_network_says_is_an_os_error(interpreter):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    nowhere = {"host": "nowhere.invalid", "timeout_ms": 20_000}
    refused, unknown = asked(interpreter, {"host": "127.0.0.1", "port": port}, nowhere)
    assert refused["is_os_error"] and unknown["is_os_error"]


def test_a_board_sets_its_rtc_whatever_its_epoch():
    # The leap day of 2028, and the day after it.
    times = [_NOW, 1_835_395_199, 1_835_395_200, 2_300_000_000]
    found, _ = outcomes("micropython", [good(t, fraction=0) for t in times], rtc=True)
    for seconds, result in zip([r["seconds"] for r in found], found[-1]["rtc"]):
        when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        date = [when.year, when.month, when.day, when.isoweekday()]
        assert result == [*date, when.hour, when.minute, when.second, 0]


def test_a_computers_clock_is_left_alone(interpreter):
    ((result,), _) = outcomes(interpreter, [good(_NOW)], rtc=False)
    assert 0 <= result["seconds"] - _NOW <= 10


def test_dates_are_the_calendars():
    seed = random.SystemRandom().randrange(2**32)
    print("seed:", seed)
    chance = random.Random(seed)
    # 2000 has a leap day, 2100 has none.
    leap_days = [951_782_400, 4_107_542_399]
    for seconds in [0, *leap_days, *(chance.randrange(2**33) for _ in range(5000))]:
        when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        expected = (*when.timetuple()[:6], when.weekday())
        assert _date(seconds) == expected
