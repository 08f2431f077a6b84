"""The command line of the bridge."""

import argparse
import ipaddress
import os
import re
import stat
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

from partysocket.core.local import is_local

from ..tokens import is_token
from .broker import Address
from .link import Server

_ABOUT = "The devices of rooms in an MQTT broker, with Home Assistant's discovery."
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_PLACE = re.compile(r"(?:([a-z0-9_.-]{1,64})/)?([^/\x00-\x1f\x7f]{1,256})")
# Levels of a topic, of letters that are in no wildcard.
_PREFIX = re.compile(r"[a-zA-Z0-9_.-]{1,64}(/[a-zA-Z0-9_.-]{1,64}){0,3}")
_ID = re.compile(r"[a-zA-Z0-9-]{1,32}")
_MOST_SECRET_BYTES = 4096


class SettingsError(ValueError):
    """An argument cannot be used. The text says what to give, and never has a secret in it."""


@dataclass(frozen=True)
class Settings:
    """The settings of the bridge. The command line's help explains them."""

    broker: Address
    server: Server
    # (party, room) of each.
    rooms: tuple
    commands: bool
    id: str
    prefix: str
    discovery: str
    max_bytes: int
    verbose: bool


def parse_arguments(argv=None, prog="room_server.mqtt"):
    """Return Settings for `argv`. A bad argument ends the program with one line and status 2."""
    parser = _Parser(prog=prog, description=_ABOUT, allow_abbrev=False)
    add = parser.add_argument
    text = "mqtts://HOST:PORT, or mqtt:// without TLS; without either, TLS unless it is here"
    add("--broker", required=True, metavar="ADDRESS", help=text)
    text = "a room to show, as ROOM or PARTY/ROOM; repeatable"
    add("--room", required=True, action="append", dest="rooms", type=_place, help=text)
    text = "the server of the rooms (%(default)s)"
    add("--server", default="http://127.0.0.1:1999", metavar="URL", help=text)
    text = "file with the token for the rooms (or the token in ROOM_SERVER_TOKEN)"
    add("--token-file", metavar="FILE", help=text)
    add("--commands", action="store_true", help="pass commands from the broker to the devices")
    add("--user", help="the bridge's name at the broker")
    add("--password-file", metavar="FILE", help="file with its password")
    text = "certificates to trust for the broker, as PEM (the system's)"
    add("--broker-ca", metavar="FILE", help=text)
    text = "certificates to trust for the rooms' server, as PEM (the system's)"
    add("--server-ca", metavar="FILE", help=text)
    text = "without TLS to another computer: everyone on the way can read and change all of it"
    add("--insecure", action="store_true", help=text)
    text = "the bridge's own name, if there are several at one broker (%(default)s)"
    add("--id", default="bridge", type=_matching(_ID, "1 to 32 letters, digits and -"), help=text)
    prefix = _matching(_PREFIX, "1 to 4 levels of letters, digits, _, . and -")
    text = "the first level of all topics (%(default)s)"
    add("--prefix", default="partysocket", type=prefix, metavar="TOPIC", help=text)
    text = "Home Assistant's discovery prefix (%(default)s)"
    add("--discovery", default="homeassistant", type=prefix, metavar="TOPIC", help=text)
    text = "the longest message to and from the broker (%(default)s)"
    add("--max-bytes", type=_bytes, default=131072, metavar="N", help=text)
    add("--verbose", action="store_true", help="a line on stderr for each connection")
    given = vars(parser.parse_args(argv))
    try:
        broker = _broker(given)
        server = _server(given)
    except SettingsError as error:
        parser.error(str(error))
    names = ("commands", "id", "prefix", "discovery", "max_bytes", "verbose")
    rooms = tuple(dict.fromkeys(given["rooms"]))
    return Settings(broker, server, rooms, **{name: given[name] for name in names})


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def _broker(given):
    text = given["broker"]
    url = _url("--broker", text if "://" in text else f"//{text}", _PORTS)
    is_here = _is_loopback(url.hostname)
    scheme = url.scheme or ("mqtt" if is_here else "mqtts")
    if scheme == "mqtt" and not is_here and not given["insecure"]:
        raise SettingsError(
            f"--broker: {url.hostname} is another computer: give mqtts://, or --insecure"
        )
    password = _secret("--password-file", given["password_file"])
    if password is not None and given["user"] is None:
        raise SettingsError("--password-file: give --user too")
    port = url.port or _PORTS[scheme]
    ca = _readable("--broker-ca", given["broker_ca"])
    return Address(url.hostname, port, scheme == "mqtts", ca, given["user"], password)


def _server(given):
    url = _url("--server", given["server"], ("http", "https"))
    has_tls = url.scheme == "https"
    # As the library does: names that can only be at home.
    if not has_tls and not is_local(url.netloc) and not given["insecure"]:
        raise SettingsError(
            f"--server: {url.hostname} is not at home: give https:// or --insecure"
        )
    token = _secret("--token-file", given["token_file"])
    if token is None:
        token = os.environ.get("ROOM_SERVER_TOKEN")
    if token is not None and not is_token(token):
        raise SettingsError("the token: give 1 to 256 ASCII characters without spaces")
    return Server(url.netloc, has_tls, _readable("--server-ca", given["server_ca"]), token)


def _url(option, text, schemes):
    """Return the parts of an address that names a host, and nothing else but a port."""
    try:
        url = urlsplit(text)
        is_host = bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        is_host = False
    if is_host and (url.username is not None or url.password is not None):
        raise SettingsError(f"{option}: give no name or password in the address")
    known = url.scheme in schemes or (not url.scheme and text.startswith("//")) if is_host else 0
    if not known or url.path not in ("", "/") or url.query or url.fragment:
        names = " or ".join(f"{scheme}://HOST:PORT" for scheme in schemes)
        raise SettingsError(f"{option}: give {names}")
    return url


def _is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(option, path):
    """Return the text of a file without the end of its line, or None without a file."""
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                print(f"others can read {path}: chmod 600 {path}", file=sys.stderr)
            text = file.read(_MOST_SECRET_BYTES).rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise SettingsError(f"{option}: {path} cannot be read: {reason}") from None
    if not text or "\n" in text:
        raise SettingsError(f"{option}: {path}: write it on a line alone")
    return text


def _readable(option, path):
    if path is not None and not os.access(path, os.R_OK):
        raise SettingsError(f"{option}: {path} cannot be read")
    return path


def _place(text):
    found = _PLACE.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: give ROOM or PARTY/ROOM")
    return found[1] or "main", found[2]


def _matching(pattern, accepted):
    def convert(text):
        if not pattern.fullmatch(text):
            raise argparse.ArgumentTypeError(f"{text!r}: give {accepted}")
        return text

    return convert


def _bytes(text):
    if not re.fullmatch("[0-9]{1,9}", text) or not 1024 <= int(text) <= 1 << 28:
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, 1024 to {1 << 28}")
    return int(text)
