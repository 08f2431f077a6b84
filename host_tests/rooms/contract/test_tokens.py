"""Tokens: each opens what it should, and none appears in an answer or log."""

import pytest

from rooms.clients import get, http, join, reading, refusal, talk, upgrade

from .servers import make

HOUSE, WATCH, ATTIC, BENCH = "h0use-s3cret", "w4tch-s3cret", "4ttic-s3cret", "b3nch-s3cret"
LOOK, DESK = "l00k-s3cret", "d3sk-s3cret"
LINES = f"""# who may

attic {ATTIC}\r
  main/bench\t{BENCH}
other/bench {LOOK}
attic {LOOK} read
desk {DESK}
* {DESK} read
"""


@pytest.fixture(scope="module")
def closed(kind, tmp_path_factory):
    """A server with tokens given in every way."""
    settings = {"token": HOUSE, "read_token": WATCH, "room_tokens": LINES}
    with make(kind, tmp_path_factory.mktemp("closed"), **settings) as running:
        yield running


async def test_a_token_opens_its_rooms_in_header_and_query(closed):
    for status, room, *tokens in (
        (101, "any", HOUSE, WATCH),
        (101, "attic", ATTIC, LOOK),
        (101, "bench", BENCH),
        (401, "any", ATTIC, HOUSE[:-1], HOUSE + "x", "", "h\u00f6use"),
        (401, "%61ttic", ATTIC),
        (401, "bench", ATTIC, LOOK),
    ):
        for token in tokens:
            assert (await refusal(closed, room, token=token))[0] == status, (room, token)
            for scheme in ("Bearer ", "bearer  ") if token.isascii() else ():
                headers = {"Authorization": f"{scheme}{token}"}
                assert (await refusal(closed, room, headers=headers))[0] == status, (room, token)
    headers = {"Authorization": "Basic " + HOUSE}
    assert (await refusal(closed, "any", headers=headers))[0] == 401


def test_without_the_token_http_is_refused_too_in_one_sentence(closed):
    for body in (None, b"x"):
        for query, begins in (("", "give the room's"), ("?token=wr0ng", "your token does not")):
            status, answer, headers = http(closed, f"/parties/main/r{query}", body)
            assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
            assert list(answer) == ["error"] and answer["error"].startswith(begins)
            assert "`Authorization: Bearer <token>` or `?token=<token>`" in answer["error"]
        assert http(closed, f"/parties/main/r?token={HOUSE}", body)[0] == 200
    # The page needs no token: it asks for one.
    assert http(closed, "/")[0] == 200


def test_a_refusal_is_the_same_whether_the_room_or_party_exists_or_not(closed):
    path = f"/parties/main/attic?token={HOUSE}&name=d"
    # This room exists, because it has a stored reading.
    assert http(closed, path, reading(t=1).encode())[0] == 200
    answers = set()
    for place in ("main/attic", "main/never", "main/bench", "nope/r", "main/" + "r" * 257):
        status, answer, headers = talk(closed, upgrade(f"/parties/{place}?token=wr0ng"))
        del headers["Date"]
        answers.add((status, str(answer), str(headers)))
    assert [status for status, _, _ in answers] == [401]


async def test_a_token_that_reads_sees_everything_and_changes_nothing(closed):
    room = "any"
    async with join(closed, room, token=HOUSE, pk="me") as writer:
        await writer.send("before")
        async with join(closed, room, token=WATCH, role="dashboard", pk="me") as reader:
            snapshot = await reader.next()
            assert snapshot["clients"] == {"device": 0, "dashboard": 1, "other": 1}
            # It was not replaced by the reader with the same id.
            await writer.send("hello")
            assert await reader.raw() == "hello"
            for message in ("chat", b"\x00", {"type": "command", "device": "d", "name": "n"}):
                await reader.send(message)
                error = await reader.next("error")
                assert "only reads" in error["error"] and error["status"] == 403
            async with join(closed, room, token=HOUSE) as third:
                await third.send("end")
                # There is nothing from the reader before it.
                assert await writer.raw() == "end"
            async with join(closed, room, token=WATCH, pk="me"):
                assert (await reader.told())[0] == 1008
                await writer.send("still here")
    assert (await refusal(closed, room, token=WATCH, role="device", name="d"))[0] == 403
    path = f"/parties/main/{room}?token={WATCH}"
    assert http(closed, path)[0] == 200
    assert http(closed, path, b"x")[0] == 403


def test_the_most_that_a_token_allows_counts(closed):
    assert http(closed, f"/parties/main/desk?token={DESK}", b"x")[0] == 200
    assert http(closed, f"/parties/main/any?token={DESK}", b"x")[0] == 403
    # This request has two tokens.
    headers = {"Authorization": f"Bearer {DESK}"}
    assert http(closed, f"/parties/main/attic?token={ATTIC}", b"x", None, headers)[0] == 200


async def test_a_client_cannot_say_for_itself_what_it_may(closed):
    # With these headers and query fields the worker and PartyServer tell a room about a request.
    headers = {"x-partykit-props": '{"a":1}', "x-partykit-room": "other"}
    query = {"token": WATCH, "reads": "", "role": "dashboard", "pk": "p&reads=&role=device"}
    async with join(closed, "any", headers, **query) as reader:
        assert (await reader.next("snapshot"))["room"] == "any"
        await reader.send("chat")
        assert "only reads" in (await reader.next("error"))["error"]
    writer = await join(closed, "any", token=HOUSE, reads="1")
    other = await join(closed, "any", token=HOUSE)
    await writer.send("chat")
    assert await other.raw() == "chat"


async def test_no_token_stands_in_an_answer_or_a_log(start):
    server = start(token=HOUSE, room_tokens=LINES)
    answers = []
    for secret in (HOUSE, ATTIC, "wr0ng-s3cret"):
        for request in (
            upgrade(f"/parties/main/attic?token={secret}", "Sec-WebSocket-Key: @"),
            upgrade("/parties/main/r", f"Authorization: Bearer {secret}", "Origin: http://x"),
            upgrade(f"/parties/nope/r?token={secret}"),
            upgrade(f"/parties/main/r?token={secret}&role=admin"),
            upgrade(f"/x?token={secret}"),
            get(f"/parties/main/r?token={secret}").replace(b"GET", b"PUT", 1),
        ):
            status, answer, headers = talk(server, request)
            answers.append(status)
            assert "s3cret" not in f"{answer} {headers}"
    assert {400, 401, 405} <= set(answers)
    async with join(server, "r", token=HOUSE, role="device", name="d") as device:
        await device.send(reading(t=1))
        await device.send("{")
        assert "s3cret" not in await device.raw()
    server.kill()
    assert "s3cret" not in server.stderr
