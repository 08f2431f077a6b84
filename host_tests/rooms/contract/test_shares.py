"""Share links: signed tokens that read one room, until their time or until they are revoked."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from contextlib import suppress
from urllib.parse import urlencode

import pytest
import websockets

from rooms.clients import WAIT_S, http, join, path_of, reading, refusal, talk, upgrade

from .servers import make

HOUSE, WATCH = "h0use-s3cret-of-all", "w4tch-s3cret-of-all"
ATTIC, BOTH = "4ttic-s3cret-of-one", "b0th-s3cret-of-one"
LINES = f"attic {ATTIC}\nmain/attic {BOTH}\nattic {WATCH} read\n"
DAY_MS = 86400000


@pytest.fixture(scope="module")
def closed(kind, tmp_path_factory):
    settings = {"token": HOUSE, "read_token": WATCH, "room_tokens": LINES, "rate": 100000}
    with make(kind, tmp_path_factory.mktemp("shares"), **settings) as running:
        yield running


def ask(server, room, body=None, method=None, id=None, token=HOUSE):
    """Send a request about the room's links. Return (status, answer)."""
    path = path_of(room, "shares" if id is None else urlencode({"shares": id}))
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return http(server, path, sent, method, headers)[:2]


def share(server, room, token=HOUSE, **body):
    status, made = ask(server, room, body, token=token)
    assert status == 200, made
    return made


def listed(server, room):
    status, answer = ask(server, room)
    assert status == 200 and list(answer) == ["shares"]
    return answer["shares"]


def revoke(server, room, id):
    assert ask(server, room, method="DELETE", id=id) == (204, "")


