"""Keeps a board joined to Wi-Fi. Use it as the `link` of a socket.

Radios report wrong states while they join. They call a correct password wrong, they say that they
are idle, or that they are connected although they have no address. An ESP32 reports its last
failure until it gets an address. So a try succeeds only when an address stays, and it fails only
after a timeout.
"""

import asyncio

from micropython import const

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import Error, chance, net, ticks_diff, wait_ms

# Free the parse tree of this module, so that the next one finds large pieces of free memory.
net.collect()
try:
    from .net.wlan import Radio
except ImportError:
    # The bundle for CircuitPython does not contain it.
    Radio = None

from .wifi_checks import checked, whole
from .wifi_resets import ResetBudget  # noqa: F401 (applications take it from here)

# How often the radio is checked while it joins, and while the link is up.
_LOOK_MS = const(250)
_WATCH_MS = const(500)
# The pause between leaving and joining. An ESP32 needs it (peterhinch/micropython-mqtt#154).
_REST_MS = const(1000)
# For one try: to find the network, associate, and get an address.
_TRY_MS = const(20000)
# A failure counts when the radio reports it for so long. False reports last up to 3 s.
_DOUBT_MS = const(5000)
# After a link that lasted this long, counting failed rounds begins again.
_HELD_MS = const(60000)
# The ceiling of the first wait. It doubles with each failed round.
_FIRST_MS = const(4000)
_WAITS = {
    "max_reconnection_delay": 60000,
    "reconnection_delay_grow_factor": 2,
    "jitter": "equal",  # from half the ceiling to all of it
}
# Failed rounds in a row until the radio is turned off and on, and until on_stuck() is called.
_RADIO_ROUNDS = const(3)
_STUCK_ROUNDS = const(6)
_MOST_STABLE_MS = const(600000)

# What the radio's state() says while there is no address. Any other word is a failure.
_IDLE = "idle"
_JOINING = "joining"
_NO_ADDRESS = "no address"
_FINE = (_IDLE, _JOINING, _NO_ADDRESS)


