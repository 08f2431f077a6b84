"""The command line of the bridge."""

import argparse
import ipaddress
import re
from dataclasses import dataclass

from ..arguments import (
    Parser,
    SettingsError,
    place_of,
    readable,
    secret_in,
    server_of,
    token_in,
    url_of,
)
from .broker import Address
from .link import Server

_ABOUT = "The devices of rooms in an MQTT broker, with Home Assistant's discovery."
_PORTS = {"mqtt": 1883, "mqtts": 8883}
# Levels of a topic, of letters that are in no wildcard.
_PREFIX = re.compile(r"[a-zA-Z0-9_.-]{1,64}(/[a-zA-Z0-9_.-]{1,64}){0,3}")
_ID = re.compile(r"[a-zA-Z0-9-]{1,32}")


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
    parser = Parser(prog=prog, description=_ABOUT, allow_abbrev=False)
    add = parser.add_argument
    text = "mqtts://HOST:PORT, or mqtt:// without TLS; alone, HOST:PORT has TLS unless it is here"
    add("--broker", required=True, metavar="ADDRESS", help=text)
    text = "a room to show, as ROOM or PARTY/ROOM; repeatable"
    room = {"metavar": "ROOM", "dest": "rooms", "type": place_of, "action": "append"}
    add("--room", required=True, help=text, **room)
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


def _broker(given):
    text = given["broker"]
    url = url_of("--broker", text if "://" in text else f"//{text}", _PORTS)
    is_here = _is_loopback(url.hostname)
    scheme = url.scheme or ("mqtt" if is_here else "mqtts")
    if scheme == "mqtt" and not is_here and not given["insecure"]:
        raise SettingsError(
            f"--broker: {url.hostname} is another computer: give mqtts://, or --insecure"
        )
    password = secret_in("--password-file", given["password_file"])
    if password is not None and given["user"] is None:
        raise SettingsError("--password-file: give --user too")
    port = url.port or _PORTS[scheme]
    ca = readable("--broker-ca", given["broker_ca"])
    return Address(url.hostname, port, scheme == "mqtts", ca, given["user"], password)


def _server(given):
    url = server_of("--server", given["server"], given["insecure"])
    token = token_in("--token-file", given["token_file"], "ROOM_SERVER_TOKEN")
    ca = readable("--server-ca", given["server_ca"])
    return Server(url.netloc, url.scheme == "https", ca, token)


def _is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
