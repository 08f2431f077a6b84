"""The open portal: its access point, and a small HTTP server for one client at a time."""

import asyncio

from micropython import const

from .base import net, ticks_diff
from .net.access import Access, received, sent
from .portal import word

# 10 minutes, less what the last visit may take.
_OPEN_MS = const(590000)
_TURN_S = 0.05
# After so long, the access point is off for one round of tries. Some radios do not change their
# channel for the station while a client of theirs is there.
_SHARE_MS = const(120000)
# A client that says nothing, and one whole visit.
_SILENT_MS = const(2000)
_VISIT_MS = const(10000)
# Between the answer and the try, so that the answer arrives.
_ANSWER_TURNS = const(40)
_MOST_BYTES = const(2048)
# Of one line, and of the form: three times its fields, because each byte may be written as %xx.
_MOST_LINE = const(512)
_MOST_NAMES = const(12)

_HEAD = """HTTP/1.1 %s\r
Connection: close\r
Cache-Control: no-store\r
Content-Type: text/html; charset=utf-8\r
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
frame-ancestors 'none'\r
%s\r
<!DOCTYPE html><html lang=en><meta name=viewport content="width=device-width">\
<title>Wi-Fi of this board</title><style>body{font:1.1em sans-serif;max-width:22em;margin:1em auto}\
input,select,button{display:block;width:100%%;font:inherit;margin:0 0 1em}</style>\
<main><h1>Wi-Fi of this board</h1><p>"""
_FORM = """<form method=post><input type=hidden name=t value=%s>\
<label>Network<select name=n><option value="">Another"""
_REST = """</select></label><label>Name of another<input name=o maxlength=32></label>\
<label>Password<input name=p type=password minlength=8 maxlength=64></label>\
<button>Join</button></form>"""
_TRYING = """The board tries to join <bdi>%s</bdi>. Meanwhile this network is off. If it stays away, \
the board has joined. Else join it again in a minute, and <a href="/">see why</a>."""


async def serve(wifi, password, port, log, watchdog):
    """Be open until there is a link, or the time is over. Returns the networks if the first of
    them was entered here and has been joined, else None.
    """
    door = _Door(wifi, password, watchdog)
    try:
        return await door.run(port, log)
    finally:
        door.radio.close()


