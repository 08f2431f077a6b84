"""A module `network` whose radio plays recorded traces, on CPython and on MicroPython.

    network = Network("esp32", now)  # or "cyw43", "esp8266"; `now` returns ms
    network.install()  # `import network` gives it
    radio = network.radio
    radio.air["home"] = [FINE, MQ154_FALSELY_WRONG]  # what follows each connect("home")

A trace is a tuple of (ms after connect, status in words, address or None). The words are the keys
of STATUS; each chip has its own numbers for them. The last entry stays. `radio.calls` has the
calls, as (ms, name, arguments...); status, isconnected and ifconfig are only counted, in
`radio.looks`. Errors are raised as the chip raises them.

`network.access_point` is the access point of the chip. It notes what is on the air.

The names of traces cite issues: MQ is peterhinch/micropython-mqtt, MP micropython/micropython, MPL
micropython/micropython-lib, CYW georgerobotics/cyw43-driver.
"""

import sys

ADDRESS = "192.168.4.20"
NO_ADDRESS = "0.0.0.0"

# Numbers of WLAN.status(). A chip without such a state says "joining".
STATUS = {
    "esp32": {
        "idle": 1000,
        "joining": 1001,
        "up": 1010,
        "lost": 200,
        "no network": 201,
        "wrong password": 202,
        "refused": 203,
        "unheard of": 67,
    },
    "cyw43": {
        "idle": 0,
        "joining": 1,
        "no address": 2,
        "up": 3,
        "lost": 0,
        "refused": -1,
        "no network": -2,
        "wrong password": -3,
    },
    "esp8266": {
        "idle": 0,
        "joining": 1,
        "wrong password": 2,
        "no network": 3,
        "refused": 4,
        "up": 5,
        "lost": 1,
    },
}

# Normal traces.
FINE = ((0, "joining", None), (1000, "up", ADDRESS))
# MQ#132: it was never seen joining.
AT_ONCE = ((0, "up", ADDRESS),)
ABSENT = ((0, "joining", None), (2400, "no network", None))
WRONG_PASSWORD = ((0, "joining", None), (1500, "wrong password", None))
# MP#11325: the network is absent, or the password wrong; CYW#62.
FOREVER_JOINING = ((0, "joining", None),)
SLOW_ADDRESS = ((0, "joining", None), (900, "no address", None), (14000, "up", ADDRESS))
UNHEARD_OF = ((0, "joining", None), (1000, "unheard of", None))
NEVER_AN_ADDRESS = ((0, "joining", None), (900, "no address", None))

# Strange traces.
MQ129_IDLE_WHILE_JOINING = (
    (0, "joining", None),
    (500, "idle", None),
    (3000, "up", ADDRESS),
)
MQ133_IDLE_AFTER_CONNECT = (
    (0, "idle", None),
    (1500, "joining", None),
    (3500, "up", ADDRESS),
)
MQ154_FALSELY_WRONG = (
    (0, "joining", None),
    (300, "wrong password", None),
    (1300, "joining", None),
    (2000, "up", ADDRESS),
)
# The log's own times.
MP4842_FALSELY_WRONG_THEN_ABSENT = (
    (0, "joining", None),
    (700, "wrong password", None),
    (3120, "no network", None),
    (3240, "joining", None),
    (3300, "up", ADDRESS),
)
MQ82_NO_ADDRESS_BEFORE_JOINING = (
    (0, "no address", None),
    (400, "joining", None),
    (1200, "no address", None),
    (1900, "up", ADDRESS),
)
MPL306_UP_WITHOUT_ADDRESS = (
    (0, "joining", None),
    (1000, "up", NO_ADDRESS),
    (4000, "up", ADDRESS),
)
MP12315_WRONG_IS_REFUSED = ((0, "joining", None), (1500, "refused", None))
FLAPPING = (
    (0, "joining", None),
    (1000, "up", ADDRESS),
    (2500, "lost", None),
    (3000, "up", ADDRESS),
    (4500, "lost", None),
    (5000, "up", ADDRESS),
)

