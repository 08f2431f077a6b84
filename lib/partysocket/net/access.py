"""The access point of MicroPython's boards, and the sockets of the portal on it."""

import network
import socket

_NOT_YET = (11, 35, 10035)  # EAGAIN of Linux and boards, macOS, and Windows


class Access:
    """An access point with WPA2. `on` and `off` may be called again and again. `address` is set
    when it is on.
    """

    def __init__(self, password):
        WLAN = network.WLAN
        # Newer firmware has the numbers on the class.
        of = WLAN if hasattr(WLAN, "IF_AP") else network
        self._ap = WLAN(WLAN.IF_AP if of is WLAN else network.AP_IF)
        self._station = WLAN(WLAN.IF_STA if of is WLAN else network.STA_IF)
        self.name = "PartySocket-" + "".join(["%02x" % b for b in self._ap.config("mac")[-3:]])
        # WPA2 is 3 on ESP32 and ESP8266, and the driver's CYW43_AUTH_WPA2_AES_PSK on Pico W.
        self._security = 3 if getattr(network, "STAT_GOT_IP", 3) != 3 else 0x400004
        self._password = password
        self.address = None
        self._http = self._names = None

    def on(self):
        ap = self._ap
        # A Pico W takes the settings only while it is off, and an ESP8266 only while it is on.
        self._configure()
        ap.active(True)
        if ap.config("security") != self._security:
            self._configure()
        if ap.config("security") != self._security:
            ap.active(False)
            raise OSError("the access point does not take WPA2")
        self.address = ap.ifconfig()[0]

    def off(self):
        self._ap.active(False)

    def scan(self):
        """The networks around, as the port tells them: (ssid, bssid, channel, rssi ...)."""
        return self._station.scan()

    def listen(self, port):
        """Open the sockets, only for this network. Without the one for names, phones do not open
        the page by themselves.
        """
        self._http = self._bound(socket.SOCK_STREAM, port)
        self._http.listen(1)
        try:
            self._names = self._bound(socket.SOCK_DGRAM, 53 if port == 80 else port)
        except OSError:
            pass

    def accept(self):
        """The next client's socket, or None."""
        try:
            sock = self._http.accept()[0]
        except OSError:
            return None
        sock.setblocking(False)
        return sock

    def answer_name(self):
        """Answer one question for a name, if there is one: each name leads here."""
        if self._names is None:
            return
        try:
            asked, peer = self._names.recvfrom(300)
            # The question ends with the type and the class; no label has a zero.
            end = asked.find(b"\0", 12) + 5
            if 16 < end <= len(asked) and asked[2] < 128:
                # Only for an IPv4 address there is an answer. It is valid for no time.
                is_ipv4 = asked[end - 4 : end] == b"\0\1\0\1"
                head = asked[:2] + b"\x84\0\0\1\0" + bytes([is_ipv4]) + b"\0\0\0\0"
                answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" if is_ipv4 else b""
                number = bytes([int(part) for part in self.address.split(".")])
                answer += number if is_ipv4 else b""
                self._names.sendto(head + asked[12:end] + answer, peer)
        except OSError:
            pass

    def close(self):
        self.off()
        for sock in (self._http, self._names):
            if sock is not None:
                sock.close()

    def _configure(self):
        try:
            self._ap.config(ssid=self.name, key=self._password, security=self._security)
            self._ap.config(max_clients=1)
        except (OSError, ValueError):
            pass

    def _bound(self, kind, port):
        sock = socket.socket(socket.AF_INET, kind)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(socket.getaddrinfo(self.address, port)[0][-1])
            sock.setblocking(False)
        except OSError:
            sock.close()
            raise
        return sock


def received(sock):
    """Some bytes, b"" at the end, or None if there are none yet."""
    try:
        return sock.recv(256)
    except OSError as e:
        if e.errno in _NOT_YET:
            return None
        raise


def sent(sock, data):
    """How many of these bytes have gone out."""
    try:
        return sock.send(data)
    except OSError as e:
        if e.errno in _NOT_YET:
            return 0
        raise
