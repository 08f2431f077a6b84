"""The history: raw readings, minutes, hours, and changes; GET of a part of it; files."""

import json
import random
import re
import time
from pathlib import Path

import pytest

from rooms import tier_model
from rooms.clients import http, join, path_of, post, state_of
from rooms.tier_model import DAY, HOUR, MINUTE, assert_points

from .outbox import batch, come, entry, until_done

STORIES = json.loads(Path(__file__).with_name("tiers.json").read_text())["stories"]
_UNITS = {"s": 1000, "m": MINUTE, "h": HOUR, "d": DAY}


def now():
    return int(time.time() * 1000)


def base():
    """The beginning of the hour that all times of the stories count from."""
    return now() // HOUR * HOUR - 2 * HOUR


def time_of(text, begin):
    if text == "0":
        return begin
    parts = re.findall(r"([+-])(\d+)([smhd])", text)
    assert "".join(map("".join, parts)) == text, text
    return begin + sum(int(sign + n) * _UNITS[unit] for sign, n, unit in parts)


def timed(points, begin):
    return [[time_of(at, begin), *rest] for at, *rest in points]


def query_of(ask, begin):
    query = {key: time_of(value, begin) for key, value in ask.items() if key != "points"}
    if "points" in ask or not query:
        query["points"] = ask.get("points", 300)
    return "&".join(f"{key}={value}" for key, value in query.items())


async def tell(server, room, readings):
    """Send readings [(at, values)], in this order, and wait until they are stored."""
    device = await come(server, room)
    entries = [entry(n, at=at, values=values) for n, (at, values) in enumerate(readings, 1)]
    for first in range(0, len(entries), 40):
        await device.send(batch(first, *entries[first : first + 40]))
    await until_done(device, len(entries))
    return device


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["name"])
async def test_a_story(server, room, story):
    begin = base()
    readings = [(time_of(at, begin), values) for at, values in story["readings"]]
    await tell(server, room, readings)
    state = state_of(server, room, query_of(story["ask"], begin))
    [device] = state["devices"]
    assert device["history"].keys() == story["history"].keys()
    for name, points in story["history"].items():
        assert_points(device["history"][name], timed(points, begin))
    changes = {name: timed(points, begin) for name, points in story.get("changes", {}).items()}
    assert device.get("changes", {}) == changes
    assert "undated" not in device
    assert device["online"] is True and device["last"]


async def test_any_part_is_what_the_readings_say(server, room):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    draw = random.Random(seed)
    begin = base()
    # Not within an hour of the age of a tier: the server's time goes on.
    spans = [2 * HOUR, DAY, 3 * DAY - 2 * HOUR, 29 * DAY, 100 * DAY]
    readings = []
    at = begin
    for _ in range(700):
        if draw.random() < 0.1:
            at = begin - draw.randrange(draw.choice(spans))
        at = min(at + draw.randrange(-MINUTE, 3 * MINUTE), begin + 2 * HOUR)
        for age in (tier_model.KEEP["raw"], tier_model.KEEP["minutes"]):
            if abs(begin - age - at) < 4 * HOUR:
                at -= 8 * HOUR
        readings.append((at, draw.choice((draw.randrange(100), round(draw.gauss(20, 5), 2)))))
    await tell(server, room, [(at, {"t": value}) for at, value in readings])
    kinds = set()
    for _ in range(40):
        span = draw.choice((MINUTE, HOUR, DAY, 10 * DAY, 120 * DAY))
        since = draw.choice(readings)[0] - draw.randrange(span)
        until, points = since + draw.randrange(1, 2 * span), draw.choice((1, 5, 50, 300, 2000))
        query = f"since={since}&until={until}&points={points}&name=t"
        [device] = state_of(server, room, query)["devices"]
        found = device["history"].get("t", [])
        expected, unsure = tier_model.part(readings, now(), since, until, points)
        print(query)
        assert len(found) <= points
        assert_points(found, expected, unsure)
        kinds.add(len(found[0]) if found else 0)
    assert kinds >= {2, 5}


