"""No secret is shown: not in the debug log, an error, an event, a figure or the recorder, however
a dial ends, even if the server sends back what it got.
"""

import contextlib
import json

from core.wire import accepting

from .certificates import REFUSED
from .devices import run
from .server import FAULTS, Server, answering

# Each secret begins with it, so that a part of one is noticed too.
_MARK = "S3CR3T"
_QUERY, _HEADER, _USER, _PROTOCOL = (_MARK + kind for kind in ("query", "header", "user", "proto"))


def output_of(interpreter, jobs):
    """All output of a device with these jobs. It must not show a secret."""
    for job in jobs:
        limit = {"timeout_ms": 500}
        if job["what"] != "fetch":
            limit = {"connection_timeout": 500, "debug": True}
        job["arguments"] = {**job["arguments"], **limit}
    output = run(interpreter, "device.py", {"jobs": jobs, "hold": 0})
    name, found = None, {}
    for line in output.splitlines():
        if line.startswith("@ "):
            name = line[2:]
        elif _MARK in line:
            found.setdefault(name, []).append(line)
    assert name == "end", output
    assert found == {}
    return output


def dials(name, server, host="room.test", **ssl):
    """A WebSocket, a PartySocket and a fetch with secrets wherever they are possible."""
    at = f"{host}:{server.port}"
    scheme = "wss" if ssl else "ws"
    headers = {"Authorization": "Bearer " + _HEADER, "Cookie": "s=" + _HEADER}
    both = {"headers": headers, **ssl}
    place = {"host": at, "room": "r", "query": {"token": _QUERY}, "protocol": scheme, **both}
    protocols = {"protocols": ["chat", _PROTOCOL]}
    url = f"{scheme}://{at}/?token={_QUERY}"
    return [
        {"name": name, "what": "socket", "arguments": {"url": url, **protocols, **both}},
        {"name": name, "what": "party", "arguments": {**place, **protocols}},
        {"name": name, "what": "fetch", "arguments": place},
    ]


def test_refused_certificates_and_broken_tls_tell_no_secret(interpreter, shown):
    jobs = []
    with contextlib.ExitStack() as stack:
        for name in [*REFUSED, *FAULTS]:
            identity = shown.get(name, shown["good"])
            server = Server(identity.context, handshake=FAULTS.get(name))
            stack.enter_context(server)
            for ssl in (identity.root, False):
                jobs += dials(f"{name}, ssl={ssl}", server, identity.host, ssl=ssl)
        output = output_of(interpreter, jobs)
    assert "certificate was refused" in output and "TIMEOUT" in output


def echo(sock, peer):
    """An echo server without HTTP: it sends back the request itself."""
    sock.sendall(peer.request.encode())


def claiming(protocols, times=1):
    """A script that upgrades, and chooses these protocols, so many times."""
    line = f"Sec-WebSocket-Protocol: {protocols}\r\n".encode()
    return lambda sock, peer: sock.sendall(accepting(peer.request.encode(), line * times))


