"""The server's figures in the text format of Prometheus, written by its own library.

It is imported only with --metrics.
"""

import time
from operator import itemgetter

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

# Prometheus reads later formats too, but other programs may know only this one.
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Figures(Collector):
    """The figures of one moment. `render` may run in a thread, while the server goes on."""

    def __init__(self, families, rooms=(), most_values=0):
        """`families` is what families_of returned. `rooms` is [(party, room, [(device, {name: last
        value})])]: with `most_values`, so many of its numbers become gauges.
        """
        self._families = families
        self._rooms = rooms
        self._most_values = most_values

    def collect(self):
        yield from self._families
        if self._most_values:
            values = _Values(self._rooms, self._most_values)
            yield values
            yield _gauge("values_left_out", "More numbers than that.", values.left_out)

    def render(self):
        """Return the text, in UTF-8."""
        return generate_latest(self)


def families_of(counts, clients, rooms, state_bytes, backlog_bytes, database_bytes, is_failing):
    """Return the figures of the server itself. `clients` is {role: number}. `counts` is a Counts;
    the rest are current numbers.
    """
    return [
        _gauge("uptime_seconds", "Since the start.", time.monotonic() - counts.started),
        _labelled(_gauge("clients", "Connected, by role.", labels=["role"]), clients),
        _gauge("rooms", "Rooms with somebody in them.", rooms),
        _counter("joins", "Clients that joined a room.", counts.joins),
        _counter("messages_received", "Messages of clients.", counts.messages_in),
        _counter("received_bytes", "Their payloads.", counts.bytes_in),
        _counter("messages_sent", "Messages written to clients.", counts.messages_out),
        _counter("sent_bytes", "Their payloads.", counts.bytes_out),
        _counter("slow_clients_dropped", "Clients that did not read.", counts.dropped),
        _labelled(
            _counter("refusals", "Requests refused, by HTTP status.", labels=["status"]),
            {str(status): count for status, count in sorted(counts.refusals.items())},
        ),
        _counter("readings_acknowledged", "Told to be on disk.", counts.acknowledged),
        _counter("readings_refused", "Numbered, against a rule.", counts.refused),
        _counter("readings_known", "Dropped: they had come before.", counts.known),
        _counter("readings_not_stored", "The disk failed or is full.", counts.not_stored),
        _counter("saves", "Changes of devices committed.", counts.saves),
        _histogram("commit_seconds", "Commits to the database.", counts.commits),
        _histogram("loop_lag_seconds", "How late the loop was.", counts.lags),
        _gauge("store_failing", "1 while readings are not stored.", is_failing),
        _gauge("database_bytes", "The database without its log.", database_bytes),
        _gauge("backlog_bytes", "Bytes that wait for slow clients.", backlog_bytes),
        _gauge("state_bytes", "Last values and hellos in memory.", state_bytes),
    ]


class _Values(Metric):
    """The last numbers of devices. `left_out` is right when all samples were taken."""

    def __init__(self, rooms, most):
        about = "Last numbers of devices, in rooms with somebody."
        super().__init__("room_server_value", about, "gauge")
        self.left_out = 0
        # One after the other: thousands at once make Python's garbage collector look at all
        # objects of the server, and everything waits for it.
        self.samples = self._take(rooms, most)

    def _take(self, rooms, most):
        # Sorted, so that each scrape has the same ones. Each room on its own, because the loop has
        # to wait while Python sorts.
        for party, room, devices in sorted(rooms, key=itemgetter(0, 1)):
            for device, last in sorted(devices, key=itemgetter(0)):
                for name in sorted(last):
                    # A bool is an int too.
                    if not isinstance(last[name], (int, float)):
                        continue
                    if most > 0:
                        labels = {"party": party, "room": room, "device": device, "name": name}
                        yield Sample(self.name, labels, last[name])
                    else:
                        self.left_out += 1
                    most -= 1


# The library adds `_total` to the name of a counter. It adds no `_created`, because these families
# are made for each scrape.
def _counter(name, help, value=None, labels=None):
    return CounterMetricFamily(f"room_server_{name}", help, value, labels)


def _gauge(name, help, value=None, labels=None):
    return GaugeMetricFamily(f"room_server_{name}", help, value, labels)


def _histogram(name, help, histogram):
    buckets = [(str(bound), count) for bound, count in histogram.buckets()]
    return HistogramMetricFamily(f"room_server_{name}", help, buckets, histogram.sum)


def _labelled(family, numbers):
    for label, number in numbers.items():
        family.add_metric([label], number)
    return family