# What happens to a link that is up: for radio.play().
DROP = ((0, "lost", None),)
# It says that it is still connected.
MPL305_ADDRESS_GONE = ((0, "up", NO_ADDRESS),)


class Network:
    """Replaces the module `network` of one chip. `new_names`: the interface's number is only on
    the class, as from 1.24 on.
    """

    def __init__(self, chip, now, new_names=False):
        self.radio = Radio(chip, now)
        self.access_point = AccessPoint(chip, now)
        self.WLAN = _WLAN(self.radio, self.access_point)
        if new_names:
            self.WLAN.IF_STA, self.WLAN.IF_AP = 0, 1
        else:
            self.STA_IF, self.AP_IF = 0, 1
        self.STAT_IDLE = STATUS[chip]["idle"]
        self.STAT_CONNECTING = STATUS[chip]["joining"]
        self.STAT_GOT_IP = STATUS[chip]["up"]

    def install(self):
        sys.modules["network"] = self


class _WLAN:
    """The class WLAN."""

    def __init__(self, radio, access_point):
        self._radio = radio
        self._access_point = access_point

    def __call__(self, interface):
        if interface == 1:
            return self._access_point
        assert interface == 0, interface
        self._radio._say("WLAN")
        return self._radio


class AccessPoint:
    """The access point of one chip."""

    ADDRESS = "192.168.4.1"

    def __init__(self, chip, now):
        self.chip = chip
        # What is on the air: the settings, or None.
        self.on_air = None
        # (ms, settings or None) of each change of on_air.
        self.changes = []
        # The chip refuses WPA2, or does not tell its security.
        self.takes_wpa2 = self.tells_security = True
        self._now = now
        # An open network is the default.
        self._settings = {"ssid": "default", "security": 0}

    def active(self, *on):
        if on and bool(on[0]) != (self.on_air is not None):
            self._air(dict(self._settings) if on[0] else None)
        return self.on_air is not None

    def config(self, *name, **settings):
        if name:
            if name[0] == "security" and not self.tells_security:
                raise ValueError("unknown config param")
            return b"\x10\x20\x30\xab\xcd\xef" if name[0] == "mac" else self._settings[name[0]]
        if self.chip == "esp8266" and self.on_air is None:
            raise OSError("AP must be active")
        for key in settings:
            if key == "max_clients" and self.chip == "cyw43":
                raise ValueError("unknown config param")
            if key == "security" and not self.takes_wpa2:
                raise ValueError("unknown config param")
            self._settings[key] = settings[key]
        # A Pico W takes settings, but only sends them when it is turned on (MP#14224).
        if self.on_air is not None and self.chip != "cyw43":
            self._air(dict(self._settings))

    def ifconfig(self):
        return (self.ADDRESS, "255.255.255.0", self.ADDRESS, self.ADDRESS)

    def _air(self, settings):
        self.on_air = settings
        self.changes.append((self._now(), settings))


