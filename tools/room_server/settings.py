"""The command line: every setting with its default, its limits and its error text."""

import argparse
import os
import re
from dataclasses import dataclass, field
from importlib.util import find_spec

from . import alert_targets
from .logs import FORMATS
from .tokens import EVERYWHERE, READ, WRITE, TokenError, Tokens, is_token, read_file

_ABOUT = "Rooms for devices and dashboards, on one computer."


@dataclass(frozen=True)
class Settings:
    """The settings of the server. Sizes are in bytes. The command line's help explains them."""

    host: str = "127.0.0.1"
    port: int = 1999
    lan: bool = False
    open: bool = False
    db: str | None = None
    memory: bool = False
    tokens: Tokens = Tokens()
    # The one of --token or --lan. Boards that are installed from here get it.
    own_token: str | None = field(default=None, repr=False)
    # The one of them that opens everything, for links.
    link_token: str | None = field(default=None, repr=False)
    # {name: alert_targets.Target}
    alert_targets: dict = field(default_factory=dict, repr=False)
    cert: str | None = None
    key: str | None = None
    parties: tuple = ("main",)
    allowed_origins: tuple = ()
    max_connections: int = 2500
    max_per_address: int = 250
    max_header_bytes: int = 8190
    max_message_bytes: int = 16384
    max_rooms: int = 1000
    max_clients: int = 2500
    max_devices: int = 2000
    rate: float = 50.0
    heartbeat_s: float = 20.0
    queue_messages: int = 256
    queue_bytes: int = 1048576
    max_backlog_bytes: int = 67108864
    max_state_bytes: int = 67108864
    max_db_bytes: int = 268435456
    request_rate: float = 50.0
    request_timeout_s: float = 10.0
    keep_raw: float = 3.0
    keep_minutes: float = 30.0
    keep_hours: float = 730.0
    keep_room_days: float | None = None
    commit_ms: int = 0
    away: int = 5
    join_rate: float = 200.0
    metrics: bool = False
    metrics_values: int = 0
    list_rooms: bool = False
    log_format: str = "text"
    verbose: bool = False


