"""All devices lose their link at once: what they and the server do until they are back.

Each device is the library's own Lifecycle, driven as its driver drives it: wait for `wait_ms`,
ask `tick`, tell what happened. Only the network, the server and the clock are made up. Times are
whole ms since the loss.
"""

import heapq
import random
from math import ceil

from partysocket.core.backoff import drawn
from partysocket.core.lifecycle import DIAL, EXPIRED, Lifecycle
from partysocket.core.retry import SOON
from partysocket.core.ticks import TICKS_MASK

from .figures import BIN_MS, Run
from .server import Bucket, Queue

SEEN_MS = (100, 50)  # how long after the loss the device sees it: mean and standard deviation
ROUND_TRIP_MS = (50, 20)
_UP_MS = 60_000  # how long the devices had been connected: their counts are at rest
_START = (
    TICKS_MASK - 7_000
)  # the ticks of the loss: the clock wraps in the midst of the first rush


class Fleet:
    """`devices` of them under `options`, and a server that is back after `down_s`."""

    def __init__(self, options, devices, rate, down_s, queue_s=None, seed=0):
        self.devices = devices
        self.back = []  # when each of those that are connected again was, in this order
        self._options = options
        self._server = Bucket(rate) if queue_s is None else Queue(rate, queue_s)
        self._down_ms = round(down_s * 1000)
        self._random = random.Random(seed)
        self._agenda = {}  # time -> whose turn it is then
        self._times = []  # a heap of the agenda's times
        self._dials = []  # per BIN_MS since the loss
        self._wasted = 0

    def run(self, for_s, watch=lambda now, fleet: None):
        """Until all are back, but no longer than `for_s` after the server is. `watch(now, self)`
        is called once per simulated second.
        """
        end = self._down_ms + round(for_s * 1000)
        self._dials = [0] * (end // BIN_MS + 1)
        self._lose_all()
        self._go_on(end, watch)
        return Run(self.devices, self._down_ms, self._dials, self.back, self._wasted)

    def _lose_all(self):
        for _ in range(self.devices):
            device = Device(self._options, self._chance)
            seen = self._about(*SEEN_MS)
            device.life.lost(_ticks(seen), SOON, 0, self._chance())
            self._rest(device, seen)

    def _go_on(self, end, watch):
        second = 0
        while self._times and self._times[0] <= end:
            now = heapq.heappop(self._times)
            if now >= second:
                watch(now, self)
                second = now + 1000
            for device in self._agenda.pop(now):
                self._take_turn(device, now)

    def _take_turn(self, device, now):
        """The device's wait is over, or the dial was answered, or its deadline has passed."""
        life = device.life
        due = life.tick(_ticks(now))
        if due == DIAL:
            life.dial(_ticks(now))
            self._dials[now // BIN_MS] += 1
            self._answer(device, now)
        elif due == EXPIRED or not device.is_let_in:
            life.lost(_ticks(now), SOON, 0, self._chance())
            self._rest(device, now)
        else:
            life.opened(_ticks(now))
            self.back.append(now)

    def _answer(self, device, now):
        done = None if now < self._down_ms else self._server.ask(now)
        device.is_let_in = done is not None
        answered = now + ceil(done or 0) + self._about(*ROUND_TRIP_MS)
        given_up = now + device.life.wait_ms(_ticks(now))
        if device.is_let_in and given_up <= answered:
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

    def _chance(self):
        """What the library's devices draw: 16 bits."""
        return self._random.getrandbits(16)

    def _about(self, mean, deviation):
        return max(1, round(self._random.gauss(mean, deviation)))


class Device:
    """A connection that had been open for long. Its options may hold a pair to draw from."""

    __slots__ = ("is_let_in", "life")

    def __init__(self, options, chance):
        born = _ticks(-_UP_MS)
        minimum = drawn(options["min_reconnection_delay"], chance())
        self.life = Lifecycle(options, minimum)
        self.life.begin(born, chance())
        self.life.dial(born)
        self.life.opened(born)
        self.is_let_in = False  # what the server has answered, or will, to the current dial


def _ticks(now):
    return now + _START & TICKS_MASK
