"""Joining: addresses, roles and names, origins, full rooms. Each refusal comes before the 101."""

import asyncio

import websockets

from rooms.clients import (
    WAIT_S,
    connect,
    get,
    http,
    join,
    path_of,
    reading,
    refusal,
    state_of,
    talk,
    until,
    upgrade,
    upgraded,
)

from .servers import one_of
from .test_presence import REPLACED

# The ends of the ranges of characters that show nothing, or turn the text.
_ENDS = "\xad\u061c\u200b\u200e\u200f\u2028\u202e\u2060\u206f\ufeff\ufff9\ufffb"
_ENDS += "\U0001bca0\U0001bca3\U0001d173\U0001d17a\U000e0000\U000e007f"
# Each of them; names without anything else; joiners where nothing is joined.
INVISIBLE = [
    *(f"a{one}b" for one in _ENDS),
    *("\u2060", "\xad", "\ufeffa", "a\u200db", "a\u200cb", "\u200d", "😀\u200d", "\u200d😀"),
    *("😀\u200d\u200d😀", "😀\u200c😀", "a\u180e"),
]
# Persian, Bengali, Mongolian, Javanese and Brahmi; a doctor, a flag, a heart on fire.
JOINED = ["می\u200cخواهم", "ত্\u200d", "ᠠ\u180eᠠ", "ꦏ꧀\u200d", "𑀓𑁆\u200d"]
JOINED += ["👩🏽\u200d⚕️", "🏳️\u200d🌈", "❤️\u200d🔥"]
NO_ROOM = "/parties/<party>/<room>"


def names(text, setting):
    """Whether an error names a setting: --max-clients, or MAX_CLIENTS."""
    return setting in text.lower().replace("-", "_")


async def test_clients_of_one_room_hear_each_other_and_no_other_room(server, room):
    a = await join(server, room)
    b = await join(server, room + "/more")
    other = await join(server, room + "%20x")
    await a.send("for this room")
    assert await b.raw() == "for this room"
    same = await join(server, room + "%20x")
    await same.send("for the other")
    assert await other.raw() == "for the other"
    await b.send("end")
    assert await a.raw() == "end"


def test_a_room_keeps_its_name_as_it_came(server, room):
    for name in (room + "%20%C3%A9", room + "a+b", room[:5] + "r" * 251):
        assert http(server, f"/parties/main/{name}")[1]["room"] == name
    whole = get(f"http://127.0.0.1:{server.port}{path_of(room)}?_pk=a/b")
    assert talk(server, whole)[1]["room"] == room


def test_a_path_without_a_room_is_refused_in_json(server):
    for status, error, *paths in (
        (400, "Invalid request", "/parties/nope/r", "/parties/Main/r", "/parties/__proto__/r"),
        (404, NO_ROOM, "/parties/main", "/parties/main/", "/parties//r", "//parties/main/r"),
        (
            404,
            NO_ROOM,
            "/Parties/main/r",
            "/parties/main?/r",
            "/party/r",
            "/constructor",
            "/x.css",
        ),
        (400, "256", "/parties/main/" + "r" * 257),
    ):
        # Sent as raw bytes, because clients normalise paths before they send them.
        for path in paths:
            got, answer, _ = talk(server, get(path, "Connection: close"))
            assert got == status and error in answer["error"], path


def test_no_spelling_of_a_path_leads_out_of_the_page_s_folder(server):
    for path in (
        *("/../settings.py", "/..%2f..%2fsettings.py", "//settings.py", "/.%2e/app.py"),
        *("/%2e%2e/settings.py", "/..%5csettings.py", "/..\\settings.py", "/....//settings.py"),
        *("/%252e%252e%252fsettings.py", "/static/../app.py", "/..%c0%afsettings.py"),
        *("/dashboard.js%00.html", "/dashboard.js\0.html", "/index.html;/../../settings.py"),
        *("/C:%5csettings.py", "/../settings.py#.html", "/settings.py?x=.html"),
    ):
        status, answer, _ = talk(server, get(path, "Connection: close"))
        assert status in (400, 404) and "import" not in str(answer), path


async def test_a_bad_role_or_name_is_refused_and_leaves_no_trace(server, room):
    for error, query in (
        ("role 'admin'", {"role": "admin"}),
        ("role 'constructor'", {"role": "constructor"}),
        ("name ''", {"role": "device", "name": ""}),
        ("name 'nnn", {"role": "device", "name": "n" * 65}),
        ("control characters", {"role": "device", "name": "a\nb"}),
        ("control characters", {"role": "device", "name": "a\x7f"}),
        ("control characters", {"role": "device", "name": "a\u2028"}),
        *(("invisible", {"role": "device", "name": name}) for name in INVISIBLE),
        ("_pk", {"pk": "p" * 65}),
        ("control characters", {"pk": "a\x00"}),
    ):
        status, text = await refusal(server, room, **query)
        assert status == 400 and error in text
    state = state_of(server, room)
    assert (state["devices"], set(state["clients"].values())) == ([], {0})


async def test_a_name_may_be_long_and_of_any_letters(server, room):
    plain = ("n" * 64, "😀" * 64, "Küche 😀", "a/b?c&d=e%", "__proto__", "constructor", "1")
    for name in (*plain, *JOINED):
        dashboard = await join(server, room, role="dashboard", pk=name)
        device = await join(server, room, role="device", name=name, pk=name)
        assert await dashboard.told() == REPLACED
        other = await join(server, room, role="dashboard")
        states = (await other.next("snapshot"))["devices"]
        assert [s["online"] for s in states if s["device"] == name] == [True]
        await other.send({"type": "command", "device": name, "name": name})
        assert (await device.next("command"))["name"] == name
    # Without a name, its id is its name.
    await join(server, room, role="device", pk="board-7")
    await other.presence("board-7")