class _Door:
    def __init__(self, wifi, password, watchdog):
        self._wifi = wifi
        self.radio = Access(password)
        self._password = password
        self._watchdog = watchdog
        # The host and port of the page.
        self._own = ""
        # Found by the last search, strongest first.
        self._names = []
        # For the next POST.
        self._token = word()
        # How the last try went, or an error. It may have any text, so it is escaped.
        self._note = ""
        # (ssid, password) that is to be tried.
        self._wanted = None

    async def run(self, port, log):
        wifi = self._wifi
        radio = self.radio
        begun = since = net.ticks_ms()
        self._search()
        radio.on()
        self._own = radio.address if port == 80 else "%s:%d" % (radio.address, port)
        radio.listen(port)
        log(
            "portal: open for 10 minutes: Wi-Fi %s, password %s, then http://%s"
            % (radio.name, self._password, self._own)
        )
        is_on = True
        while ticks_diff(net.ticks_ms(), begun) < _OPEN_MS:
            await self._turn()
            if wifi.is_up() or wifi.status() == "stopped":
                break
            if self._wanted is not None:
                joined = await self._try()
                if joined is not None:
                    return joined
                is_on = False
            is_waiting = self._is_waiting()
            if is_on and not is_waiting and ticks_diff(net.ticks_ms(), since) >= _SHARE_MS:
                radio.off()
                is_on = False
            elif is_waiting and not is_on:
                self._search()
                radio.on()
                is_on = True
                since = net.ticks_ms()
            sock = radio.accept()
            if sock is not None:
                try:
                    await self._visit(sock)
                # The client has gone.
                except OSError:
                    pass
                finally:
                    sock.close()
        return None

    async def _turn(self):
        self.radio.answer_name()
        await asyncio.sleep(_TURN_S)

    def _is_waiting(self):
        return self._wifi.status()[:7] == "waiting"

    def _search(self):
        """Search for networks if none is known, and the radio is not in the middle of a try."""
        if self._names or not self._is_waiting():
            return
        found = []
        try:
            self._feed()
            found = self.radio.scan()
        # The station is off.
        except OSError:
            pass
        self._feed()
        for row in sorted(found, key=lambda row: -row[3]):
            try:
                name = _text(row[0])
            # It can't be shown, nor written into the settings.
            except ValueError:
                continue
            if name and name not in self._names and len(self._names) < _MOST_NAMES:
                self._names.append(name)

    def _feed(self):
        if self._watchdog is not None:
            self._watchdog()

    async def _try(self):
        """Try the wanted network without the access point. Returns the networks if it is joined,
        else None.
        """
        for _ in range(_ANSWER_TURNS):
            await self._turn()
        wifi = self._wifi
        wanted, self._wanted = self._wanted, None
        try:
            known = wifi.use([wanted])
        except ValueError as e:
            self._note = str(e)
            return None
        networks = None
        try:
            self.radio.off()
            while wifi.status() in ("joining", "no address", "settling"):
                await asyncio.sleep(_TURN_S)
            if wifi.is_up():
                networks = [wanted] + [one for one in known if one[0] != wanted[0]]
            else:
                self._note = "%s: %s" % (wanted[0], wifi.status()[9:])
        finally:
            wifi.use(networks or known)
        return networks

    async def _visit(self, sock):
        """Read one request, and answer it."""
        begun = net.ticks_ms()
        rest = b""
        total = 0
        words = host = None
        length = 0
        in_body = False
        while not (in_body and len(rest) >= length):
            data = received(sock)
            if data is None:
                if ticks_diff(net.ticks_ms(), begun) >= (_VISIT_MS if total else _SILENT_MS):
                    return
                await self._turn()
                continue
            if not data:
                return
            rest += data
            total += len(data)
            while not in_body:
                end = rest.find(b"\n")
                if end < 0:
                    break
                line = rest[:end].strip()
                rest = rest[end + 1 :]
                name, _, value = line.partition(b":")
                name = name.lower()
                if words is None:
                    words = line.split()
                elif not line:
                    in_body = True
                elif name == b"host":
                    # A second one is nobody's.
                    host = value.strip() if host is None else b""
                elif name == b"content-length":
                    try:
                        length = int(value)
                    except ValueError:
                        length = -1
            if total > _MOST_BYTES or max(length, len(rest)) > _MOST_LINE or length < 0:
                await self._refuse(sock, "413 Content Too Large")
                # Unread bytes would reset the connection, and the answer would be lost.
                for _ in range(_ANSWER_TURNS):
                    await self._turn()
                    received(sock)
                return
        await self._answer(sock, words, host, rest[:length])

    async def _answer(self, sock, words, host, body):
        method = words[0] if words else b""
        if host != self._own.encode():
            # Another page's name leads here, or a phone looks for the internet.
            if method == b"GET":
                await self._lead_home(sock)
            else:
                await self._refuse(sock, "403 Forbidden")
        elif method != b"GET" and method != b"POST":
            await self._refuse(sock, "405 Method Not Allowed", "Allow: GET, POST\r\n")
        elif len(words) != 3 or words[1].split(b"?")[0] != b"/":
            await self._refuse(sock, "404 Not Found")
        elif method == b"GET":
            self._search()
            await self._show(sock)
        else:
            try:
                fields = dict([_field(pair) for pair in body.split(b"&")])
                if fields.get("t") != self._token:
                    await self._refuse(sock, "403 Forbidden")
                    return
                self._token = word()
                name = fields.get("o") or fields["n"]
                self._wanted = name, fields.get("p") or None
            except (ValueError, KeyError):
                await self._refuse(sock, "400 Bad Request")
                return
            self._note = ""
            await self._lead_home(sock)

    async def _lead_home(self, sock):
        await self._send(sock, _HEAD % ("303 See Other", "Location: http://%s/\r\n" % self._own))

    async def _refuse(self, sock, status, header=""):
        await self._send(sock, _HEAD % (status, header))
        await self._send(sock, '%s. <a href="/">Open the page again</a>' % status)

    async def _show(self, sock):
        await self._send(sock, _HEAD % ("200 OK", ""))
        if self._wanted is not None:
            await self._send(sock, _TRYING % _escaped(self._wanted[0]))
            return
        await self._send(sock, "<bdi>%s</bdi>" % _escaped(self._note))
        await self._send(sock, _FORM % self._token)
        for name in self._names:
            name = _escaped(name)
            await self._send(sock, '<option value="%s">%s' % (name, name))
        await self._send(sock, _REST)

    async def _send(self, sock, text):
        data = text.encode()
        begun = net.ticks_ms()
        while data:
            data = data[sent(sock, data) :]
            if data:
                if ticks_diff(net.ticks_ms(), begun) >= _SILENT_MS:
                    raise OSError("slow")
                await self._turn()


def _field(pair):
    """(name, value) of one field of a form."""
    name, _, value = pair.partition(b"=")
    first, *others = value.replace(b"+", b" ").split(b"%")
    for part in others:
        first += bytes([int(part[:2], 16)]) + part[2:]
    return _text(name), _text(first)


def _text(data):
    """The text of these bytes. ValueError if they have control characters, or are not UTF-8."""
    text = data.decode()
    # MicroPython decodes halves of UTF-16 pairs.
    if any([c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" for c in text]):
        raise ValueError
    return text


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
