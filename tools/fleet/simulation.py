"""A fleet loses its link: what the devices and their servers do until all are back.

Each device is the library's own Lifecycle, driven as its driver drives it: wait for `wait_ms`,
ask `tick`, tell what happened. Only the network, the servers and the clock are made up: discrete
events, in whole ms since the loss.
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

SEEN_MS = (100, 50)  # how long after the loss the device sees it: mean and standard deviation
ROUND_TRIP_MS = (50, 20)
_UP_MS = 60_000  # how long the devices had been connected: their counts are at rest
_START = (
    TICKS_MASK - 7_000
)  # the ticks of the loss: the clock wraps in the midst of the first rush
# The rules of 0.2.0 and before, for --beside: no longer time for a server that has taken the
# connection, and nothing of announced stops.
_KNOWS_TURNS = hasattr(Lifecycle, "taken")


class Fleet:
    """The devices that lose their link: one for each number in `places`, the index of its server
    in `servers`. The servers are back after `down_s`. `stop`: None for a crash, or what the
    Close said: (seconds until it is back, seconds within which its clients should come).
    """

    def __init__(self, options, servers, places, down_s, stop=None, seed=0):
        self.devices = len(places)
        self.back = []  # when each of those that are connected again was, in this order
        self._options = options
        self._servers = servers
        self._places = places
        self._down_ms = round(down_s * 1000)
        # PartySocket's rules do not ask what a server wants.
        self._obeys = options["retry_rules"] != "always"
        self._stop = stop if self._obeys and _KNOWS_TURNS else None
        self._random = random.Random(seed)
        self._chance = self._random.getrandbits
        self._agenda = {}  # time -> whose turn it is then
        self._times = []  # a heap of the agenda's times
        self._dials = []  # per BIN_MS since the servers' return
        self._dials_before = 0
        self._wasted = 0

    def run(self, for_s, watch=lambda text: None):
        """Until all are back, but no longer than `for_s` after the servers are. `watch(text)`
        is told now and then how it goes.
        """
        end = self._down_ms + round(for_s * 1000)
        self._dials = [0] * ((end - self._down_ms) // BIN_MS + 1)
        self._lose_all(watch)
        self._go_on(end, watch)
        return Run(
            self.devices, self._down_ms, self._dials, self.back, self._wasted, self._dials_before
        )

    def _lose_all(self, watch):
        """What each does while there is no server needs no agenda: nobody hears of another."""
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
        if life.state == OPEN:  # a moment ago, and closed with 1013
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
    """A connection that had been open for long. Its options may hold a pair to draw from."""

    __slots__ = ("answer", "life", "server")

    def __init__(self, options, chance, server):
        born = _ticks(-_UP_MS)
        minimum = drawn(options["min_reconnection_delay"], chance(16))
        self.life = Lifecycle(options, minimum)
        self.life.begin(born, chance(16))
        self.life.dial(born)
        self.life.opened(born)
        self.server = server
        self.answer = CLOSED  # what the server has answered, or will, to the current dial


def _ticks(now):
    return now + _START & TICKS_MASK
