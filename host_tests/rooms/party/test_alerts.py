"""Alerts of the party server in virtual time: the same stories, and the texts of its modules."""

import asyncio
import json

import pytest

from rooms.alert_stories import (
    CASES,
    STORIES,
    TARGETS,
    expected_sent,
    expected_turns,
    rules_of,
    steps_of,
    time_of,
)
from rooms.clients import http, join, path_of
from rooms.contract.outbox import batch, entry, until_done
from rooms.contract.servers import make
from rooms.local import EPOCH, NOW

from .test_broken import break_with

# The text `until <ms>` lets the time of the room pass, and its alarm ring when it is due; the
# answer is what it sent meanwhile. The query `now` of a request sets it too. A POST to /texts or
# /targets is answered with what the module makes of notifications, or of targets.
VIRTUAL = """
import { textOf, titleOf } from "./notices.ts";
import { readTargets } from "./targets.ts";
import { Main as Whole } from "./worker.ts";
export { Rooms } from "./worker.ts";
import worker from "./worker.ts";

let now = 0;
Date.now = () => now;
let sent = [];
globalThis.fetch = async (url, { body }) => {
  sent.push([now, url, JSON.parse(body)]);
  return new Response("");
};

export class Main extends Whole {
  constructor(ctx, env) {
    let alarm = null;
    ctx.storage.setAlarm = async (at) => { alarm = at; };
    ctx.storage.getAlarm = async () => alarm;
    super(ctx, env);
    this.takeAlarm = (until) => {
      const due = alarm !== null && alarm <= until ? alarm : null;
      if (due !== null) alarm = null;
      return due;
    };
  }

  onMessage(connection, message) {
    if (!message.startsWith("until ")) return super.onMessage(connection, message);
    return this.pass(connection, Number(message.slice(6)));
  }

  async pass(connection, until) {
    for (let due; (due = this.takeAlarm(until)) !== null;) {
      now = Math.max(now, due);
      await this.alarm();
    }
    now = until;
    connection.send(JSON.stringify({ type: "sent", sent }));
    sent = [];
  }
}

const MADE = {
  "/texts": (notice) => [titleOf(notice, "home"), textOf(notice)],
  "/targets": (text) => {
    try {
      return [...readTargets(text).values()].map(({ everyMs }) => everyMs);
    } catch (error) {
      return error.message;
    }
  },
};

export default {
  async fetch(request, env, ctx) {
    now = Number(new URL(request.url).searchParams.get("now") ?? now);
    const make = MADE[new URL(request.url).pathname];
    if (!make) return worker.fetch(request, env, ctx);
    return Response.json((await request.json()).map(make));
  },
};
"""

# There is a room for each story, but one clock. A thousand devices would take long.
_STORIES = [story for story in STORIES if "many" not in story]


@pytest.fixture(scope="module")
def virtual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("virtual")
    urls = {name: f"http://127.0.0.1/{name}" for name in TARGETS}
    targets = {name: {"kind": "webhook", "url": url, "every": 0.05} for name, url in urls.items()}
    targets["slow"] = {"kind": "webhook", "url": "http://127.0.0.1/slow", "every": 3600}
    with pytest.MonkeyPatch.context() as monkeypatch:
        break_with(VIRTUAL, folder, monkeypatch)
        with make("party_server", folder, alert_targets=targets, rate=100000) as server:
            yield server


