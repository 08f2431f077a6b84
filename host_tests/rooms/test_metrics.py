"""GET /metrics: the text for Prometheus, read by its own parser, and who may get it."""

import re

import pytest
from prometheus_client.parser import text_fd_to_metric_families

from room_server.metrics import Counts, render
from rooms.clients import http, join, post, reading, refusal

# Format 0.0.4, but stricter than the parser: no timestamps, no blank lines, all labels escaped.
_LINE = re.compile(
    r"# (HELP|TYPE) [a-z_]+ [^\n]+|[a-z_]+(\{[a-z_]+=\"[^\"\\\n]*\"\})? (\+Inf|[0-9.e+-]+)"
)


def samples(text):
    """Return {(name, label value or None): value} after both checks."""
    lines = text.split("\n")
    assert lines.pop() == "" and all(_LINE.fullmatch(line) for line in lines), text
    families = list(text_fd_to_metric_families(iter(lines)))
    assert len({family.name for family in families}) == len(families) == text.count("# TYPE ")
    found = {}
    for family in families:
        assert family.documentation and family.name.startswith("room_server_")
        assert (family.type == "counter") == (f"{family.name}_total" in text)
        for sample in family.samples:
            key = (sample.name.removeprefix("room_server_"), *sample.labels.values())
            assert key not in found
            found[key] = sample.value
    return found


def figures_of(server):
    status, text, headers = http(server, "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples(text)


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


def test_a_histogram_counts_what_is_at_most_each_bound_and_any_number_is_readable():
    counts = Counts()
    for seconds in (1e-9, 0.0001, 0.0002, 5.0):
        counts.commits.observe(seconds)
    counts.lags.observe(1e-9)
    counts.bytes_out = 1 << 60
    counts.acknowledged, counts.refused, counts.known, counts.not_stored = 1, 2, 3, 4
    found = samples(render(counts, {"device": 0}, 0, 0, 0, 0, True))
    for bound, count in (("0.0001", 2), ("0.0003", 3), ("3.0", 3), ("+Inf", 4)):
        assert found["commit_seconds_bucket", bound] == count
    assert found["commit_seconds_sum",] == pytest.approx(5.0003)
    assert found["commit_seconds_count",] == 4
    assert found["loop_lag_seconds_sum",] == 1e-9
    assert found["sent_bytes_total",] == 1 << 60
    assert found["store_failing",] == 1
    names = ("acknowledged", "refused", "known", "not_stored")
    assert [found[f"readings_{name}_total",] for name in names] == [1, 2, 3, 4]
