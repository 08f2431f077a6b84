"""What debug_logger is told of dials that fail; and what a server says itself when it refuses."""

from simulation.clock import clock

from .world import HANGS, OPEN, REFUSE, Log, each

_REFUSED = "partysocket: no connection to server:80 (tcp): refused: nothing listens on that port; "


async def claim_of_dials_that_fail_in_a_row_the_first_is_told(world):
    world.plans = [REFUSE, REFUSE, REFUSE, OPEN]
    world.websocket()
    peer = await world.next()
    (line,) = world.told
    assert line.startswith(_REFUSED) and line.endswith(" Next dial in 1 s."), line
    # A connection that is lost is no dial that failed; the dial after it is, and begins a row.
    for _ in range(2):
        del world.told[:]
        world.meet(OPEN)
        peer.reset()
        peer = await world.next()
        assert world.told == []
        world.meet(REFUSE, REFUSE, OPEN)
        peer.end()
        peer = await world.next()
        assert len(world.told) == 1 and world.told[0].startswith(_REFUSED), world.told


async def claim_a_row_ends_with_a_connection_and_not_with_the_applications_orders(world):
    world.plans = [REFUSE]
    ws = world.websocket()
    await clock.sleep(100)
    for order in (ws.reconnect, ws.close, ws.reconnect):
        order()
        await clock.sleep(5000)
    assert len(world.told) == 1, world.told


@each("close", "reconnect")
async def claim_an_order_that_ends_a_dial_is_no_failure(world, order):
    world.plans = [HANGS, OPEN]
    ws = world.websocket()
    await clock.sleep(100)
    getattr(ws, order)()
    await clock.sleep(5000)
    assert world.told == [] and ws.last_error is None


async def claim_who_debugs_has_one_line_for_each_end(world):
    world.plans = [REFUSE, REFUSE, OPEN]
    ws = world.websocket("ws://server/path?token=SECRET", debug=True)
    log = Log(ws)
    peer = await world.next()
    world.meet(HANGS)
    peer.reset()
    await clock.sleep(100)
    ws.close()
    begins = (
        "dial 1: ws://server/path",
        "no connection to server:80 (tcp): refused: ",
        "dial 2: ws://server/path",
        "ended in phase tcp: %s. " % [e.message for e in log.events if e.type == "error"][1],
        "dial 3: ws://server/path",
        "open",
        "ended in phase websocket: ",
    )
    lines = [line[len("partysocket: ") :] for line in world.told]
    assert len(lines) == len(begins), lines
    for line, begin in zip(lines, begins):
        assert line.startswith(begin), (line, begin)
        assert ("Next dial in" in line) is begin.startswith(("no ", "ended"))
    assert "SECRET" not in "".join(lines)


@each(
    ("wss://server/?token=SECRET", " to server:443 (tcp): "),
    ("ws://server:8080/a?token=SECRET", " to server:8080 (tcp): "),
    ("ws://[::1]:1999/", " to [::1]:1999 (tcp): "),
)
async def claim_the_host_and_the_port_are_told(world, url, words):
    world.plans = [REFUSE]
    world.websocket(url, ssl=False)
    await clock.sleep(500)
    line = world.told[-1]
    assert "no connection" + words in line and "SECRET" not in line, line


async def claim_the_last_dial_is_told_as_the_last(world):
    world.plans = [REFUSE]
    ws = world.websocket(max_retries=0)
    await ws.wait_closed()
    assert len(world.told) == 1 and world.told[0].endswith(" No dial follows."), world.told


def _two_lines():
    raise ValueError("one line\n  and another")


async def claim_what_a_provider_raises_is_told_in_one_line(world):
    world.websocket(_two_lines, min_reconnection_delay=1500)
    await clock.sleep(100)
    (line,) = world.told
    assert line == "partysocket: no connection (provider): one line and another. Next dial in 2 s."


# The server's own sentence.


def _refusal(body, head=b"", length=None):
    length = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    return b"HTTP/1.1 403 No\r\n" + head + length + b"\r\n" + body


_CLOSES = b"HTTP/1.1 403 No\r\nConnection: Close\r\n\r\n"


