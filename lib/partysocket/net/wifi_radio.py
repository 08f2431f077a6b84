"""The radio of CircuitPython's boards: `wifi.radio`."""

import os

from ..core.ticks import ticks_diff
from . import platform as net

_CONNECT_MS = 6000  # for the call that joins, and keeps everything else waiting: a Pico W's
# watchdog waits for 8.3 s at most
_VERDICTS = {
    "No network with that ssid": "no network",
    "Authentication failure": "wrong password",
}


class Radio:
    """The station, in the few calls that WiFi makes. Each may raise."""

    def __init__(self, power_save):
        from wifi import radio

        self._radio = radio
        self._power_save = power_save

    def settings(self):
        """The network that the firmware itself joins: of settings.toml."""
        ssid = os.getenv("CIRCUITPY_WIFI_SSID")
        if ssid is None:
            raise ValueError(
                "WiFi() needs networks=[(ssid, password), ...], or CIRCUITPY_WIFI_SSID and "
                "CIRCUITPY_WIFI_PASSWORD in settings.toml"
            )
        return [(ssid, os.getenv("CIRCUITPY_WIFI_PASSWORD"))]

    def begin(self, ssid, password):
        """Join, in 6 s at most (an ESP32 ends the try that is under way, and may take a few more).
        True, or why not. A Pico W that is still at it then goes on by itself; what is joined
        already, by the firmware for one, stays.
        """
        radio = self._radio
        radio.enabled = True
        try:
            from wifi import PowerManagement as choice

            radio.power_management = choice.MIN if self._power_save else choice.NONE
        except (ImportError, AttributeError, NotImplementedError):
            pass  # older than 9.1, or a port that has no choice
        begun = net.ticks_ms()
        try:
            radio.connect(ssid, password or "", timeout=_CONNECT_MS / 1000)
        except ConnectionError as e:
            if ticks_diff(net.ticks_ms(), begun) < _CONNECT_MS:
                return _VERDICTS.get(str(e), str(e))
        return True

    def off(self):
        """Until begin()."""
        self._radio.enabled = False

    def leave(self):
        self._radio.stop_station()

    def state(self):
        """Nothing goes on but in begin(), which leaves what is joined by itself."""
        return "idle"

    def has_address(self):
        """Some ports have one of zeros first."""
        radio = self._radio
        address = radio.ipv4_address if radio.connected else None
        return address is not None and str(address) != "0.0.0.0"

    def rssi(self):
        try:
            info = self._radio.ap_info
        except NotImplementedError:  # a Pico W
            return None
        return None if info is None else info.rssi
