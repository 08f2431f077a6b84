"""Nothing secret is told: not by the debug log, an error, an event, a figure or the recorder, on
whatever path a dial ends, even if the server throws back what it was given.
"""

import contextlib

from .certificates import REFUSED
from .devices import run
from .server import Server, answering, hang_up, reset, say_nothing, say_ssh, upgraded

_MARK = "S3CR3T"  # each secret begins so: half a one is told too
_QUERY, _HEADER, _USER, _PROTOCOL = (_MARK + kind for kind in ("query", "header", "user", "proto"))


def told(output):
    """{name of the dial: the lines that tell a secret}"""
    name, found = None, {}
    for line in output.splitlines():
        if line.startswith("@ "):
            name = line[2:]
        elif _MARK in line:
            found.setdefault(name, []).append(line)
    assert name == "end", output
    return found


def dials(name, port, host="room.test", **ssl):
    """A WebSocket, a PartySocket and a fetch with a secret in everything that may hold one."""
    headers = {"Authorization": "Bearer " + _HEADER, "Cookie": "s=" + _HEADER}
    both = {"headers": headers, **ssl}
    place = {"host": f"{host}:{port}", "room": "r", "query": {"token": _QUERY}}
    protocols = ["chat", _PROTOCOL]
    scheme = "wss" if ssl else "ws"
    place["protocol"] = scheme
    url = f"{scheme}://{host}:{port}/?token={_QUERY}"
    return [
        {"name": name, "make": make, "arguments": arguments}
        for make, arguments in (
            ("socket", {"url": url, "protocols": protocols, **both}),
            ("party", {**place, "protocols": protocols, **both}),
            ("fetch", {**place, **both}),
        )
    ]


def output_of(interpreter, servers_and_dials):
    with contextlib.ExitStack() as stack:
        found = []
        for server, make in servers_and_dials:
            found += make(stack.enter_context(server).port)
        return run(interpreter, "secret_device.py", {"dials": found})


def test_refused_certificates_and_broken_tls_tell_no_secret(interpreter, shown):
    faults = {"no TLS": say_ssh, "silence": say_nothing, "reset": reset, "end": hang_up}
    cases = []
    for name in [*REFUSED, *faults]:
        identity = shown.get(name, shown["good"])
        server = Server(identity.context)
        if name in faults:
            server = Server(None, handshake=faults[name])
        for ssl in (identity.root, False):
            cases.append((server, lambda port, a=(name, identity.host, ssl): _over_tls(port, *a)))
            server = Server(identity.context)
    output = output_of(interpreter, cases)
    assert "certificate was refused" in output and "TIMEOUT" in output
    assert told(output) == {}


def _over_tls(port, name, host, ssl):
    return dials(f"{name}, ssl={ssl}", port, host, ssl=ssl)


def echo(sock, peer):
    """An echo server, which speaks no HTTP: what comes back is the request itself."""
    sock.sendall(peer.request.encode())


def claim_all_protocols(sock, peer):
    """As naive servers do: what was offered, all of it, comes back as what was chosen."""
    sock.sendall(upgraded(peer.request, f"chat, {_PROTOCOL}"))


def claim_a_protocol_twice(sock, peer):
    sock.sendall(upgraded(peer.request, f"{_PROTOCOL}\r\nSec-WebSocket-Protocol: {_PROTOCOL}"))


