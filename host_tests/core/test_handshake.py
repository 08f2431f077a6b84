"""The upgrade, in the exact bytes of RFC 6455 4.1, and what of the answers to it is taken."""

from claims import raised

from partysocket.core.errors import Error, HandshakeError
from partysocket.core.handshake import Response, accepted_key, check_header, request

# 1.3 and 4.2.2: the RFC's own key and its answer
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
GOOD = (
    b"HTTP/1.1 101 Switching Protocols",
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Accept: " + ACCEPT,
)


def answered(lines, protocols=()):
    """The Response that these lines and an empty one make."""
    response = Response(ACCEPT, protocols)
    for line in lines:
        assert response.feed(line) is False
    assert response.feed(b"") is True
    return response


def refused(lines, protocols=()):
    """The HandshakeError that they make."""
    return raised(HandshakeError, answered, lines, protocols)


def replaced(i, line):
    """The good answer with another line i."""
    return GOOD[:i] + (line,) + GOOD[i + 1 :]


def without(i):
    return GOOD[:i] + GOOD[i + 1 :]


# The request.


def test_request_in_exact_bytes():
    assert request("example.com", "/parties/main/room?_pk=1", KEY, (), {}) == (
        b"GET /parties/main/room?_pk=1 HTTP/1.1\r\n"
        b"Host: example.com\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n"
        b"\r\n"
    )


def test_request_with_port_protocols_and_headers():
    assert request("[::1]:8787", "/", KEY, ("chat", "v2.x"), {"Authorization": "Bearer a.b"}) == (
        b"GET / HTTP/1.1\r\n"
        b"Host: [::1]:8787\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: chat, v2.x\r\n"
        b"Authorization: Bearer a.b\r\n"
        b"\r\n"
    )


def test_header_values_go_as_utf8():
    assert b"\r\nX-Name: \xc3\xa4\r\n\r\n" in request("h", "/", KEY, (), {"X-Name": "ä"})


def test_upgrade_is_sent_in_lower_case():
    # wire fact 8: one of partyserver's paths compares it exactly
    assert b"\r\nUpgrade: websocket\r\n" in request("h", "/", KEY, (), {})


def test_nothing_is_offered_or_asked_that_was_not_wanted():
    data = request("h", "/", KEY, (), {}).lower()
    for name in (b"extensions", b"origin", b"sec-websocket-protocol", b"cookie"):
        assert name not in data


def test_headers_of_the_upgrade_are_refused():
    for name in (
        "Host",
        "Upgrade",
        "Connection",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Anything",
        "x-partykit-props",  # wire fact 13: the router trusts them
        "x-partykit-namespace",
        "x-partykit-room",
        "x-partykit-jurisdiction",
    ):
        for spelling in (name, name.lower(), name.upper()):
            assert raised(ValueError, check_header, spelling, "a")
            assert raised(ValueError, request, "h", "/", KEY, (), {spelling: "a"})


def test_headers_cannot_split_the_request():
    for text in (
        "a\r\nEvil: 1",
        "a\nEvil: 1",
        "a\rb",
        "\r\n",
        "a\0b",
        "\x1f",
        "\x7f",
        "tab\there",
    ):
        assert raised(ValueError, check_header, "X-A", text)
        assert raised(ValueError, check_header, text, "a")
        assert raised(ValueError, request, "h", "/", KEY, (), {"X-A": text})


def test_header_names_are_tokens():
    # RFC 9110 5.6.2
    for name in (
        "",
        " ",
        "a b",
        "a:",
        ":a",
        "a,",
        "(a)",
        'a"',
        "a/b",
        "a;",
        "a=b",
        "a@",
        "[",
        "\\",
    ):
        assert raised(ValueError, check_header, name, "v"), name
    for name in ("ä", "a\x80", "{", "}", "<", ">", "?", "]"):
        assert raised(ValueError, check_header, name, "v"), name
    for name in ("A", "x-1", "!#$%&'*+-.^_`|~", "Cookie", "Origin", "X-Party", "Hosts"):
        check_header(name, "v")


