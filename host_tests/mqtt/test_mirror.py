"""The mirror knows of a room's devices what the room itself knows. The rooms here are the room
server's own, without sockets.
"""

import random

import pytest

from room_server.mqtt.discovery import BOOL, NUMBER, TEXT
from room_server.mqtt.mirror import Device, Mirror
from room_server.settings import Settings
from rooms.local import Local

MINUTE = 60_000


class Mirrored:
    """A room with a dashboard whose messages go to a Mirror."""

    def __init__(self, **settings):
        self.local = Local(settings=Settings(**settings))
        self.mirror = Mirror()
        self.guest = None
        self.rejoin()

    def rejoin(self):
        if self.guest:
            self.local.leave(self.guest)
        self.guest = self.local.join("dashboard")
        self.follow()

    def follow(self):
        """Give the mirror what was said. Return the Changes of each message."""
        changes = []
        for message in self.guest.heard():
            if message["type"] == "snapshot":
                changes.append(self.mirror.snapshot(message))
            else:
                changes.append(self.mirror.apply(message, self.local.now))
        return changes

    def check(self):
        self.follow()
        for state in self.local.room.state(self.local.now)["devices"]:
            # That one has come may be told a second later.
            device = self.mirror.get(state["device"]) or Device()
            assert last(device) == state["last"], state["device"]
            assert device.about == state["about"]


def last(device):
    return {name: each.value for name, each in device.values.items()}


def test_in_a_random_life_the_mirror_has_the_last_values_of_the_room():
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed)
    drawn = random.Random(seed)
    for _ in range(20):
        live(drawn)


def live(drawn):
    mirrored = Mirrored()
    local = mirrored.local
    devices = {name: local.device(name) for name in ("a", "b")}
    numbers = dict.fromkeys(devices, 0)
    for _ in range(150):
        name = drawn.choice(list(devices))
        device = devices[name]
        values = {drawn.choice("xyz"): drawn.choice([1, 2.5, True, "", "on"])}
        at = local.now + drawn.choice([-48, -1, -1, 0, 0, 0, 1, 48]) * drawn.randrange(60) * MINUTE
        act = drawn.randrange(9)
        if act == 0:
            device.read(**values)
        elif act == 1:
            # Not so far ahead that it is undated: after a live one, nobody can tell whether such a
            # reading had a number, which decides.
            device.read(at=min(at, local.now + 23 * 60 * MINUTE), **values)
        elif act == 2:
            device.read(at=min(at, local.now), live=True, **values)
        elif act in (3, 4):
            # A backlog: numbered, of some earlier time, perhaps without one.
            after, listed = numbers[name], []
            for _ in range(drawn.randrange(1, 4)):
                numbers[name] += 1
                listed.append((numbers[name], drawn.choice([at, at + 5, None]), values))
            device.batch(after, *listed)
        elif act == 5:
            device.say({"type": "hello", "name": drawn.choice(["A", "B"]), "units": {"x": "V"}})
        elif act == 6:
            local.leave(device)
            local.pass_time(2)
            devices[name] = local.device(name)
        elif act == 7:
            local.pass_time(drawn.randrange(7200))
        else:
            local.room.publish('{"type":"reading","values":{"p":1}}', "poster", local.now)
        mirrored.check()
    # Whoever joins now knows the same.
    mirrored.rejoin()
    mirrored.check()
    fresh = Mirrored.__new__(Mirrored)
    fresh.local, fresh.mirror, fresh.guest = local, Mirror(), None
    fresh.rejoin()
    fresh.check()


def test_a_backlog_changes_no_value_that_is_newer_also_after_a_snapshot():
    mirrored = Mirrored()
    local = mirrored.local
    now = local.now
    device = local.device("d")
    device.batch(0, (1, now - 60 * MINUTE, {"t": 1}))
    device.read(at=now, live=True, t=30)
    mirrored.follow()
    for rejoins in (False, True):
        if rejoins:
            mirrored.rejoin()
        device.batch(1 + rejoins, (2 + rejoins, now - 50 * MINUTE, {"t": 2 + rejoins}))
        assert not any(changes.values for changes in mirrored.follow())
        assert last(mirrored.mirror.get("d")) == {"t": 30}
    # The next one is newer than all, though its device's clock is behind.
    local.pass_time(10)
    device.read(at=local.now - 30_000, live=True, t=31)
    assert [changes.values for changes in mirrored.follow()] == [{"d": {"t": None}}]


def test_a_backlog_of_bools_after_a_snapshot_changes_none_that_came_before_it():
    mirrored = Mirrored()
    local = mirrored.local
    device = local.device("d")
    for at, door in ((90, True), (60, True), (0, True)):
        device.read(at=local.now - at * MINUTE, door=door)
    mirrored.rejoin()
    device.batch(0, (1, local.now - 30 * MINUTE, {"door": False}))
    mirrored.check()
    local.pass_time(10)
    device.batch(1, (2, local.now, {"door": False}))
    mirrored.check()
    assert last(mirrored.mirror.get("d")) == {"door": False}


