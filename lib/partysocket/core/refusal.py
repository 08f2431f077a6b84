"""Why a server's answer is no WebSocket, and when a server that stops wants its clients back:
loaded when there is one.
"""

from micropython import const

from .errors import HandshakeError

_LONGEST_S = const(99999999)  # of a Retry-After
_MOST_S = const(1 << 19)  # what still is a small int in ms; the back-off clamps it further


def refuse(status, headers, accept, lines, line):
    """Raise the HandshakeError for what `handshake.Response` did not take: `line` number `lines`,
    or with None the whole.
    """
    get = headers.get
    if lines == 1:
        text = "the answer is not HTTP: %r" % line.split(b"?", 1)[0][:40]
    elif line is not None:
        text = "a header without a colon"
        if line.find(b":") > 0:
            text = "more than %d header lines" % (lines - 1)
    elif status != 101:
        place = get(b"location", b"").split(b"?", 1)[0].split(b"#", 1)[0].split(b"@")[-1]
        text = "the server answered %d" % status
        if place:
            text += " to %r" % place[:80]
    elif get(b"upgrade", b"").lower() != b"websocket" or not _upgrades(get(b"connection", b"")):
        text = "the server's 101 does not upgrade to websocket"
    elif get(b"sec-websocket-accept") != accept:
        text = "the server's Sec-WebSocket-Accept is wrong"
    elif b"sec-websocket-extensions" in headers:
        text = "the server's 101 has an extension that was not asked for"
    else:
        text = "the server's 101 has a subprotocol that was not offered"
    raise HandshakeError(text, status, _retry_after(headers))


def _upgrades(connection):
    return b"upgrade" in [token.strip() for token in connection.lower().split(b",")]


def _retry_after(headers):
    """The Retry-After in seconds, or None."""
    asked = headers.get(b"retry-after", b"")
    if asked.isdigit():
        return int(asked) if len(asked) < 9 else _LONGEST_S
    if not asked:
        return None
    # A date, read by the server's own clock: a board's may not be set.
    from .httpdate import seconds_between

    return seconds_between(headers.get(b"date", b""), asked)


def asked_by(error, reason):
    """When the server wants its clients back, and within how long they should come, both in ms:
    by the Retry-After of `error`, or by a Close's reason, "...; retry-after=20; spread=60".
    Without a spread it is as long as the first. (0, 0): it has not said.
    """
    after = spread = getattr(error, "retry_after", None)
    if error is None:
        after = _number(reason, "retry-after=")
        spread = _number(reason, "spread=")
        if spread is None:
            spread = after
    if after is None:
        return 0, 0
    # At once is not nothing: its clients should come within the spread.
    return min(after, _MOST_S) * 1000 or 1, min(spread, _MOST_S) * 1000


def _number(text, name):
    """The whole number behind `name`, or None."""
    start = text.find(name)
    if start < 0:
        return None
    end = start = start + len(name)
    while "0" <= text[end : end + 1] <= "9":
        end += 1
    return int(text[start:end]) if end > start else None


def body(self, size):
    """What lies in the receive buffer of a Protocol of a body of `size` bytes, as text."""
    return str(self._view[self.start : min(self.end, self.start + size)], "utf-8")


def one_line(text, request):
    """`text` as one line that may be shown: without control characters, and without what the
    server got in `request` and nobody else may know.
    """
    lines = str(request, "utf-8").split("\r\n")
    query = lines[0].partition("?")[2].partition(" ")[0]
    secrets = [pair for pair in query.split("&") if "=" in pair]
    # And what is as long as a token, there and in one's own headers: those behind the first six.
    for given in [query] + [line.partition(":")[2] for line in lines[6:]]:
        for mark in " &=+/,;":
            given = given.replace(mark, "%--")
        # An encoded character parts two pieces, too.
        secrets += [piece[2:] for piece in ("--" + given).split("%") if len(piece) > 9]
    for secret in secrets:
        text = text.replace(secret, "...")
    return " ".join("".join([c if " " <= c <= "~" or c > "\x9f" else " " for c in text]).split())
