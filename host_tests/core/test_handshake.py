"""The upgrade, in the exact bytes of RFC 6455 4.1, and which answers to it are accepted."""

from claims import raised

from partysocket.core.errors import Error, HandshakeError
from partysocket.core.handshake import Response, accepted_key, request
from partysocket.core.headers import check_header, check_text
from partysocket.core.refusal import asked_by

# 1.3 and 4.2.2: the RFC's own key and the answer to it.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
GOOD = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
GOOD += (b"Sec-WebSocket-Accept: " + ACCEPT,)
BUSY = b"HTTP/1.1 503 x"
PROTOCOL = b"Sec-WebSocket-Protocol: "


def answered(lines, protocols=()):
    """Return the Response for these lines and an empty one."""
    response = Response(ACCEPT, protocols)
    for line in lines:
        assert response.feed(line) is False
    assert response.feed(b"") is True
    return response


def refused(lines, protocols=()):
    """Return the HandshakeError for these lines."""
    return raised(HandshakeError, answered, lines, protocols)


def with_line(i, line):
    """The good answer with another line i, or without that line."""
    return GOOD[:i] + ((line,) if line is not None else ()) + GOOD[i + 1 :]


# The request.


def test_request_in_exact_bytes():
    # Wire fact 8: a path of PartyServer compares "websocket" in lower case.
    for host, target, protocols, headers, lines in (
        ("example.com", "/parties/main/room?_pk=1", (), {}, b""),
        ("[::1]:8787", "/", ("chat", "v2.x"), None, PROTOCOL + b"chat, v2.x\r\n"),
        ("h", "/", (), {"Authorization": "Bearer a.b"}, b"Authorization: Bearer a.b\r\n"),
        ("h", "/", ("a",), {"X-Name": "ä"}, PROTOCOL + b"a\r\nX-Name: \xc3\xa4\r\n"),
    ):
        assert request(host, target, KEY, protocols, headers) == (
            b"GET " + target.encode() + b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + lines
            + b"\r\n"
        )


def test_headers_of_the_upgrade_are_refused():
    names = "Host Upgrade Connection Content-Length Transfer-Encoding Sec-WebSocket-Key"
    names += " Sec-WebSocket-Version Sec-WebSocket-Protocol Sec-WebSocket-Extensions"
    # Wire fact 13: the router trusts these headers.
    names += " Sec-WebSocket-Anything x-partykit-props x-partykit-namespace x-partykit-room"
    for name in names.split():
        for spelling in (name, name.lower(), name.upper()):
            assert raised(ValueError, check_header, spelling, "a")
            assert raised(ValueError, request, "h", "/", KEY, (), {spelling: "a"})


def test_headers_cannot_split_the_request():
    for text in ("a\r\nEvil: 1", "a\nEvil: 1", "a\rb", "\r\n", "a\0b", "\x1f", "\x7f", "t\tb"):
        assert raised(ValueError, check_text, "it", text)
        assert raised(ValueError, check_header, text, "a")
        assert raised(ValueError, request, "h", "/", KEY, (), {"X-A": text})


def test_header_names_are_tokens_and_values_anything_printable():
    # RFC 9110 5.6.2
    for name in ["", " ", "a b", "ä", "a\x80"] + ["a" + c for c in ':,("/;=@[\\]{}<>?)']:
        assert raised(ValueError, check_header, name, "v"), name
    for name in ("A", "x-1", "!#$%&'*+-.^_`|~", "Cookie", "Origin", "X-Party", "Hosts"):
        for value in ("", " ", 'a:b, "c"; ~', "Bearer x.y-z_=="):
            check_header(name, value)
    for name, value in ((1, "a"), ("A", 1), ("A", None), (b"A", "a"), ("A", b"a")):
        assert raised(TypeError, check_header, name, value)


def test_errors_about_headers_do_not_tell_their_values():
    # Tokens are never logged, but errors are.
    for name, value in (
        ("Authorization", "Bearer secret\n"),
        ("Authorization", "secret\r\nEvil: 1"),
        ("Authorization", b"Bearer secret"),
        ("", "Bearer secret"),
    ):
        error = ValueError if isinstance(value, str) else TypeError
        assert "secret" not in str(raised(error, check_header, name, value))


def test_accepted_key_is_what_the_server_hashes():
    assert accepted_key("dGhl") == b"dGhl258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


# The answer.


def test_answers_that_open():
    for lines in (
        GOOD,
        # 4.1: Upgrade and Connection are compared case-insensitively. Header names always are.
        (b"HTTP/1.1 101 ok", b"UPGRADE: WebSocket", b"connection: uPGRADE")
        + (b"sec-websocket-ACCEPT: " + ACCEPT,),
        with_line(1, b"Upgrade:websocket"),
        with_line(1, b"Upgrade: \t websocket \t"),
        with_line(3, b"Sec-WebSocket-Accept:   " + ACCEPT + b"  "),
        GOOD + (b"Connection: keep-alive",),
        (GOOD[0], b"Connection: keep-alive") + GOOD[1:],
        GOOD + (b"Server: x", b"Date: y", b"X-Empty:", b"Set-Cookie: a=b:c"),
        with_line(0, b"HTTP/1.1 101"),
        with_line(0, b"HTTP/1.1 101 "),
        with_line(0, b"HTTP/1.1 101 a  b c"),
    ):
        response = answered(lines)
        assert (response.status, response.protocol) == (101, "")
    for value in (b"keep-alive, Upgrade", b"a,upgrade,b", b"a , UPGRADE ", b",,upgrade"):
        answered(with_line(2, b"Connection: " + value))


