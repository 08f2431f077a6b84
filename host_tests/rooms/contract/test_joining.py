"""Coming in: addresses, roles and names, origins, full rooms; each refusal before the 101."""

import asyncio
import json

import pytest
import websockets

from rooms.clients import (
    WAIT_S,
    connect,
    get,
    http,
    join,
    path_of,
    read_answer,
    reading,
    refusal,
    state_of,
    talk,
    until,
    upgrade,
)

from .servers import make

OWN = "own"  # stands for the server's own origin
CLOSED_BY_SAME_ID = (1008, "replaced by a newer connection with the same id")


async def test_clients_of_one_room_hear_each_other_and_no_other_room(server, room):
    a = await join(server, room)
    b = await join(server, room + "/more")
    other = await join(server, room + "%20x")
    await a.send("for this room")
    assert await b.raw() == "for this room"
    async with join(server, room + "%20x") as same:
        await same.send("for the other")
    assert await other.raw() == "for the other"
    await b.send("end")
    assert await a.raw() == "end"


def test_a_room_keeps_its_name_as_it_came(server, room):
    for name in (room + "%20%C3%A9", room + "a+b", room[:5] + "r" * 251):
        assert http(server, f"/parties/main/{name}")[1]["room"] == name
    answer = talk(server, get(f"http://127.0.0.1:{server.port}{path_of(room)}?_pk=a/b"))
    assert b'"room":"%s"' % room.encode() in answer


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/parties/nope/r", 400, "Invalid request"),
        ("/parties/Main/r", 400, "Invalid request"),
        ("/parties/__proto__/r", 400, "Invalid request"),
        ("/parties/main", 404, "/parties/<party>/<room>"),
        ("/parties/main/", 404, "/parties/<party>/<room>"),
        ("/parties//r", 404, "/parties/<party>/<room>"),
        ("//parties/main/r", 404, "/parties/<party>/<room>"),
        ("/Parties/main/r", 404, "/parties/<party>/<room>"),
        ("/parties/main?/r", 404, "/parties/<party>/<room>"),
        ("/party/r", 404, "/parties/<party>/<room>"),
        ("/constructor", 404, "/parties/<party>/<room>"),
        ("/nothing.css", 404, "/parties/<party>/<room>"),
        ("/parties/main/" + "r" * 257, 400, "256"),
    ],
)
def test_a_path_without_a_room_is_refused_in_json(server, path, status, error):
    # By hand: clients tidy paths up before they send them.
    head, _, body = talk(server, get(path, "Connection: close")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert error in json.loads(body)["error"]


def test_no_spelling_of_a_path_leads_out_of_the_page_s_folder(server):
    for path in (
        *("/../settings.py", "/..%2fsettings.py", "/..%2f..%2fsettings.py", "//settings.py"),
        *("/%2e%2e/settings.py", "/%2e%2e%2fsettings.py", "/.%2e/app.py", "/..%5csettings.py"),
        *("/..\\settings.py", "/....//settings.py", "/%252e%252e%252fsettings.py"),
        *("/static/../app.py", "/static/..%2f..%2fsettings.py", "/..%c0%afsettings.py"),
        *("/dashboard.js%00.html", "/dashboard.js%00", "/index.html;/../../settings.py"),
        *("/C:%5csettings.py", "/../settings.py#.html", "/parties/../settings.py"),
        *("/settings.py?x=.html", "/dashboard.js\0.html"),
    ):
        answer = talk(server, get(path, "Connection: close"))
        assert answer.split(b" ")[1] in (b"400", b"404"), path
        assert b"import" not in answer, path


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"role": "admin"}, "role 'admin'"),
        ({"role": "constructor"}, "role 'constructor'"),
        ({"role": "device", "name": ""}, "name ''"),
        ({"role": "device", "name": "n" * 65}, "name 'nnn"),
        ({"role": "device", "name": "a\nb"}, "control characters"),
        ({"role": "device", "name": "a\x7f"}, "control characters"),
        ({"role": "device", "name": "a\u2028"}, "control characters"),
        ({"pk": "p" * 65}, "_pk"),
        ({"pk": "a\x00"}, "control characters"),
    ],
)
async def test_a_bad_role_or_name_is_refused_before_the_upgrade(server, room, query, error):
    status, text = await refusal(server, room, **query)
    assert status == 400 and error in text


@pytest.mark.parametrize(
    "name", ["n" * 64, "😀" * 64, "Küche 😀", "a/b?c&d=e%", "__proto__", "constructor", "1"]
)
async def test_a_name_may_be_long_and_of_any_letters(server, room, name):
    dashboard = await join(server, room, role="dashboard", pk=name)
    await dashboard.next("snapshot")
    device = await join(server, room, role="device", name=name, pk=name)
    assert await dashboard.told() == CLOSED_BY_SAME_ID
    other = await join(server, room, role="dashboard")
    [state] = (await other.next("snapshot"))["devices"]
    assert (state["device"], state["online"]) == (name, True)
    await other.send({"type": "command", "device": name, "name": name})
    assert (await device.next("command"))["name"] == name