def test_a_device_is_away_when_it_has_left_but_not_if_it_only_posts():
    mirrored = Mirrored()
    local = mirrored.local
    local.room.publish('{"type":"reading","values":{"p":1}}', "poster", local.now)
    device = local.device("d")
    mirrored.follow()
    assert mirrored.mirror.get("poster").is_available and mirrored.mirror.get("d").is_available
    device.say({"type": "hello", "name": "D"})
    local.leave(device)
    local.pass_time(2)
    mirrored.follow()
    for rejoins in (False, True):
        if rejoins:
            mirrored.rejoin()
        assert mirrored.mirror.get("poster").is_available
        assert not mirrored.mirror.get("d").is_available


def test_many_that_come_and_go_at_once_are_told_in_lists():
    mirrored = Mirrored()
    local = mirrored.local
    devices = [local.device(f"d{n}") for n in range(5)]
    local.pass_time(2)
    (*_, changes) = mirrored.follow()
    assert {"d3", "d4"} <= changes.present & changes.new
    for device in devices[:3]:
        local.leave(device)
    local.pass_time(2)
    mirrored.follow()
    online = {n for n in range(5) if mirrored.mirror.get(f"d{n}").is_online}
    assert online == {3, 4}


def test_a_device_that_the_room_has_forgotten_is_found_missing():
    mirrored = Mirrored(max_devices=2)
    local = mirrored.local
    for name in "ab":
        local.leave(local.device(name))
        local.pass_time(2)
    mirrored.follow()
    local.device("c")
    mirrored.follow()
    mirrored.mirror.look()
    states = local.room.state(local.now)["devices"]
    assert [state["device"] for state in states] == ["b", "c"]
    # It comes while the answer is on its way.
    local.pass_time(2)
    local.device("d")
    mirrored.follow()
    changes = mirrored.mirror.looked(states)
    assert set(changes.forgotten) == {"a"} and mirrored.mirror.get("d")
    # "d" may have come in place of others, so it is asked for again.
    assert changes.new == {"d"}
    # A snapshot tells it too.
    mirrored.rejoin()
    assert mirrored.mirror.get("b") is None and mirrored.mirror.get("c")


def test_what_a_device_had_before_it_was_forgotten_is_found_missing_when_it_is_there_again():
    mirrored = Mirrored(max_devices=1)
    local = mirrored.local
    for name, values in (("a", {"old": 1, "both": 1}), ("b", {}), ("a", {"both": 2})):
        device = local.device(name)
        device.say({"type": "hello", "name": "A"} if values.get("old") else {"type": "hello"})
        if values:
            device.read(**values)
        local.leave(device)
        local.pass_time(2)
    mirrored.follow()
    mirrored.mirror.look()
    states = local.room.state(local.now)["devices"]
    device = local.device("a")
    device.read(new=3)
    mirrored.follow()
    changes = mirrored.mirror.looked(states)
    assert changes.dropped == {"a": ["old"]} and set(changes.forgotten) == {"b"}
    mirrored.check()
    # What is heard meanwhile is newer than the answer.
    mirrored.mirror.look()
    states = local.room.state(local.now)["devices"]
    device.say({"type": "hello", "name": "Newer"})
    mirrored.follow()
    mirrored.mirror.looked(states)
    mirrored.check()


@pytest.mark.parametrize(
    "values, kinds",
    [
        ([1, 2.5], [NUMBER, NUMBER]),
        ([True, False], [BOOL, BOOL]),
        (["", "x"], [TEXT, TEXT]),
        # An entity that changed with each value would be of no use.
        ([1, True, 1], [NUMBER, TEXT, TEXT]),
        ([True, "x", True], [BOOL, TEXT, TEXT]),
    ],
)
def test_a_name_with_values_of_two_kinds_is_a_text_from_then_on(values, kinds):
    mirrored = Mirrored()
    device = mirrored.local.device("d")
    mirrored.follow()
    before = None
    for value, kind in zip(values, kinds):
        device.read(v=value)
        (changes,) = mirrored.follow()
        assert mirrored.mirror.get("d").kinds == {"v": kind}
        assert bool(changes.described) is (kind != before)
        before = kind


def test_the_name_that_was_not_sent_for_the_longest_time_is_forgotten():
    mirrored = Mirrored()
    device = mirrored.local.device("d")
    for n in range(64):
        device.read(**{f"n{n}": n})
    device.read(n0=0)
    mirrored.follow()
    device.read(new=1)
    (changes,) = mirrored.follow()
    assert changes.dropped == {"d": ["n1"]} and changes.described == {"d"}
    mirrored.check()
