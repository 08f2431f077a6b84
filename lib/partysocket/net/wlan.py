"""The radio of MicroPython's boards: `network.WLAN`."""

# The numbers of WLAN.status() in words. Each port has its own numbers; its value of STAT_GOT_IP
# tells which port it is.
_STATES = {
    1010: {  # ESP32; numbers below 256 are IDF's wifi_err_reason_t
        1000: "idle",
        1001: "joining",
        1010: "no address",
        8: "idle",  # after disconnect()
        15: "wrong password",  # the handshake's second message was not answered
        200: "signal lost",
        201: "no network",
        202: "wrong password",
        203: "refused",
        204: "wrong password",
        205: "refused",
        210: "no network of that security",
        211: "no network of that security",
        212: "signal too weak",
    },
    5: {  # ESP8266
        0: "idle",
        1: "joining",
        2: "wrong password",
        3: "no network",
        4: "refused",
        5: "no address",
    },
    3: {  # CYW43: Pico W, Pyboard D
        0: "idle",
        1: "joining",
        2: "no address",
        3: "no address",
        -1: "refused",
        -2: "no network",
        -3: "wrong password",
    },
}


class Radio:
    """MicroPython's station, with the few calls that WiFi makes. Each of them may raise."""

    def __init__(self, power_save):
        import network

        self._network = network
        self._power_save = power_save
        self._is_esp32 = getattr(network, "STAT_GOT_IP", 3) == 1010
        self._states = _STATES.get(getattr(network, "STAT_GOT_IP", 3), {})
        self._wlan = None  # see _station

    def settings(self):
        # MicroPython's firmware has no Wi-Fi settings.
        return None

    def begin(self, ssid, password):
        """Turn the radio on and begin to join. Returns True, or the reason of the failure. A
        station that is joined or joining must leave() first.
        """
        wlan = self._station()
        wlan.active(True)
        try:
            wlan.config(pm=wlan.PM_POWERSAVE if self._power_save else wlan.PM_NONE)
        except (AttributeError, ValueError, OSError):
            # The port does not have this setting.
            pass
        if self._is_esp32:
            # Otherwise it joins again by itself, and then connect() fails (micropython#17661).
            try:
                wlan.config(reconnects=0)
            except (ValueError, OSError):
                pass
        if password:
            wlan.connect(ssid, password)
        else:
            wlan.connect(ssid)
        return True

    def off(self):
        """Turn the radio off until begin(). Not with deinit(): it may hang on a Pico W
        (micropython#17621).
        """
        self._station().active(False)

    def leave(self):
        self._station().disconnect()

    def state(self):
        """The reason why there is no address: "idle", "joining", "no address", or a failure."""
        number = self._station().status()
        return self._states.get(number) or "failure %s" % number

    def has_address(self):
        """Whether there is an address. Some ports report a connection without one."""
        wlan = self._station()
        return wlan.isconnected() and wlan.ifconfig()[0] != "0.0.0.0"

    def rssi(self):
        return self._station().status("rssi")

    def _station(self):
        """The WLAN object, made at first use. Making it may raise when memory is short."""
        if self._wlan is None:
            WLAN = self._network.WLAN
            self._wlan = WLAN(WLAN.IF_STA if hasattr(WLAN, "IF_STA") else self._network.STA_IF)
        return self._wlan
