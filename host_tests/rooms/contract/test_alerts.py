"""Alerts of both servers: how rules are set and told, and that what begins reaches its targets.

What begins when is in rooms/test_alerts.py and party/test_alerts.py, in virtual time.
"""

import asyncio
import hashlib
import hmac
import json
import random
import ssl

import pytest
import trustme

from rooms.alert_stories import CASES
from rooms.clients import http, join, path_of, post, state_of
from rooms.receiver import Receiver

from .servers import make

HOT = {"id": "hot", "device": "d", "name": "t", "kind": "above", "limit": 30}
NO_ALERTS = {"version": 0, "rules": [], "state": {}}
TARGETS = {
    "phone": {"kind": "ntfy", "url": "http://127.0.0.1:9/topic"},
    "hook": {"kind": "webhook", "url": "http://127.0.0.1:9/hook"},
}


def message(version, *rules):
    return {"type": "alerts", "version": version, "rules": list(rules)}


@pytest.fixture
def receiver(tmp_path):
    folder = tmp_path / "receiver"
    folder.mkdir()
    with Receiver(folder) as running:
        yield running


async def test_rules_are_told_and_who_is_late_gets_them(server, room):
    dashboards = [await join(server, room, role="dashboard") for _ in range(2)]
    quiet = await join(server, room, hears="commands")
    listener = await join(server, room)
    for dashboard in dashboards:
        assert (await dashboard.next("snapshot"))["alerts"] == {**NO_ALERTS, "targets": []}
    await quiet.send(message(0, {**HOT, "more": "left out"}))
    expected = {"type": "alerts", "version": 1, "rules": [HOT], "state": {}, "targets": []}
    for client in (*dashboards, quiet):
        assert await client.next("alerts") == expected
    for version in (0, 2):
        await dashboards[0].send(message(version))
        assert await dashboards[0].next() == {**expected, "error": "stale"}
    await dashboards[0].send(message(1))
    changed = {**expected, "version": 2, "rules": []}
    assert await dashboards[0].next() == await dashboards[1].next() == changed
    await dashboards[0].send("end")
    # The listener was told nothing before.
    assert await listener.raw() == "end"


async def test_alerts_are_told_with_the_reading_and_are_in_the_state(server, room):
    dashboard = await join(server, room, role="dashboard")
    listener = await join(server, room)
    await dashboard.send(message(0, HOT, {**HOT, "id": "all", "device": "*", "limit": 40}))
    await dashboard.next("alerts")
    post(server, room, "d", t=31)
    began = await dashboard.next("alert")
    assert began == {"type": "alert", "at": began["at"], "began": [["hot", "d"]]}
    post(server, room, "e", t=41)
    assert (await dashboard.next("alert"))["began"] == [["all", "e"]]
    alerts = state_of(server, room)["alerts"]
    assert (alerts["version"], set(alerts["state"])) == (1, {"hot", "all"})
    assert alerts["state"]["hot"] == {"d": began["at"]}
    other = await join(server, room, role="dashboard")
    assert (await other.next("snapshot"))["alerts"] == alerts
    post(server, room, "d", t=1)
    ended = await dashboard.next("alert")
    assert ended == {"type": "alert", "at": ended["at"], "ended": [["hot", "d"]]}
    assert set(state_of(server, room)["alerts"]["state"]) == {"all"}
    for values in ({"t": 31}, {"t": 41}, {"t": 1}):
        # There is no alert between them.
        assert (await listener.next())["values"] == values
    assert "alerts" not in state_of(server, room, "history=0")


async def test_wrong_rules_are_refused_and_change_nothing(start, room):
    server = start(alert_targets=TARGETS)
    client = await join(server, room)
    for case in CASES["wrong"]:
        await client.send({"type": "alerts", "version": 0, "rules": case["rules"]})
        error = await client.next()
        assert (error["type"], error["status"]) == ("error", 400)
        assert all(text in error["error"] for text in case["named"]), error
    many = [{**HOT, "id": str(n)} for n in range(101)]
    for wrong in (message(0, *many), {"type": "alerts", "rules": []}, message(-1), message(0.5)):
        await client.send(wrong)
        assert (await client.next())["status"] == 400
    status, answer, _ = http(server, path_of(room), json.dumps(message(0, HOT)).encode())
    assert status == 400 and "alerts" in answer["error"]
    await client.send({"type": "alert", "began": []})
    assert "comes from the server" in (await client.next())["error"]
    await client.send(message(0, *many[:100]))
    assert (await client.next("alerts"))["version"] == 1


