"""PartySocket.fetch on both interpreters, with a scripted HTTP server and the real PartyServer."""

import contextlib
import json
import re
import socket
import tempfile
import threading
import uuid

import pytest

from needs import need_workerd
from partyserver import PartyServer

from .devices import Device

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class HttpServer:
    """Answers one connection after the other with the next of `answers`: bytes, a list of bytes
    (written one by one), or None for silence.
    """

    def __init__(self, *answers):
        self.answers = answers
        # Head and body of each.
        self.requests = []
        # The number of connections that the client has ended.
        self.ended = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self._listener.close()

    def _serve(self):
        for answer in self.answers:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, contextlib.suppress(ConnectionError):
                self._answer(connection, answer)

    def _answer(self, connection, answer):
        request = connection.makefile("rb")
        head = "".join(line.decode() for line in iter(request.readline, b"\r\n"))
        length = re.search(r"(?i)content-length: (\d+)", head)
        self.requests.append((head, request.read(int(length[1]) if length else 0)))
        if answer is None:
            request.read()
            self.ended += 1
            return
        for piece in [answer] if isinstance(answer, bytes) else answer:
            connection.sendall(piece)


def fetched(interpreter, host, *fetches):
    """The results of fetches, from a new process."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump({"host": host, "fetches": fetches}, file)
    with Device(interpreter, "host_tests/e2e/fetcher.py", file.name) as device:
        assert device.wait_end() == 0, device.lines
        device.wait_output()
        return [json.loads(line) for line in device.lines]


def test_the_address_and_the_head_are_partysockets(interpreter):
    with HttpServer(OK, OK, OK) as server:
        outcomes = fetched(
            interpreter,
            server.address,
            {"room": "a b", "party": "side", "path": "p/q", "query": {"x": "1 2"}},
            {"room": None, "base_path": "base", "headers": {"Authorization": "Bearer t"}},
            {"prefix": "rooms"},
        )
        assert [(o["status"], o["body"]) for o in outcomes] == [(200, "ok")] * 3
        heads = [head for head, _ in server.requests]
        assert heads[0].startswith("GET /parties/side/a%20b/p/q?x=1+2 HTTP/1.1\r\n")
        assert heads[1].startswith("GET /base? HTTP/1.1\r\n")
        assert "\r\nAuthorization: Bearer t\r\n" in heads[1]
        assert heads[2].startswith("GET /rooms/main/r? HTTP/1.1\r\n")
        assert f"\r\nHost: {server.address}\r\n" in heads[0]


BODY = "0123456789" * 300
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FORMS = {
    "length": [b"HTTP/1.1 201 Made\r\nContent-Length: 3000\r\n\r\n", BODY.encode()],
    "bytes": [bytes([b]) for b in b"HTTP/1.1 201 Made\r\nContent-Length: 3000\r\n\r\n"]
    + [BODY.encode()],
    "until the end": [b"HTTP/1.0 201 Made\r\n\r\n", BODY[:1000].encode(), BODY[1000:].encode()],
    "chunked": [
        CHUNKED.replace(b"200 OK", b"201 Made"),
        b"5;name=value\r\n01234\r\n",
        b"BB3\r\n" + BODY[5:].encode() + b"\r\n",
        b"0\r\nTrailer: x\r\n\r\n",
    ],
    "after interim answers": [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n",
        b"HTTP/1.1 201 Made\r\nContent-Length: 3000\r\n\r\n" + BODY.encode(),
    ],
    "bare line ends": [b"HTTP/1.1 201 Made\nContent-Length: 3000\n\n", BODY.encode()],
    "in the segment of the head": b"HTTP/1.1 201 Made\r\n\r\n" + BODY[:1000].encode(),
    "none": b"HTTP/1.1 201 Made\r\nX: y\r\n\r\n",
}


def test_every_form_of_a_body(interpreter):
    with HttpServer(*FORMS.values()) as server:
        outcomes = fetched(interpreter, server.address, *[{}] * len(FORMS))
        shortened = {"in the segment of the head": BODY[:1000], "none": ""}
        for form, outcome in zip(FORMS, outcomes):
            body = shortened.get(form, BODY)
            assert (outcome.get("status"), outcome.get("body")) == (201, body), (form, outcome)


PLAIN = "text/plain;charset=UTF-8"
# The request, and the Content-Length and Content-Type that are sent.
REQUESTS = [
    ({"method": "POST", "body": "früh" * 1000}, "5000", PLAIN),
    ({"method": "POST", "body": ""}, "0", PLAIN),
    ({"method": "POST", "body": "{}", "headers": {"Accept": "*/*"}}, "2", PLAIN),
    ({"method": "POST", "body": "{}", "headers": {"Content-Type": "a/b"}}, "2", "a/b"),
    ({"method": "PUT", "body": "{}", "headers": {"CONTENT-TYPE": "a/b"}}, "2", "a/b"),
    ({"method": "POST", "bytes": "{}"}, "2", None),
    ({"method": "PUT"}, "0", None),
    ({"method": "DELETE"}, None, None),
    ({}, None, None),
]


def test_methods_and_bodies_go_out_with_what_tells_of_them(interpreter):
    with HttpServer(*[OK] * len(REQUESTS)) as server:
        outcomes = fetched(interpreter, server.address, *[asked for asked, *_ in REQUESTS])
        assert [o.get("status") for o in outcomes] == [200] * len(REQUESTS), outcomes
        for (head, body), (asked, length, type) in zip(server.requests, REQUESTS):
            assert head.startswith(asked.get("method", "GET") + " ")
            assert body.decode() == asked.get("body", asked.get("bytes", ""))
            lines = [line.split(": ", 1) for line in head.splitlines() if ": " in line]
            told = {name.lower(): value for name, value in lines}
            assert (told.get("content-length"), told.get("content-type")) == (length, type), asked
            assert len(told) == len(lines), "a header twice"


def test_any_status_is_an_answer_and_nothing_is_followed(interpreter):
    answers = [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nSet-Cookie: a\r\nSET-COOKIE: b\r\nContent-Length: 0\r\n\r\n",
    ]
    bodiless = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    with HttpServer(*answers, bodiless) as server:
        asked = [*[{}] * 4, {"method": "HEAD"}]
        outcomes = fetched(interpreter, server.address, *asked)
        assert [o["status"] for o in outcomes] == [302, 404, 204, 500, 200]
        assert outcomes[3]["headers"]["set-cookie"] == "a, b"
        assert server.requests[4][0].startswith("HEAD ")
        assert outcomes[4]["body"] == "" and outcomes[4]["headers"]["content-length"] == "99"


BAD = {
    b"nonsense\r\n\r\n": "the answer is not HTTP",
    b"HTTP/1.1 abc\r\n\r\n": "the answer is not HTTP",
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n": "without a colon",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n": "more than 100 header lines",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 2000 + b"\r\n\r\n": "a header line of more than",
    b"HTTP/1.1 200 OK\r\nContent-Length: 16385\r\n\r\n": "max_body_bytes (16384)",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n": "a Content-Length of",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n": "a Content-Length of",
    b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 16385: "max_body_bytes (16384)",
    CHUNKED + b"4001\r\n": "max_body_bytes (16384)",
    CHUNKED + b"-1\r\n": "a chunk of the size",
    CHUNKED + b"FFFFFFFFFF\r\n": "a chunk of the size",
    CHUNKED + b"zz\r\n": "a chunk of the size",
    CHUNKED + b"2\r\nabc\r\n": "a chunk that is longer",
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc": "inside the body",
    b"HTTP/1.1 200": "inside the head",
    b"": "inside the head",
}


def test_what_is_wrong_raises_with_its_reason(interpreter):
    with HttpServer(*BAD) as server:
        outcomes = fetched(interpreter, server.address, *[{}] * len(BAD))
        for answer, outcome in zip(BAD, outcomes):
            assert BAD[answer] in outcome.get("text", ""), (answer[:60], outcome)


def test_silence_ends_at_the_deadline_and_the_socket_is_closed(interpreter):
    with HttpServer(None, OK) as server:
        silent, next_one = fetched(interpreter, server.address, {"timeout_ms": 200}, {})
        assert (silent["type"], silent["text"]) == ("Error", "TIMEOUT")
        assert next_one["status"] == 200
        assert server.ended == 1


def test_a_refused_connection_is_the_networks_error(interpreter):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    (outcome,) = fetched(interpreter, f"127.0.0.1:{port}", {})
    assert outcome["what"] == "raised" and outcome["type"] in ("OSError", "ConnectionRefusedError")


WRONG = [
    ({"room": None}, "fetch needs a room"),
    ({"path": "/x"}, "path must not start with a slash"),
    ({"protocol": "ftp"}, "protocol is"),
    ({"method": "GET /x HTTP/1.1\r\n"}, "no HTTP method"),
    ({"method": ""}, "method is a str"),
    ({"headers": {"Host": "evil"}}, "not the application's to set"),
    ({"headers": {"x-partykit-room": "r"}}, "not the application's to set"),
    ({"headers": {"A": "b\r\nC: d"}}, "control character"),
    ({"room": "a\r\nHost: evil"}, "control character"),
    ({"body": 7}, "body is str"),
    ({"query": 7}, "not a mapping"),
]


def test_wrong_arguments_are_named(interpreter):
    outcomes = fetched(interpreter, "127.0.0.1:1", *[arguments for arguments, _ in WRONG])
    for (arguments, text), outcome in zip(WRONG, outcomes):
        assert text in outcome.get("text", ""), (arguments, outcome)
        assert outcome["type"] in ("TypeError", "ValueError")


@pytest.mark.parametrize("party", ["main", "hib"])
def test_a_room_of_partyserver_answers(party, interpreter):
    room = str(uuid.uuid4())
    with PartyServer(need_workerd()) as server:
        (outcome,) = fetched(
            interpreter,
            server.address,
            {"room": room, "party": party, "method": "POST", "body": "früh", "query": {"a": "b"}},
        )
        answer = json.loads(outcome["body"])
        assert (answer["method"], answer["body"], answer["room"]) == ("POST", "früh", room)
        assert answer["path"].endswith("?a=b")