async def test_each_refusal_is_a_sentence_with_its_remedy_and_has_a_length(start):
    server = start(token="h0use", read_token="w4tch", max_clients=1, max_devices=1)
    await join(server, "full", token="h0use")
    await join(server, "busy", token="h0use", role="device", name="d", pk="d")
    role = "role=device&name=e"
    version = (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12")
    for status, path, remedy, *change in (
        (400, "/parties/nope/r?token=h0use", "give one of main"),
        (400, f"/parties/main/{'r' * 257}?token=h0use", "give 1 to 256"),
        (400, "/parties/main/r?token=h0use&role=x", "give device, dashboard"),
        (400, "/parties/main/r?token=h0use&hears=x", "give all or commands"),
        (400, "/parties/main/r?token=h0use&role=device&name=", "give a string of 1 to 64"),
        (400, "/parties/main/r?token=h0use&role=device&epoch=x", "give 16 hexadecimal"),
        (400, "/parties/main/r?token=h0use&epoch=9f0c2ab1d4e65c37", "join with role=device"),
        (400, "/parties/main/r?token=h0use", "version 13", version),
        (401, "/parties/main/r", "give the room's token"),
        (401, "/parties/main/r?token=wr0ng", "your token does not open this: give the room's"),
        (403, f"/parties/main/r?token=w4tch&{role}", "give one that may write"),
        (
            403,
            "/parties/main/r?token=h0use",
            "let it in",
            (b"Host: a", b"Host: a\r\nOrigin: x://b"),
        ),
        (404, "/parties/main?token=h0use", "/parties/<party>/<room>"),
        (503, "/parties/main/full?token=h0use", "clients are in the room: raise "),
        (503, f"/parties/main/busy?token=h0use&{role}&_pk=d", "devices are in the room: raise "),
    ):
        for plain in (False, True):
            request = (get if plain else upgrade)(path)
            if plain and status not in (401, 404) and not path.startswith("/parties/nope"):
                # This address has no room to join.
                continue
            for old, new in change:
                request = request.replace(old, new)
            got, answer, headers = talk(server, request)
            assert (got, list(answer)) == (status, ["error"]), path
            assert remedy in answer["error"], path
            assert headers.get_content_type() == "application/json"
            assert "Content-Length" in headers and "Transfer-Encoding" not in headers, path


def test_a_bad_handshake_is_refused_and_nobody_is_told(server, room):
    request = upgrade(path_of(room, "role=device&name=ghost"))
    key = b"dGhlIHNhbXBsZSBub25jZQ=="
    for good, bad in ((b"Version: 13", b"Version: 12"), (key, b"c2hvcnQ="), (key, b"@")):
        assert 400 <= talk(server, request.replace(good, bad))[0] < 500
    assert state_of(server, room)["devices"] == []


def test_neither_protocol_nor_extension_is_answered(server, room):
    offers = ("Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: permessage-deflate")
    with connect(server) as tcp:
        assert "Sec-WebSocket-Protocol" not in upgraded(tcp, path_of(room), *offers)


async def test_only_the_server_s_own_page_and_allowed_ones_may_come_in(start, room):
    choosy = one_of(start(allow_origins=["https://app.example"]))
    own = choosy.url.removeprefix("http://")
    for origin, is_good in (
        *((choosy.url, True), ("https://app.example", True), (f"{choosy.url}0", False)),
        *(("https://app.example:444", False), ("http://evil.example", False), ("null", False)),
        *(("http://127.0.0.1", False), (f"http://127.0.0.1.evil.example:{choosy.port}", False)),
        *((f"http://evil@{own}", False), (f"http://evil.example/{own}", False)),
    ):
        status, _ = await refusal(choosy, room, headers={"Origin": origin})
        assert status == (101 if is_good else 403), origin
        for body in (None, b"x"):
            headers = {"Origin": origin, "Content-Type": "text/plain"}
            status, answer, sent = http(choosy, path_of(room), body, None, headers)
            assert status == (200 if is_good else 403), origin
            assert is_good or "is not this server" in answer["error"]
            assert is_good or names(answer["error"], "allow_origin")
            assert "Access-Control-Allow-Origin" not in sent


def test_an_origin_is_own_if_its_host_is_the_request_s(server, room):
    for host, origin, statuses in (
        (b"Host: a", "http://A", [101]),
        (b"Host: null", "null", [403]),
        (b"X: a", "http://a", [400, 403]),  # without a Host
    ):
        request = upgrade(path_of(room), f"Origin: {origin}").replace(b"Host: a", host)
        assert talk(server, request)[0] in statuses


async def test_a_full_room_is_refused_before_the_upgrade_and_others_are_not(start, room):
    small = start(max_clients=1)
    async with join(small, room, pk="me") as old:
        status, text = await refusal(small, room)
        assert status == 503 and "1 clients are in the room: raise " in text
        assert names(text, "max_clients")
        assert (await refusal(small, room + "2"))[0] == 101
        # It replaces its own older connection.
        async with join(small, room, pk="me"):
            assert await old.told() == REPLACED
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
    for name in "ab":
        await join(small, room, role="device", name=name)
    status, text = await refusal(small, room, role="device", name="c")
    assert status == 503 and "2 devices are in the room: raise " in text
    assert names(text, "max_devices")
    assert http(small, path_of(room, "name=c"), reading(t=1).encode())[0] == 503
    assert (await refusal(small, room))[0] == 101
