"""Why a server's answer opens no WebSocket, and when a server that stops wants its clients
back. Loaded when that happens.
"""

from micropython import const

from .errors import HandshakeError

# The longest Retry-After.
_LONGEST_S = const(99999999)
# The most that is still a small int in ms. The back-off limits it further.
_MOST_S = const(1 << 19)


def refuse(status, headers, accept, lines, line):
    """Raise the HandshakeError for an answer that `handshake.Response` did not accept, because
    of `line`, which is number `lines`, or, with None, because of the whole.
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
    """Return the Retry-After in seconds, or None."""
    asked = headers.get(b"retry-after", b"")
    if asked.isdigit():
        return int(asked) if len(asked) < 9 else _LONGEST_S
    if not asked:
        return None
    # A date is compared with the server's own Date, because a board's clock may not be set.
    from .httpdate import seconds_between

    return seconds_between(headers.get(b"date", b""), asked)


def asked_by(error, reason):
    """Return in how many ms the server wants its clients back, and over how many ms they should
    spread. It says so by the Retry-After of `error`, or in a Close's reason: "...;
    retry-after=20; spread=60". If there is no spread, it is as long as the first number. (0,
    0): the server has not said it.
    """
    after = spread = getattr(error, "retry_after", None)
    if error is None:
        after = _number(reason, "retry-after=")
        spread = _number(reason, "spread=")
        if spread is None:
            spread = after
    if after is None:
        return 0, 0
    # "At once" is not the same as nothing: the clients should spread.
    return min(after, _MOST_S) * 1000 or 1, min(spread, _MOST_S) * 1000


def _number(text, name):
    """Return the whole number behind `name`, or None."""
    start = text.find(name)
    if start < 0:
        return None
    end = start = start + len(name)
    while "0" <= text[end : end + 1] <= "9":
        end += 1
    return int(text[start:end]) if end > start else None


def body(self, size):
    """Return the part of a body of `size` bytes that is in the receive buffer of a Protocol, as
    text.
    """
    return str(self._view[self.start : min(self.end, self.start + size)], "utf-8")


def one_line(text, request):
    """Return `text` as one line that may be shown: without control characters, and without
    secrets that the server got in `request`.
    """
    lines = str(request, "utf-8").split("\r\n")
    query = lines[0].partition("?")[2].partition(" ")[0]
    secrets = [pair for pair in query.split("&") if "=" in pair]
    # Also what is as long as a token, there and in the application's own headers, which follow the
    # first six lines.
    for given in [query] + [line.partition(":")[2] for line in lines[6:]]:
        for mark in " &=+/,;":
            given = given.replace(mark, "%--")
        # An encoded character also separates two pieces.
        secrets += [piece[2:] for piece in ("--" + given).split("%") if len(piece) > 9]
    for secret in secrets:
        text = text.replace(secret, "...")
    return " ".join("".join([c if " " <= c <= "~" or c > "\x9f" else " " for c in text]).split())