class Radio:
    """The station of one chip."""

    def __init__(self, chip, now):
        self.chip = chip
        # ssid -> traces, one for each connect(). The last one is used again and again.
        self.air = {}
        self.calls = []
        self.looks = 0
        # Set by config().
        self.settings = {}
        # An exception that every call raises.
        self.error = None
        # MQ#154: with less time since disconnect(), it says that the password is wrong.
        self.needs_rest_ms = 0
        # There is config(pm=).
        self.has_pm = True
        self._now = now
        self._numbers = STATUS[chip]
        self._is_on = False
        # The trace that is played, since _begun.
        self._trace = None
        self._begun = 0
        # When disconnect() was called last.
        self._left = None
        # ESP32: a number that it reports until the next address.
        self._told = None
        # What scan() returns: (ssid, bssid, channel, rssi, security, hidden).
        self.around = []
        # If this returns True, a station that joins gets no answer.
        self.is_deaf = lambda: False
        self.PM_NONE, self.PM_POWERSAVE = (0xA11140, 0xA11C82) if chip == "cyw43" else (0, 2)

    # For tests.

    def play(self, trace):
        """Begin a trace now, without connect(): a drop, or a state that a soft reset left."""
        self._is_on = True
        self._trace = trace
        self._begun = self._now()

    def count(self, name):
        return len([call for call in self.calls if call[1] == name])

    def times(self, name):
        return [call[0] for call in self.calls if call[1] == name]

    def joins(self):
        """(ms, ssid) of each connect()."""
        return [(call[0], call[2]) for call in self.calls if call[1] == "connect"]

    def names(self):
        """The names of the calls in order, active() as "on" and "off", without config()."""
        short = {("active", True): "on", ("active", False): "off"}
        return [short.get(call[1:3], call[1]) for call in self.calls if call[1] != "config"]

    # Calls of the module under test.

    def active(self, *on):
        self._say("active", *on)
        if on:
            self._is_on = on[0]
            # MP#17305: it was only a flag before.
            if not self._is_on and self.chip != "cyw43":
                self._leave()
        return self._is_on

    def config(self, *name, **settings):
        for key in settings:
            self._say("config", key, settings[key])
            known = key == "reconnects" and self.chip != "cyw43" or key == "pm" and self.has_pm
            if not known:
                raise ValueError("unknown config param")
            if not self._is_on:
                raise OSError("Wifi Not Started")
            self.settings[key] = settings[key]

    def connect(self, ssid, key=None):
        self._say("connect", ssid, key)
        if not self._is_on:
            raise OSError(1) if self.chip == "cyw43" else OSError("Wifi Not Started")  # MP#14408
        if self.chip == "esp32" and self._is_busy():
            raise OSError("Wifi Internal Error")  # MP#17661, MP#7139
        traces = self.air.get(ssid) or [ABSENT]
        trace = traces.pop(0) if len(traces) > 1 else traces[0]
        rested = self._left is None or self._now() - self._left >= self.needs_rest_ms
        if isinstance(trace, Exception):
            raise trace
        if self.is_deaf():
            trace = FOREVER_JOINING
        self.play(trace if rested else ((0, "wrong password", None),))

    def scan(self):
        self._say("scan")
        if not self._is_on or self._is_busy():
            raise OSError("STA must be active")
        return self.around

    def disconnect(self):
        self._say("disconnect")
        if not self._is_on and self.chip == "esp32":
            raise OSError("Wifi Not Started")
        self._leave()

    def isconnected(self):
        self._look()
        return self._entry()[2] is not None

    def ifconfig(self):
        self._look()
        address = self._entry()[2] or NO_ADDRESS
        return (address, "255.255.255.0", "192.168.4.1", "192.168.4.1")

    def status(self, *what):
        self._look()
        _, word, address = self._entry()
        if what:
            assert what == ("rssi",), what
            if self.chip == "esp32" and address is None:
                raise OSError("Wifi Not Connected")
            return -61
        number = self._numbers.get(word, self._numbers["joining"])
        if word == "up":
            self._told = None
        elif word in ("no network", "wrong password"):
            self._told = number
        elif self._told is not None and self.chip == "esp32":
            return self._told
        return number

    # Internal.

    def _entry(self):
        """The current entry of the trace."""
        found = (0, "idle", None)
        if self._trace is not None:
            passed = self._now() - self._begun
            for entry in self._trace:
                if entry[0] <= passed:
                    found = entry
        return found

    def _is_busy(self):
        """Joined, or still joining. A failure ends that, if the chip may not join again by
        itself.
        """
        if self._trace is None:
            return False
        is_over = self._now() - self._begun >= self._trace[-1][0]
        has_failed = self._entry()[1] not in ("joining", "up", "no address")
        return not (is_over and has_failed and self.settings.get("reconnects") == 0)

    def _leave(self):
        if self._is_busy():
            # ESP32's reason 8, which it calls idle: MQ#129.
            self._told = self._numbers["idle"]
        self._left = self._now()
        self._trace = None

    def _say(self, name, *arguments):
        self.calls.append((self._now(), name) + arguments)
        if self.error is not None:
            raise self.error

    def _look(self):
        self.looks += 1
        if self.error is not None:
            raise self.error
