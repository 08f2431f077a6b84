"""The rows of the table: what may happen to a fleet."""

import zlib
from dataclasses import dataclass

from .server import CLOSED, REFUSED, Bucket, Queue
from .simulation import Fleet

# Devices in a room.
ROOM = 100
# Server instances of the large fleet, and their zones.
INSTANCES = 10
ZONES = 3
# The time in which an instance can accept its share of the devices once.
TURNS_S = 100

_NIGHT_S = 8 * 3600
# The devices dial a thousand times, so one of ten of the fleet is enough.
_NIGHT_PART = 10
# The announced spread is longer than what the servers need by this factor, although they do
# nothing else.
_MARGIN = 1.1


@dataclass(frozen=True)
class Case:
    """One row. Rates are in handshakes a second. `rate` is the rate of one of the servers to which
    the devices come back, divided by the number of devices that it has lost (1 / TURNS_S means
    that the server is the bottleneck).
    """

    name: str
    what: str
    down_s: float = 0
    speed: float = 1 / TURNS_S
    queue_s: float | None = None
    beyond: int = REFUSED  # the answer to handshakes beyond its rate
    retry_after_s: float = 0
    is_announced: bool = False
    is_large: bool = False  # on all instances; else on one, with its share of the devices
    lost: str = "all"  # of the large fleet: "all", "zone", "instance", or "one name"
    part: int = 1  # only one of so many devices takes part

    def run(self, options, devices, seed, for_s, watch=lambda text: None):
        """Run the case with a fleet of `devices`. Returns the Run, and the shortest time in
        seconds that the servers could need.
        """
        devices //= self.part
        # The devices of one instance.
        share = devices // INSTANCES
        rate = share * self.speed
        homes = _homes(devices) if self.is_large else [0] * share
        if self.lost == "zone":
            homes = [home for home in homes if home % ZONES == 0]
        elif self.lost == "one name":
            homes = [0] * share
        # The rooms of the lost instance move to the others.
        elif self.lost == "instance":
            homes = [1 + room % (INSTANCES - 1) for room, home in enumerate(homes) if home == 0]
        servers = [self._server(rate) for _ in range(INSTANCES)]
        ideal_s = len(homes) / rate / len(set(homes))
        stop = (self.down_s, ideal_s * _MARGIN) if self.is_announced else None
        fleet = Fleet(options, servers, homes, self.down_s, stop, seed)
        return fleet.run(for_s, watch), ideal_s

    def _server(self, rate):
        if self.queue_s is not None:
            return Queue(rate, self.queue_s)
        return Bucket(rate, self.beyond, self.retry_after_s)


def _homes(devices):
    """The instance of each device. A hash of its room's name decides it."""
    rooms = [zlib.crc32(b"room-%d" % n) % INSTANCES for n in range(max(1, devices // ROOM))]
    return [rooms[n // ROOM % len(rooms)] for n in range(devices)]


_TENFOLD = 10 / TURNS_S

CASES = [
    Case("busy", "one server, back at once"),
    Case("busy-30", "away 30 s", 30),
    Case("busy-600", "away 600 s", 600),
    Case("fast", "ten times as fast, back at once", 0, _TENFOLD),
    Case("fast-30", "ten times as fast, away 30 s", 30, _TENFOLD),
    Case("fast-600", "ten times as fast, away 600 s", 600, _TENFOLD),
    Case("night", "the same, 8 h (a tenth of them)", _NIGHT_S, _TENFOLD, part=_NIGHT_PART),
    Case("fast-600-told", "away 600 s, announced", 600, _TENFOLD, is_announced=True),
    Case("queue-10", "queues 10 s deep", queue_s=10),
    Case("queue-28", "queues 28 s deep", queue_s=28),
    Case("queue-60", "queues 60 s deep", queue_s=60),
    Case("all", "all instances restart", 2, is_large=True),
    Case("all-told", "the same, announced", 2, is_large=True, is_announced=True),
    Case("zone", "one zone of three restarts", 2, is_large=True, lost="zone"),
    Case("proxy", "the proxy restarts, the servers queue 10 s", 5, queue_s=10, is_large=True),
    Case("lost", "one instance of ten is lost, nine take over", is_large=True, lost="instance"),
    Case("one-name", "all names lead to one instance", is_large=True, lost="one name"),
    Case("deep", "all instances queue 60 s deep", queue_s=60, is_large=True),
    Case("long", "all away 600 s, ten times as fast", 600, _TENFOLD, is_large=True),
    Case("long-told", "the same, announced", 600, _TENFOLD, is_large=True, is_announced=True),
    Case("503", "503 with Retry-After: 30", retry_after_s=30, is_large=True),
    Case("1013", "lets in, then 1013", beyond=CLOSED, is_large=True),
]  # fmt: skip