class WiFi:
    """Keeps a station joined to one of `networks`, a list of (ssid, password), tried in order.

    An ssid has 1 to 32 bytes. A password has 8 to 63 bytes, or 64 hexadecimal digits; None or ""
    is for an open network. On CircuitPython `networks` may be left out: then the network in
    settings.toml is used. With `power_save` the radio sleeps between beacons, and answers are
    slower; an ESP32 that uses Bluetooth needs it. The link is up when it has had an address for
    `stable_ms` (at most 600,000). The address is checked every 500 ms. When it is gone, the link
    is down, and joining begins again.

    A try takes 20 s at most. A round tries each network once. A round fails if it gives no link,
    or a link of less than 60 s. After a failed round comes a wait of 2 to 4 s, then of 4 to 8 s,
    up to 30 to 60 s; so there are at most 5 tries of a network in a minute. After every third
    failed round in a row the radio is off during the wait. After every sixth `on_stuck()`, async
    or not, is called before that; it may reset the board (`ResetBudget`).

    `watchdog()` is called before and after the call that begins a try. On CircuitPython this call
    blocks everything, for 6 s at most (on an ESP32 a few more).

    An error of the radio is a failed try. Its text is in `last_error`.
    """

    def __init__(
        self, networks=None, power_save=False, stable_ms=2000, on_stuck=None, watchdog=None
    ):
        self._networks = None if networks is None else checked(networks)
        if not isinstance(power_save, bool):
            raise TypeError("power_save is True or False, not %r" % (power_save,))
        if on_stuck is not None and not callable(on_stuck):
            raise TypeError("on_stuck is a callable, not %r" % (on_stuck,))
        if watchdog is not None and not callable(watchdog):
            raise TypeError("watchdog is a callable, not %r" % (watchdog,))
        self._stable_ms = whole("stable_ms", stable_ms, _MOST_STABLE_MS)
        self._on_stuck = on_stuck
        self._watchdog = watchdog
        self._radio = _radio(power_save)
        if networks is None:
            self._networks = checked(self._radio.settings())
        self._up = asyncio.Event()
        self._task = None
        # start() was called, so wait_up() does not call it.
        self._begun = False
        self._word = "stopped"
        # Why the last try failed.
        self._why = ""
        # Ticks when stop() left a network, or ended a try. None: there is nothing to rest from.
        self._left = None
        # The network that is in use, or was tried last. None when stopped.
        self.ssid = None
        # The text of the last error that the radio or on_stuck raised.
        self.last_error = None

    def is_up(self):
        """Whether the link has had an address for `stable_ms`."""
        return self._up.is_set()

    async def wait_up(self):
        """Wait until the link is up. Calls start() if it was never called; after stop() it waits
        for another start().
        """
        if not self._begun:
            self.start()
        while not self._up.is_set():
            await self._up.wait()

    def start(self):
        """Begin to join, in a new task. A second call does nothing. Raises RuntimeError if there
        is no running event loop.
        """
        if self._task is not None:
            return
        if not net.running():
            raise RuntimeError("WiFi.start() needs a running event loop")
        self._begun = True
        self._word = _JOINING
        self._task = asyncio.create_task(self._supervise())

    def stop(self):
        """End the task and leave the network. The radio stays on. A second call does nothing."""
        task, self._task = self._task, None
        if task is None:
            return
        # on_stuck may call this from inside the task, and a task can't cancel itself.
        if task is not net.current_task():
            task.cancel()
        self._left = None if self._word[:7] == "waiting" else net.ticks_ms()
        self._rest()
        self._ask(self._radio.leave)

    def use(self, networks=None):
        """Take these networks from now on (None: the same), and return the ones before. Joins anew
        at once if it was started, except if the link is up and is of the first of them.
        """
        before = self._networks
        if networks is not None:
            self._networks = checked(networks)
        if self._task is not None and not (self.is_up() and self.ssid == self._networks[0][0]):
            self.stop()
            self.start()
        return before

    def rssi(self):
        """The signal strength in dBm. None if the link is not up, or if the port can't tell."""
        return self._ask(self._radio.rssi) if self._up.is_set() else None

    def status(self):
        """One of "stopped", "joining", "no address", "settling" (there is an address, but not yet
        for `stable_ms`), "up"; or "waiting: " with the reason why the last try failed, for example
        "waiting: wrong password".
        """
        return self._word

    # The task.

    async def _supervise(self):
        me = self._task
        try:
            await self._live(me)
        finally:
            # Not ended by stop(), so the event loop is being closed.
            if self._task is me:
                self._task = None
                self._begun = False
                self._rest()

    async def _live(self, me):
        radio = self._radio
        # Failed rounds in a row.
        failed = 0
        # Whether it may join without leaving and a rest before. After a soft reset the radio may
        # still be joined, or joining.
        is_free = self._ask(radio.state) == _IDLE
        if self._left is not None and ticks_diff(net.ticks_ms(), self._left) < _REST_MS:
            is_free = False
        while True:
            if await self._round(is_free):
                failed = 0
                is_free = False
                continue
            failed += 1
            self._ask(radio.leave)
            self._word = "waiting: " + self._why
            if failed % _STUCK_ROUNDS == 0 and self._on_stuck is not None:
                await self._tell_stuck()
                if self._task is not me:
                    return
            if failed % _RADIO_ROUNDS == 0:
                self._ask(radio.off)
            await asyncio.sleep(wait_ms(_WAITS, _FIRST_MS, failed, chance()) / 1000)
            is_free = True

    async def _round(self, is_free):
        """Try each network until one gives a link, and watch that link. Returns True if the link
        lasted.
        """
        for ssid, password in self._networks:
            self.ssid = ssid
            self._word = _JOINING
            if not is_free:
                self._ask(self._radio.leave)
                await asyncio.sleep(_REST_MS / 1000)
            is_free = False
            if await self._join(ssid, password):
                return await self._watch()
        return False

    async def _join(self, ssid, password):
        """Make one try. Returns True when there has been an address for `stable_ms`."""
        radio = self._radio
        begun = net.ticks_ms()
        self._feed()
        verdict = self._ask(radio.begin, ssid, password)
        self._feed()
        if verdict is not True:
            self._why = verdict or "radio error"
            return False
        # A failure that the radio reports now may be from an earlier try, so it does not count.
        stale = self._ask(radio.state)
        # Ticks when the address came, or None.
        since = None
        # There was an address in this try.
        had = False
        # Ticks since when the try seems to have failed, or None.
        doubt = None
        while True:
            await asyncio.sleep(_LOOK_MS / 1000)
            now = net.ticks_ms()
            if self._ask(radio.has_address):
                if since is None:
                    since = now
                if ticks_diff(now, since) >= self._stable_ms:
                    return True
                self._word = "settling"
                doubt = None
                had = True
                continue
            since = None
            state = self._ask(radio.state) or "radio error"
            if state != stale:
                stale = None
            is_failure = state not in _FINE and state != stale
            if not is_failure and not had:
                doubt = None
            elif doubt is None:
                doubt = now
            self._word = _NO_ADDRESS if state == _NO_ADDRESS else _JOINING
            if ticks_diff(now, begun) >= _TRY_MS or (
                doubt is not None and ticks_diff(now, doubt) >= _DOUBT_MS
            ):
                if state == _NO_ADDRESS or state not in _FINE:
                    self._why = state
                else:
                    self._why = "link lost" if had else "no answer"
                return False

    async def _watch(self):
        """The link is up: wait until the address is gone. Returns True if it lasted for 60 s."""
        begun = net.ticks_ms()
        lasted = False
        self._word = "up"
        self._up.set()
        while self._ask(self._radio.has_address):
            if not lasted and ticks_diff(net.ticks_ms(), begun) >= _HELD_MS:
                lasted = True
                if hasattr(self._on_stuck, "link_held"):
                    self._ask(self._on_stuck.link_held)
            await asyncio.sleep(_WATCH_MS / 1000)
        self._up.clear()
        self._why = "link lost"
        return lasted

    async def _tell_stuck(self):
        result = self._ask(self._on_stuck)
        # It is a coroutine; on boards a generator.
        if hasattr(result, "send"):
            try:
                await result
            except Exception as e:
                self.last_error = repr(e)

    def _rest(self):
        self._up.clear()
        self._word = "stopped"
        self.ssid = None

    def _feed(self):
        if self._watchdog is not None:
            self._ask(self._watchdog)

    def _ask(self, call, *args):
        """Return the result of `call`, or None if it raises: an error must not end the task."""
        try:
            return call(*args)
        except Exception as e:
            self.last_error = repr(e)
            return None


def _radio(power_save):
    """Make the Radio for this board."""
    if Radio is not None:
        try:
            return Radio(power_save)
        except ImportError:
            # There is no module `network`.
            pass
    try:
        from .net.wifi_radio import Radio as Other

        return Other(power_save)
    except ImportError:
        raise Error(
            "WiFi needs MicroPython's `network` or CircuitPython's `wifi`: neither is here"
        )
