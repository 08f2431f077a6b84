"""Reads one request of an open portal's client, line by line."""

import asyncio

from micropython import const

_TURN_S = 0.05
# A client that says nothing, and one whole visit.
_SILENT_MS = const(2000)
_VISIT_MS = const(10000)
_MOST_BYTES = const(2048)
# Of one line, and of the form: three times its fields, because a byte may be written as %xx.
_MOST_LINE = const(416)


async def read(visit, own, token):
    """Returns (HTTP status of the answer, what was entered), or None for a client that sends too
    little. Entered: (ssid, password), or None.
    """
    words = entered = None
    host = rest = b""
    size = length = 0
    is_head = True
    try:
        while is_head or len(rest) < length:
            data = visit.recv(64)
            if data is None:
                if visit.age_ms() >= (_VISIT_MS if size else _SILENT_MS):
                    return None
                await asyncio.sleep(_TURN_S)
                continue
            if not data:
                return None
            rest += data
            size += len(data)
            while is_head and b"\n" in rest:
                line, rest = rest.split(b"\n", 1)
                line = line.strip().lower()
                if words is None:
                    words = line.split()
                elif line[:5] == b"host:":
                    # Two of them together are nobody's.
                    host += line[5:].strip()
                elif line[:15] == b"content-length:":
                    length = int(line[15:])
                elif not line:
                    is_head = False
            if size > _MOST_BYTES or len(rest) > _MOST_LINE or length > _MOST_LINE:
                raise ValueError
        is_get = words[:1] == [b"get"]
        if host != own.encode():
            # A name of another page leads here, or a phone looks for the internet.
            return 303 if is_get else 403, None
        if words[1:2] != [b"/"] or not (is_get or words[0] == b"post"):
            return 404, None
        if not is_get:
            fields = _fields(rest[:length])
            if fields.get("t") != token:
                return 403, None
            entered = fields.get("o") or fields.get("n") or "", fields.get("p")
        return 200, entered
    except ValueError:
        return 400, None


def _fields(body):
    """{name: text} of a form."""
    found = {}
    for pair in body.split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        parts = value.split(b"%")
        value = parts.pop(0)
        for part in parts:
            value += bytes([int(part[:2], 16)]) + part[2:]
        found[name.decode()] = value.decode()
    return found
