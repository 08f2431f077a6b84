"""The layout of a room's dashboards: kept and told as it is, by version."""

import asyncio
import json

import pytest

from rooms.clients import http, join, path_of, post, state_of

HOUSE, WATCH = "h0use-s3cret-of-all", "w4tch-s3cret-of-all"
MOST = 32768
CARDS = {"cards": [{"device": "roof", "as": "gauge", "from": -0.5}, None, True], "é": "☂"}


def layout(version, content):
    return {"type": "layout", "version": version, "layout": content}


def filled(size, char="x"):
    """A layout of that many bytes."""
    frame = len('{"x":""}')
    return {"x": char * ((size - frame) // len(char.encode()))}


def kept(server, room):
    return state_of(server, room).get("layout")


async def test_it_is_kept_and_told_to_every_dashboard_and_to_the_sender_alone_else(server, room):
    post(server, room, "d", t=1)
    a, b, quiet = [
        await join(server, room, role="dashboard", **hears)
        for hears in ({}, {}, {"hears": "commands"})
    ]
    for dashboard in (a, b, quiet):
        assert "layout" not in await dashboard.next("snapshot")
    device, other = await join(server, room, role="device", name="d"), await join(server, room)
    await a.next("presence")
    await a.send(layout(0, CARDS))
    first = layout(1, CARDS)
    assert await a.next() == await b.next("layout") == first
    await other.send(layout(1, {}))
    assert await other.next() == await a.next() == await b.next() == layout(2, {})
    await b.send("end")
    for client in (device, other, a):
        assert await client.raw() == "end"
    # With hears=commands: a dashboard gets only what it has sent itself.
    await quiet.send(layout(2, CARDS))
    assert await quiet.next() == await a.next() == layout(3, CARDS)
    third = await join(server, room, role="dashboard", hears="commands")
    expected = {"version": 3, "layout": CARDS}
    assert (await third.next())["layout"] == kept(server, room) == expected
    for query in ("history=0", "points=5", "device=d"):
        assert "layout" not in state_of(server, room, query)


async def test_who_has_read_an_older_one_alone_gets_the_newest(server, room):
    a, b = [await join(server, room, role="dashboard") for _ in range(2)]
    for client in (a, b):
        await client.next("snapshot")
    for version in (1, 1 << 53):
        await a.send(layout(version, {"mine": 1}))
        assert await a.next() == {**layout(0, {}), "error": "stale"}
    assert kept(server, room) is None
    for version in range(2):
        await a.send(layout(version, {"n": version}))
        assert await a.next() == await b.next() == layout(version + 1, {"n": version})
    for version in (0, 1, 3):
        await a.send(layout(version, {"mine": 1}))
        assert await a.next() == {**layout(2, {"n": 1}), "error": "stale"}
    await a.send("end")
    assert await b.raw() == "end"
    assert kept(server, room) == {"version": 2, "layout": {"n": 1}}


async def test_of_many_that_come_at_once_one_is_kept_for_each_version(server, room):
    clients = [await join(server, room, role="dashboard") for _ in range(5)]
    for client in clients:
        await client.next("snapshot")

    async def insist(client, name):
        """Send own changes of what is newest, until ten were kept. Return all that it was told."""
        told, mine, newest = [], 0, 0
        await client.send(layout(0, {"by": [name, 0]}))
        while mine < 10:
            message = await client.next("layout")
            newest = message["version"]
            is_mine = "error" not in message and message["layout"]["by"] == [name, mine]
            mine += is_mine
            if "error" not in message:
                told.append(message)
            if mine < 10 and (is_mine or "error" in message):
                await client.send(layout(newest, {"by": [name, mine]}))
        return told

    told = await asyncio.gather(*(insist(client, n) for n, client in enumerate(clients)))
    longest = max(told, key=len)
    assert [message["version"] for message in longest] == list(range(1, 51))
    for some in told:
        assert some == longest[: len(some)]
    assert kept(server, room)["version"] == 50


@pytest.mark.parametrize(
    "content",
    [
        {"": {"__proto__": {"constructor": []}}, "toString": "\x00\u2028\U0001f6a8"},
        {"n": [0, -1, 1 << 53, -(1 << 53), 1.5e300, 5e-324, 0.1]},
        {"deep": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]},
        filled(MOST),
        filled(MOST, "é"),
        filled(MOST, "☂"),
    ],
    ids=["names", "numbers", "deep", "ascii", "two", "three"],
)
async def test_whatever_it_is_it_comes_back_the_same(server, room, content):
    client = await join(server, room, role="dashboard")
    await client.next("snapshot")
    await client.send(json.dumps(layout(0, content), ensure_ascii=False))
    assert await client.next() == layout(1, content)
    assert kept(server, room)["layout"] == content


async def test_what_is_not_one_is_refused_and_changes_nothing(server, room):
    client = await join(server, room, role="dashboard")
    await client.next("snapshot")
    await client.send(layout(0, CARDS))
    await client.next("layout")
    deep = ['{"a":' * levels + "1" + "}" * levels for levels in (17, 3000)]
    for text, *words in (
        ({"type": "layout", "layout": {}}, "version", "whole number"),
        *((layout(version, {}), "version", "whole number") for version in (-1, 0.5, "1", True)),
        (layout(1 << 54, {}), "version", "whole number"),
        ({"type": "layout", "version": 1}, "layout", "object"),
        *((layout(1, content), "layout", "object") for content in ([], None, "x", 5)),
        (layout(1, filled(MOST + 1)), "layout", "32769", "32768"),
        (json.dumps(layout(1, filled(MOST + 2, "é")), ensure_ascii=False), "32770", "32768"),
        *((f'{{"type":"layout","version":1,"layout":{text}}}', "nested") for text in deep),
        ('{"type":"layout","version":1,"layout":{"a":1e999}}', "layout", "finite"),
        ('{"type":"layout","version":1,"layout":{"a":9007199254740993}}', "layout", "2**53"),
        ('{"type":"layout","version":1,"layout":{"a":["\\ud800"]}}', "layout", "surrogate"),
        ('{"type":"layout","version":1,"layout":{"\\udfff":1}}', "layout", "surrogate"),
    ):
        await client.send(text)
        error = await client.next()
        assert (error["type"], error["status"]) == ("error", 400), text
        assert all(word in error["error"] for word in words), error
        assert len(error["error"]) < 250 and error["error"].isprintable()
    status, answer, _ = http(server, path_of(room), json.dumps(layout(1, {})).encode())
    assert status == 400 and "'layout' comes from" in answer["error"]
    assert kept(server, room) == {"version": 1, "layout": CARDS}


async def test_its_message_alone_may_be_longer_than_others(server, room):
    begin, client = '{"type":"layout","version":0,"layout":{}', await join(server, room)
    for text in (
        " " * 16000 + begin + " " * (65536 - 16000 - len(begin) - 1) + "}",
        '{ "type" : "layout" ,"version":1,"layout":{}' + " " * 20000 + "}",
    ):
        await client.send(text)
        assert (await client.next())["type"] == "layout"
    for text in (
        begin + " " * 65536 + "}",
        '{"version":0,"type":"layout","layout":{}' + " " * 16384 + "}",
        '{"type":"command","value":{"type":"layout"}' + " " * 16384 + "}",
        begin.encode() + b" " * 16384,
    ):
        await client.send(text)
        code, reason = await client.told()
        assert code == 1009 and str(len(text)) in reason
        client = await join(server, room)


async def test_a_token_that_reads_gets_it_and_changes_nothing(start):
    server = start(token=HOUSE, read_token=WATCH)
    writer = await join(server, "r", role="dashboard", token=HOUSE)
    reader = await join(server, "r", role="dashboard", token=WATCH)
    for client in (writer, reader):
        await client.next("snapshot")
    for size in (2, MOST):
        await reader.send(layout(0, filled(size)))
        error = await reader.next()
        assert (error["type"], error["status"]) == ("error", 403)
    await writer.send(layout(0, CARDS))
    assert await writer.next() == await reader.next() == layout(1, CARDS)


async def test_what_was_told_is_there_after_a_kill(start):
    server = start()
    client = await join(server, "r", role="dashboard")
    await client.next("snapshot")
    for version in range(3):
        await client.send(layout(version, {"n": version}))
        await client.next("layout")
    server.restart()
    again = await join(server, "r", role="dashboard")
    assert (await again.next())["layout"] == {"version": 3, "layout": {"n": 2}}
    await again.send(layout(3, {}))
    assert await again.next() == layout(4, {})
