"""Answers one request of an open portal's client: with the page, or with an error."""

import asyncio

from micropython import const

_TURN_S = 0.05
_VISIT_MS = const(10000)

# In pieces, because a formatted copy of all would take as much memory again.
_HEAD = b"""\r
Connection: close\r
Cache-Control: no-store\r
Content-Type: text/html;charset=utf-8\r
Content-Security-Policy: default-src 'none';frame-ancestors 'none'\r
\r
<!DOCTYPE html><html lang=en><meta name=viewport content="width=device-width">\
<title>Wi-Fi</title><main><h1>Wi-Fi</h1><p>"""
_FORM = b"""<form method=post><p><label for=n>Network</label> <select id=n name=n>"""
_REST = b"""</select><p><label>Or another name <input name=o></label>\
<p><label>Password <input name=p type=password minlength=8></label>\
<p><button>Join</button><input type=hidden name=t value="""
_TRYING = b"""</bdi>. This network goes away. If it comes back, \
that failed: join it, and <a href="/">see why</a>."""


async def answer(visit, own, token, note, found, status, entered):
    """Send what belongs to the HTTP status. `entered`: (ssid, password), or None for the form with
    the networks `found`, one in a line.
    """
    await _send(visit, "HTTP/1.1 %d \r\nLocation: http://%s/" % (status, own))
    await _send(visit, _HEAD)
    if status != 200:
        await _send(visit, '%d <a href="/">Open the page again</a>' % status)
        # Unread bytes would reset the connection, and the answer would be lost.
        for _ in range(20 * (status == 400)):
            visit.recv(256)
            await asyncio.sleep(_TURN_S)
    elif entered is not None:
        await _send(visit, "Trying <bdi>" + _escaped(entered[0]))
        await _send(visit, _TRYING)
    else:
        await _send(visit, _escaped(note))
        await _send(visit, _FORM)
        for name in found.split("\n"):
            name = _escaped(name)
            await _send(visit, '<option value="%s">%s' % (name, name))
        await _send(visit, _REST)
        await _send(visit, token + "></form>")


async def _send(visit, data):
    if isinstance(data, str):
        data = data.encode()
    data = memoryview(data)
    while data:
        data = data[visit.send(data) :]
        if data:
            if visit.age_ms() >= _VISIT_MS:
                raise OSError
            await asyncio.sleep(_TURN_S)


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
