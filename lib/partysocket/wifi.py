"""Wi-Fi that is kept up, and a link that can be believed: the `link` of a socket.

A radio's word is not taken for it. While it joins it may call a right password wrong, say that it
idles, or be connected without an address; ESP32 tells the last failure until the next address.
So a try ends by an address that holds, or by time.
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

net.collect()  # this module's parse tree, so that the next one's finds the heap in one piece
try:
    from .net.wlan import Radio
except ImportError:
    Radio = None  # CircuitPython's boards are not given it

_LOOK_MS = const(250)  # between two looks at the radio while it joins ...
_WATCH_MS = const(500)  # ... and while the link is up
_REST_MS = const(1000)  # from leaving to joining: ESP32 needs it (peterhinch/micropython-mqtt#154)
_TRY_MS = const(20000)  # for one try: to find the network, associate, and get an address
_DOUBT_MS = const(5000)  # a failure is believed when told for so long: false ones last up to 3 s
_HELD_MS = const(60000)  # a link that lasted this long ends the row of failures
_FIRST_MS = const(4000)  # ceiling of the first wait, doubled from round to round
_WAITS = {
    "max_reconnection_delay": 60000,
    "reconnection_delay_grow_factor": 2,
    "jitter": "equal",  # from half the ceiling to all of it
}
_RADIO_ROUNDS = const(3)  # failed rounds in a row until the radio goes off and on
_STUCK_ROUNDS = const(6)  # and until on_stuck() is called
_MOST_STABLE_MS = const(600000)

# What status() says when there is no address; any other word is a failure.
_IDLE = "idle"
_JOINING = "joining"
_NO_ADDRESS = "no address"
_FINE = (_IDLE, _JOINING, _NO_ADDRESS)


class WiFi:
    """Keeps a station joined to one of `networks`, a list of (ssid, password), tried in order.

    An ssid has at most 32 bytes; a password 8 to 63, or 64 hexadecimal digits; None or "" for an
    open network. CircuitPython may do without `networks`: it takes those of settings.toml.
    `power_save` lets the radio sleep between beacons, for slower answers; an ESP32 that uses
    Bluetooth needs it. The link is up when it has held for `stable_ms` (at most 600,000), and
    down at the first of the looks, 500 ms apart, that finds no IPv4 address. Then joining begins
    anew.

    A try takes 20 s at most. A round, each network once, that failed, or whose link lasted less
    than 60 s, is followed by a wait of 2 to 4 s, then of 4 to 8 s, up to 30 to 60: at most 5 tries
    of a network a minute. After every third such round in a row the radio is off while waiting;
    on every sixth `on_stuck()`, async or not, is called before that, where a board may reset
    itself (`ResetBudget`).

    `watchdog()` is called before and after each try begins: that keeps everything waiting on
    CircuitPython, 6 s at most (ESP32: a few more).

    Whatever the radio raises is a failed try, and the text of `last_error`.
    """

    def __init__(
        self, networks=None, power_save=False, stable_ms=2000, on_stuck=None, watchdog=None
    ):
        self._networks = None if networks is None else _checked(networks)
        if not isinstance(power_save, bool):
            raise TypeError("power_save is True or False, not %r" % (power_save,))
        if on_stuck is not None and not callable(on_stuck):
            raise TypeError("on_stuck is a callable, not %r" % (on_stuck,))
        if watchdog is not None and not callable(watchdog):
            raise TypeError("watchdog is a callable, not %r" % (watchdog,))
        self._stable_ms = _whole("stable_ms", stable_ms, _MOST_STABLE_MS)
        self._on_stuck = on_stuck
        self._watchdog = watchdog
        self._radio = _radio(power_save)
        if networks is None:
            self._networks = _checked(self._radio.settings())
        self._up = asyncio.Event()
        self._task = None
        self._begun = False  # start() was called: wait_up() leaves the rest to others
        self._word = "stopped"
        self._why = ""  # the last try failed
        self.ssid = None  # of the network in use, or tried last; None when stopped
        self.last_error = None  # what the radio or on_stuck raised last, as text

    def is_up(self):
        """Whether the link has an address that held for `stable_ms`."""
        return self._up.is_set()

    async def wait_up(self):
        """Until the link is up. Starts if nobody did; after stop() it waits for start()."""
        if not self._begun:
            self.start()
        while not self._up.is_set():
            await self._up.wait()

    def start(self):
        """Begin to join, in a task of its own. Twice is once. RuntimeError without a loop."""
        if self._task is not None:
            return
        if not net.running():
            raise RuntimeError("WiFi.start() needs a running event loop")
        self._begun = True
        self._word = _JOINING
        self._task = asyncio.create_task(self._supervise())

    def stop(self):
        """End the task and leave the network. Twice is once. The radio stays on."""
        task, self._task = self._task, None
        if task is None:
            return
        if task is not net.current_task():  # on_stuck may call this: no task cancels itself
            task.cancel()
        self._rest()
        self._ask(self._radio.leave)

    def rssi(self):
        """The signal's strength in dBm, or None if the link is not up or the port can't tell."""
        return self._ask(self._radio.rssi) if self._up.is_set() else None

    def status(self):
        """One of "stopped", "joining", "no address", "settling" (an address, not yet for
        `stable_ms`), "up"; or "waiting: " and why the last try failed, as "wrong password".
        """
        return self._word

    # The task.

    async def _supervise(self):
        me = self._task
        try:
            await self._live(me)
        finally:
            if self._task is me:  # neither stop() nor its own end: the loop is torn down
                self._task = None
                self._begun = False
                self._rest()

    async def _live(self, me):
        radio = self._radio
        failed = 0  # rounds in a row
        # Nothing to leave before joining; after a soft reset it may be joined, or joining.
        is_free = self._ask(radio.state) == _IDLE
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
        """Try each network until one gives a link, and stay with that. True if it lasted."""
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
        """One try. True when the link has held for stable_ms."""
        radio = self._radio
        begun = net.ticks_ms()
        self._feed()
        verdict = self._ask(radio.begin, ssid, password)
        self._feed()
        if verdict is not True:
            self._why = verdict or "radio error"
            return False
        stale = self._ask(radio.state)  # may be left from an earlier try: no failure of this one
        since = None  # when the address came
        had = False  # an address
        doubt = None  # since when the try seems to have failed
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
        """Be up until the address is gone. True if that took long enough."""
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
        if hasattr(result, "send"):  # a coroutine; on boards a generator
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
        """What `call` gives, or None if it raises: no fault of a radio's ends the task."""
        try:
            return call(*args)
        except Exception as e:
            self.last_error = repr(e)
            return None