def parse_arguments(argv=None, prog="room_server"):
    """Return Settings for `argv`. A bad argument ends the program with one line and status 2."""
    parser = _OneLineParser(prog=prog, description=_ABOUT, allow_abbrev=False)
    add = parser.add_argument
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--host", default=Settings.host, help="address to listen on (%(default)s)")
    text = "for your network at home: every address, a token, a name, a QR code for phones"
    where.add_argument("--lan", action="store_true", help=text)
    add("--open", action="store_true", help="with --lan: without a token, for everyone there")
    add("--port", type=whole(0, 65535), default=Settings.port, help="0: any free one (1999)")
    text = "SQLite file that keeps readings (rooms.db in your data folder)"
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument("--db", metavar="FILE", type=_file, help=text)
    text = "keep readings in memory: they are gone when the server ends"
    keeping.add_argument("--memory", action="store_true", help=text)
    _add_tokens(add)
    text = "JSON file with the targets of alerts: webhooks, ntfy, apprise; see ROOMS.md"
    add("--alert-targets", metavar="FILE", type=_file, help=text)
    add("--cert", metavar="FILE", type=_file, help="PEM certificate chain: speak TLS alone")
    add("--key", metavar="FILE", type=_file, help="its PEM key, if it is not in the same file")
    text = "party whose rooms are served; repeatable (main)"
    add("--party", dest="parties", action="append", type=_party, metavar="NAME", help=text)
    text = "web origin that may join besides the server's own; repeatable"
    add(
        "--allow-origin",
        dest="allowed_origins",
        action="append",
        type=_origin,
        metavar="ORIGIN",
        help=text,
    )
    for option, low, high, text in _LIMITS:
        default = getattr(Settings, option)
        text += " (%(default)s)"
        add(_flag(option), type=whole(low, high), default=default, metavar="N", help=text)
    for option, name, text in _RATES_AND_TIMES:
        default = getattr(Settings, name)
        text += " (%(default)s)"
        add(option, dest=name, type=positive, default=default, metavar="N", help=text)
    for option, text in _AGES:
        default = getattr(Settings, option)
        text += " (%(default)g)"
        add(_flag(option), type=positive, default=default, metavar="DAYS", help=text)
    text = "days unheard until a room with its readings gives way to a new one (never)"
    add("--keep-room-days", type=positive, metavar="N", help=text)
    text = "GET /metrics for Prometheus, with a token that opens everything if there are tokens"
    add("--metrics", action="store_true", help=text)
    text = "GET /rooms, the list of rooms, with such a token"
    add("--list-rooms", action="store_true", help=text)
    text = "how lines on stderr look: text, or json, an object on each (%(default)s)"
    add("--log-format", choices=FORMATS, default=Settings.log_format, help=text)
    add("--verbose", action="store_true", help="a line on stderr per join, leave and refusal")
    given = vars(parser.parse_args(argv))
    if given["key"] and not given["cert"]:
        parser.error("--key: give its certificate too, with --cert")
    if given["metrics_values"] and not given["metrics"]:
        parser.error("--metrics-values: give --metrics too")
    if given["metrics"] and not find_spec("prometheus_client"):
        parser.error("--metrics: the package prometheus-client is not installed: run `make demo`")
    try:
        given["tokens"], given["link_token"] = _tokens(given)
    except TokenError as error:
        parser.error(str(error))
    try:
        path = given["alert_targets"]
        given["alert_targets"] = {} if path is None else alert_targets.read_file(path)
    except alert_targets.TargetError as error:
        parser.error(f"--alert-targets: {error}")
    if given["open"] and not given["lan"]:
        parser.error("--open: give --lan too")
    if given["open"] and given["tokens"]:
        parser.error("--open: leave it out, or leave the tokens out")
    for name in ("segno", "zeroconf") if given["lan"] else ():
        if not find_spec(name):
            text = f"--lan: the package {name} is not installed: run `make rooms`"
            parser.error(f"{text}, or give --host 0.0.0.0 and a token")
    if not given["keep_raw"] <= given["keep_minutes"] <= given["keep_hours"]:
        parser.error("--keep-minutes: give at least --keep-raw, and at most --keep-hours")
    given["parties"] = tuple(given["parties"] or Settings.parties)
    given["allowed_origins"] = tuple(given["allowed_origins"] or ())
    return Settings(**given)


def _add_tokens(add):
    add("--token", type=_token, help="secret that opens every room (or in ROOM_SERVER_TOKEN)")
    text = "secret that opens every room to look (or in ROOM_SERVER_READ_TOKEN)"
    add("--read-token", type=_token, metavar="TOKEN", help=text)
    text = "secret that opens one room, as ROOM or PARTY/ROOM; repeatable"
    add(
        "--room-token",
        dest="room_tokens",
        action="append",
        type=_room_token,
        metavar="ROOM=TOKEN",
        help=text,
    )
    text = "file with lines of ROOM (or PARTY/ROOM or *), TOKEN, and `read` if it only reads"
    add("--token-file", metavar="FILE", type=_file, help=text)


def _tokens(given):
    """Return the Tokens of the arguments, the file and the environment, and the first of them that
    opens every room, or None. Raises TokenError.
    """
    entries = list(given.pop("room_tokens") or ())
    for name, access in (("token", WRITE), ("read_token", READ)):
        token = given.pop(name)
        if token is None:
            # An empty variable is an error.
            token = os.environ.get(f"ROOM_SERVER_{name.upper()}")
        if token is not None:
            entries.append((EVERYWHERE, token, access))
            if access == WRITE:
                given["own_token"] = token
    path = given.pop("token_file")
    if path is not None:
        found = read_file(path)
        # Without tokens the rooms would be open, although the user wanted to close them.
        if not found:
            raise TokenError(f"{path} has no token: write PLACE TOKEN on a line")
        entries += found
    for_links = None
    for place, token, access in reversed(entries):
        if (place, access) == (EVERYWHERE, WRITE):
            for_links = token
    return Tokens(entries), for_links