async def test_only_a_token_that_writes_sets_rules_and_nobody_sees_an_address(start, room):
    targets = {
        "phone": {**TARGETS["phone"], "token": "tk_s3cret"},
        "hook": {**TARGETS["hook"], "secret": "s1gn"},
    }
    server = start(token="h0use", read_token="w4tch", alert_targets=targets)
    reader = await join(server, room, role="dashboard", token="w4tch")
    snapshot = await reader.raw()
    names = [{"name": "phone", "kind": "ntfy"}, {"name": "hook", "kind": "webhook"}]
    assert json.loads(snapshot)["alerts"] == {**NO_ALERTS, "targets": names}
    await reader.send(message(0, HOT))
    assert (await reader.next())["status"] == 403
    writer = await join(server, room, token="h0use")
    await writer.send(message(0, {**HOT, "targets": ["hook", "phone"]}))
    told = await reader.raw()
    for text in (snapshot, told, json.dumps(state_of(server, room, "token=w4tch"))):
        assert not any(secret in text for secret in ("127.0.0.1", "s3cret", "s1gn", "topic"))


async def test_a_webhook_and_ntfy_get_what_began_and_ended(start, room, receiver):
    server = start(
        alert_targets={
            "phone": {
                "kind": "ntfy",
                "url": receiver.url("/topic"),
                "token": "tk_s3cret",
                "every": 0.05,
            },
            "hook": {
                "kind": "webhook",
                "url": receiver.url("/hook?a=b"),
                "secret": "s1gn",
                "every": 3600,
            },
        }
    )
    device = await join(server, room, role="device", name="d")
    await device.send({"type": "hello", "name": "Haus, Süd", "units": {"t": "°C"}})
    await device.send(message(0, {**HOT, "text": "Fenster auf", "targets": ["phone", "hook"]}))
    await device.next("alerts")
    await device.send({"type": "reading", "values": {"t": 31.5}})
    [ntfy] = await receiver.until(len, "/topic")
    [hook] = await receiver.until(len, "/hook")
    await device.send({"type": "reading", "values": {"t": 30}})
    [_, over] = await receiver.until(lambda found: len(found) == 2, "/topic")
    # It waits for its time.
    assert receiver.received("/hook") == [hook]
    text = "Haus, Süd: t 31.5 °C, above 30 °C. Fenster auf"
    assert (ntfy["method"], ntfy["body"]) == ("POST", text)
    expected = {
        "title": f"Alert in {room}",
        "priority": "high",
        "tags": "warning",
        "authorization": "Bearer tk_s3cret",
        "content-type": "text/plain; charset=utf-8",
    }
    assert expected.items() <= ntfy["headers"].items()
    assert (over["headers"]["title"], over["headers"]["priority"]) == (
        f"Alert over in {room}",
        "default",
    )
    assert "tk_s3cret" not in str(hook)
    body = json.loads(hook["body"])
    [event] = body.pop("events")
    id = body.pop("id")
    assert id == hook["headers"]["idempotency-key"] and id != ntfy["headers"]["idempotency-key"]
    assert body == {
        "party": "main",
        "room": room,
        "title": f"Alert in {room}",
        "text": text,
        "count": 1,
    }
    assert event.pop("at") > 1.6e12
    assert event == {
        "rule": "hot",
        "device": "d",
        "on": True,
        "kind": "above",
        "name": "t",
        "limit": 30,
        "value": 31.5,
        "text": "Fenster auf",
        "title": "Haus, Süd",
        "unit": "°C",
    }
    digest = hmac.new(b"s1gn", hook["body"].encode(), hashlib.sha256).hexdigest()
    assert hook["headers"]["x-signature-256"] == f"sha256={digest}"


FAULTS = {
    "redirect": "redirects are not followed",
    "broken": "status 500",
    "slow": "no answer within 10 s",
    "endless": "no ",
    "closed": "no ",
    "untrusted": "",
}


async def listen_untrusted():
    """Listen with a certificate that nobody knows. Return the address, and a list that gets what
    is sent there.
    """
    told = []

    async def hear(reader, writer):
        told.append(await reader.read(100))
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=context)
    return f"https://localhost:{server.sockets[0].getsockname()[1]}/", told


