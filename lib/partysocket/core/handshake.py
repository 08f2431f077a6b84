"""The opening handshake (RFC 6455 4.1): the request as bytes, and the answer, line by line."""

from micropython import const

from .errors import HandshakeError

_MAX_LINES = const(100)  # a server that sends headers without end
_LONGEST_S = const(99999999)  # of a Retry-After


def check_text(what, text):
    """Raise ValueError if `text` has a control character: it could split the request in two."""
    for c in text:
        if c < " " or c == "\x7f":
            raise ValueError("%s has the control character %r" % (what, c))


def request(host, target, key, protocols, headers):
    """The bytes of the GET. `host` carries the port if it isn't the scheme's own; `headers`: a
    mapping of extra ones.
    """
    lines = ["GET %s HTTP/1.1" % target, "Host: " + host]
    # In lower case, since partyserver compares it exactly on one path.
    lines.append("Upgrade: websocket")
    lines.append("Connection: Upgrade")
    lines.append("Sec-WebSocket-Key: " + key)
    lines.append("Sec-WebSocket-Version: 13")
    if protocols:
        lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
    for name in headers:
        check_header(name, headers[name])
        lines.append("%s: %s" % (name, headers[name]))
    lines.append("\r\n")
    return "\r\n".join(lines).encode()


def check_header(name, value):
    """Raise for a header that isn't the application's to send, or isn't one."""
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError("the header %r has a name or value that is no str" % (name,))
    check_text("the header " + name, name + value)
    low = name.lower()
    own = low in ("host", "upgrade", "connection", "content-length", "transfer-encoding")
    if own or low.startswith("sec-websocket-") or low.startswith("x-partykit-"):
        raise ValueError("the header %r is not the application's to set" % name)
    for c in name:
        if c in ' "(),/:;<=>?@[\\]{}' or c > "~":
            raise ValueError("%r is no header name" % name)
    if not name:
        raise ValueError("a header without a name")


def accepted_key(key):
    """What the server has to hash (SHA-1) to show that it read our key (4.2.2)."""
    return (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()


class Response:
    """The server's answer. Feed it lines until `feed` says True; it raises HandshakeError if that
    is no WebSocket.
    """

    def __init__(self, accept, protocols):
        self.status = 0
        self.protocol = ""
        self._accept = accept  # the Sec-WebSocket-Accept that our key asks for, bytes
        self._protocols = protocols  # those we offered
        self._lines = 0
        self._upgrade = self._connection = self._accepted = False
        self._retry_after = self._date = b""
        self._location = ""
        self._fault = ""  # of a 101: what it got wrong

    def feed(self, line):
        """Take one line; True when it was the last and the WebSocket is open."""
        self._lines += 1
        if self._lines > _MAX_LINES:
            raise self._error("more than %d header lines" % _MAX_LINES)
        if self._lines == 1:
            self._status_line(line)
        elif line:
            self._header(line)
        else:
            self._judge()
            return True
        return False

    def _error(self, message):
        seconds = None
        asked = self._retry_after
        if asked.isdigit():
            seconds = int(asked) if len(asked) < 9 else _LONGEST_S
        elif asked:  # a date, read by the server's own clock: a board's may not be set
            from .httpdate import seconds_between

            seconds = seconds_between(self._date, asked)
        return HandshakeError(message, self.status, seconds)

    def _status_line(self, line):
        words = line.split(b" ", 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise self._error("the answer is not HTTP: %r" % line.split(b"?", 1)[0][:40])
        self.status = int(words[1])

    def _header(self, line):
        colon = line.find(b":")
        if colon < 1:
            raise self._error("a header without a colon")
        name = line[:colon].lower()
        value = line[colon + 1 :].strip()
        if name == b"upgrade":
            self._upgrade = value.lower() == b"websocket"
        elif name == b"connection":
            for token in value.lower().split(b","):
                self._connection = self._connection or token.strip() == b"upgrade"
        elif name == b"sec-websocket-accept":
            self._accepted = value == self._accept
        elif name == b"sec-websocket-extensions":
            self._fault = self._fault or "an extension that was not asked for"
        elif name == b"sec-websocket-protocol":
            self._choose(value)
        elif name == b"retry-after":
            self._retry_after = value
        elif name == b"date":
            self._date = value
        elif name == b"location":
            place = value.split(b"?", 1)[0].split(b"#", 1)[0].split(b"@")[-1]
            self._location = " to %r" % place[:80]

    def _choose(self, value):
        for protocol in self._protocols:
            if value == protocol.encode() and not self.protocol:
                self.protocol = protocol
                return
        self._fault = self._fault or "a subprotocol that was not offered"

    def _judge(self):
        if self.status != 101:
            raise self._error("the server answered %d%s" % (self.status, self._location))
        if not self._upgrade or not self._connection:
            raise self._error("the server's 101 does not upgrade to websocket")
        if not self._accepted:
            raise self._error("the server's Sec-WebSocket-Accept is wrong")
        if self._fault:
            raise self._error("the server's 101 has " + self._fault)
