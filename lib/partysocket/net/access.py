"""The access point of MicroPython's boards, and the portal's sockets on it."""

import socket


def interfaces():
    """(access point, station) of the radio."""
    import network

    WLAN = network.WLAN
    # Newer firmware has the numbers on the class.
    if hasattr(WLAN, "IF_AP"):
        return WLAN(WLAN.IF_AP), WLAN(WLAN.IF_STA)
    return WLAN(network.AP_IF), WLAN(network.STA_IF)


def turn_on(ap, name, password):
    """Turn an access point on, with WPA2 and for one client. Returns its address."""
    import network

    # WPA2 is 3 on ESP32 and ESP8266, and the driver's CYW43_AUTH_WPA2_AES_PSK on Pico W.
    wpa2 = 3 if getattr(network, "STAT_GOT_IP", 3) != 3 else 0x400004
    is_wpa2 = False
    # A Pico W takes the settings only while it is off, and an ESP8266 only while it is on.
    for is_on in (False, True):
        ap.active(is_on)
        try:
            ap.config(ssid=name, key=password, security=wpa2)
            is_wpa2 = True
            ap.config(max_clients=1)
            is_wpa2 = ap.config("security") == wpa2
        # The port has no such setting, or does not tell it.
        except (OSError, ValueError):
            pass
    if not is_wpa2:
        ap.active(False)
        raise OSError("the access point does not take WPA2")
    return ap.ifconfig()[0]


def sockets(address, port):
    """The sockets for the page and, if it can be had, for questions for names. Only the access
    point's network reaches them.
    """
    made = [_bound(socket.SOCK_STREAM, address, port)]
    made[0].listen(1)
    try:
        made.append(_bound(socket.SOCK_DGRAM, address, 53 if port == 80 else port))
    # Phones do not open the page by themselves then.
    except OSError:
        pass
    return made


def _bound(kind, address, port):
    sock = socket.socket(socket.AF_INET, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    sock.bind(socket.getaddrinfo(address, port)[0][-1])
    return sock
