"""A fleet loses its link. This simulates the devices and their servers until all are back.

Each device is the library's own Lifecycle, used as by its driver: wait for `wait_ms`, call `tick`,
report what happened. Only the network, the servers and the clock are simulated, as discrete events
in whole ms since the loss.
"""

import heapq
import random
from math import ceil

from partysocket.core.backoff import drawn
from partysocket.core.lifecycle import DIAL, EXPIRED, OPEN, Lifecycle
from partysocket.core.retry import SOON
from partysocket.core.ticks import TICKS_MASK

from .figures import BIN_MS, Run
from .server import CLOSED, LET_IN, REFUSED

# How long after the loss a device notices it: mean and standard deviation.
SEEN_MS = (100, 50)
ROUND_TRIP_MS = (50, 20)
# How long the devices had been connected. It is long enough to reset their retry counts.
_UP_MS = 60_000
_START = (
    TICKS_MASK - 7_000
)  # the ticks of the loss: the clock wraps in the midst of the first rush
# 0.2.0 and earlier versions, for --beside, have no `taken`: no longer timeout for a server that
# has accepted the connection, and no announced stops.
_KNOWS_TURNS = hasattr(Lifecycle, "taken")


class Fleet:
    """The devices that lose their link. Each number in `places` is one device: the index of its
    server in `servers`. The servers are back after `down_s`. `stop`: None for a crash, or the
    announcement in the Close: (seconds until it is back, seconds over which clients should
    spread).
    """

    def __init__(self, options, servers, places, down_s, stop=None, seed=0):
        self.devices = len(places)
        # The times at which devices were connected again, in order.
        self.back = []
        self._options = options
        self._servers = servers
        self._places = places
        self._down_ms = round(down_s * 1000)
        # PartySocket's rules ignore what a server asks for.
        self._obeys = options["retry_rules"] != "always"
        self._stop = stop if self._obeys and _KNOWS_TURNS else None
        self._random = random.Random(seed)
        self._chance = self._random.getrandbits
        # Time -> the devices that must act then.
        self._agenda = {}
        # A heap of the agenda's times.
        self._times = []
        # Dials in each BIN_MS since the servers' return.
        self._dials = []
        self._dials_before = 0
        self._wasted = 0

    def run(self, for_s, watch=lambda text: None):
        """Run until all devices are back, or until `for_s` after the servers are back.
        `watch(text)` gets the progress from time to time.
        """
        end = self._down_ms + round(for_s * 1000)
        self._dials = [0] * ((end - self._down_ms) // BIN_MS + 1)
        self._lose_all(watch)
        self._go_on(end, watch)
        return Run(
            self.devices, self._down_ms, self._dials, self.back, self._wasted, self._dials_before
        )

    def _lose_all(self, watch):
        """Simulate the time without a server. It needs no agenda, because the devices do not
        affect each other then.
        """
        for n, place in enumerate(self._places):
            if n % 10_000 == 0:
                watch(f"away: {n} of {self.devices}")
            device = Device(self._options, self._chance, self._servers[place])
            life = device.life
            now = self._about(*SEEN_MS)
            if self._stop is None:
                life.lost(_ticks(now), SOON, 0, self._chance(16))
            else:
                after_s, spread_s = self._stop
                life.lost(
                    _ticks(now), SOON, after_s * 1000, self._chance(16), round(spread_s * 1000)
                )
            now += life.wait_ms(_ticks(now))
            while now < self._down_ms:
                self._dials_before += 1
                life.tick(_ticks(now))
                life.dial(_ticks(now))
                now += self._about(*ROUND_TRIP_MS)
                life.lost(_ticks(now), SOON, 0, self._chance(16))
                now += life.wait_ms(_ticks(now))
            self._note(now, device)

    def _go_on(self, end, watch):
        second = 0
        while self._times and self._times[0] <= end:
            now = heapq.heappop(self._times)
            if now >= second:
                watch(f"{len(self.back)} of {self.devices} back after {now // 1000} s")
                second = now + 1000
            for device in self._agenda.pop(now):
                self._take_turn(device, now)

    def _take_turn(self, device, now):
        """The device's wait is over, or the dial was answered, or its deadline has passed."""
        life = device.life
        ticks = _ticks(now)
        # It was let in a moment ago, and closed with 1013.
        if life.state == OPEN:
            life.lost(ticks, SOON, 0, self._chance(16))
            self._rest(device, now)
            return
        due = life.tick(ticks)
        if due == DIAL:
            life.dial(ticks)
            self._dials[(now - self._down_ms) // BIN_MS] += 1
            self._answer(device, now)
        elif due == EXPIRED:
            life.lost(ticks, SOON, 0, self._chance(16))
            self._rest(device, now)
        elif device.answer == REFUSED:
            after_ms = device.server.after_ms if self._obeys else 0
            life.lost(ticks, SOON, after_ms, self._chance(16))
            self._rest(device, now)
        else:
            life.opened(ticks)
            if device.answer == LET_IN:
                self.back.append(now)
            else:
                self._note(now + self._about(*ROUND_TRIP_MS), device)

    def _answer(self, device, now):
        done, device.answer = device.server.ask(now)
        if _KNOWS_TURNS:
            device.life.taken()
        answered = now + ceil(done) + self._about(*ROUND_TRIP_MS)
        given_up = now + device.life.wait_ms(_ticks(now))
        if device.answer != REFUSED and given_up <= answered:
            self._wasted += 1
        self._note(min(answered, given_up), device)

    def _rest(self, device, now):
        self._note(now + device.life.wait_ms(_ticks(now)), device)

    def _note(self, at, device):
        if at in self._agenda:
            self._agenda[at].append(device)
        else:
            self._agenda[at] = [device]
            heapq.heappush(self._times, at)

    def _about(self, mean, deviation):
        return max(1, round(self._random.gauss(mean, deviation)))


class Device:
    """A device whose connection was open for a long time. An option may be a pair to draw from."""

    __slots__ = ("answer", "life", "server")

    def __init__(self, options, chance, server):
        born = _ticks(-_UP_MS)
        minimum = drawn(options["min_reconnection_delay"], chance(16))
        self.life = Lifecycle(options, minimum)
        self.life.begin(born, chance(16))
        self.life.dial(born)
        self.life.opened(born)
        self.server = server
        # The server's answer to the current dial, which may come later.
        self.answer = CLOSED


def _ticks(now):
    return now + _START & TICKS_MASK
