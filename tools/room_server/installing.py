"""A board on USB is installed from a page of this server: who may use the page, and what it asks.

Only programs of this computer are answered, at a name of this computer, and only with the key in
the link that the server prints. The key opens the page once; then the page has a secret of its
own. Secrets come in bodies of POSTs alone.
"""

import hmac
import ipaddress
import json
import re
import secrets
import time
from importlib.util import find_spec
from pathlib import Path

from . import pages, reach
from .answers import Refusal, bad_method, json_answer
from .devices import RoomFull
from .installation import Installation, forms
from .posting import body_of

PATH = "/install"
_FOLDER = Path(__file__).parent / "install"
# What a proxy adds. Then the request may come from anywhere.
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
_NOTHING = "nothing here: rooms are at /parties/<party>/<room>"
_NO_TOOLS = (
    "The packages that talk to boards are not installed: `make rooms` starts a server that has "
    "them; or run `pip install mpremote`, and reload this page"
)
# A port of the system. pyserial would also take addresses in the network, and files.
_PORT = re.compile(r"/dev/[A-Za-z0-9._/-]{1,200}|COM[0-9]{1,3}")
_ROOM = "home"
# What the page is told of a kind of board.
_SHOWN = ("name", "platform", "firmware")
_FIELDS = ("port", "board", "wifi", "password", "host", "room", "name", "token")