class ResetBudget:
    """An `on_stuck` that resets the board, at most `most` times in a row: the resets are counted
    in the file `path`, and forgotten when a link has lasted for 60 s. Where the count can't be
    kept, nothing is reset.
    """

    def __init__(self, most=3, path="wifi_resets"):
        self._most = _whole("most", most, 1 << 20)
        if not isinstance(path, str) or not path:
            raise TypeError("path is the name of a file, not %r" % (path,))
        self._path = path

    def __call__(self):
        used = self.used()
        if used < self._most and self._keep(used + 1):
            _reset()

    def link_held(self):
        """The network is fine: begin to count anew. Writes only what changes."""
        if self.used():
            self._keep(0)

    def used(self):
        """The resets since a link lasted."""
        try:
            with open(self._path) as file:
                return int(file.read())
        except (OSError, ValueError):
            return 0

    def _keep(self, used):
        """True if it can be read back."""
        try:
            with open(self._path, "w") as file:
                file.write(str(used))
        except OSError:
            return False
        return self.used() == used


def _radio(power_save):
    """The radio that this board has."""
    if Radio is not None:
        try:
            return Radio(power_save)
        except ImportError:  # no module `network`
            pass
    try:
        from .net.wifi_radio import Radio as Other

        return Other(power_save)
    except ImportError:
        raise Error(
            "WiFi needs MicroPython's `network` or CircuitPython's `wifi`: neither is here"
        )


def _reset():
    try:
        from machine import reset
    except ImportError:
        from microcontroller import reset
    reset()


def _checked(networks):
    """The networks, if they can be. No message shows what may be a password."""
    if not isinstance(networks, (list, tuple)):
        raise TypeError("networks is a list of (ssid, password), not a %s" % _kind(networks))
    if not networks:
        raise ValueError("networks is empty")
    for i, network in enumerate(networks):
        if not isinstance(network, (list, tuple)):
            raise TypeError("networks[%d] is an (ssid, password), not a %s" % (i, _kind(network)))
        if len(network) != 2:
            raise ValueError("networks[%d] is an (ssid, password), not %d" % (i, len(network)))
        ssid, password = network
        if not isinstance(ssid, str):
            raise TypeError("networks[%d]: an ssid is a str, not a %s" % (i, _kind(ssid)))
        if not 1 <= len(ssid.encode()) <= 32:
            raise ValueError("networks[%d]: an ssid has 1 to 32 bytes, not %r" % (i, ssid))
        if password is None or password == "":
            continue
        if not isinstance(password, str):
            raise TypeError("the password of %r is a str, not a %s" % (ssid, _kind(password)))
        length = len(password.encode())
        if not (8 <= length <= 63 or length == 64 and _is_hex(password)):
            raise ValueError(
                "the password of %r has 8 to 63 bytes, or 64 hexadecimal digits, not %d"
                % (ssid, length)
            )
    return [tuple(network) for network in networks]


def _is_hex(text):
    return all(["0" <= c <= "9" or "a" <= c.lower() <= "f" for c in text])


def _kind(value):
    return type(value).__name__


def _whole(name, value, most):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s is a whole number, not %r" % (name, value))
    if not 0 <= value <= most:
        raise ValueError("%s lies between 0 and %d, not %d" % (name, most, value))
    return value
