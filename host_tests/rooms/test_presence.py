"""When a room tells who came and went, in virtual time, and what it costs."""

import random
from collections import Counter
from weakref import ref

from room_server.messages import encode
from rooms.clients import changes_of
from rooms.local import EPOCH, NOW, Local
from rooms.presences import MOST_BYTES, is_in_form

DEVICES = 2000


def single(device, online=True, at=NOW):
    return {"type": "presence", "device": device, "online": online, "at": at}


def together(at, **lists):
    return {"type": "presence", "at": at, **lists}


def test_the_first_is_told_at_once_and_the_others_of_that_second_together():
    local = Local()
    watcher, quiet = local.join(), local.join(hears="commands")
    a = local.device("a")
    assert watcher.heard() == [single("a")]
    local.pass_time(0.4)
    b, c = local.device("b"), local.device("c")
    local.leave(a)
    local.pass_time(0.599)
    assert watcher.heard() == []
    local.pass_time(0.001)
    expected = together(NOW + 400, online=["b", "c"], offline=["a"])
    assert watcher.heard() == [expected]
    # It may find its own name in a list.
    assert b.heard("presence") == c.heard("presence") == [expected]
    local.pass_time(0.999)
    local.leave(b)
    assert watcher.heard() == []
    local.pass_time(0.001)
    assert watcher.heard() == [single("b", False, NOW + 1999)]
    # Nothing changed for a second.
    local.pass_time(1)
    local.leave(c)
    assert watcher.heard() == [single("c", False, NOW + 3000)]
    assert quiet.heard() == []


def test_a_single_change_is_told_to_all_but_the_connections_of_its_device():
    local = Local()
    watcher, first = local.join(), local.device("first")
    both = [local.device("d"), local.device("d")]
    local.pass_time()
    assert watcher.heard() == [single("first"), single("d")]
    assert first.heard("presence") == [single("d")]
    assert [device.heard("presence") for device in both] == [[], []]


def test_a_device_that_is_again_as_it_was_is_not_named():
    local = Local()
    watcher, a = local.join(), local.device("a")
    watcher.heard()
    for _ in range(3):
        local.leave(local.device("b"))
        local.leave(a)
        a = local.device("a")
    local.pass_time()
    assert watcher.heard() == []
    b = local.device("b")
    assert watcher.heard() == [single("b", at=NOW + 1000)]
    local.leave(b)
    b = local.device("b")
    local.leave(b)
    local.leave(local.device("c"))
    local.device("e")
    local.pass_time()
    assert watcher.heard() == [together(NOW + 1000, online=["e"], offline=["b"])]


def test_what_a_snapshot_showed_is_told_also_if_it_is_again_as_it_was():
    local = Local()
    watcher, a = local.join(), local.device("a")
    watcher.heard()
    b = local.device("b")
    dashboard = local.join("dashboard")
    [snapshot] = dashboard.heard()
    assert [state["online"] for state in snapshot["devices"]] == [True, True]
    for device in (a, b, local.device("c")):
        local.leave(device)
    local.pass_time()
    expected = together(NOW, offline=["b", "a"])
    assert dashboard.heard() == watcher.heard() == [expected]
    local.device("b")
    local.leave(local.device("a"))
    local.pass_time()
    # It is only this second's snapshot that counts.
    assert dashboard.heard() == [single("b", at=NOW + 1000)]


def test_of_a_long_list_the_rest_comes_a_second_later():
    local = Local()
    watcher = local.join()
    names = [f"{letter * 60}{n}" for letter in 'n"😀' for n in range(100)]
    gone = names[150]
    for name in names:
        device = local.device(name)
        if name == gone:
            leaving = device
    told = [watcher.heard()]
    while told[-1]:
        local.pass_time()
        told.append(watcher.heard())
        if len(told) == 2:
            # It is not told yet, so it is never told.
            local.leave(leaving)
    messages = [message for second in told for message in second]
    assert [len(second) for second in told] == [1] * len(messages) + [0]
    assert all(map(is_in_form, messages))
    changes = [change for message in messages for change in changes_of(message)]
    assert changes == [(name, True) for name in names if name != gone]
    sizes = [len(encode(message)) for message in messages[1:]]
    assert max(sizes) <= MOST_BYTES
    # The next name would not have fitted.
    assert min(sizes[:-1]) > MOST_BYTES - 300


def test_a_room_that_is_left_tells_nothing_and_is_forgotten():
    local = Local()
    local.leave(local.device("a"))
    left = ref(local.room)
    assert local.rooms.in_use() == []
    local.room = local.rooms.open("main", "home")
    # Its timer does not hold it.
    assert left() is None
    watcher = local.join()
    local.pass_time()
    assert watcher.heard() == [] and not local.waits()
    # It has told nothing yet.
    local.device("a")
    assert [message["device"] for message in watcher.heard()] == ["a"]


def test_in_a_random_room_all_know_who_is_there_and_hear_once_a_second_at_most():
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    local = Local()
    here, watchers = [], {}

    def listen():
        for watcher, (online, heard_at) in watchers.items():
            for message in watcher.heard("presence"):
                assert is_in_form(message)
                # The time at which it is heard, to the ms.
                heard_at.append(local.now)
                for device, is_online in changes_of(message):
                    (online.add if is_online else online.discard)(device)

    for _ in range(2000):
        dice = chance.random()
        if dice < 0.4:
            here.append(local.device(f"d{chance.randrange(12)}"))
        elif dice < 0.8 and here:
            local.leave(here.pop(chance.randrange(len(here))))
        elif dice < 0.82:
            watcher = local.join("dashboard")
            [snapshot] = watcher.heard()
            online = {one["device"] for one in snapshot["devices"] if one["online"]}
            watchers[watcher] = (online, [])
        listen()
        for _ in range(chance.choice([0, 0, 1, 5, 30, 150])):
            local.pass_time(0.01)
            listen()
    # As long as nothing is gathered any more.
    local.pass_time(2)
    listen()
    assert len(watchers) > 5
    for online, heard_at in watchers.values():
        assert online == {device.device for device in here}
        assert all(later - at >= 1000 for at, later in zip(heard_at, heard_at[1:]))


def test_2000_devices_that_come_back_cost_at_most_20_messages_each(tmp_path):
    """All messages to all clients are counted: with ten dashboards, an `ack` and a hello each."""
    for a_second, presences in ((200, 11), (DEVICES, 8)):
        local = Local(tmp_path / f"{a_second}.db")
        dashboards = [local.join("dashboard") for _ in range(10)]
        devices = []
        for n in range(DEVICES):
            devices.append(local.join("device", f"sensor-{n:04}", EPOCH, "commands"))
            devices[-1].say({"type": "hello", "name": f"Sensor {n}", "units": {"t": "°C"}})
            local.pass_time(1 / a_second if a_second < DEVICES else 0)
        local.pass_time(10)
        counts = [Counter(one["type"] for one in dashboard.heard()) for dashboard in dashboards]
        assert counts == [{"snapshot": 1, "hello": DEVICES, "presence": presences}] * 10
        counts += [Counter(one["type"] for one in device.heard()) for device in devices]
        assert counts[10:] == [{"ack": 1}] * DEVICES
        each = sum(count.total() for count in counts) / DEVICES
        print(f"{a_second} devices a second: {each:.3f} messages for each device")
        assert each <= 20