async def test_a_restart_changes_nothing(start, room):
    server = start()
    begin = base()
    readings = [(begin + n * 20_000 - n % 3 * HOUR, {"t": n, "on": n % 2 == 0}) for n in range(50)]
    await tell(server, room, readings)
    queries = ("points=1", "points=10", "points=2000")
    before = [state_of(server, room, query)["devices"][0] for query in queries]
    server.restart()
    for query, device in zip(queries, before):
        [found] = state_of(server, room, query)["devices"]
        assert (found["history"], found["changes"]) == (device["history"], device["changes"])


async def test_a_snapshot_has_the_newest_300_readings_and_20_changes(server, room):
    begin = base()
    readings = [(begin + n * 1000, {"t": n, "on": n % 2 == 0}) for n in range(310)]
    # Minutes and hours are not in a snapshot.
    await tell(server, room, [*readings, (begin - 4 * DAY, {"old": 1})])
    [device] = state_of(server, room)["devices"]
    assert device["history"] == {"t": [[at, values["t"]] for at, values in readings[-300:]]}
    assert device["changes"] == {"on": [[at, values["on"]] for at, values in readings[-20:]]}
    dashboard = await join(server, room, role="dashboard")
    [shown] = (await dashboard.next("snapshot"))["devices"]
    assert (shown["history"], shown["changes"]) == (device["history"], device["changes"])


async def test_a_snapshot_shows_what_came_since_the_last_one(server, room):
    post(server, room, "e", t=0)
    for n in range(3):
        post(server, room, "d", t=n)
        states = {state["device"]: state for state in state_of(server, room)["devices"]}
        assert [value for _, value in states["d"]["history"]["t"]] == list(range(n + 1))
        assert [value for _, value in states["e"]["history"]["t"]] == [0]
    for n in range(64):
        post(server, room, "d", **{f"v{n}": True})
    # The name that was not sent for the longest time is gone.
    states = {state["device"]: state for state in state_of(server, room)["devices"]}
    assert states["d"]["history"] == {} and len(states["d"]["changes"]) == 64


async def test_more_than_twenty_thousand_readings_become_minutes(server, room):
    begin = base()
    await tell(server, room, [(begin + n * 100, {"t": n}) for n in range(20_001)])
    for until, count in ((begin + 2_000_000, 1000), (begin + 2_000_001, 34)):
        query = f"since={begin}&until={until}&points=1500"
        assert len(state_of(server, room, query)["devices"][0]["history"]["t"]) == count


def test_a_state_without_history(server, room):
    post(server, room, "d", t=1, on=True)
    [device] = state_of(server, room, "history=0")["devices"]
    assert set(device) == {"device", "online", "at", "about", "last"}
    assert device["last"] == {"t": 1, "on": True}
    assert state_of(server, room, "history=1")["devices"][0]["history"]["t"]
    post(server, room, "e", t=2, on=False)
    [device] = state_of(server, room, "history=0&device=e&name=on")["devices"]
    assert "history" not in device and device["last"] == {"on": False}


def test_devices_and_names_choose_series_of_which_there_are_eight_at_most(server, room):
    for device in ("a", "b", "c"):
        post(server, room, device, t=1, h=2, p=3)
    status, answer, _ = http(server, path_of(room, "points=10"))
    assert status == 400 and "9 series" in answer["error"] and "8" in answer["error"]
    found = state_of(server, room, "device=a&device=c&name=t&name=p&name=none")["devices"]
    assert [device["device"] for device in found] == ["a", "c"]
    assert all(set(device["history"]) == {"t", "p"} for device in found)
    assert state_of(server, room, "device=none")["devices"] == []
    assert state_of(server, room, "name=none")["devices"] == []
    assert len(state_of(server, room)["devices"]) == 3
    assert len(state_of(server, room, "history=0")["devices"]) == 3


