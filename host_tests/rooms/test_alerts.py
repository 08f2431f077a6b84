"""Alerts of the room server, in virtual time: the stories of both servers, and what is stored."""

import asyncio
import json
import math
from weakref import ref

import pytest

from room_server import alert_rules
from room_server.alert_checks import check_alerts, check_targets
from room_server.alert_targets import Target
from room_server.checks import MessageError
from room_server.courier import Courier
from room_server.notices import failed, next_of, text_of, title_of
from room_server.settings import Settings
from rooms.alert_stories import (
    CASES,
    STORIES,
    TARGETS,
    as_sent,
    expected_sent,
    expected_turns,
    rules_of,
    steps_of,
    time_of,
)
from rooms.local import EPOCH, Local
from rooms.receiver import Receiver


class Play:
    """A story in a room: what dashboards are told, and what targets that always take get."""

    def __init__(self, story, path=None):
        self.turns = {}
        self.sent = []
        self._story = story
        self._here = {}  # device: its members
        # When a notice may go.
        self._send_at = [math.inf]
        self._local = Local(path, targets=TARGETS)
        self._path = path
        self._enter()

    def run(self):
        self._set(self._story["rules"])
        for at, action, *rest in steps_of(self._story):
            self._until(at)
            getattr(self, "_" + action)(*rest)
            self._note()
        return self

    def _enter(self):
        self._dashboard = self._local.join("dashboard")
        self._shown = self._dashboard.heard("snapshot")[-1]["alerts"]

    def _set(self, rules):
        version = self._shown["version"]
        self._dashboard.say({"type": "alerts", "version": version, "rules": rules_of(rules)})
        [self._shown] = self._dashboard.heard("alerts", "error")
        assert (self._shown["version"], self._shown["rules"]) == (version + 1, rules_of(rules))

    _rules = _set

    def _until(self, at):
        while self._local.now < at:
            self._local.pass_to_next(min(at, *self._send_at))
            self._note()

    def _note(self):
        local = self._local
        for told in self._dashboard.heard("alert"):
            began, ended = self.turns.setdefault(told["at"], ([], []))
            began += told.get("began", [])
            ended += told.get("ended", [])
        alerts = local.room.alerts
        self._send_at = [math.inf]
        for target in TARGETS:
            while True:
                waiting = [one for one in alerts.notices.values() if one["target"] == target]
                notice, due = next_of(waiting, local.now)
                if notice is None:
                    self._send_at.append(due or math.inf)
                    break
                self.sent.append(as_sent(local.now, notice, self._story))
                alerts.sent(notice, local.now)

    def _join(self, device):
        self._here.setdefault(device, []).append(self._local.device(device))

    def _leave(self, device):
        self._local.leave(self._here[device].pop(0))

    def _reading(self, device, values, more=None):
        more = {"at": time_of(more["at"])} if more and "at" in more else more or {}
        text = json.dumps({"type": "reading", "values": values, **more})
        if self._here.get(device):
            self._local.room.receive(self._here[device][-1], text, self._local.now)
        else:
            self._local.room.publish(text, device, self._local.now)

    def _batch(self, device, readings):
        if not self._here.get(device):
            self._join(device)
        n = self._local.store.highest("main", "home", device, EPOCH)
        numbered = enumerate(readings, n + 1)
        readings = [(n, time_of(at), values) for n, (at, values) in numbered]
        self._here[device][-1].batch(n, *readings)

    def _wait(self):
        pass

    def _restart(self):
        now = self._local.now
        self._local.store.close()
        self._here = {}
        self._local = Local(self._path, now, targets=TARGETS)
        self._enter()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["name"])
def test_a_story(story, tmp_path):
    play = Play(story, tmp_path / "rooms.db").run()
    if expected_turns(story) is not None:
        turns = {at: (sorted(began), sorted(ended)) for at, (began, ended) in play.turns.items()}
        assert turns == expected_turns(story)
    if expected_sent(story) is not None:
        assert play.sent == expected_sent(story)


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: case["text"][:40])
def test_what_people_read(case):
    assert title_of(case, "home") == case["title"]
    assert text_of(case) == case["text"]


@pytest.mark.parametrize("case", CASES["wrong"], ids=lambda case: " ".join(case["named"]))
def test_a_wrong_rule_is_named_with_its_remedy(case):
    with pytest.raises(MessageError) as error:
        check_targets(check_alerts({"version": 0, "rules": case["rules"]})["rules"], TARGETS)
    assert all(text in str(error.value) for text in case["named"]), error.value


