"""GET /metrics: the text for Prometheus, read by its own parser, and who may get it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from room_server.exposition import Figures, families_of
from room_server.metrics import Counts
from rooms.clients import http, join, post, reading, refusal

# Without the `_total` of counters. Dashboards of others use these names and types.
GAUGES = """
    uptime_seconds clients rooms store_failing database_bytes backlog_bytes state_bytes
"""
COUNTERS = """
    joins messages_received received_bytes messages_sent sent_bytes slow_clients_dropped refusals
    readings_acknowledged readings_refused readings_known readings_not_stored saves
"""
HISTOGRAMS = "commit_seconds loop_lag_seconds"
TYPES = {
    f"room_server_{name}": type
    for type, names in (("gauge", GAUGES), ("counter", COUNTERS), ("histogram", HISTOGRAMS))
    for name in names.split()
}
# Everything that a room's, a device's or a value's name may have.
# The room's is as it stands in the address.
ROOM, DEVICE, NAME = 'a"b\\n\\', 'Ofen "1" \\n', 'ß{x="y"},#\\ \U0001f321\ufe0f'


def families(text):
    """Return {name: family}; each line of the text is a sample, or the head of a family."""
    found = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in found)
    samples = sum(len(family.samples) for family in found)
    assert text.endswith("\n") and text.count("\n") == samples + 2 * len(found)
    by_name = {family.name: family for family in found}
    assert len(by_name) == len(found)
    return by_name


def samples(text):
    """Return {(name, label value or None): value}."""
    found = {}
    for family in families(text).values():
        for sample in family.samples:
            key = (sample.name.removeprefix("room_server_"), *sample.labels.values())
            assert key not in found
            found[key] = sample.value
    return found


def text_of(server):
    status, text, headers = http(server, "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return text


def figures_of(server):
    return samples(text_of(server))


async def test_it_counts_what_happens(start):
    metered = start("--metrics", "--request-rate", "1000")
    before = figures_of(metered)
    async with (
        join(metered, "r1", role="device", name="d") as device,
        join(metered, "r1", role="dashboard") as dashboard,
        join(metered, "r2") as other,
    ):
        await dashboard.next("snapshot")
        text = reading(t=1)
        await device.send(text)
        await dashboard.next("reading")
        await other.send(b"four")
        assert (await refusal(metered, "r", role="x"))[0] == 400
        assert http(metered, "/nothing")[0] == 404
        post(metered, "r1", "p", t=2)
        await dashboard.next("reading")
        now = figures_of(metered)
    grown = {key: now[key] - before.get(key, 0) for key in now}
    assert [now["clients", role] for role in ("device", "dashboard", "other")] == [1, 1, 1]
    assert now["rooms",] == 2
    assert grown["joins_total",] == 3
    assert grown["messages_received_total",] == 2
    assert grown["received_bytes_total",] == len(text) + 4
    # The snapshot, the reading, and the posted reading twice.
    assert grown["messages_sent_total",] == 4
    assert grown["sent_bytes_total",] > 4 * 50
    assert (grown["refusals_total", "400"], grown["refusals_total", "404"]) == (1, 1)
    # The device's join, and two readings.
    assert grown["saves_total",] == 3
    assert 2 <= grown["commit_seconds_count",] <= 3
    assert now["commit_seconds_bucket", "+Inf"] == now["commit_seconds_count",]
    assert now["database_bytes",] >= 4096
    assert now["state_bytes",] > 600
    assert (now["store_failing",], now["slow_clients_dropped_total",]) == (0, 0)
    assert now["uptime_seconds",] > before["uptime_seconds",] > 0
    while figures_of(metered)["loop_lag_seconds_count",] < 2:
        # Ask again until it is so.
        pass


@pytest.mark.parametrize("path", ["/metrics", "/rooms"])
def test_only_a_token_that_opens_everything_opens_it_if_it_is_on(server, start, path):
    assert http(server, path)[0] == 404
    tokens = ("--token", "s3cret", "--read-token", "w4tch", "--room-token", "a=ttic")
    server = start("--metrics", "--list-rooms", *tokens)
    for token, status in (("", 401), ("ttic", 401), ("w4tch", 200), ("s3cret", 200)):
        assert http(server, f"{path}?token={token}")[0] == status
    bearer = {"Authorization": "Bearer w4tch"}
    assert http(server, path, headers=bearer)[0] == 200
    assert http(server, path, headers={**bearer, "Origin": "http://evil.example"})[0] == 403
    assert http(server, path, b"", "POST", bearer)[0] == 405
    assert http(server, path, None, "HEAD", bearer)[:2] == (200, "")


def test_names_and_types_are_those_that_dashboards_of_others_use(start):
    found = families(text_of(start("--metrics")))
    assert {name: family.type for name, family in found.items()} == TYPES
    assert {family.name for family in found.values() if not family.samples} == {
        "room_server_refusals"
    }


def test_a_histogram_counts_what_is_at_most_each_bound_and_any_number_is_readable():
    counts = Counts()
    for seconds in (1e-9, 0.0001, 0.0002, 5.0):
        counts.commits.observe(seconds)
    counts.lags.observe(1e-9)
    counts.bytes_out = 1 << 60
    counts.acknowledged, counts.refused, counts.known, counts.not_stored = 1, 2, 3, 4
    found = samples(rendered(counts))
    for bound, count in (("0.0001", 2), ("0.0003", 3), ("3.0", 3), ("+Inf", 4)):
        assert found["commit_seconds_bucket", bound] == count
    assert found["commit_seconds_sum",] == pytest.approx(5.0003)
    assert found["commit_seconds_count",] == 4
    assert found["loop_lag_seconds_sum",] == 1e-9
    assert found["sent_bytes_total",] == 1 << 60
    assert found["store_failing",] == 1
    names = ("acknowledged", "refused", "known", "not_stored")
    assert [found[f"readings_{name}_total",] for name in names] == [1, 2, 3, 4]


def rendered(counts, rooms=(), most=0):
    return (
        Figures(families_of(counts, {"device": 0}, 0, 0, 0, 0, True), rooms, most)
        .render()
        .decode()
    )


def values(text):
    """Return {(party, room, device, name): value}, and how many were left out."""
    found = families(text)
    shown, left_out = found["room_server_value"], found["room_server_values_left_out"]
    assert shown.type == left_out.type == "gauge"
    labels = ("party", "room", "device", "name")
    by_place = {
        tuple(sample.labels[label] for label in labels): sample.value for sample in shown.samples
    }
    assert len(by_place) == len(shown.samples)
    return by_place, left_out.samples[0].value


async def test_last_values_are_gauges_if_that_is_asked_for(start):
    server = start("--metrics", "--metrics-values", "3", "--party", "main", "--party", "lab")
    assert values(text_of(server)) == ({}, 0)
    async with join(server, "home", party="lab", role="device", name="d") as device:
        async with join(server, "home", party="lab") as watcher:
            await device.send(reading(t=21.5, on=True, off=False, text="7", big=1 << 53))
            await watcher.next("reading")
            # Nobody is in this room.
            post(server, "other", "d", t=1)
            shown, left_out = values(text_of(server))
    place = ("lab", "home", "d")
    # The first three by name; a text is none.
    assert shown == {(*place, "big"): 1 << 53, (*place, "off"): 0, (*place, "on"): 1}
    assert left_out == 1


async def test_names_of_strangers_cannot_make_lines_or_labels(start):
    server = start("--metrics", "--metrics-values", "10")
    device = await join(server, ROOM, role="device", name=DEVICE)
    other = await join(server, ROOM)
    await device.send(reading(**{NAME: 1}))
    await other.next("reading")
    assert values(text_of(server)) == ({("main", ROOM, DEVICE, NAME): 1}, 0)


@pytest.mark.parametrize("room", [ROOM, "a'b", "{}"])
def test_labels_are_escaped_and_the_choice_is_the_same_each_time(room):
    places = [("main", room, [(DEVICE, {NAME: 1.5, "a": 2}), ("d", {"t": -1e300, "s": "2"})])]
    places += [("lab", "r", [("d", {"x": True})])]
    for rooms in (places, places[::-1]):
        shown, left_out = values(rendered(Counts(), rooms, 3))
        assert (list(shown), left_out) == (
            [("lab", "r", "d", "x"), ("main", room, DEVICE, "a"), ("main", room, DEVICE, NAME)],
            1,
        )