def text_of(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(what, *tokens, signature=None):
    """A token as ROOMS.md describes it. `tokens` may write in the room."""
    digests = sorted(hashlib.sha256(token.encode()).digest() for token in tokens)
    key = hashlib.sha256(b"partysocket share" + b"".join(digests)).digest()
    body = text_of(what if isinstance(what, bytes) else what.encode())
    signature = signature or hmac.new(key, body.encode(), hashlib.sha256).digest()
    return f"share.{body}.{text_of(signature)}"


def opens(server, room, token):
    """The status of a GET with this token."""
    return http(server, path_of(room, urlencode({"token": token})))[0]


def test_a_link_is_made_listed_and_revoked(closed, room):
    assert listed(closed, room) == []
    begin = int(time.time() * 1000)
    first = share(closed, room)
    second = share(closed, room, days=365, label="kitchen tablet ☂")
    end = int(time.time() * 1000)
    for made, days, label in ((first, 30, ""), (second, 365, "kitchen tablet ☂")):
        assert set(made) == {"id", "label", "made", "expires", "token"}
        assert begin <= made["made"] <= end and made["label"] == label
        assert made["expires"] == made["made"] + days * DAY_MS
        what = f"main/{room}/{made['id']}/{made['expires']}"
        assert made["token"] == signed(what, HOUSE)
    assert first["id"] != second["id"]
    known = [{key: made[key] for key in made if key != "token"} for made in (first, second)]
    assert listed(closed, room) == known
    assert listed(closed, room + "2") == []
    revoke(closed, room, first["id"])
    assert listed(closed, room) == known[1:]
    assert opens(closed, room, first["token"]) == 401
    assert opens(closed, room, second["token"]) == 200
    path = path_of(room, urlencode({"shares": second["id"], "token": HOUSE}))
    status, _, headers = http(closed, path, method="DELETE")
    assert (status, headers["Cache-Control"]) == (204, "no-store")
    for id in (first["id"], "", "x" * 1000, "'\x00"):
        status, answer = ask(closed, room, method="DELETE", id=id)
        assert status == 404 and "GET ?shares lists them" in answer["error"]
    status, _, headers = http(closed, path_of(room, "shares&token=" + HOUSE), method="HEAD")
    assert status == 200 and headers["Cache-Control"] == "no-store"


async def test_a_link_reads_its_room_in_header_and_query_and_writes_nothing(closed, room):
    post_path = path_of(room, f"name=d&token={HOUSE}")
    assert http(closed, post_path, reading(t=1).encode())[0] == 200
    link = share(closed, room)["token"]
    bearer = {"Authorization": f"Bearer {link}"}
    for path, headers in (
        (path_of(room, "token=" + link), {}),
        (path_of(room), bearer),
        (path_of(room, "points=5&token=" + link), {}),
        (path_of(room, "format=csv"), bearer),
    ):
        status, answer, _ = http(closed, path, headers=headers)
        assert status == 200
    assert "d,t," in answer
    writer = await join(closed, room, token=HOUSE, pk="me")
    watch = await join(closed, room, token=WATCH, pk="me")
    async with (
        join(closed, room, bearer, role="dashboard", pk="me") as reader,
        join(closed, room, token=share(closed, room)["token"], pk="me"),
    ):
        assert (await reader.next("snapshot"))["devices"][0]["last"] == {"t": 1}
        for message in (
            "chat",
            b"\x00",
            {"type": "command", "device": "d", "name": "n"},
            {"type": "layout", "version": 0, "layout": {}},
        ):
            await reader.send(message)
            error = await reader.next()
            assert (error["type"], error["status"]) == ("error", 403)
        await writer.send("end")
        # Neither was replaced by who has the same id, and nothing came from the reader.
        assert await watch.raw() == await reader.raw() == "end"
    query = {"role": "device", "name": "d"}
    assert (await refusal(closed, room, token=link, **query))[0] == 403
    for method, query in (
        ("POST", ""),
        ("GET", "shares"),
        ("POST", "shares"),
        ("DELETE", "shares=x"),
    ):
        body = b"{}" if method == "POST" else None
        status, answer, _ = http(closed, path_of(room, query), body, method, bearer)
        assert status == 403 and "only reads" in answer["error"], (method, query)
    # Of two tokens, what allows more counts.
    assert http(closed, path_of(room, "token=" + HOUSE), b"x", None, bearer)[0] == 200
    assert http(closed, "/stop", b"", None, bearer)[0] in (401, 404)
    # Neither these nor other rooms.
    for path in ("/rooms", "/metrics", path_of(room + "2"), f"/parties/other/{room}"):
        status = http(closed, path, headers=bearer)[0]
        assert status == (401 if "parties" in path else 404), path


async def test_what_is_not_a_link_of_the_room_is_refused_as_any_wrong_token_is(closed, room):
    made = share(closed, room)
    id, expires = made["id"], made["expires"]
    what = f"main/{room}/{id}/{expires}"
    assert made["token"] == signed(what, HOUSE) and opens(closed, room, made["token"]) == 200
    prefix, body, signature = made["token"].split(".")
    past = made["made"] - 1
    elsewhere = share(closed, room + "2")
    wrong = [
        # Of another room, party or token, and of a link that was never made.
        elsewhere["token"],
        signed(f"main/{room}/{elsewhere['id']}/{expires}", HOUSE),
        signed(f"main/{room}2/{id}/{expires}", HOUSE),
        signed(f"main//{id}/{expires}", HOUSE),
        signed(f"main/{room[:-1]}~/{id}/{expires}", HOUSE),
        signed(f"lab/{room}/{id}/{expires}", HOUSE),
        signed(f"home/{room}/{id}/{expires}", HOUSE),
        signed(f"main/{room}/abcdefghijkl/{expires}", HOUSE),
        signed(what),
        signed(what, WATCH),
        signed(what, HOUSE, WATCH),
        signed(what, HOUSE[:-1]),
        # Expired.
        signed(f"main/{room}/{id}/{past}", HOUSE),
        signed(f"main/{room}/{id}/0", HOUSE),
        signed(f"main/{room}/{id}/-{expires}", HOUSE),
        # Changed, with the signature of the other.
        f"{prefix}.{text_of(f'main/{room}/{id}/{expires + 1}'.encode())}.{signature}",
        f"{prefix}.{body}.{signature[:-1]}",
        f"{prefix}.{body}.{signature}A",
        f"{prefix}.{body}.{signature[::-1]}",
        f"{prefix}.{body}.",
        f"{prefix}.{body}",
        f"{prefix}..{signature}",
        f"{prefix}.{body}.{signature}.{signature}",
        f"Share.{body}.{signature}",
        f"{body}.{signature}",
        signed(what, HOUSE, signature=b"\0" * 32),
        signed(what, HOUSE, signature=b"\xff" * 31),
        # Another spelling of the same bytes.
        f"{prefix}.{body}=.{signature}",
        f"{prefix}.{body}.{signature}=",
        f"{prefix}.{body}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}",
        # Signed, but of another form.
        *(signed(text, HOUSE) for text in (f"{what}/", f"{what}/1", f"/{what}", f"{what} ")),
        *(signed(text, HOUSE) for text in (f"main/{room}/{id}", f"main/{room}/{id}/", "///")),
        *(
            signed(f"main/{room}/{id}/{when}", HOUSE)
            for when in ("x", "1e99", "9" * 400, "Infinity")
        ),
        signed(b"\xff\xfe" + what.encode(), HOUSE),
        signed(f"main/{room}/{id}/\u0661{expires}", HOUSE),
        # Long, and not base64.
        f"{prefix}.{'A' * 5000}.{signature}",
        signed(f"main/{'r' * 3000}/{id}/{expires}", HOUSE),
        f"{prefix}.!!!!.{signature}",
        f"{prefix}.{body}.{'~' * 43}",
        "share.share.share",
        "share..",
    ]
    for token in wrong:
        bearer = {"Authorization": "Bearer " + token}
        path = path_of(room)
        expected = http(closed, path, headers={"Authorization": "Bearer wr0ng"})[:2]
        assert http(closed, path, headers=bearer)[:2] == expected, token
        assert expected[0] == 401
        assert (await refusal(closed, room, headers=bearer))[0] == 401, token
        assert (await refusal(closed, room, token=token))[0] == 401, token


async def test_a_revoked_link_loses_its_open_connections_and_no_other_does(closed, room):
    revoked, other = share(closed, room), share(closed, room)
    lost = [await join(closed, room, token=revoked["token"]) for _ in range(2)]
    lost.append(await join(closed, room, token=revoked["token"], role="dashboard"))
    stay = [await join(closed, room, token=token) for token in (other["token"], WATCH, HOUSE)]
    revoke(closed, room, revoked["id"])
    for client in lost:
        assert await client.told() == (1008, "the share link was revoked")
    assert (await refusal(closed, room, token=revoked["token"]))[0] == 401
    await stay[-1].send("end")
    for client in stay[:-1]:
        assert await client.raw() == "end"


@pytest.mark.parametrize("by", ["what it would get", "what it sends"])
async def test_an_open_connection_ends_when_its_link_has_expired(closed, room, by):
    id = share(closed, room)["id"]
    expires = int(time.time() * 1000) + 1500
    link = signed(f"main/{room}/{id}/{expires}", HOUSE)
    reader = await join(closed, room, token=link)
    writer = await join(closed, room, token=HOUSE)
    sender = writer if by == "what it would get" else reader
    told = asyncio.create_task(reader.told())
    with suppress(websockets.ConnectionClosed):
        while True:
            await sender.send("x")
            # What it would get, or the error that it gets.
            await reader.raw()
            assert time.time() * 1000 < expires + WAIT_S * 1000
    assert time.time() * 1000 >= expires
    assert await told == (1008, "the share link has expired")
    assert opens(closed, room, link) == 401


def test_bad_requests_are_refused(closed, room):
    for body, *words in (
        (b"", "JSON object"),
        (b"{", "JSON"),
        (b"\xff", "UTF-8"),
        (b"[]", "JSON object"),
        (b'"x"', "JSON object"),
        (b"5", "JSON object"),
        *(({"days": days}, "days", "1 to 365") for days in (0, 366, -1, 1.5, "30", True, None)),
        (b'{"days":1e999}', "days"),
        *(({"label": label}, "label") for label in (5, None, [], "x" * 65, "a\x00b", "\u202ex")),
        (b'{"label":"\\ud800"}', "label"),
    ):
        status, answer = ask(closed, room, body, "POST")
        assert status == 400 and all(word in answer["error"] for word in words), (body, answer)
    assert ask(closed, room, b"x" * 16385)[0] == 413
    for method in ("PUT", "PATCH", "OPTIONS"):
        status, _, headers = http(closed, path_of(room, "shares&token=" + HOUSE), None, method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD, POST, DELETE")
    for token, status in (("", 401), ("wr0ng", 401), (WATCH, 403), (ATTIC, 401)):
        assert ask(closed, room, token=token)[0] == status
        assert ask(closed, room, {}, token=token)[0] == status
        assert ask(closed, room, method="DELETE", id="x", token=token)[0] == status
    assert listed(closed, room) == []
    # A browser on another page may not either.
    foreign = {"Authorization": f"Bearer {HOUSE}", "Origin": "http://evil.example"}
    for method in ("GET", "POST", "DELETE"):
        assert http(closed, path_of(room, "shares=x"), None, method, foreign)[0] == 403
    assert ask(closed, "r" * 257)[0] == 400


def test_a_room_has_at_most_a_hundred(closed, room):
    made = [share(closed, room, label=f"{n}") for n in range(100)]
    status, answer = ask(closed, room, {})
    assert status == 503 and "100" in answer["error"]
    assert [link["label"] for link in listed(closed, room)] == [f"{n}" for n in range(100)]
    revoke(closed, room, made[50]["id"])
    share(closed, room, label="100")
    assert len(listed(closed, room)) == 100


def test_a_rooms_own_tokens_sign_too_and_a_change_of_any_ends_all_links(start, kind, tmp_path):
    # Not in the order of their digests, and one twice.
    lines = f"main/attic {BOTH}\nattic {ATTIC}\n* {HOUSE}\nother/attic 0ther-s3cret-of-one\n"
    folder = tmp_path / "one"
    folder.mkdir()
    with make(kind, folder, token=HOUSE, room_tokens=lines) as server:
        attic, home = share(server, "attic", ATTIC), share(server, "home")
        what = f"main/attic/{attic['id']}/{attic['expires']}"
        assert attic["token"] == signed(what, ATTIC, BOTH, HOUSE)
        for room, link in (("attic", attic), ("home", home)):
            assert opens(server, room, link["token"]) == 200
    for token, room_tokens, *expected in (
        (HOUSE, lines + f"home {WATCH} read\nelse {WATCH}\n", 200, 200),
        (HOUSE, lines.replace(BOTH, "n3w-s3cret-of-one"), 401, 200),
        (HOUSE, f"attic {ATTIC}\n", 401, 200),
        (HOUSE, lines + f"home {WATCH}\n", 200, 401),
        ("n3w-s3cret-of-all", f"* {HOUSE} read\n", 401, 401),
    ):
        with make(kind, folder, token=token, room_tokens=room_tokens) as server:
            links = (("attic", attic), ("home", home))
            assert [opens(server, room, link["token"]) for room, link in links] == expected


def test_where_links_make_no_sense_a_sentence_says_so(server, start, room):
    short = start(token="s3cret-of-15-ch", room_tokens=f"attic {ATTIC}\n")
    for where, word in ((server, "address alone is enough"), (short, "16 characters")):
        for method, id in (("POST", None), ("GET", None), ("DELETE", "x")):
            body = {} if method == "POST" else None
            status, answer = ask(where, room, body, method, id, "s3cret-of-15-ch")
            assert status == 400 and word in answer["error"], (method, answer)
    assert share(short, "attic", ATTIC)
    # Without tokens, whatever is sent as one is nothing.
    assert opens(server, room, signed(f"main/{room}/x/{1 << 50}")) == 200


async def test_links_and_what_was_revoked_outlive_a_kill(start):
    server = start(token=HOUSE)
    kept, revoked = share(server, "r", label="é"), share(server, "r")
    reader = await join(server, "r", token=kept["token"])
    revoke(server, "r", revoked["id"])
    server.restart()
    assert opens(server, "r", kept["token"]) == 200
    assert opens(server, "r", revoked["token"]) == 401
    assert [link["label"] for link in listed(server, "r")] == ["é"]
    assert (await reader.closed())[0] == 1006


async def test_no_link_stands_in_a_log(start):
    server = start(token=HOUSE)
    made = share(server, "r", label="s3cret")
    secrets = (made["token"], made["token"].split(".")[2], HOUSE)
    forged = signed(f"main/r/x/{made['expires']}", "wr0ng")
    async with join(server, "r", token=made["token"], role="dashboard") as reader:
        await asyncio.to_thread(opens, server, "r", made["token"])
        for token in (made["token"], forged):
            for path in ("/parties/nope/r", "/parties/main/r2", "/parties/main/r?role=x"):
                request = upgrade(path, f"Authorization: Bearer {token}")
                status, answer, headers = talk(server, request)
                assert status in (400, 401) and "share." not in f"{answer} {headers}"
        revoke(server, "r", made["id"])
        assert (await reader.told())[0] == 1008
    server.kill()
    assert not any(secret in server.stderr for secret in secrets)
    assert "share." not in server.stderr
