"""tools/room_server/rooms.py: the rules, without sockets and clocks."""

import json
from dataclasses import replace

import pytest

from room_server.rooms import MAX_SERIES, Room, RoomFull, Rooms
from room_server.settings import Settings
from room_server.store import Store

SETTINGS = Settings(max_clients=4, max_devices=2, history=3, max_rooms=2)


class FakeMember:
    def __init__(self, id, role="", device=None):
        self.id, self.role, self.device = id, role, device
        self.got = []
        self.close_code = None

    def send(self, payload, is_text):
        if self.close_code is not None:
            return False
        self.got.append(json.loads(payload) if payload[:1] == b"{" and is_text else payload)
        return True

    def close(self, code, reason):
        self.close_code = code

    def take(self):
        got, self.got = self.got, []
        return got


def device(id, name="kitchen"):
    return FakeMember(id, "device", name)


@pytest.fixture
def store():
    store = Store(keep_points=SETTINGS.history)
    yield store
    store.close()


@pytest.fixture
def home(store):
    return Room("main", "home", store, SETTINGS)


def joined(room, *members, now=1):
    for member in members:
        room.join(member, now)
    for member in members:
        member.take()
    return members[0] if len(members) == 1 else members


def presence(online, at, name="kitchen"):
    return {"type": "presence", "device": name, "online": online, "at": at}


def test_a_text_goes_to_everybody_else(home):
    a, b, c = joined(home, FakeMember("a"), FakeMember("b"), FakeMember("c"))
    home.receive(a, "hello", 2)
    assert (a.got, b.got, c.got) == ([], [b"hello"], [b"hello"])


def test_presence_tells_of_the_first_connection_and_the_last(home):
    watcher = joined(home, FakeMember("w"))
    old, new = device("1"), device("2")
    home.join(old, 10)
    home.join(new, 11)
    home.leave(old, 12)
    assert watcher.take() == [presence(True, 10)]
    home.leave(new, 13)
    assert watcher.take() == [presence(False, 13)]


def test_a_connection_that_left_twice_counts_once(home):
    watcher, old, new = joined(home, FakeMember("w"), device("1"), device("2"))
    home.leave(old, 5)
    home.leave(old, 6)
    assert watcher.got == []


def test_a_newer_connection_with_the_same_id_replaces_the_older(home):
    watcher, old = joined(home, FakeMember("w"), device("1"))
    new = device("1")
    home.join(new, 5)
    assert old.close_code == 1008
    home.leave(old, 6)  # its close comes late
    assert watcher.take() == []  # the device was never offline
    home.receive(watcher, "hello", 7)
    assert new.got == [b"hello"]


def test_replaced_under_another_name_the_old_device_goes_offline(home):
    watcher, _old = joined(home, FakeMember("w"), device("1", "attic"))
    home.join(device("1"), 5)
    assert watcher.take() == [presence(True, 5), presence(False, 5, "attic")]


def test_a_reading_is_stored_before_it_is_passed_on(home, store):
    sender, watcher = joined(home, device("1"), FakeMember("w"))
    stored_at_delivery = []
    watcher.send = lambda *_: stored_at_delivery.append(store.load("main", "home")) or True
    home.receive(sender, '{"type":"reading","values":{"t":21.5}}', 99)
    assert stored_at_delivery == [[("kitchen", 99, {"t": 21.5}, {})]]


def test_a_hello_is_stored_and_passed_on_with_device_and_time(home, store):
    sender, watcher = joined(home, device("1"), FakeMember("w"))
    home.receive(sender, '{"type":"hello","name":"North","units":{"t":"°C"},"at":1}', 99)
    about = {"name": "North", "units": {"t": "°C"}}
    assert watcher.got == [{"type": "hello", **about, "device": "kitchen", "at": 99}]
    assert sender.got == []
    assert store.load("main", "home") == [("kitchen", 99, {}, about)]