def test_headers_are_str():
    for name, value in ((1, "a"), ("A", 1), ("A", None), (b"A", "a"), ("A", b"a")):
        assert raised(TypeError, check_header, name, value)


def test_header_values_may_be_empty_or_hold_anything_printable():
    for value in ("", " ", 'a:b, "c"; ~', "Bearer x.y-z_=="):
        check_header("A", value)


def test_errors_about_headers_do_not_tell_their_values():
    # API section 3: tokens are never logged; errors are
    for value in ("Bearer secret\n", "secret\r\nEvil: 1"):
        assert "secret" not in str(raised(ValueError, check_header, "Authorization", value))


def test_errors_about_headers_of_wrong_types_do_not_tell_their_values():
    error = raised(TypeError, check_header, "Authorization", b"Bearer secret")
    assert "secret" not in str(error)
    assert "secret" not in str(raised(ValueError, check_header, "", "Bearer secret"))


def test_accepted_key_is_what_the_server_hashes():
    assert accepted_key("dGhl") == b"dGhl258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


# The answer: taken.


def test_answer_that_opens():
    response = answered(GOOD)
    assert response.status == 101
    assert response.protocol == ""


def test_names_and_values_are_matched_whatever_their_case():
    # 4.1: Upgrade and Connection match case-insensitively; header names always do
    answered(
        (
            b"HTTP/1.1 101 ok",
            b"UPGRADE: WebSocket",
            b"connection: uPGRADE",
            b"sec-websocket-ACCEPT: " + ACCEPT,
        )
    )


def test_spaces_around_values_are_ignored():
    answered(replaced(1, b"Upgrade:websocket"))
    answered(replaced(1, b"Upgrade: \t websocket \t"))
    answered(replaced(3, b"Sec-WebSocket-Accept:   " + ACCEPT + b"  "))


def test_connection_is_a_list_of_tokens():
    for value in (
        b"keep-alive, Upgrade",
        b"Upgrade, keep-alive",
        b"a,upgrade,b",
        b"a , UPGRADE ",
        b",,upgrade",
    ):
        answered(replaced(2, b"Connection: " + value))
    for value in (b"keep-alive", b"upgraded", b"not-upgrade", b"", b"up grade", b"upgrade;x"):
        assert refused(replaced(2, b"Connection: " + value)).status == 101, value


def test_connection_may_come_on_two_lines():
    answered(GOOD + (b"Connection: keep-alive",))
    answered((GOOD[0], b"Connection: keep-alive") + GOOD[1:])


def test_other_headers_are_ignored():
    answered(GOOD + (b"Server: x", b"Date: y", b"X-Empty:", b"Set-Cookie: a=b:c"))


def test_status_line_needs_no_reason():
    answered(replaced(0, b"HTTP/1.1 101"))
    answered(replaced(0, b"HTTP/1.1 101 "))
    answered(replaced(0, b"HTTP/1.1 101 a  b c"))


# The answer: refused.


def test_each_missing_header_is_refused():
    for i in (1, 2, 3):
        error = refused(without(i))
        assert error.status == 101
        assert error.retry_after is None
        assert isinstance(error, Error)


def test_wrong_upgrade_is_refused():
    for value in (b"h2c", b"", b"websockets", b"web socket", b"websocket2"):
        assert refused(replaced(1, b"Upgrade: " + value)).status == 101


def test_wrong_accept_is_refused():
    for value in (
        b"",
        ACCEPT[:-1],
        ACCEPT + b"x",
        ACCEPT.lower(),  # base64 has a case
        b"dGhlIHNhbXBsZSBub25jZQ==",
    ):
        assert refused(replaced(3, b"Sec-WebSocket-Accept: " + value)).status == 101


def test_extension_that_was_not_asked_for_is_refused():
    error = refused(GOOD + (b"Sec-WebSocket-Extensions: permessage-deflate",))
    assert error.status == 101


def test_protocol_is_one_of_those_offered():
    header = b"Sec-WebSocket-Protocol: "
    assert answered(GOOD + (header + b"b",), ("a", "b")).protocol == "b"
    assert answered(GOOD + (header + b"a",), ("a",)).protocol == "a"
    for value in (b"c", b"A", b"a, b", b"", b"ab"):
        refused(GOOD + (header + value,), ("a", "b"))
    refused(GOOD + (header + b"a",))