async def _told_by(world, answer, retry_after=None):
    """The message of the error event, and of last_error."""
    world.plans = [{"answer": answer}]
    ws = world.websocket()
    log = Log(ws)
    await clock.sleep(100)
    (error,) = [event for event in log.events if event.type == "error"]
    assert ws.last_error == ("http", error.message)
    assert (error.error.status, error.error.retry_after) == (403, retry_after)
    return error.message


@each(
    (b"your token only reads", "your token only reads"),
    (b'{"error": "no room \\u00e4"}', "no room \u00e4"),
    ("schlie\u00dft um zw\u00f6lf".encode(), "schlie\u00dft um zw\u00f6lf"),
    (b" one\r\ntwo\t\x00\x1b[31m\x7fthree\n", "one two [31m three"),
    ("a\u0085b\u009bc".encode(), "a b c"),
    (b"n" * 256, "n" * 256),
    (b"n" * 257, ""),
    (b"", ""),
    (b"   \r\n", ""),
    (b"\xff\xfe", ""),
    (b'{"error": 5}', ""),
    (b'{"error": {"a": "b"}}', ""),
    (b'{"why": "no"}', ""),
    (b'{"error": "cut', ""),
    (b"<!DOCTYPE HTML>\n<HTML><BODY>No</BODY></HTML>", ""),
)
async def claim_the_servers_sentence_is_in_the_error(world, body, sentence):
    wanted = "the server answered 403" + (sentence and ": " + sentence)
    told = await _told_by(world, _refusal(body, b"Retry-After: 7\r\n"), 7)
    assert told == wanted, repr(told)


async def claim_a_sentence_may_come_later_than_the_head_and_in_pieces(world):
    def answer(peer):
        peer.say_slowly(_refusal(b"your token only reads"), 5, 2)
        return b""

    assert await _told_by(world, answer) == "the server answered 403: your token only reads"


@each(
    (_CLOSES + b"full", "the server answered 403: full"),
    # The half of it, which may be half a secret.
    (_refusal(b"half", length=20), "the server answered 403"),
)
async def claim_a_sentence_may_end_with_the_connection(world, whole, told):
    def answer(peer):
        peer.say(whole)
        peer.end()
        return b""

    assert await _told_by(world, answer) == told


@each(
    b"HTTP/1.1 403 No\r\n\r\nnobody says how long this is",
    b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n",
    _refusal(b"no", length=99999999999999),
    b"HTTP/1.1 403 No\r\nContent-Length: -5\r\n\r\nno",
    b"HTTP/1.1 403 No\r\nContent-Length: some\r\n\r\nno",
    _CLOSES + b"x" * 400,
)
async def claim_what_has_no_known_end_is_not_waited_for(world, answer):
    assert await _told_by(world, answer) == "the server answered 403"


async def claim_a_sentence_that_does_not_come_costs_the_dials_time_and_not_the_reason(world):
    world.plans = [{"answer": _refusal(b"", b"Retry-After: 7\r\n", 20)}]
    ws = world.websocket(connection_timeout=3000, retry_rules="always")
    log = Log(ws)
    await clock.sleep(2900)
    assert log == []
    await clock.sleep(200)
    assert log.names() == ["error", "close", "reconnecting"]
    error = log.events[0].error
    assert (str(error), error.status, error.retry_after) == ("the server answered 403", 403, 7)
    assert len(world.told) == 1 and "TIMEOUT" not in world.told[0]


async def claim_it_may_be_closed_while_it_waits_for_a_sentence(world):
    world.plans = [{"answer": _refusal(b"", length=20)}]
    ws = world.websocket()
    log = Log(ws)
    await clock.sleep(100)
    ws.close()
    await ws.wait_closed()
    assert log.names() == ["close"] and world.told == []


async def claim_a_sentence_is_not_longer_than_the_receive_buffer(world):
    world.plans = [{"answer": _refusal(b"n" * 200)}]
    ws = world.websocket(receive_bytes=150)
    await clock.sleep(100)
    assert ws.last_error == ("http", "the server answered 403")