def redirect(sock, peer):
    """To a login page that gets to know where one came from."""
    target = peer.request.split(" ")[1]
    location = f"http://u:{_USER}@room.test{target}"
    sock.sendall(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n".encode())


def echo_behind_a_status(sock, peer):
    """Its request as headers of the answer: the first line of it has no colon."""
    sock.sendall(b"HTTP/1.1 200 OK\r\n" + peer.request.encode())


def refuse_accept(sock, peer):
    sock.sendall(upgraded("Sec-WebSocket-Key: x\r\n"))


REFUSALS = {
    **{
        str(status): answering(f"HTTP/1.1 {status} No\r\nRetry-After: 9\r\n\r\n".encode())
        for status in (200, 400, 401, 403, 404, 410, 426, 429, 500, 503)
    },
    "nothing": answering(b""),
    "wrong accept": refuse_accept,
    "redirect": redirect,
    "echo": echo,
    "echo behind a status": echo_behind_a_status,
    "all protocols": claim_all_protocols,
    "a protocol twice": claim_a_protocol_twice,
}


def test_http_refusals_tell_no_secret(interpreter):
    cases = [
        (Server(None, script), lambda port, name=name: dials(name, port))
        for name, script in REFUSALS.items()
    ]
    output = output_of(interpreter, cases)
    assert "the server answered 503" in output
    assert told(output) == {}


def test_names_that_do_not_resolve_and_refused_connections_tell_no_secret(interpreter):
    with Server() as server:
        port = server.port
    found = dials("refused", port) + dials("unknown", port, host="nowhere.invalid")
    output = run(interpreter, "secret_device.py", {"dials": found})
    assert told(output) == {}


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
    found = []
    for url in USERINFO:
        name = f"number {USERINFO.index(url)}"  # not the URL: names are printed
        host = {"host": url, "room": "r", "protocol": "wss"}
        found += [
            {"name": name, "make": "socket", "arguments": {"url": url}},
            {"name": name, "make": "socket", "arguments": {}, "given": {"url": url}},
            {"name": name, "make": "party", "arguments": host},
            {"name": name, "make": "fetch", "arguments": host},
        ]
    output = run(interpreter, "secret_device.py", {"dials": found})
    assert output.count("Invalid URL") >= len(found), output
    assert told(output) == {}


def wrong(port):
    """{name: a dial whose arguments are wrong}: the mistake is told, not the secret."""
    at = {"host": f"127.0.0.1:{port}", "room": "r"}
    url = {"url": f"ws://127.0.0.1:{port}/"}
    bearer = f"{_PROTOCOL}=="  # base64, which no subprotocol can hold
    return {
        "protocol": ("socket", {**url, "protocols": ["chat", bearer]}, {}),
        "protocol alone": ("socket", {**url, "protocols": bearer}, {}),
        "protocols no list": ("socket", {**url, "protocols": {"a": bearer}}, {}),
        "given protocol": ("socket", url, {"protocols": ["chat", bearer]}),
        "header": ("socket", {**url, "headers": {"A": _HEADER + "\n"}}, {}),
        "header's type": ("socket", {**url, "headers": {"A": [_HEADER]}}, {}),
        "given header": ("socket", url, {"headers": {"A": _HEADER + "\n"}}),
        "headers no mapping": ("socket", url, {"headers": _HEADER}),
        "query": ("party", {**at, "query": "token=" + _QUERY}, {}),
        "given query": ("party", at, {"query": "token=" + _QUERY}),
        "fetch's query": ("fetch", {**at, "query": "token=" + _QUERY}, {}),
        "query in the room": ("party", {**at, "room": "r?token=" + _QUERY}, {}),
        "query in the path": ("party", {**at, "path": "p?token=" + _QUERY}, {}),
        "slash and query in the path": ("party", {**at, "path": "/p?token=" + _QUERY}, {}),
        "fetch's path": ("fetch", {**at, "path": "/p?token=" + _QUERY}, {}),
        "query in the url": ("socket", {"url": f"ws://127.0.0.1:x/?token={_QUERY}"}, {}),
        "fragment in the url": ("socket", {"url": f"ws://127.0.0.1:{port}/#{_QUERY}"}, {}),
        "url no str": ("socket", {"url": [f"ws://127.0.0.1/?token={_QUERY}"]}, {}),
        "given url no str": ("socket", {}, {"url": [f"ws://127.0.0.1/?token={_QUERY}"]}),
        "hello": ("socket", url, {"hello": {"auth": _HEADER}}),
        "body no str": ("fetch", {**at, "body": [_HEADER]}, {}),
    }


def test_wrong_arguments_are_told_without_their_secrets(interpreter):
    with Server() as server:
        found = [
            {"name": name, "make": make, "arguments": arguments, "given": given}
            for name, (make, arguments, given) in wrong(server.port).items()
        ]
        output = run(interpreter, "secret_device.py", {"dials": found})
    assert told(output) == {}
