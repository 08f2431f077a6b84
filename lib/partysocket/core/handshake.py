"""The opening handshake (RFC 6455 4.1): the request as bytes, and the answer, line by line."""

from micropython import const

_MAX_LINES = const(100)  # a server that sends headers without end
# The headers of an answer that matter.
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
    """The bytes of the GET. `host` carries the port if it isn't the scheme's own; `headers`: a
    mapping of extra ones.
    """
    # In lower case, since partyserver compares it exactly on one path.
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
    """What the server has to hash (SHA-1) to show that it read our key (4.2.2)."""
    return (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()


class Response:
    """The server's answer. Feed it lines until `feed` says True; it raises HandshakeError if that
    is no WebSocket.
    """

    def __init__(self, accept, protocols):
        self.status = 0
        self.protocol = ""  # the one of ours that the server chose
        self._accept = accept  # the Sec-WebSocket-Accept that our key asks for, bytes
        self._protocols = protocols  # those we offered
        self._lines = 0
        self.headers = {}  # those of _WANTED; what came twice is joined by a comma

    def feed(self, line):
        """Take one line, bytes without its end; True when it was the last and the WebSocket is
        open.
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
