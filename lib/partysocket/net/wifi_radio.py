"""The radio of CircuitPython's boards: `wifi.radio`."""

import os

from ..core.ticks import ticks_diff
from . import platform as net

# For the call that joins. It blocks everything else, and the watchdog of a Pico W waits for at
# most 8.3 s.
_CONNECT_MS = 6000
_VERDICTS = {
    "No network with that ssid": "no network",
    "Authentication failure": "wrong password",
}


class Radio:
    """The station, with the few calls that WiFi makes. Each of them may raise."""

    def __init__(self, power_save):
        from wifi import radio

        self._radio = radio
        self._power_save = power_save

    def settings(self):
        """The network in settings.toml, which the firmware itself joins."""
        ssid = os.getenv("CIRCUITPY_WIFI_SSID")
        if ssid is None:
            raise ValueError(
                "WiFi() needs networks=[(ssid, password), ...], or CIRCUITPY_WIFI_SSID and "
                "CIRCUITPY_WIFI_PASSWORD in settings.toml"
            )
        return [(ssid, os.getenv("CIRCUITPY_WIFI_PASSWORD"))]

    def begin(self, ssid, password):
        """Try to join, for at most 6 s. Returns True, or the reason of the failure.

        An ESP32 ends its running attempt first, which may take a few seconds more. A Pico W that
        has not joined after 6 s goes on by itself. If the board has joined already, for example by
        its firmware, it stays joined.
        """
        radio = self._radio
        radio.enabled = True
        try:
            from wifi import PowerManagement as choice

            radio.power_management = choice.MIN if self._power_save else choice.NONE
        except (ImportError, AttributeError, NotImplementedError):
            # CircuitPython before 9.1, or a port without this setting.
            pass
        begun = net.ticks_ms()
        try:
            radio.connect(ssid, password or "", timeout=_CONNECT_MS / 1000)
        except ConnectionError as e:
            if ticks_diff(net.ticks_ms(), begun) < _CONNECT_MS:
                return _VERDICTS.get(str(e), str(e))
        return True

    def off(self):
        """Turn the radio off until begin()."""
        self._radio.enabled = False

    def leave(self):
        self._radio.stop_station()

    def state(self):
        """Always "idle": begin() does all the joining, and it keeps a network that is joined."""
        return "idle"

    def has_address(self):
        """Whether there is an address. Some ports have 0.0.0.0 first, which does not count."""
        radio = self._radio
        address = radio.ipv4_address if radio.connected else None
        return address is not None and str(address) != "0.0.0.0"

    def rssi(self):
        try:
            info = self._radio.ap_info
        except NotImplementedError:
            # A Pico W.
            return None
        return None if info is None else info.rssi