class Installer:
    """Answers the requests below PATH. Until open() is called there is nothing there."""

    def __init__(self, settings, rooms):
        self._settings = settings
        self._rooms = rooms
        self._origins = ()
        # The address of this server for boards: "" if it is not known.
        self._host = ""
        self._is_for_boards = False
        self._key = None
        # The secret of the page that was opened last.
        self._session = None
        self._installation = Installation()

    def open(self, scheme, host, port):
        """Let pages of this computer in. Returns their link, or None if the server, which listens
        on `host`, is not reached by the loopback.
        """
        address = ipaddress.ip_address(host)
        if not (address.is_loopback or address.is_unspecified):
            return None
        names = ["localhost", "127.0.0.1", "[::1]"]
        if address.is_loopback and reach.in_url(host) not in names:
            names = [reach.in_url(host)]
        # Browsers leave the usual port out.
        at = "" if port == {"http": 80, "https": 443}[scheme] else f":{port}"
        self._origins = tuple(f"{scheme}://{name}{at}" for name in names)
        self._is_for_boards = not address.is_loopback
        own = reach.find_own_address(address.version) if self._is_for_boards else None
        # With TLS it is a name that is in the certificate.
        if own and scheme == "http":
            self._host = f"{reach.in_url(own)}:{port}"
        return self._link()

    def _link(self):
        self._key = secrets.token_urlsafe(16)
        return f"{self._origins[0]}{PATH}#{self._key}"

    def stop(self):
        self._installation.stop()

    async def answer(self, request):
        """Return the response. None: the request is not for this."""
        path = request.raw_path.partition("?")[0]
        if path != PATH and not path.startswith(PATH + "/"):
            return None
        self._admit(request)
        if request.method == "POST":
            return await self._post(request, path[len(PATH) + 1 :])
        name, known = path[len(PATH) :] or "/", request.headers.get("If-None-Match")
        page = pages.page(name, request.headers.get("Host"), known, _FOLDER)
        # The page has one address, because it names its files relative to that.
        if page is None or path == PATH + "/":
            raise Refusal(404, _NOTHING)
        if request.method not in ("GET", "HEAD"):
            raise bad_method(request, "GET, HEAD, POST")
        return page

    def _admit(self, request):
        """Refuse whatever does not come from this computer, and from this page."""
        headers = request.headers
        is_here = _is_loopback(request.remote) and not any(name in headers for name in _OF_PROXIES)
        own = {origin.partition("://")[2]: origin for origin in self._origins}
        # By another name, a page of somebody else could have led here (DNS rebinding).
        origin = own.get(headers.get("Host", "").lower())
        if not is_here or origin is None:
            raise Refusal(404, _NOTHING)
        if request.method == "POST":
            if headers.get("Origin") != origin:
                raise Refusal(403, "only the page of this server may ask this")
            if request.content_type != "application/json":
                raise Refusal(400, "send JSON, with its Content-Type")

    async def _post(self, request, what):
        asked = _object(await body_of(request, self._settings))
        if what == "open":
            return json_answer(await self._open_page(asked))
        if not _is_same(self._session, asked.get("session")):
            raise Refusal(401, "this page is closed: open the newest link in the terminal")
        if what == "ports":
            return json_answer({"ports": await self._installation.ports()})
        if what == "start":
            self._installation.start(self._order(asked), self._live_value)
        elif what == "events":
            return json_answer(await self._installation.events(asked.get("after")))
        elif what == "stop":
            self._installation.stop()
        else:
            raise Refusal(404, _NOTHING)
        return json_answer({"ok": True})

    async def _open_page(self, asked):
        """Take the key, and return what the page shows at first."""
        if not _is_same(self._session, asked.get("session")):
            if not _is_same(self._key, asked.get("key")):
                text = "this link was used already: open the newest one in the terminal"
                raise Refusal(401, text)
            self._session = secrets.token_urlsafe(16)
            print(f"to install from another page, open {self._link()}", flush=True)
        if not all(map(find_spec, ("mpremote", "serial", "partysocket"))):
            return {"session": self._session, "trouble": _NO_TOOLS}
        boards = [
            {"id": kind.folder.name, **{key: getattr(kind, key) for key in _SHOWN}}
            for kind in forms().all_kinds()
            if kind.firmware and kind.fits
        ]
        tokens = "needed" if self._settings.tokens else ""
        return {
            "session": self._session,
            "boards": boards,
            "host": self._host,
            "room": _ROOM,
            "name": await self._new_name(),
            "reaches": self._is_for_boards,
            "token": "own" if self._settings.own_token else tokens,
        }

    async def _new_name(self):
        known = {device["device"] for device in await self._devices(_ROOM)}
        names = (f"board-{number}" for number in range(1, len(known) + 2))
        return next(name for name in names if name not in known)

    async def _devices(self, room):
        try:
            return (await self._rooms.state("main", room, int(time.time() * 1000)))["devices"]
        except RoomFull:
            return []

    def _order(self, asked):
        """The order for the deploy. Refusal if the page asked for what it can't have."""
        given = {field: asked.get(field, "") for field in _FIELDS}
        if not all(isinstance(text, str) and len(text) <= 1024 for text in given.values()):
            raise Refusal(400, "fields are texts of at most 1,024 characters")
        if not _PORT.fullmatch(given["port"]) or ".." in given["port"]:
            raise Refusal(400, "port: give one of this computer, such as /dev/ttyACM0 or COM3")
        if given["board"] and given["board"] not in forms().names():
            raise Refusal(400, "board: there is no such board")
        if not given["host"].strip():
            raise Refusal(400, "server: give the address of the room server, as the board sees it")
        settings = {
            "WIFI_NAME": given["wifi"],
            "WIFI_PASSWORD": given["password"],
            "HOST": given["host"].strip(),
            "ROOM": given["room"],
            "NAME": given["name"],
            "TOKEN": given["token"],
        }
        # Only to this server, whoever asks.
        if not given["token"] and self._is_own(settings["HOST"]) and self._settings.own_token:
            settings["TOKEN"] = self._settings.own_token
        settings = {key: text for key, text in settings.items() if text}
        return {"port": given["port"], "board": given["board"], "settings": settings}

    def _is_own(self, host):
        """Whether a board with this HOST comes to this server."""
        return host in (self._host, *(origin.partition("://")[2] for origin in self._origins))

    async def _live_value(self, settings):
        """A value that the board has sent into this server's room: {name, value, unit}, or None.
        Asked again until there is one. Raises LookupError if it is not a room of this server.
        """
        if not self._is_own(settings["HOST"]) or "NAME" not in settings:
            raise LookupError
        for device in await self._devices(settings.get("ROOM", _ROOM)):
            if device["device"] == settings["NAME"] and device["online"] and device["last"]:
                return _best(device["last"], device["about"].get("units", {}))
        return None


def _best(values, units):
    """What a person wants to see first: a value with a unit, else a number, else any."""

    def rank(name):
        return name not in units, isinstance(values[name], (bool, str))

    name = min(values, key=rank)
    return {"name": name, "value": values[name], "unit": units.get(name, "")}


def _is_loopback(remote):
    try:
        address = ipaddress.ip_address(remote or "")
    except ValueError:
        return False
    # A socket for both kinds of addresses writes those of IPv4 as ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_same(secret, given):
    if secret is None or not isinstance(given, str):
        return False
    return hmac.compare_digest(secret.encode(), given.encode(errors="surrogatepass"))


def _object(body):
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Refusal(400, "send a JSON object")
    return asked
