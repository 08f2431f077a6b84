"""A module `network` whose station joins the networks in AIR, with commas between."""

import os

from fake_wlan import AT_ONCE, Network

from partysocket.base import net as platform

_network = Network("esp32", platform.ticks_ms)
for _ssid in ("my network", "another one"):
    _is_there = _ssid in os.getenv("AIR").split(",")
    _network.radio.air[_ssid] = [AT_ONCE if _is_there else OSError("Wifi Internal Error")]

WLAN = _network.WLAN
STA_IF, AP_IF = _network.STA_IF, _network.AP_IF
STAT_IDLE = _network.STAT_IDLE
STAT_CONNECTING = _network.STAT_CONNECTING
STAT_GOT_IP = _network.STAT_GOT_IP
