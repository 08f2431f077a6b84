"""CircuitPython's `wifi`, whose one network is in the air, and joined when it is asked for."""

import socketpool


class PowerManagement:
    NONE = "none"
    MIN = "min"


class _Network:
    rssi = -61


class _Radio:
    enabled = True
    connected = False
    power_management = PowerManagement.MIN

    @property
    def ipv4_address(self):
        return "127.0.0.1" if self.connected else None

    @property
    def ap_info(self):
        if socketpool.BOARD == "pico_w":
            raise NotImplementedError()
        return _Network if self.connected else None

    def connect(self, ssid, password=b"", *, channel=0, bssid=None, timeout=None):
        if not isinstance(ssid, str) or not isinstance(password, (str, bytes)):
            raise TypeError("can't convert to buffer")
        print("wifi joined", ssid)
        self.connected = True

    def stop_station(self):
        self.connected = False


radio = _Radio()