async def test_a_device_without_a_name_is_called_by_its_id(server, room):
    watcher = await join(server, room)
    await join(server, room, role="device", pk="board-7")
    assert (await watcher.next())["device"] == "board-7"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"Version: 13", b"Version: 12"),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"c2hvcnQ="),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"@"),
    ],
)
def test_a_bad_handshake_is_refused_and_nobody_is_told(server, room, good, bad):
    request = upgrade(path_of(room, "role=device&name=ghost")).replace(good, bad)
    assert talk(server, request).startswith(b"HTTP/1.1 4")
    assert state_of(server, room)["devices"] == []


def test_neither_protocol_nor_extension_is_answered(server, room):
    offers = ("Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: permessage-deflate")
    with connect(server) as tcp:
        tcp.sendall(upgrade(path_of(room), *offers))
        head = read_answer(tcp).lower()
    assert head.startswith(b"http/1.1 101 ")
    assert b"sec-websocket-protocol" not in head and b"sec-websocket-extensions" not in head


@pytest.fixture(scope="module")
def choosy(kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("choosy")
    with make(kind, folder, allow_origins=["https://app.example"]) as running:
        yield running


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (OWN, 101),
        ("https://app.example", 101),
        ("https://app.example:444", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1", 403),
        ("http://127.0.0.1.evil.example:{port}", 403),
        ("http://evil@127.0.0.1:{port}", 403),
        ("http://evil.example/127.0.0.1:{port}", 403),
        ("null", 403),
    ],
)
async def test_only_the_server_s_own_page_and_allowed_ones_may_come_in(
    choosy, room, origin, status
):
    origin = choosy.url if origin is OWN else origin.format(port=choosy.port)
    assert (await refusal(choosy, room, headers={"Origin": origin}))[0] == status
    headers = {"Origin": origin, "Content-Type": "text/plain"}
    expected = 200 if status == 101 else 403
    for body in (None, b"x"):
        path = path_of(room)
        got, answer, sent = http(choosy, path, body, None, headers)
        assert got == expected
        assert expected == 200 or "is not this server" in answer["error"]
        assert "Access-Control-Allow-Origin" not in sent


@pytest.mark.parametrize(
    ("host", "origin", "statuses"),
    [
        (b"Host: a", "http://A", [b"101"]),
        (b"Host: null", "null", [b"403"]),
        (b"X: a", "http://a", [b"400", b"403"]),
    ],
    ids=["in capitals", "of no host", "without a Host"],
)
def test_an_origin_is_own_if_its_host_is_the_request_s(server, room, host, origin, statuses):
    request = upgrade(path_of(room), f"Origin: {origin}").replace(b"Host: a", host)
    assert talk(server, request).split(b" ")[1] in statuses


async def test_a_full_room_is_refused_before_the_upgrade_and_others_are_not(start, room):
    small = start(max_clients=1)
    async with join(small, room, pk="me") as old:
        status, text = await refusal(small, room)
        assert status == 503 and "1 clients are in the room" in text
        async with join(small, room + "2"):
            pass
        async with join(small, room, pk="me") as again:  # in its own place
            await again.send("here")
            assert await old.told() == CLOSED_BY_SAME_ID
    await until(small, room, lambda state: state["clients"]["other"] == 0)
    assert await refusal(small, room) == (101, "")


async def test_of_many_who_come_at_once_a_room_takes_as_many_as_it_may(start, room):
    small = start(max_clients=10)
    came = []

    async def come():
        try:
            async with join(small, room):
                came.append(101)
                while len(came) < 30:
                    await asyncio.sleep(0.01)
        except websockets.InvalidStatus as refused:
            came.append(refused.response.status_code)

    await asyncio.wait_for(asyncio.gather(*(come() for _ in range(30))), WAIT_S)
    assert sorted(came) == [101] * 10 + [503] * 20


async def test_a_room_full_of_devices_that_are_online_refuses_one_more(start, room):
    small = start(max_devices=2)
    await join(small, room, role="device", name="a")
    await join(small, room, role="device", name="b")
    other = await join(small, room)
    status, text = await refusal(small, room, role="device", name="c")
    assert status == 503 and "2 devices are in the room" in text
    assert http(small, path_of(room, "name=c"), reading(t=1).encode())[0] == 503
    await other.send("still here")


async def test_a_refused_client_leaves_no_trace(server, room):
    assert (await refusal(server, room, role="admin"))[0] == 400
    dashboard = await join(server, room, role="dashboard")
    snapshot = await dashboard.next()
    assert snapshot["devices"] == []
    assert snapshot["clients"] == {"device": 0, "dashboard": 1, "other": 0}
