"""Counters since the start, in the text format of Prometheus (0.0.4)."""

import time
from bisect import bisect_left
from collections import Counter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


class Counts:
    """Counters of the whole server."""

    def __init__(self):
        self.started = time.monotonic()
        self.joins = 0
        self.messages_in = 0
        self.bytes_in = 0
        self.messages_out = 0
        self.bytes_out = 0
        # Clients that read too slowly.
        self.dropped = 0
        self.refusals = Counter()  # HTTP status: how many
        # Readings that are on disk and whose sender was told so.
        self.acknowledged = 0
        # Readings that break a rule and whose sender was told so.
        self.refused = 0
        # Readings that were dropped because their numbers were already known.
        self.known = 0
        # Readings that the disk did not accept, or that were lost before a commit.
        self.not_stored = 0
        self.saves = 0
        self.commits = Histogram(_SECONDS)
        self.lags = Histogram(_SECONDS)

    def on_commit(self, saves, seconds):
        self.saves += saves
        self.commits.observe(seconds)


class Histogram:
    """Counts how often a value was at most each of `bounds`."""

    def __init__(self, bounds):
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value):
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def samples(self):
        """Return [(suffix, labels, value)] as the text format needs them."""
        lines, total = [], 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts):
            total += count
            lines.append(("_bucket", {"le": bound}, total))
        return [*lines, ("_sum", {}, self._sum), ("_count", {}, total)]


def render(counts, clients, rooms, state_bytes, backlog_bytes, database_bytes, is_failing):
    """Return the text. `clients` is {role: number}. `counts` is a Counts; the rest are current
    numbers.
    """
    refusals = [("", {"status": status}, n) for status, n in sorted(counts.refusals.items())]
    families = [
        ("uptime_seconds", "gauge", "Since the start.", time.monotonic() - counts.started),
        ("clients", "gauge", "Connected, by role.", _by("role", clients)),
        ("rooms", "gauge", "Rooms with somebody in them.", rooms),
        ("joins_total", "counter", "Clients that joined a room.", counts.joins),
        ("messages_received_total", "counter", "Messages of clients.", counts.messages_in),
        ("received_bytes_total", "counter", "Their payloads.", counts.bytes_in),
        ("messages_sent_total", "counter", "Messages written to clients.", counts.messages_out),
        ("sent_bytes_total", "counter", "Their payloads.", counts.bytes_out),
        ("slow_clients_dropped_total", "counter", "Clients that did not read.", counts.dropped),
        ("refusals_total", "counter", "Requests refused, by HTTP status.", refusals),
        ("readings_acknowledged_total", "counter", "Told to be on disk.", counts.acknowledged),
        ("readings_refused_total", "counter", "Numbered, against a rule.", counts.refused),
        ("readings_known_total", "counter", "Dropped: they had come before.", counts.known),
        ("readings_not_stored_total", "counter", "The disk failed or is full.", counts.not_stored),
        ("saves_total", "counter", "Changes of devices committed.", counts.saves),
        ("commit_seconds", "histogram", "Commits to the database.", counts.commits.samples()),
        ("loop_lag_seconds", "histogram", "How late the loop was.", counts.lags.samples()),
        ("store_failing", "gauge", "1 while readings are not stored.", int(is_failing)),
        ("database_bytes", "gauge", "The database without its log.", database_bytes),
        ("backlog_bytes", "gauge", "Bytes that wait for slow clients.", backlog_bytes),
        ("state_bytes", "gauge", "Last values and hellos in memory.", state_bytes),
    ]
    return "".join(_family(*family) for family in families)


def _by(label, numbers):
    return [("", {label: name}, number) for name, number in numbers.items()]


def _family(name, kind, help, samples):
    name = f"room_server_{name}"
    lines = [f"# HELP {name} {help}\n# TYPE {name} {kind}\n"]
    if not isinstance(samples, list):
        samples = [("", {}, samples)]
    for suffix, labels, value in samples:
        pairs = ",".join(f'{label}="{text}"' for label, text in labels.items())
        lines.append(f"{name}{suffix}{pairs and '{' + pairs + '}'} {value}\n")
    return "".join(lines)