HOT = {"id": "hot", "device": "d", "name": "t", "kind": "above", "limit": 30}
PHONE = {**HOT, "targets": ["phone"]}


def set_rules(local, *rules, version=0):
    """Return a dashboard that has set the rules."""
    dashboard = local.join("dashboard")
    dashboard.say({"type": "alerts", "version": version, "rules": list(rules)})
    assert dashboard.heard("alerts", "error")[-1]["version"] == version + 1
    return dashboard


def post(local, device="d", **values):
    local.room.publish(json.dumps({"type": "reading", "values": values}), device, local.now)


def rows(local):
    tables = ("alerts", "alerts_on", "notices")
    count = "SELECT count(*) FROM {}"
    return [local.store.rows(count.format(table), ())[0][0] for table in tables]


def test_a_room_without_rules_has_no_row_and_no_timer():
    local = Local(targets=TARGETS)
    local.join()
    device = local.device()
    local.pass_time(5)
    post(local, t=99)
    local.leave(device)
    local.pass_time(5)
    assert rows(local) == [0, 0, 0] and not local.waits()
    set_rules(local, HOT)
    local.pass_time(5)
    # A rule of values needs no timer.
    assert rows(local) == [1, 0, 0] and not local.waits()
    set_rules(local, {"id": "gone", "device": "d", "kind": "offline"}, version=1)
    local.pass_time(5)
    assert local.waits()
    # What was set for the rules before does not stay.
    set_rules(local, HOT, version=2)
    local.pass_time(5)
    assert not local.waits()


def test_what_was_lost_with_its_reading_begins_again():
    local = Local(targets=TARGETS)
    dashboard = set_rules(local, PHONE)
    local.store.commit()
    post(local, t=31)
    [notice] = local.room.alerts.notices.values()
    local.break_commit()
    assert local.store.commit() is not None
    [told] = dashboard.heard("alerts")
    assert (told["version"], told["state"]) == (1, {}) and "waiting" not in told["targets"][0]
    # It was on its way.
    local.room.alerts.sent(notice, local.now)
    local.room.alerts.failed(notice, notice)
    assert rows(local) == [1, 0, 0] and not local.room.alerts.notices
    post(local, t=31)
    assert dashboard.heard("alert")[-1]["began"] == [["hot", "d"]]
    assert rows(local) == [1, 1, 1]


def test_the_time_goes_on_when_nobody_is_in_the_room():
    local = Local(targets=TARGETS)
    gone = {"id": "gone", "device": "*", "kind": "offline", "targets": ["phone"]}
    dashboard, device = set_rules(local, gone), local.device()
    device.say({"type": "hello", "name": "North"})
    dashboard.say({"type": "layout", "version": 0, "layout": {}})
    for guest in (device, dashboard):
        local.leave(guest)
    assert local.rooms.in_use() == []
    left, local.room = ref(local.room), None
    # Neither its rules, its layout nor a timer hold it.
    assert left() is None
    local.pass_time(331)
    local.room = local.rooms.open("main", "home")
    [snapshot] = local.join("dashboard").heard("snapshot")
    assert snapshot["alerts"]["state"] == {"gone": {"d": local.now - 1000}}
    [notice] = local.room.alerts.notices.values()
    assert text_of(notice) == "North: offline for 5 minutes"


def test_when_the_server_slept_devices_have_their_time_again():
    local = Local()
    dashboard = set_rules(local, {"id": "gone", "device": "d", "kind": "offline"})
    # The look comes when the computer wakes.
    local.now += 7200000
    local.pass_time(329)
    assert dashboard.heard("alert") == []
    local.pass_time(1)
    assert dashboard.heard("alert")[0]["began"] == [["gone", "d"]]


def test_what_is_on_its_way_takes_no_more_events():
    local = Local(targets=TARGETS)
    set_rules(local, PHONE)
    post(local, t=31)
    alerts = local.room.alerts
    [first] = alerts.notices.values()
    alerts.begin(first)
    post(local, t=1)
    post(local, t=31)
    alerts.sent(first, local.now)
    alerts.end(first)
    [second] = alerts.notices.values()
    assert (second["count"], second["began"]) == (2, 1)