def test_a_hello_takes_the_place_of_the_one_before_and_a_bad_one_does_not(home):
    sender = joined(home, device("1"))
    home.receive(sender, '{"type":"hello","name":"North","controls":[]}', 2)
    home.receive(sender, '{"type":"hello","units":{"t":"K"}}', 3)
    home.receive(sender, '{"type":"hello","units":{"t":""}}', 4)
    assert [message["type"] for message in sender.got] == ["error"]
    [state] = home.state(5)["devices"]
    assert (state["about"], state["at"]) == ({"units": {"t": "K"}}, 3)


def test_what_hellos_hold_counts_as_state(store):
    room = Room("main", "home", store, replace(SETTINGS, max_state_bytes=9000))
    sender = joined(room, device("1"))
    units = {f"v{n}": "m" * 16 for n in range(64)}
    for n in range(5):
        room.receive(sender, json.dumps({"type": "hello", "name": f"n{n}"}), n)
    assert sender.got == []
    room.receive(sender, json.dumps({"type": "hello", "units": units}), 9)
    assert "--max-state-bytes" in sender.take()[0]["error"]
    assert room.state(9)["devices"][0]["about"] == {"name": "n4"}


def test_the_state_counts_clients_by_role(home):
    assert home.state(1)["clients"] == {"device": 0, "dashboard": 0, "other": 0}
    dashboard = FakeMember("d", "dashboard")
    for member in (device("1"), device("2"), FakeMember("w"), dashboard):
        home.join(member, 2)
    assert dashboard.got[0]["clients"] == {"device": 2, "dashboard": 1, "other": 1}
    home.leave(dashboard, 3)
    assert home.state(4)["clients"] == {"device": 2, "dashboard": 0, "other": 1}


def test_a_reading_gets_device_and_time_from_the_server(home):
    sender, watcher = joined(home, device("1"), FakeMember("w"))
    home.receive(sender, '{"type":"reading","device":"x","at":1,"values":{"t":1}}', 99)
    assert watcher.got == [{"type": "reading", "device": "kitchen", "at": 99, "values": {"t": 1}}]
    assert sender.got == []


@pytest.mark.parametrize("role", ["", "dashboard"])
@pytest.mark.parametrize("kind", ["hello", "reading", "result"])
def test_only_devices_send_hellos_readings_and_results(home, role, kind):
    sender, watcher = joined(home, FakeMember("a", role), FakeMember("w"))
    home.receive(
        sender, json.dumps({"type": kind, "values": {"t": 1}, "name": "n", "ok": True}), 2
    )
    assert [message["type"] for message in sender.got] == ["error"]
    assert watcher.got == []


def test_a_snapshot_goes_to_dashboards_alone_and_first(home):
    home.join(device("1"), 1)
    members = [FakeMember("p"), device("2", "attic"), FakeMember("d", "dashboard")]
    for member in members:
        home.join(member, 2)
    assert [[message["type"] for message in member.got] for member in members] == [
        ["presence"],
        [],
        ["snapshot"],
    ]


def test_the_state_has_last_values_and_bounded_history(home):
    sender = joined(home, device("1"))
    for n in range(5):
        values = {"t": n, "door": n % 2 == 0, "mode": f"m{n}"}
        home.receive(sender, json.dumps({"type": "reading", "values": values}), 10 + n)
    assert home.state(20) == {
        "room": "home",
        "at": 20,
        "clients": {"device": 1, "dashboard": 0, "other": 0},
        "devices": [
            {
                "device": "kitchen",
                "online": True,
                "at": 14,
                "about": {},
                "last": {"t": 4, "door": True, "mode": "m4"},
                "history": {"t": [[12, 2], [13, 3], [14, 4]]},
            }
        ],
    }


def test_of_too_many_series_the_one_longest_without_news_goes(home, store):
    sender = joined(home, device("1"))
    for n in range(MAX_SERIES + 1):
        home.receive(sender, json.dumps({"type": "reading", "values": {f"v{n}": 1, "t": n}}), n)
    last = home.devices["kitchen"].last
    assert len(last) == MAX_SERIES
    assert "t" in last and "v0" not in last and "v1" not in last and "v2" in last
    assert store.history("main", "home", "kitchen", "v1", 9) == []


