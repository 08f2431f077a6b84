"""The opening handshake (RFC 6455 4.1): the bytes of the request, and the answer line by line."""

from micropython import const

# For a server that sends headers without end.
_MAX_LINES = const(100)
# The headers of an answer that are needed.
_WANTED = (
    b"upgrade",
    b"connection",
    b"sec-websocket-accept",
    b"sec-websocket-extensions",
    b"sec-websocket-protocol",
    b"retry-after",
    b"date",
    b"location",
    b"content-length",
)


def request(host, target, key, protocols, headers):
    """Return the bytes of the GET. `host` has the port if that is not the usual one of the
    scheme. `headers` is a mapping of more headers.
    """
    # In lower case, because partyserver compares it exactly in one place.
    lines = ["GET %s HTTP/1.1" % target, "Host: " + host, "Upgrade: websocket"]
    lines.append("Connection: Upgrade")
    lines.append("Sec-WebSocket-Key: " + key)
    lines.append("Sec-WebSocket-Version: 13")
    if protocols:
        lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
    if headers:
        from .headers import check_header

        for name in headers:
            check_header(name, headers[name])
            lines.append("%s: %s" % (name, headers[name]))
    lines.append("\r\n")
    return "\r\n".join(lines).encode()


def accepted_key(key):
    """Return what the server has to hash (SHA-1) to show that it has read our key (4.2.2)."""
    return (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()


class Response:
    """The server's answer. Pass its lines to `feed` until that returns True. It raises
    HandshakeError if the answer opens no WebSocket.
    """

    def __init__(self, accept, protocols):
        self.status = 0
        # The one of ours that the server chose.
        self.protocol = ""
        # The Sec-WebSocket-Accept that belongs to our key, as bytes.
        self._accept = accept
        # The ones that we offered.
        self._protocols = protocols
        self._lines = 0
        # Those in _WANTED. Repeated headers are joined by a comma.
        self.headers = {}

    def feed(self, line):
        """Take one line, as bytes without its end. Returns True if it was the last one and the
        WebSocket is open.
        """
        self._lines += 1
        if self._lines == 1:
            words = line.split(b" ", 2)
            if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
                self._refuse(line)
            self.status = int(words[1])
        elif line:
            name, colon, value = line.partition(b":")
            if not colon or not name or self._lines > _MAX_LINES:
                self._refuse(line)
            name = name.lower()
            if name in _WANTED:
                value = value.strip()
                if name in self.headers:
                    value = self.headers[name] + b"," + value
                self.headers[name] = value
        else:
            get = self.headers.get
            chosen = get(b"sec-websocket-protocol")
            offered = [name for name in self._protocols if name.encode() == chosen]
            tokens = [token.strip() for token in get(b"connection", b"").lower().split(b",")]
            if (
                self.status != 101
                or get(b"upgrade", b"").lower() != b"websocket"
                or b"upgrade" not in tokens
                or get(b"sec-websocket-accept") != self._accept
                or b"sec-websocket-extensions" in self.headers
                or (chosen is not None and not offered)
            ):
                self._refuse(None)
            self.protocol = offered[0] if offered else ""
            return True
        return False

    def _refuse(self, line):
        from .refusal import refuse

        refuse(self.status, self.headers, self._accept, self._lines, line)