async def test_targets_that_misbehave_are_told_and_hold_up_no_other(start, room, receiver):
    targets = {
        name: {"kind": "webhook", "url": receiver.url(f"/{name}"), "every": 3600}
        for name in (*FAULTS, "giant")
    }
    targets["closed"]["url"] = "http://127.0.0.1:9/closed"
    targets["untrusted"]["url"], told_untrusted = await listen_untrusted()
    server = start(alert_targets=targets)
    dashboard = await join(server, room, role="dashboard")
    rules = [{**HOT, "id": f"{name}", "targets": [name]} for name in targets]
    await dashboard.send(message(0, *rules))
    await dashboard.next("alerts")
    post(server, room, "d", t=31)
    # A giant answer is taken by its status, and not read.
    await receiver.until(len, "/giant")
    shown = {}
    while not all("error" in shown.get(name, {}) for name in FAULTS):
        told = await dashboard.next("alerts")
        shown = {target["name"]: target for target in told["targets"]}
        assert "127.0.0.1" not in json.dumps(told)
    for name, reason in FAULTS.items():
        assert reason in shown[name]["error"] and shown[name]["waiting"] == 1, shown[name]
    assert shown["giant"] == {"name": "giant", "kind": "webhook"}
    assert not told_untrusted
    assert not receiver.received("/stolen") and not receiver.received("/giant-read")
    # Each was tried once.
    assert len(receiver.received()) == len(targets) - 2
    assert "127.0.0.1" not in server.stderr and "not taken" in server.stderr


async def test_what_waits_for_a_target_that_is_gone_is_dropped(kind, tmp_path, room):
    rule = {**HOT, "targets": ["phone"]}
    # The next try comes soon.
    targets = {"phone": {**TARGETS["phone"], "every": 0.05}}
    with make(kind, tmp_path, alert_targets=targets) as server:
        client = await join(server, room, role="dashboard")
        await client.send(message(0, rule))
        await client.next("alerts")
        post(server, room, "d", t=31)
        while "error" not in (await client.next("alerts"))["targets"][0]:
            pass
    with make(kind, tmp_path, alert_targets={"hook": TARGETS["hook"]}) as server:
        client = await join(server, room, role="dashboard")
        alerts = (await client.next("snapshot"))["alerts"]
        assert alerts["rules"] == [rule] and set(alerts["state"]) == {"hot"}
        while "was dropped: the operator has removed" not in server.stderr:
            await asyncio.sleep(0.01)
        # Its rule goes on.
        post(server, room, "d", t=1)
        assert (await client.next("alert"))["ended"] == [["hot", "d"]]
        await client.send(message(1, rule))
        assert "target 'phone'" in (await client.next("error"))["error"]
        assert server.stderr.count("was dropped") == 1


@pytest.mark.parametrize("rounds", [4, pytest.param(40, marks=pytest.mark.soak)])
async def test_each_alert_reaches_its_targets_through_kills_of_server_and_receiver(
    start, room, receiver, rounds
):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    urls = {"phone": ("ntfy", "/topic"), "hook": ("webhook", "/hook")}
    targets = {
        name: {"kind": kind, "url": receiver.url(path), "every": 0.05}
        for name, (kind, path) in urls.items()
    }
    server = start(alert_targets=targets, rate=100000)
    client = await join(server, room, role="dashboard")
    rules = [
        {"id": f"r{n}", "device": "*", "name": f"v{n}", "kind": "above", "limit": 0}
        for n in range(5)
    ]
    await client.send(message(0, *({**rule, "targets": list(urls)} for rule in rules)))
    await client.next("alerts")
    expected, is_running = [], True
    for round in range(rounds):
        for _ in range(chance.randrange(1, 6)):
            name = f"v{chance.randrange(5)}"
            value = len(expected) + 1
            # It is answered when it is on disk. Each value is another, and ends what it began.
            for each in (value, -value):
                await asyncio.to_thread(post, server, room, f"d{round}", **{name: each})
                expected.append((name, each))
        await asyncio.sleep(chance.choice((0, 0, 0.02, 0.1)))
        if is_running and chance.random() < 0.5:
            receiver.kill()
            is_running = False
        if chance.random() < 0.7:
            server.restart()
        if not is_running and chance.random() < 0.7:
            receiver.start()
            is_running = True
    if not is_running:
        receiver.start()

    def told(found):
        """Return the notices that came, without those that came again or became longer."""
        latest = {}
        for each in found:
            uid, _, count = each["headers"]["idempotency-key"].partition("-")
            before = latest.get(uid, each)
            assert int(count) >= _count(before)
            # What comes twice is the same.
            assert int(count) > _count(before) or each["body"] == before["body"]
            latest[uid] = each
        return list(latest.values())

    def has_all(found):
        return sum(map(_count, told(found))) >= len(expected)

    hooks = told(await receiver.until(has_all, "/hook"))
    events = [event for each in hooks for event in json.loads(each["body"])["events"]]
    assert [(event["name"], event["value"]) for event in events] == expected
    texts = told(await receiver.until(has_all, "/topic"))
    assert sum(map(_count, texts)) == len(expected)
    assert state_of(server, room)["alerts"]["state"] == {}


def _count(request):
    return int(request["headers"]["idempotency-key"].partition("-")[2])
