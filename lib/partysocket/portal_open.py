"""The second step of an open portal: a small HTTP server, for one client at a time."""

import asyncio

from micropython import const

from .base import net, ticks_diff

_TURN_S = 0.05
# After so long it is the station's turn. Some radios may not change their channel for it while
# they have a client.
_SHARE_MS = const(120000)
# A client that says nothing, and one whole visit.
_SILENT_MS = const(2000)
_VISIT_MS = const(10000)
_MOST_BYTES = const(2048)
# Of one line, and of the form: three times its fields, because a byte may be written as %xx.
_MOST_LINE = const(416)
# EAGAIN of Linux and boards, macOS, and Windows.
_NOT_YET = (11, 35, 10035)

_HEAD = const("""HTTP/1.1 %d \r
Connection: close\r
Cache-Control: no-store\r
Location: http://%s/\r
Content-Type: text/html;charset=utf-8\r
Content-Security-Policy: default-src 'none';frame-ancestors 'none'\r
\r
<!DOCTYPE html><html lang=en><meta name=viewport content="width=device-width">\
<title>Wi-Fi</title><main><h1>Wi-Fi</h1><p>""")
_FORM = const("""<form method=post><input type=hidden name=t value=%s>\
<p><label for=n>Network</label> <select id=n name=n>""")
_REST = const("""</select><p><label>Or another name <input name=o></label>\
<p><label>Password <input name=p type=password minlength=8></label>\
<p><button>Join</button></form>""")
_TRYING = const("""Trying <bdi>%s</bdi>. This network goes away. If it comes back, \
that failed: join it, and <a href="/">see why</a>.""")


async def serve(wifi, left_ms, note, socks, own, found):
    """Serve the page until there is a link, the time is over, or it is the station's turn. Returns
    (ssid, password) if somebody sent that.
    """
    token = "".join(["%02x" % byte for byte in net.urandom(8)])
    begun = net.ticks_ms()
    while True:
        await asyncio.sleep(_TURN_S)
        status = wifi.status()
        open_ms = ticks_diff(net.ticks_ms(), begun)
        if status in ("up", "stopped") or open_ms >= min(left_ms, _SHARE_MS):
            return None
        try:
            if len(socks) > 1:
                _answer_name(socks[1], own)
            client = _now(socks[0].accept)
            if client is None:
                continue
            client = client[0]
            try:
                client.setblocking(False)
                chosen = await _visit(client, own, token, note, found)
            finally:
                client.close()
        # The client has gone.
        except OSError:
            continue
        if chosen is not None:
            # So that the answer arrives.
            await asyncio.sleep(_SILENT_MS / 1000)
            return chosen


async def _visit(client, own, token, note, found):
    """Read one request and answer it. Returns (ssid, password) if it has them."""
    begun = net.ticks_ms()
    chosen = words = None
    host = rest = b""
    size = length = 0
    is_head = True
    status = 200
    try:
        while is_head or len(rest) < length:
            data = _now(client.recv, 64)
            if data is None:
                if ticks_diff(net.ticks_ms(), begun) >= (_VISIT_MS if size else _SILENT_MS):
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
            status = 303 if is_get else 403
        elif words[1:2] != [b"/"] or not (is_get or words[0] == b"post"):
            status = 404
        elif not is_get:
            fields = _fields(rest[:length])
            if fields.get("t") == token:
                chosen = fields.get("o") or fields.get("n") or "", fields.get("p")
            else:
                status = 403
    except ValueError:
        status = 400
    await _send(client, begun, _HEAD % (status, own))
    if status != 200:
        await _send(client, begun, '%d <a href="/">Open the page again</a>' % status)
        # Unread bytes would reset the connection, and the answer would be lost.
        for _ in range(20 * (status == 400)):
            _now(client.recv, 256)
            await asyncio.sleep(_TURN_S)
    elif chosen is not None:
        await _send(client, begun, _TRYING % _escaped(chosen[0]))
    else:
        await _send(client, begun, _escaped(note) + _FORM % token)
        for name in found.split("\n"):
            name = _escaped(name)
            await _send(client, begun, '<option value="%s">%s' % (name, name))
        await _send(client, begun, _REST)
    return chosen


async def _send(client, begun, text):
    data = text.encode()
    while data:
        data = data[_now(client.send, data) or 0 :]
        if data:
            if ticks_diff(net.ticks_ms(), begun) >= _VISIT_MS:
                raise OSError
            await asyncio.sleep(_TURN_S)


def _now(call, *args):
    """The result of a socket's call, or None if it would have to wait."""
    try:
        return call(*args)
    except OSError as e:
        if e.errno in _NOT_YET:
            return None
        raise


def _answer_name(sock, own):
    """Answer one question for a name, if there is one: each name leads here."""
    asked = _now(sock.recvfrom, 300)
    if asked is None:
        return
    asked, peer = asked
    # The question ends with its type and class. No label has a zero.
    end = asked.find(b"\0", 12) + 5
    if 16 < end <= len(asked) and asked[2] < 128:
        # The answer for another type than an IPv4 address is that there is none.
        answer = b""
        if asked[end - 4 : end] == b"\0\1\0\1":
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4"
            answer += bytes([int(part) for part in own.split(":")[0].split(".")])
        head = asked[:2] + b"\x84\0\0\1\0" + bytes([len(answer) > 0]) + b"\0\0\0\0"
        sock.sendto(head + asked[12:end] + answer, peer)


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


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