def test_answers_that_agree_wrongly_are_refused_with_101():
    connections = (b"keep-alive", b"upgraded", b"not-upgrade", b"", b"up grade", b"upgrade;x")
    upgrades = (b"h2c", b"", b"websockets", b"web socket", b"websocket2")
    # base64 is case-sensitive.
    accepts = (b"", ACCEPT[:-1], ACCEPT + b"x", ACCEPT.lower(), KEY.encode())
    told = set()
    for lines in (
        [with_line(i, None) for i in (1, 2, 3)]
        + [with_line(1, b"Upgrade: " + value) for value in upgrades]
        + [with_line(2, b"Connection: " + value) for value in connections]
        + [with_line(3, b"Sec-WebSocket-Accept: " + value) for value in accepts]
        # RFC 9112 5.1: with a space before the colon it is another name.
        + [with_line(1, b"Upgrade : websocket")]
        + [GOOD + (b"Sec-WebSocket-Extensions: permessage-deflate",), GOOD + (PROTOCOL + b"a",)]
    ):
        error = refused(lines)
        assert (error.status, error.retry_after) == (101, None), lines
        assert isinstance(error, Error)
        told.add(str(error))
    assert len(told) == 4, "each cause has its text"


def test_protocol_is_one_of_those_offered_or_none():
    # The subprotocol that the server has chosen.
    for lines, chosen in (((PROTOCOL + b"b",), "b"), ((PROTOCOL + b"a",), "a"), ((), "")):
        assert answered(GOOD + lines, ("a", "b")).protocol == chosen
    for value in (b"c", b"A", b"a, b", b"", b"ab"):
        refused(GOOD + (PROTOCOL + value,), ("a", "b"))
    for second in (b"a", b"b"):
        refused(GOOD + (PROTOCOL + b"a", PROTOCOL + second), ("a", "b"))


def test_other_statuses_are_told_and_where_they_lead_to_without_its_secrets():
    for status in (100, 200, 302, 404, 503, 599):
        error = refused(with_line(0, b"HTTP/1.1 %d Some Reason" % status))
        assert error.status == status and str(status) in str(error)
    for location in (b"https://else.where/x", b"https://me:secret@else.where/x?secret#secret"):
        error = refused((b"HTTP/1.1 302 Found", b"Location: " + location))
        assert "else.where/x" in str(error) and "secret" not in str(error)
    # Long lines are not shown whole.
    for lines in ((b"x" * 2000,), (b"HTTP/1.1 302 Found", b"Location: " + b"y" * 2000)):
        assert len(str(refused(lines))) < 200


def test_what_is_not_http_is_refused_on_its_first_line():
    for line in (
        b"",
        b"SSH-2.0-OpenSSH_9",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1 abc",
        b"HTTP/1.1 -1 x",
        b"HTTP/1.1 1x1",
        b"HTTP/2 101 x",
        b"http/1.1 101 x",
        b"\xff\xfe",
        b"HTTP/1.1  101 two spaces",
    ):
        assert raised(HandshakeError, Response(ACCEPT, ()).feed, line).status == 0, line


def test_header_lines_have_a_colon_and_are_at_most_a_hundred():
    for line in (b"nonsense", b": value", b"\xff"):
        assert refused(GOOD + (line,)).status == 101
    # The status line counts, the empty line does not.
    most = GOOD + (b"A: b",) * (100 - len(GOOD))
    answered(most)
    assert refused(most + (b"A: b",)).status == 101


def test_retry_after_is_told_in_seconds():
    # RFC 9110 10.2.3. A value of any length: it is limited later, but never ignored.
    for value, wanted in (
        (b"0", 0),
        (b" 30 ", 30),
        (b"007", 7),
        (b"99999999", 99999999),
        (b"999999999999", 99999999),
        (b"", None),
        (b"-1", None),
        (b"1.5", None),
        (b"soon", None),
    ):
        for name in (b"Retry-After: ", b"RETRY-AFTER:"):
            assert refused((BUSY, name + value)).retry_after == wanted, value
    assert refused((BUSY,)).retry_after is None
    # A date is compared with the answer's own date.
    lines = [b"Date: Wed, 21 Oct 2015 07:28:00 GMT", b"Retry-After: Wed, 21 Oct 2015 07:30:05 GMT"]
    assert refused([BUSY] + lines).retry_after == 125
    assert refused([BUSY, lines[1], lines[0]]).retry_after == 125
    assert refused([BUSY, lines[1]]).retry_after is None


def test_what_a_server_asks_for_when_it_stops_is_read_from_the_reason_of_its_close():
    # The longest time that is still a small int in ms: six days.
    day = (1 << 19) * 1000
    for reason, asked in (
        ("the server stops; retry-after=20; spread=60", (20_000, 60_000)),
        ("retry-after=20", (20_000, 20_000)),
        ("spread=3;retry-after=0", (1, 3000)),
        ("retry-after=99999999999; spread=524289", (day, day)),
        ("spread=60", (0, 0)),
        ("retry-after=", (0, 0)),
        ("retry-after=-5; spread=6", (0, 0)),
        ("retry-after=\u0665", (0, 0)),
        ("", (0, 0)),
    ):
        assert asked_by(None, reason) == asked, reason
    busy = HandshakeError("busy", 503, 7)
    assert asked_by(busy, "retry-after=20; spread=60") == (7000, 7000)
    assert asked_by(HandshakeError("gone", 404), "") == (0, 0)
