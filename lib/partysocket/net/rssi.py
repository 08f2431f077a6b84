"""The Wi-Fi's signal, whoever has joined it."""

import sys


def rssi(link):
    """In dBm, of `link` if that can tell it, else of the board's radio. None: nothing can tell."""
    try:
        if hasattr(link, "rssi"):
            return link.rssi()
        # Not by what can be imported: a `wifi.py` beside the program would run.
        kind = sys.implementation.name
        if kind == "circuitpython":
            from wifi import radio

            return radio.ap_info.rssi
        if kind == "micropython":
            import network

            return network.WLAN(network.STA_IF).status("rssi")
    except Exception:  # no radio, or no network: each port has an error of its own for that
        return None