def test_no_protocol_is_taken_also_when_some_were_offered():
    # API section 2
    assert answered(GOOD, ("a", "b")).protocol == ""


def test_protocol_named_twice_is_refused():
    header = b"Sec-WebSocket-Protocol: "
    refused(GOOD + (header + b"a", header + b"b"), ("a", "b"))
    refused(GOOD + (header + b"a", header + b"a"), ("a", "b"))


def test_other_statuses_are_refused_with_their_number():
    for status in (100, 200, 204, 301, 302, 400, 401, 403, 404, 410, 426, 429, 500, 503, 599):
        error = refused(replaced(0, b"HTTP/1.1 %d Some Reason" % status))
        assert error.status == status
        assert str(status) in str(error)


def test_location_of_a_redirect_is_told():
    error = refused((b"HTTP/1.1 302 Found", b"Location: https://else.where/x"))
    assert error.status == 302
    assert "https://else.where/x" in str(error)


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
        error = raised(HandshakeError, Response(ACCEPT, ()).feed, line)
        assert error.status == 0, line


def test_header_without_a_colon_is_refused():
    for line in (b"nonsense", b": value", b"\xff"):
        response = Response(ACCEPT, ())
        response.feed(GOOD[0])
        assert raised(HandshakeError, response.feed, line).status == 101


def test_space_before_the_colon_makes_another_name():
    # RFC 9112 5.1: not a header to be trusted
    refused(replaced(1, b"Upgrade : websocket"))


def test_header_lines_are_counted():
    # 100 lines, the status line and the empty one among them
    for n in (98, 99):
        lines = GOOD + (b"A: b",) * (n - len(GOOD))
        answered(lines)
    response = Response(ACCEPT, ())
    response.feed(GOOD[0])
    for _ in range(99):
        response.feed(b"A: b")
    for line in (b"A: b", b""):
        assert raised(HandshakeError, response.feed, line).status == 101


def test_long_lines_are_not_repeated_whole_in_the_error():
    error = raised(HandshakeError, Response(ACCEPT, ()).feed, b"x" * 2000)
    assert len(str(error)) < 200
    error = refused((b"HTTP/1.1 302 Found", b"Location: " + b"y" * 2000))
    assert len(str(error)) < 200


# Retry-After: RFC 9110 10.2.3.


def test_retry_after_in_seconds():
    for value, wanted in (
        (b"0", 0),
        (b"1", 1),
        (b" 30 ", 30),
        (b"007", 7),
        (b"86400", 86400),
        (b"99999999", 99999999),
        (b"", None),
        (b"-1", None),
        (b"1.5", None),
        (b"soon", None),
        (b"3e2", None),
    ):
        for status in (429, 503):
            error = refused((b"HTTP/1.1 %d x" % status, b"Retry-After: " + value))
            assert error.retry_after == wanted, value


def test_retry_after_of_any_length_is_obeyed():
    # clamped later, but never taken for none
    error = refused((b"HTTP/1.1 503 x", b"Retry-After: 999999999999"))
    assert error.retry_after is not None and error.retry_after >= 99999999


def test_retry_after_as_a_date_is_read_against_the_answers_own_date():
    # API section 6
    for date in (b"Wed, 21 Oct 2015 07:28:00 GMT",):
        for lines in (
            (b"Date: " + date, b"Retry-After: Wed, 21 Oct 2015 07:30:05 GMT"),
            (b"Retry-After: Wed, 21 Oct 2015 07:30:05 GMT", b"Date: " + date),
        ):
            assert refused((b"HTTP/1.1 503 x",) + lines).retry_after == 125


def test_retry_after_is_told_whatever_the_case_of_its_name():
    assert refused((b"HTTP/1.1 503 x", b"RETRY-AFTER: 5")).retry_after == 5


def test_without_retry_after_there_is_none():
    assert refused((b"HTTP/1.1 503 x",)).retry_after is None
