"""Traffic over TLS: headers, refusals, and a room of the real PartyServer."""

import contextlib
import json
import shlex
import uuid

import pytest

from e2e.devices import talker
from needs import need_workerd
from partyserver import PartyServer

from .devices import HERE, both_ways, copy_of_lib, dial, done
from .server import Server, answering

_TOKEN = "Bearer 0123456789abcdef"


@pytest.fixture
def good(shown):
    return shown["good"]


def test_a_token_goes_as_a_header_and_inside_tls_alone(interpreter, good):
    headers = {"headers": {"Authorization": _TOKEN}}
    with Server(good.context) as server:
        socket, fetch = done(interpreter, both_ways(server, good.root, arguments=headers))
        assert (socket["opened"], fetch["status"]) == (1, 200)
        server.wait_ended(2)
        for peer in server.peers:
            assert f"\r\nAuthorization: {_TOKEN}\r\n" in peer.request
            assert f"\r\nHost: room.test:{server.port}\r\n" in peer.request


def test_redirects_are_told_and_never_followed(interpreter, good):
    cases = [(s, scheme) for s in (301, 302, 303, 307, 308) for scheme in ("ws", "wss", "https")]
    with contextlib.ExitStack() as stack:
        plain, secure = (stack.enter_context(Server(c)) for c in (None, good.context))
        port = {"ws": plain.port, "wss": secure.port, "https": secure.port}
        jobs = []
        for status, scheme in cases:
            location = f"{scheme}://room.test:{port[scheme]}/there?token=abc"
            head = f"HTTP/1.1 {status} Gone\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            server = stack.enter_context(Server(good.context, answering(head.encode())))
            jobs += both_ways(server, good.root)
        found = done(interpreter, jobs)
        for (status, scheme), socket, fetch in zip(cases, found[::2], found[1::2]):
            assert fetch["status"] == status
            (message,) = socket["errors"]
            assert message.startswith(f"the server answered {status} to ")
            assert f"room.test:{port[scheme]}/there" in message
            assert "token" not in message
            assert 240_000 <= socket["delays"][0] <= 360_000
        assert plain.peers == secure.peers == []


@pytest.mark.parametrize(
    "answer, expected",
    [
        (b"HTTP/1.1 200 OK\r\nName: fr\xfch\r\nContent-Length: 0\r\n\r\n", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "inside the body"),
        (b"\xff\xfe\r\n\r\n", "not HTTP"),
    ],
    ids=["a header in ISO 8859-1", "a short body", "not HTTP"],
)
def test_what_comes_after_the_handshake_is_no_certificate(interpreter, good, answer, expected):
    with Server(good.context, answering(answer)) as server:
        socket, fetch = done(interpreter, both_ways(server, good.root))
        server.wait_ended(2)
    assert "certificate" not in socket["errors"][0] and socket["phases"] == ["http"]
    assert fetch.get("status") == expected or expected in fetch["error"], fetch


def test_a_room_over_wss_fits_into_the_heap_of_a_board(good, tmp_path):
    lib = copy_of_lib(tmp_path / "lib")
    name = lib / "partysocket/roots.py"
    name.write_text(f"{name.read_text()}    yield {good.trusted!r}\n")
    hasty = {"min_reconnection_delay": 0, "jitter": "none"}
    with Server(good.context) as server:
        job = dial(server, True, arguments=hasty, times=3)
        (result,) = done("micropython", [job], lib=lib, heap="192K")
        server.wait_ended(3)
    assert result["opened"] == 3


@contextlib.contextmanager
def secure_partyserver(identity, folder):
    """PartyServer on https: the rooms of its own configuration, behind `identity`."""
    (folder / "key.pem").write_bytes(identity.key_pem)
    (folder / "chain.pem").write_bytes(identity.chain)
    workerd, configuration, folder_ = map(
        shlex.quote, map(str, (need_workerd(), HERE / "secure.capnp", folder))
    )
    script = folder / "workerd"
    script.write_text(
        "#!/bin/sh\n"
        "shift 2  # serve, and the configuration for http\n"
        f'exec {workerd} serve {configuration} --import-path={folder_} "$@"\n'
    )
    script.chmod(0o700)
    with PartyServer(str(script)) as server:
        yield server


def test_a_room_of_partyserver_over_wss(interpreter, shown, tmp_path):
    identity = shown["address"]
    room = str(uuid.uuid4())
    with secure_partyserver(identity, tmp_path) as server:
        with talker(
            interpreter,
            host=server.address,
            room=room,
            options={"protocol": "wss", "ssl": identity.root},
            send=["echo:früh", "echo:" + "x" * 4000, "close:4000:later"],
        ) as device:
            device.wait("open")
            hello = json.loads(device.wait("text")["data"])
            assert (hello["type"], hello["room"]) == ("hello", room)
            device.wait("text", data="echo:früh")
            device.wait("text", data="echo:" + "x" * 4000)
            device.wait("close", code=4000, reason="later", clean=True)
            device.wait("open", reconnected=True)
        job = dial(server, identity.root, "fetch", identity.host, {"query": {"a": "b"}})
        (answer,) = done(interpreter, [job])
        assert answer["status"] == 200