@pytest.mark.parametrize(
    "query, named",
    [
        ("since=yesterday", ("since 'yesterday'", "ms since 1970")),
        ("until=1.5", ("until '1.5'", "ms since 1970")),
        ("since=5&until=5", ("until 5", "after since")),
        ("points=0", ("points '0'", "1 to 2000")),
        ("points=2001", ("points '2001'", "1 to 2000")),
        ("points=many", ("points 'many'", "1 to 2000")),
        ("history=2", ("history '2'", "give 0")),
        ("format=xml", ("format 'xml'", "csv or json")),
        ("format=csv&tier=days", ("tier 'days'", "raw, minutes or hours")),
        ("tier=hours", ("tier", "format=csv")),
        ("format=csv&points=5", ("points", "leave it out")),
    ],
)
def test_what_is_wrong_in_a_query_is_named_with_its_remedy(server, room, query, named):
    status, answer, _ = http(server, path_of(room, query))
    assert status == 400
    assert all(text in answer["error"] for text in named), answer


async def test_a_file_has_the_points_of_a_tier(server, room):
    begin = base()
    readings = [(begin - 4 * DAY, 1), (begin, 2), (begin + 1000, 4), (begin + HOUR, 5.5)]
    told = [(at, {"t": value, "on": value < 3}) for at, value in readings]
    # A name may have numbers and others.
    told += [(begin, {"both": 1}), (begin + 1, {"both": True}), (begin + 2, {"both": 2})]
    # One that comes late, and is as large as may be.
    told += [(at, {"huge": 1.7e308}) for at in (begin, begin + HOUR, begin + 1000)]
    await tell(server, room, told)

    def lines(query):
        status, text, headers = http(server, path_of(room, query))
        assert status == 200 and headers.get_content_type() == "text/csv"
        assert headers["Content-Disposition"] == f'attachment; filename="{room}.csv"'
        return [line.split(",") for line in text.split("\r\n")[:-1]]

    head, *rows = lines("format=csv")
    assert head == ["device", "name", "at", "time", "value"]
    assert [(row[1], int(row[2]), row[4]) for row in rows if row[1] != "huge"] == [
        *(("both", begin, "1"), ("both", begin + 1, "true"), ("both", begin + 2, "2")),
        *(("on", begin - 4 * DAY, "true"),),
        *(("on", begin + 1000, "false"),),
        *(("t", begin, "2"), ("t", begin + 1000, "4"), ("t", begin + HOUR, "5.5")),
    ]
    assert rows[-3][3] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(begin / 1000))
    head, *rows = lines("format=csv&tier=minutes&name=t")
    assert head == ["device", "name", "at", "time", "mean", "min", "max", "count"]
    assert [[int(row[2]), *map(float, row[4:])] for row in rows] == [
        [begin - 4 * DAY, 1, 1, 1, 1],
        [begin, 3, 2, 4, 2],
        [begin + HOUR, 5.5, 5.5, 5.5, 1],
    ]
    _, *rows = lines("format=csv&tier=minutes&name=huge")
    huge = ["1.7e+308"] * 3
    assert [row[4:] for row in rows] == [[*huge, "2"], [*huge, "1"]]
    _, *rows = lines(f"format=csv&tier=hours&name=t&since={begin}&until={begin + HOUR}")
    assert [[int(row[2]), *map(float, row[4:])] for row in rows] == [[begin, 3, 2, 4, 2]]
    for since in (begin - 1, begin, begin + 1, begin + HOUR + 1):
        for until in (begin + 1, begin + HOUR, begin + HOUR + 1, begin + 2 * HOUR):
            if since < until:
                _, *rows = lines(f"format=csv&tier=hours&name=t&since={since}&until={until}")
                starts = [at for at in (begin, begin + HOUR) if since <= at < until]
                assert [int(row[2]) for row in rows] == starts
    status, text, _ = http(server, path_of(room, "format=json&tier=hours&name=t"))
    points = text["points"] if isinstance(text, dict) else json.loads(text)["points"]
    assert status == 200 and points[1] == {
        "device": "d",
        "name": "t",
        "at": begin,
        "mean": 3,
        "min": 2,
        "max": 4,
        "count": 2,
    }