def test_a_command_goes_to_the_newest_connection_of_its_device_alone(home):
    sender, old, new = joined(home, FakeMember("a"), device("1"), device("2"))
    home.receive(sender, '{"type":"command","device":"kitchen","name":"led","value":[1]}', 2)
    assert new.got == [{"type": "command", "device": "kitchen", "name": "led", "value": [1]}]
    assert (sender.got, old.got) == ([], [])


@pytest.mark.parametrize("name", ["attic", "gone"])
def test_a_command_to_an_absent_device_is_answered(home, name):
    sender, gone = joined(home, FakeMember("a"), device("1", "gone"))
    home.leave(gone, 2)
    sender.take()
    home.receive(sender, json.dumps({"type": "command", "device": name, "name": "led"}), 3)
    assert sender.got == [
        {
            "type": "result",
            "device": name,
            "name": "led",
            "ok": False,
            "error": f"device {name!r} is not here",
        }
    ]


def test_a_result_is_passed_on_with_its_device(home):
    sender, watcher = joined(home, device("1"), FakeMember("w"))
    home.receive(sender, '{"type":"result","name":"led","ok":false,"error":"e","device":"x"}', 2)
    assert watcher.got == [
        {"type": "result", "name": "led", "ok": False, "error": "e", "device": "kitchen"}
    ]


def test_a_full_room_refuses_but_lets_an_id_come_back(home):
    joined(home, *(FakeMember(str(n)) for n in range(4)))
    with pytest.raises(RoomFull, match="--max-clients"):
        home.join(FakeMember("4"), 2)
    home.join(FakeMember("3"), 3)
    assert len(home.members) == 4


def test_a_new_device_takes_the_place_of_the_one_longest_offline(home, store):
    a, b = joined(home, device("1", "a"), device("2", "b"))
    with pytest.raises(RoomFull, match="--max-devices"):
        home.join(device("3", "c"), 3)
    assert list(home.members) == ["1", "2"]
    home.leave(b, 4)
    home.leave(a, 5)
    home.join(device("3", "c"), 6)
    assert sorted(home.devices) == ["a", "c"]
    assert sorted(row[0] for row in store.load("main", "home")) == ["a", "c"]


def test_an_empty_room_is_let_go_and_comes_back_with_its_devices(store):
    rooms = Rooms(store, SETTINGS)
    home = rooms.open("main", "home")
    member = joined(home, device("1"))
    rooms.release(home)
    assert rooms.open("main", "home") is home
    home.leave(member, 9)
    rooms.release(home)
    again = rooms.open("main", "home")
    assert again is not home
    assert (
        again.state(10)["devices"][0] | {"online": False, "at": 9} == again.state(10)["devices"][0]
    )


def test_a_late_release_of_an_old_room_leaves_its_successor(store):
    rooms = Rooms(store, SETTINGS)
    old = rooms.open("main", "home")
    rooms.release(old)
    new = rooms.open("main", "home")
    rooms.release(old)
    assert rooms.open("main", "home") is new


def test_rooms_are_counted_in_use_and_in_store(store):
    rooms = Rooms(store, SETTINGS)
    for name in ("r1", "r2"):
        room = rooms.open("main", name)
        member = joined(room, device(name))
        room.leave(member, 2)
        rooms.release(room)
    with pytest.raises(RoomFull, match="--max-rooms"):
        rooms.open("main", "r3")
    rooms.open("main", "r1")  # a stored one


def test_a_snapshot_s_points_are_shared_by_all_series(home, monkeypatch):
    monkeypatch.setattr("room_server.rooms.SNAPSHOT_POINTS", 4)
    sender = joined(home, device("1"))
    for n in range(3):
        home.receive(sender, json.dumps({"type": "reading", "values": {"a": n, "b": n}}), n)
    history = home.state(9)["devices"][0]["history"]
    assert history == {"a": [[1, 1], [2, 2]], "b": [[1, 1], [2, 2]]}


def test_settings_limits_are_the_room_s(store):
    one = Room("main", "one", store, replace(SETTINGS, max_clients=1))
    one.join(FakeMember("a"), 1)
    with pytest.raises(RoomFull, match="1 clients"):
        one.join(FakeMember("b"), 1)