class Play:
    """A story in a room of a real server whose clock is set."""

    def __init__(self, server, room, story):
        self.turns = {}
        self.sent = []
        self._server = server
        self._room = room
        self._story = story
        self._here = {}  # device: its clients
        self._counts = {}  # device: the number of its last reading

    async def run(self):
        self._now = NOW
        await self._enter()
        await self._rules(self._story["rules"])
        for at, action, *rest in steps_of(self._story):
            await self.pass_until(at)
            await getattr(self, "_" + action)(*rest)
            # What was told of it comes before this answer.
            await self.pass_until(at)
        return self

    async def _enter(self):
        query = {"role": "dashboard", "now": self._now}
        self._dashboard = await join(self._server, self._room, **query)
        self._shown = (await self._dashboard.next("snapshot"))["alerts"]

    async def pass_until(self, at):
        self._now = at
        await self._dashboard.send(f"until {at}")
        while True:
            message = await self._dashboard.next()
            if message["type"] == "alert":
                began, ended = self.turns.setdefault(message["at"], ([], []))
                began += message.get("began", [])
                ended += message.get("ended", [])
            elif message["type"] == "sent":
                self.sent += map(_as_sent, message["sent"])
                return

    async def _rules(self, rules):
        version = self._shown["version"]
        message = {"type": "alerts", "version": version, "rules": rules_of(rules)}
        await self._dashboard.send(message)
        self._shown = await self._dashboard.next("alerts")
        assert (self._shown["version"], self._shown["rules"]) == (version + 1, rules_of(rules))

    async def _join(self, device):
        client = await join(self._server, self._room, role="device", name=device, epoch=EPOCH)
        await client.next("ack")
        self._here.setdefault(device, []).append(client)

    async def _leave(self, device):
        await self._here[device].pop(0).socket.close()

    async def _reading(self, device, values, more=None):
        more = {"at": time_of(more["at"])} if more and "at" in more else more or {}
        text = json.dumps({"type": "reading", "values": values, **more})
        if self._here.get(device):
            await self._here[device][-1].send(text)
            await self._here[device][-1].send({"type": "command", "device": "?", "name": "end"})
            await self._here[device][-1].next("result")
        else:
            path = path_of(self._room, f"name={device}")
            answer = await asyncio.to_thread(http, self._server, path, text.encode())
            assert answer[0] == 200, answer

    async def _batch(self, device, readings):
        if not self._here.get(device):
            await self._join(device)
        n = self._counts.get(device, 0)
        self._counts[device] = n + len(readings)
        numbered = [
            entry(i, values=values, **({} if at is None else {"at": time_of(at)}))
            for i, (at, values) in enumerate(readings, n + 1)
        ]
        await self._here[device][-1].send(batch(n, *numbered))
        await until_done(self._here[device][-1], n + len(readings))

    async def _wait(self):
        pass

    async def _restart(self):
        self._server.restart()
        self._here = {}
        await self._enter()


def _as_sent(sent):
    at, url, body = sent
    events = [[event["rule"], event["device"], event["on"]] for event in body["events"]]
    # A second one goes 50 ms after the first.
    return at // 1000 * 1000, url.rpartition("/")[2], body["count"], events


async def test_the_stories(virtual):
    for number, story in enumerate(_STORIES):
        print(story["name"])
        play = await Play(virtual, f"story{number}", story).run()
        if expected_turns(story) is not None:
            turns = {at: (sorted(on), sorted(off)) for at, (on, off) in play.turns.items()}
            assert turns == expected_turns(story)
        if expected_sent(story) is not None:
            assert sorted(play.sent) == sorted(expected_sent(story))
    assert number > 25


async def test_when_the_server_was_away_devices_have_their_time_again(virtual):
    gone = {"id": "gone", "device": "d", "kind": "offline"}
    silent = {"id": "silent", "device": "d", "name": "t", "kind": "silent", "minutes": 5}
    story = {"rules": [gone, silent], "steps": [["+1m", "reading", "d", {"t": 1}]]}
    play = await Play(virtual, "away", story).run()
    # Nothing vanished: the device only posts.
    away = NOW + 7200000
    await join(virtual, "away", now=away)
    await play.pass_until(away + 329000)
    assert play.turns == {}
    await play.pass_until(away + 330000)
    assert play.turns == {away + 330000: ([["gone", "d"], ["silent", "d"]], [])}


async def test_a_target_has_its_pause_after_a_restart_too(virtual):
    # A sleep, after which nothing is left in memory either, is like that.
    hot = {"id": "hot", "device": "d", "name": "t", "kind": "above", "limit": 30}
    steps = [
        ["0", "reading", "d", {"t": 31}],
        ["+1m", "restart"],
        ["+1m", "reading", "d", {"t": 1}],
        ["+61m", "wait"],
    ]
    play = await Play(
        virtual, "slow", {"rules": [{**hot, "targets": ["slow"]}], "steps": steps}
    ).run()
    began, ended = ["hot", "d", True], ["hot", "d", False]
    assert play.sent == [(NOW, "slow", 1, [began]), (NOW + 3600000, "slow", 1, [ended])]


def test_what_people_read(virtual):
    body = json.dumps(CASES["texts"]).encode()
    status, made, _ = http(virtual, "/texts", body)
    assert status == 200
    assert made == [[case["title"], case["text"]] for case in CASES["texts"]]


def test_a_wrong_target_is_named_with_its_remedy(virtual):
    texts = [json.dumps(case["targets"]) for case in CASES["targets"]]
    good = {"kind": "ntfy", "url": "http://192.168.1.5/x", "insecure": True, "every": 0.5}
    status, made, _ = http(
        virtual, "/targets", json.dumps([*texts, "{", json.dumps({"a": good})]).encode()
    )
    assert status == 200
    for case, error in zip(CASES["targets"], made):
        assert all(text in error for text in case["named"]), (case, error)
        assert "s3cret" not in error and "192.168" not in error
    assert made[-2:] == ["ALERT_TARGETS is not JSON", [500]]
