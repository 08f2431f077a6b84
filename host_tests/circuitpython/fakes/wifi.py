"""CircuitPython's `wifi`. A network is joined as soon as it is asked for. In the tests of Wi-Fi,
which have their own clock, `air` says what happens.
"""

import socketpool
import utime

now = utime.ticks_ms


def block(ms):
    """Wait as a blocking call does: nothing else runs."""
    utime.sleep_ms(ms)


class PowerManagement:
    NONE = "none"
    MIN = "min"


class _Network:
    rssi = -61


class Radio:
    """`air`: {ssid: results of connect(), one after the other}, each (ms, text). After `ms` there
    is an address, or with a text a ConnectionError. The last result is for all later calls.
    `elsewhere`: the same for every other network.
    """

    power_management = PowerManagement.MIN

    def __init__(self, elsewhere=(0, None)):
        self.air = {}
        self.calls = []
        self._elsewhere = elsewhere
        self._is_on = True
        # When the address comes, or came.
        self._at = None

    @property
    def enabled(self):
        return self._is_on

    @enabled.setter
    def enabled(self, on):
        if on != self._is_on:
            self.calls.append((now(), "on" if on else "off"))
        self._is_on = on
        if not on:
            self._at = None

    @property
    def connected(self):
        return self._at is not None and now() >= self._at

    @property
    def ipv4_address(self):
        return "192.168.4.20" if self.connected else None

    @property
    def ap_info(self):
        if socketpool.BOARD == "pico_w":
            raise NotImplementedError()
        return _Network if self.connected else None

    def connect(self, ssid, password=b"", *, channel=0, bssid=None, timeout=None):
        if not isinstance(ssid, str) or not isinstance(password, (str, bytes)):
            raise TypeError("can't convert to buffer")
        if not self._is_on:
            raise RuntimeError("WiFi is not enabled")
        self.calls.append((now(), "connect", ssid, password))
        print("wifi joined", ssid)
        outcomes = self.air.get(ssid) or [self._elsewhere]
        ms, text = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        limit = int(timeout * 1000)
        assert 0 < limit <= 8000, "a watchdog of a Pico W would bite"
        if self.connected:
            return
        begun = now()
        block(min(ms, limit))
        if text is not None and ms < limit:
            raise ConnectionError(text)
        if text is None:
            self._at = begun + ms
        # A Pico W goes on by itself.
        if ms > limit:
            raise ConnectionError("Unknown failure 1")

    def stop_station(self):
        self.calls.append((now(), "leave"))
        self._at = None

    def lose(self):
        self._at = None

    def is_joined(self):
        """Already joined by the firmware when it starts."""
        self._at = 0

    def joins(self):
        return [call[2] for call in self.calls if call[1] == "connect"]


radio = Radio()
