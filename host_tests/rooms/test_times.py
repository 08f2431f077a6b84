"""tools/room_server/times.py, update.py: when a reading counts as measured, and how
that changes the last values, the history and the undated readings.
"""

from room_server.settings import Settings
from room_server.times import EARLIEST
from rooms.local import NOW, Local

DAY = 86400000


def test_the_history_is_in_the_order_of_at_and_last_is_the_latest(tmp_path):
    local = Local(tmp_path / "rooms.db")
    device, watcher = local.device(), local.join()
    for at in (-3, -9, -1, -5, -1):
        device.read(NOW + at, t=at, **{f"only{at}": at})
    assert [m["at"] - NOW for m in watcher.heard("reading")] == [-3, -9, -1, -5, -1]
    assert local.points() == [[NOW + at, at] for at in (-9, -5, -3, -1, -1)]
    assert local.state()["last"]["t"] == -1
    # It is the latest of its name.
    assert local.state()["last"]["only-9"] == -9
    local.store.commit()
    # The times are stored too.
    again = Local(tmp_path / "rooms.db")
    again.device().read(NOW - 2, t=-2)
    assert again.state()["last"]["t"] == -1
    again.device().read(NOW - 1, t="as late")
    assert again.state()["last"]["t"] == "as late"
    again.device().read(t="now")
    assert again.state()["last"]["t"] == "now"


def test_a_clock_that_was_ahead_for_a_moment_does_not_keep_last_as_it_is():
    local = Local()
    device = local.device()
    device.read(NOW + DAY, t="ahead")
    local.now += 10
    device.read(NOW - 1, t="old")
    assert local.state()["last"]["t"] == "ahead"
    # This clock is right: the reading took a few ms to come, as usual.
    device.read(NOW + 1, t="right")
    assert local.state()["last"]["t"] == "right"
    # The same is true if the server's own clock was ahead.
    local.now -= 20
    device.read(t="later")
    assert local.state()["last"]["t"] == "later"


def test_times_that_cannot_be_are_undated_and_shown_apart(tmp_path):
    local = Local(tmp_path / "rooms.db")
    device, watcher = local.device(epoch=None), local.join()
    for at in (EARLIEST - 1, -5, NOW + DAY + 1):
        device.read(at, t=at)
        shown = {"type": "reading", "device": "d", "at": NOW, "values": {"t": at}}
        assert watcher.heard("reading") == [{**shown, "undated": True}]
        assert local.state()["last"] == {"t": at}
    for at in (EARLIEST, NOW + DAY):
        device.read(at, t=at)
        [message] = watcher.heard("reading")
        assert message["at"] == at and "undated" not in message
    assert local.points() == [[NOW + DAY, NOW + DAY]]
    expected = [[NOW, {"t": at}] for at in (EARLIEST - 1, -5, NOW + DAY + 1)]
    assert local.state()["undated"] == expected
    for n in range(18):
        device.read(0, t=n, s="x")
    local.store.commit()
    undated = Local(tmp_path / "rooms.db").state()["undated"]
    assert undated == [*expected[1:], *([NOW, {"t": n, "s": "x"}] for n in range(18))]
    # On a server whose own clock is not set, a plain reading still counts as measured now.
    early = Local(now=5000)
    early.device().read(t=1)
    assert early.points() == [[5000, 1]] and "undated" not in early.state()


def test_a_live_reading_sets_last_and_is_not_stored():
    local = Local()
    device, watcher = local.device(), local.join()
    device.batch(0, (1, None, {"t": 1}))
    assert local.state()["last"] == {"t": 1}
    watcher.heard()
    device.read(NOW - 1, live=True, t=2)
    device.read(live=True, u=3)
    shown = {"type": "reading", "device": "d", "live": True}
    assert watcher.heard() == [
        {**shown, "at": NOW - 1, "values": {"t": 2}},
        {**shown, "at": NOW, "values": {"u": 3}, "undated": True},
    ]
    # The undated reading counts as measured at NOW, when it came, so it is later than NOW - 1.
    assert local.state()["last"] == {"t": 1, "u": 3}
    device.read(NOW, live=True, t=4)
    device.batch(1, (2, None, {"t": "from the backlog", "v": 1}))
    assert local.state()["last"] == {"u": 3, "t": 4}
    assert local.state()["history"] == {}
    assert [values for _, values in local.state()["undated"]] == [
        {"t": 1},
        {"t": "from the backlog", "v": 1},
    ]
    # This is a new connection.
    other = local.device()
    other.batch(2, (3, None, {"t": 5}))
    assert local.state()["last"]["t"] == 5


def test_a_value_name_forgotten_takes_its_series_and_its_time_along():
    local = Local(settings=Settings(max_state_bytes=30000))
    device = local.device()
    # A device has 64 names. The names that are forgotten free their memory.
    for n in range(200):
        device.read(NOW, **{f"v{n}": n})
    assert device.heard("error") == []
    names = [f"v{n}" for n in range(136, 200)]
    assert list(local.state()["last"]) == list(local.state()["history"]) == names
    # The time of this name is forgotten too.
    device.read(NOW - 1, v0="old")
    assert local.state()["last"]["v0"] == "old"


def test_a_device_has_no_more_than_64_series_though_some_readings_were_not_stored():
    local = Local(max_bytes=200_000)
    device = local.device(epoch=None)

    def send(device, kind, value):
        for first in (0, 32):
            device.read(**{f"{kind}{n}": value for n in range(first, first + 32)})

    def series():
        return set(local.store.series_of("main", "home", "d"))

    # The half that is for last values is nearly full.
    for n in range(5):
        send(local.device(f"other-{n}", epoch=None), "o", "x" * 256)
    send(device, "a", 1)
    send(device, "b", "x" * 256)
    assert device.heard("error")[0]["status"] == 507 and series() == {f"a{n}" for n in range(64)}
    # The names `a` were forgotten when `b` could not be stored.
    for _ in range(2):
        send(device, "c", 1)
    assert series() == {f"c{n}" for n in range(64)} == set(local.state()["history"])