_LIMITS = (
    ("max_connections", 1, 100000, "connections in all"),
    ("max_per_address", 1, 100000, "connections of one address"),
    ("max_header_bytes", 1024, 65536, "request line, and each header"),
    ("max_message_bytes", 128, 1 << 24, "longest message in bytes; longer ones are closed 1009"),
    ("max_rooms", 1, 1000000, "rooms in use, and rooms with stored readings"),
    ("max_clients", 1, 100000, "connections in one room"),
    ("max_devices", 1, 10000, "devices in one room, those offline included"),
    ("queue_messages", 1, 1000000, "messages that may wait for a slow client"),
    ("queue_bytes", 1024, 1 << 30, "bytes that may wait for a slow client"),
    ("max_backlog_bytes", 1024, 1 << 40, "bytes that may wait for all clients together"),
    ("max_state_bytes", 1024, 1 << 40, "memory for the last values in all rooms in use"),
    ("max_db_bytes", 65536, 1 << 44, "stored readings of all rooms"),
    ("metrics_values", 0, 100000, "last values among the metrics; 0: none"),
    ("commit_ms", 0, 60000, "time for which readings gather before a commit; 0: a turn"),
    ("away", 0, 86400, "seconds until it is back when it stops, which its clients are told"),
)
_AGES = (
    ("keep_raw", "age that readings reach as they came"),
    ("keep_minutes", "age that the means of minutes reach"),
    ("keep_hours", "age that the means of hours reach, and changes of bools and texts"),
)
# Options of earlier versions.
_GONE = ("--history", "--keep-days")
_RATES_AND_TIMES = (
    ("--rate", "rate", "messages a second from one client, twice that at once"),
    ("--request-rate", "request_rate", "requests a second of one address, twice that at once"),
    ("--join-rate", "join_rate", "clients that it wants back a second, which they are told too"),
    ("--request-timeout", "request_timeout_s", "seconds for each part of an HTTP request"),
    ("--heartbeat", "heartbeat_s", "seconds of silence after which a client is pinged"),
)


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see --help)\n")

    def parse_args(self, args=None, namespace=None):
        known, unknown = self.parse_known_args(args, namespace)
        if unknown:
            # Only their names, because the value after a misspelt --token is a secret.
            names = [text.partition("=")[0] for text in unknown if text.startswith("-")]
            if gone := [name for name in names if name in _GONE]:
                self.error(
                    f"{gone[0]} is now --keep-raw, --keep-minutes and --keep-hours, in days"
                )
            self.error(f"unknown arguments: {' '.join(names) or len(unknown)}")
        return known


def _flag(option):
    return "--" + option.replace("_", "-")


def whole(low, high):
    """Return a function that returns the whole number in an argument."""

    def convert(text):
        if not re.fullmatch(r"-?[0-9]{1,14}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, {low} to {high}")
        return int(text)

    return convert


def positive(text):
    """Return the number above 0 in an argument."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number above 0")
    return float(text)


def _file(text):
    if not text:
        raise argparse.ArgumentTypeError("'': give a file's name, or leave the option out")
    return text


def _token(text):
    # The message does not contain the value, because errors end up in logs.
    if not is_token(text):
        raise argparse.ArgumentTypeError("give 1 to 256 ASCII characters without spaces")
    return text


def _room_token(text):
    place, separator, token = text.partition("=")
    try:
        if not separator:
            raise TokenError("give ROOM=TOKEN or PARTY/ROOM=TOKEN")
        Tokens([(place, token, WRITE)])
    except TokenError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return place, token, WRITE


def _party(text):
    if not re.fullmatch(r"[a-z0-9_.-]{1,64}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r}: give 1 to 64 of a-z, 0-9, '-', '_' and '.', as it stands in the address"
        )
    return text


def _origin(text):
    if not re.fullmatch(r"null|[a-z][a-z0-9+.-]*://[^/\s]+", text):
        raise argparse.ArgumentTypeError(f"{text!r}: give scheme://host:port, without a path")
    return text