def redirect(sock, peer):
    """Redirect to a login page that learns where the client came from."""
    target = peer.request.split(" ")[1]
    location = f"http://u:{_USER}@room.test{target}"
    sock.sendall(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n".encode())


def echo_behind_a_status(sock, peer):
    """Send back the request as headers of the answer. Its first line has no colon."""
    sock.sendall(b"HTTP/1.1 200 OK\r\n" + peer.request.encode())


def echo_in_the_body(sock, peer):
    """Its request as the server's own sentence, as text or as JSON."""
    target, *lines = peer.request.split("\r\n")
    given = [line for line in lines if _MARK in line]
    text = f"no {target} with {'; '.join(given)}"[:200]
    body = (json.dumps({"error": text}) if "/parties/" in target else text).encode()
    sock.sendall(b"HTTP/1.1 403 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


REFUSALS = {
    **{
        str(status): answering(f"HTTP/1.1 {status} No\r\nRetry-After: 9\r\n\r\n".encode())
        for status in (200, 400, 401, 403, 404, 410, 426, 429, 500, 503)
    },
    "nothing": answering(b""),
    "wrong accept": answering(accepting(b"Sec-WebSocket-Key: x\r\n")),
    "redirect": redirect,
    "echo": echo,
    "echo behind a status": echo_behind_a_status,
    "echo in the body": echo_in_the_body,
    # As simple servers do.
    "all protocols": claiming(f"chat, {_PROTOCOL}"),
    "a protocol twice": claiming(_PROTOCOL, 2),
}


def test_http_refusals_tell_no_secret(interpreter):
    jobs = []
    with contextlib.ExitStack() as stack:
        for name, script in REFUSALS.items():
            jobs += dials(name, stack.enter_context(Server(None, script)))
        output = output_of(interpreter, jobs)
    assert "the server answered 503" in output


def test_names_that_do_not_resolve_and_refused_connections_tell_no_secret(interpreter):
    with Server() as server:
        pass
    output_of(interpreter, dials("", server) + dials("", server, host="nowhere.invalid"))


USERINFO = [
    f"wss://user:{_USER}@room.test/",
    f"wss://{_USER}@room.test/",
    f"wss://user:{_USER}?x@room.test/",
    f"wss://user:{_USER}#x@room.test/",
    f"wss://user:{_USER}/x@room.test/",
    f"wss://user:{_USER}\\x@room.test/",
    f"//user:{_USER}@room.test/",
    f"user:{_USER}@room.test",
    f"wss://user:{_USER}@room.test:x/?a@b",
    f"wss://room.test:x/?a@{_USER}",
    f"wss://room.test:x/#a@{_USER}",
]


def test_urls_that_are_refused_tell_no_secret(interpreter):
    jobs = []
    # A number, not the URL, because names are printed.
    for number, url in enumerate(USERINFO):
        host = {"host": url, "room": "r", "protocol": "wss"}
        jobs += [
            {"name": number, "what": "socket", "arguments": {"url": url}},
            {"name": number, "what": "socket", "arguments": {}, "given": {"url": url}},
            {"name": number, "what": "party", "arguments": host},
            {"name": number, "what": "fetch", "arguments": host},
        ]
    assert output_of(interpreter, jobs).count("Invalid URL") >= len(jobs)


def wrong(port):
    """{name: (what, right arguments, a wrong one)}."""
    at = {"host": f"127.0.0.1:{port}", "room": "r"}
    url = {"url": f"ws://127.0.0.1:{port}/"}
    # base64, which a subprotocol can't contain.
    bearer = f"{_PROTOCOL}=="
    return {
        "protocol": ("socket", url, {"protocols": ["chat", bearer]}),
        "protocol alone": ("socket", url, {"protocols": bearer}),
        "protocols no list": ("socket", url, {"protocols": {"a": bearer}}),
        "header": ("socket", url, {"headers": {"A": _HEADER + "\n"}}),
        "header's type": ("socket", url, {"headers": {"A": [_HEADER]}}),
        "headers no mapping": ("socket", url, {"headers": _HEADER}),
        "query": ("party", at, {"query": "token=" + _QUERY}),
        "fetch's query": ("fetch", at, {"query": "token=" + _QUERY}),
        "query in the room": ("party", at, {"room": "r?token=" + _QUERY}),
        "query in the path": ("party", at, {"path": "p?token=" + _QUERY}),
        "slash and query in the path": ("party", at, {"path": "/p?token=" + _QUERY}),
        "fetch's path": ("fetch", at, {"path": "/p?token=" + _QUERY}),
        "query in the url": ("socket", {}, {"url": f"ws://127.0.0.1:x/?token={_QUERY}"}),
        "fragment in the url": ("socket", {}, {"url": f"ws://127.0.0.1:{port}/#{_QUERY}"}),
        "url no str": ("socket", {}, {"url": [f"ws://127.0.0.1/?token={_QUERY}"]}),
        "hello": ("socket", url, {"hello": {"auth": _HEADER}}),
        "hello's text": ("socket", url, {"hello": _HEADER}),
        "body no str": ("fetch", at, {"body": [_HEADER]}),
    }


def test_wrong_arguments_are_told_without_their_secrets(interpreter):
    """As given, and as returned by a function: the mistake is reported, not the secret."""
    jobs = []
    with Server() as server:
        for name, (what, right, mistake) in wrong(server.port).items():
            one = {"name": name, "what": what}
            jobs.append({**one, "arguments": {**right, **mistake}})
            jobs.append({**one, "arguments": right, "given": mistake})
        output_of(interpreter, jobs)
