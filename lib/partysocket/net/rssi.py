"""The Wi-Fi's signal, whoever has joined it."""


def rssi(link):
    """In dBm, of `link` if that can tell it, else of the board's radio. None: nothing can tell."""
    try:
        if hasattr(link, "rssi"):
            return link.rssi()
        try:
            import network
        except ImportError:
            from wifi import radio  # CircuitPython's

            return radio.ap_info.rssi
        return network.WLAN(network.STA_IF).status("rssi")
    except Exception:  # no radio, or no network: each port has an error of its own for that
        return None
