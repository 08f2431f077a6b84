"""Coming in: addresses, roles and names, tokens, origins; and each refusal before the 101."""

import json
import socket

import pytest
import websockets

from rooms.clients import WAIT_S, asynchronous, http, join, refusal
from rooms.server_process import RoomServer

TOKEN = "s3cret-of-the-house"
OWN = "own"  # stands for the server's own origin


@pytest.fixture(scope="module")
def closed_server():
    with RoomServer("--token", TOKEN, "--allow-origin", "https://app.example") as running:
        yield running


@asynchronous
async def test_clients_of_one_room_hear_each_other_and_no_other_room(server, room):
    async with (
        join(server, room) as a,
        join(server, room + "/more") as b,
        join(server, room, party="lab") as other_party,
        join(server, room + "%20x") as encoded,
    ):
        await a.send("for this room")
        assert await b.raw() == "for this room"
        for apart in (other_party, encoded):
            async with join(server, room + "%20x") as same:
                await same.send("for the encoded one")
            if apart is encoded:
                assert await apart.raw() == "for the encoded one"
        async with join(server, room, party="lab") as same:
            await same.send("for the other party")
        assert await other_party.raw() == "for the other party"


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/parties/nope/r", 400, "Invalid request"),
        ("/parties/Main/r", 400, "Invalid request"),
        ("/parties/main", 404, "/parties/<party>/<room>"),
        ("/parties/main/", 404, "/parties/<party>/<room>"),
        ("/parties//r", 404, "/parties/<party>/<room>"),
        ("/party/r", 404, "/parties/<party>/<room>"),
        ("/../settings.py", 404, "/parties/<party>/<room>"),
        ("/..%2fsettings.py", 404, "/parties/<party>/<room>"),
        ("/static/../app.py", 404, "/parties/<party>/<room>"),
        ("/app.py", 404, "/parties/<party>/<room>"),
        ("/parties/main/" + "r" * 257, 400, "256"),
    ],
)
def test_a_path_without_a_room_is_refused_in_json(server, path, status, error):
    # By hand: clients tidy paths up before they send them.
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as tcp:
        tcp.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = tcp.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert error in json.loads(body)["error"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"role": "admin"}, "role 'admin'"),
        ({"role": "device", "name": ""}, "name ''"),
        ({"role": "device", "name": "n" * 65}, "name 'nnn"),
        ({"role": "device", "name": "a\nb"}, "control characters"),
        ({"role": "device", "name": "a\x7f"}, "control characters"),
        ({"pk": "p" * 65}, "_pk"),
        ({"pk": "a\x00"}, "control characters"),
    ],
)
@asynchronous
async def test_a_bad_role_or_name_is_refused_before_the_upgrade(server, room, query, error):
    status, text = await refusal(server, room, **query)
    assert status == 400 and error in text


@pytest.mark.parametrize("name", ["n" * 64, "Küche 😀", "a/b?c&d=e%"])
@asynchronous
async def test_a_name_may_be_long_and_of_any_letters(server, room, name):
    async with join(server, room, role="dashboard") as dashboard:
        await dashboard.next("snapshot")
        async with join(server, room, role="device", name=name):
            assert (await dashboard.next("presence"))["device"] == name


@asynchronous
async def test_a_device_without_a_name_is_called_by_its_id(server, room):
    async with join(server, room) as watcher, join(server, room, role="device", pk="board-7"):
        assert (await watcher.next())["device"] == "board-7"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Sec-WebSocket-Version", "12"),
        ("Sec-WebSocket-Key", "c2hvcnQ="),
        ("Sec-WebSocket-Key", "@"),
        ("Connection", "close"),
    ],
)
def test_a_bad_handshake_is_refused_and_nobody_is_told(server, room, header, value):
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", header: value}
    lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as tcp:
        path = f"/parties/main/{room}?role=device&name=ghost"
        tcp.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())
        assert tcp.makefile("rb").readline().startswith(b"HTTP/1.1 400 ")
    assert http(server, f"/parties/main/{room}")[1]["devices"] == []


@asynchronous
async def test_neither_protocol_nor_extension_is_answered(server, room):
    async with websockets.connect(server.ws_url(room), compression="deflate") as client:
        assert "Sec-WebSocket-Extensions" not in client.response.headers
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as tcp:
        tcp.sendall(
            f"GET /parties/main/{room} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        lines = list(iter(tcp.makefile("rb").readline, b"\r\n"))
    assert lines[0].startswith(b"HTTP/1.1 101 ")
    assert not [line for line in lines if line.lower().startswith(b"sec-websocket-protocol")]


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, {}, 101),
        ({}, {"token": TOKEN}, 101),
        ({"Authorization": f"Bearer {TOKEN}x"}, {}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, {}, 401),
        ({}, {"token": TOKEN[:-1]}, 401),
        ({}, {"token": ""}, 401),
        ({}, {}, 401),
    ],
)
@asynchronous
async def test_the_token_opens_the_room(closed_server, room, headers, query, status):
    assert (await refusal(closed_server, room, headers=headers, **query))[0] == status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_token_http_is_refused_too(closed_server, method):
    body = b"x" if method == "POST" else None
    status, answer, headers = http(closed_server, "/parties/main/r", body)
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert TOKEN not in answer["error"]
    assert http(closed_server, f"/parties/main/r?token={TOKEN}", body)[0] == 200


def test_a_party_is_not_betrayed_without_the_token(closed_server):
    assert http(closed_server, "/parties/nope/r")[0] == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (OWN, 101),
        ("https://app.example", 101),
        ("https://app.example:444", 403),
        ("http://evil.example", 403),
        ("null", 403),
    ],
)
@asynchronous
async def test_only_the_server_s_own_page_and_allowed_ones_may_join(
    closed_server, room, origin, status
):
    headers = {"Origin": closed_server.url if origin is OWN else origin}
    assert (await refusal(closed_server, room, headers=headers, token=TOKEN))[0] == status


def test_another_page_cannot_post(server, room):
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    status, answer, _ = http(server, f"/parties/main/{room}", b"x", headers=headers)
    assert status == 403 and "evil.example" in answer["error"]


@asynchronous
async def test_a_full_room_is_refused_before_the_upgrade_and_others_are_not(room):
    with RoomServer("--max-clients", "1", "--max-rooms", "2") as small:
        async with join(small, room):
            status, text = await refusal(small, room)
            assert status == 503 and "--max-clients" in text
            async with join(small, room + "2"):
                status, text = await refusal(small, room + "3")
                assert status == 503 and "--max-rooms" in text