async def test_nothing_is_sent_before_it_is_on_disk(tmp_path):
    with Receiver(tmp_path) as receiver:
        targets = {"phone": Target("phone", "ntfy", receiver.url("/topic"), every_s=0.05)}
        local = Local(targets=TARGETS)
        set_rules(local, PHONE)
        local.store.commit()
        has_failed = asyncio.Event()

        async def committed():
            if has_failed.is_set():
                return local.store.commit()
            local.break_commit()
            has_failed.set()
            return local.store.commit()

        sending = asyncio.create_task(Courier(local.alerts, targets, committed).run())
        post(local, t=31)
        await has_failed.wait()
        post(local, t=32)
        [request] = await receiver.until(len)
        # The first is gone with its reading.
        assert request["body"] == "d: t 32, above 30"
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def test_what_is_not_stored_begins_nothing():
    local = Local(targets=TARGETS)
    dashboard = set_rules(local, PHONE)
    local.store.commit()
    local.store._db.execute("PRAGMA query_only = ON")
    device = local.device()
    device.read(t=31)
    assert device.heard("error")[0]["status"] == 507
    dashboard.say({"type": "alerts", "version": 1, "rules": []})
    assert dashboard.heard("error", "alert", "alerts")[-1]["status"] == 507
    local.store._db.execute("PRAGMA query_only = OFF")
    assert rows(local) == [1, 0, 0] and local.room.alerts.rules == [PHONE]
    device.read(t=32)
    assert rows(local) == [1, 1, 1]


def test_a_try_that_the_disk_does_not_take_is_made_again_later():
    local = Local(targets=TARGETS)
    set_rules(local, PHONE)
    post(local, t=31)
    local.store.commit()
    alerts = local.room.alerts
    [notice] = alerts.notices.values()
    local.store._db.execute("PRAGMA query_only = ON")
    alerts.sent(notice, local.now)
    [again] = alerts.notices.values()
    assert next_of([again], local.now) == (None, local.now + 60000)
    alerts.failed(again, {**again, "tries": 5, "error": "x", "due": local.now + 90000})
    [later] = alerts.notices.values()
    assert later["tries"] == 5
    local.store._db.execute("PRAGMA query_only = OFF")
    alerts.sent(later, local.now)
    assert rows(local) == [1, 1, 0]


def test_what_is_given_up_is_told_and_counted_until_there_are_new_rules(tmp_path):
    path = tmp_path / "rooms.db"
    local = Local(path, targets=TARGETS)
    dashboard = set_rules(local, PHONE)
    for count, value in ((1, 31), (2, 1)):
        post(local, t=value)
        [notice] = local.room.alerts.notices.values()
        local.room.alerts.failed(notice, None)
        [told] = dashboard.heard("alerts")
        phone, hook = told["targets"]
        assert phone == {"name": "phone", "kind": "ntfy", "dropped": count}
        assert hook == {"name": "hook", "kind": "webhook"}
    local.store.close()
    local = Local(path, local.now, targets=TARGETS)
    [snapshot] = local.join("dashboard").heard("snapshot")
    assert snapshot["alerts"]["targets"] == [phone, hook]
    dashboard = set_rules(local, PHONE, version=1)
    local.store.close()
    [snapshot] = Local(path, targets=TARGETS).join("dashboard").heard("snapshot")
    assert "dropped" not in snapshot["alerts"]["targets"][0]


def test_a_forgotten_device_takes_its_alerts_with_it():
    local = Local(targets=TARGETS, settings=Settings(max_devices=2))
    everyone = {**HOT, "id": "all", "device": "*"}
    dashboard = set_rules(local, HOT, everyone)
    post(local, t=31)
    local.pass_time(1)
    post(local, "e", t=1)
    dashboard.heard()
    post(local, "f", t=1)
    assert dashboard.heard("alert")[0]["ended"] == [["all", "d"]]
    assert rows(local) == [1, 1, 0]


def test_a_room_that_is_forgotten_takes_its_rules_with_it():
    local = Local(settings=Settings(max_rooms=1, keep_room_days=1))
    local.leave(set_rules(local, HOT))
    post(local, t=31)
    local.rooms.release(local.room)
    local.pass_time(2 * 86400)
    asyncio.run(local.rooms.make_place("main", "next", local.now))
    assert rows(local) == [0, 0, 0]
    assert local.rooms.open("main", "home").alerts.rules == []


