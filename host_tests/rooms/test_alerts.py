"""Alerts of the room server, in virtual time: the stories of both servers, and what is stored."""

import json
import math

import pytest

from room_server.alert_checks import check_alerts, check_targets
from room_server.checks import MessageError
from room_server.notices import next_of, text_of, title_of
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