async def test_who_comes_while_a_room_gives_way_keeps_what_is_left_of_it():
    local = Local(settings=Settings(max_rooms=1, keep_room_days=1), targets=TARGETS)
    dashboard = set_rules(local, HOT)
    dashboard.say({"type": "layout", "version": 0, "layout": {"a": 1}})
    post(local, t=1)
    local.leave(dashboard)
    local.pass_time(2 * 86400)
    making = asyncio.create_task(local.rooms.make_place("main", "next", local.now))
    # The devices go one in each turn of the loop, and somebody comes between the turns.
    await asyncio.sleep(0)
    local.room = local.rooms.open("main", "home")
    [snapshot] = local.join("dashboard").heard("snapshot")
    await making
    state = local.room.state(local.now)
    for key in ("layout", "alerts", "devices"):
        assert state[key] == snapshot[key]
    assert snapshot["layout"]["layout"] == {"a": 1} and snapshot["alerts"]["rules"] == [HOT]


def test_rooms_with_rules_are_bounded():
    local = Local(settings=Settings(max_rooms=1))
    local.leave(set_rules(local, HOT))
    local.room = local.rooms.open("main", "other")
    dashboard = local.join("dashboard")
    dashboard.say({"type": "alerts", "version": 0, "rules": [HOT]})
    [error] = dashboard.heard("error")
    assert error["status"] == 503 and "--max-rooms" in error["error"]


def test_the_alerts_that_are_on_are_bounded(monkeypatch):
    monkeypatch.setattr(alert_rules, "MOST_ON", 2)
    local = Local()
    gone = {"id": "gone", "device": "nobody", "kind": "offline"}
    set_rules(local, {**HOT, "device": "*"}, gone)
    for device in "abc":
        post(local, device, t=31)
    local.pass_time(3600)
    state = local.room.state(local.now)["alerts"]["state"]
    assert set(state) == {"hot"} and set(state["hot"]) == {"a", "b"}
    post(local, "a", t=1)
    post(local, "c", t=31)
    assert set(local.room.state(local.now)["alerts"]["state"]["hot"]) == {"b", "c"}


def test_what_waits_is_bounded_and_what_is_not_named_is_counted():
    local = Local(targets=TARGETS)
    # Each has its own end of quiet hours.
    rules = [
        {**PHONE, "id": str(n), "name": f"v{n}", "quiet": {"from": 840, "to": 900 + n}}
        for n in range(100)
    ]
    set_rules(local, *rules[:99], {**PHONE, "id": "now", "name": "now"})
    for n in range(0, 96, 32):
        post(local, **{f"v{i}": 31 for i in range(n, n + 32)})
    alerts = local.room.alerts
    assert len(alerts.notices) == 96
    for value in (31, 1) * 100:
        post(local, now=value)
    assert len(alerts.notices) == 97
    notice = list(alerts.notices.values())[-1]
    assert (notice["count"], notice["began"], len(notice["events"])) == (200, 100, 50)
    post(local, v96=31, v97=31, v98=31)
    assert len(alerts.notices) == 100
    more = {**PHONE, "id": "more", "quiet": {"from": 840, "to": 860}}
    set_rules(local, *rules[:50], more, version=1)
    post(local, t=31)
    assert len(alerts.notices) == 100
    assert sum(one["count"] for one in alerts.notices.values()) == 96 + 200 + 3 + 1


def test_after_a_failure_it_waits_longer_and_gives_up_after_three_days():
    notice = {"uid": "u", "target": "phone", "at": 0, "hold": 0, "due": 0, "tries": 0}
    now, waits = 0, []
    while True:
        after = failed(notice, "status 503", 5000, 0.5, now)
        if after is None:
            break
        assert next_of([after], now) == (None, after["due"])
        waits.append((after["due"] - now) / 1000)
        notice, now = after, after["due"]
    assert waits[:4] == [7.5, 15, 30, 60] and waits[-1] == max(waits) == 2700
    assert 3 * 86400 <= now / 1000 <= 3 * 86400 + 3600
    bounds = [failed(notice, "", 5000, chance, 0)["due"] for chance in (0, 1)]
    assert bounds == [1800000, 3600000]
    first = {**notice, "tries": 0}
    assert [failed(first, "", 5000, chance, 0)["due"] for chance in (0, 1)] == [5000, 10000]
