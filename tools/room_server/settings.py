"""The command line: every setting with its default, its limits and a plain error."""

import argparse
import re
from dataclasses import dataclass

_ABOUT = "Rooms for devices and dashboards, on one computer."


@dataclass(frozen=True)
class Settings:
    """What the server was told. Sizes are in bytes; the command line's help says the rest."""

    host: str = "127.0.0.1"
    port: int = 1999
    db: str | None = None
    token: str | None = None
    parties: tuple = ("main",)
    allowed_origins: tuple = ()
    max_message_bytes: int = 16384
    max_rooms: int = 1000
    max_clients: int = 1000
    max_devices: int = 200
    history: int = 300
    rate: float = 50.0
    heartbeat_s: float = 20.0
    queue_messages: int = 256
    queue_bytes: int = 1048576
    verbose: bool = False


def parse_arguments(argv=None):
    """Return Settings for `argv`; a bad argument ends the program with one line and status 2."""
    parser = _OneLineParser(prog="room_server", description=_ABOUT, allow_abbrev=False)
    add = parser.add_argument
    add("--host", default=Settings.host, help="address to listen on (%(default)s)")
    add("--port", type=_whole(0, 65535), default=Settings.port, help="0: any free one (1999)")
    add("--db", metavar="FILE", type=_file, help="SQLite file that keeps readings (memory)")
    add("--token", type=_token, help="secret that every client has to give")
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
        add(_flag(option), type=_whole(low, high), default=default, metavar="N", help=text)
    text = "messages a second from one client, twice that at once (%(default)s)"
    add("--rate", type=_positive, default=Settings.rate, metavar="N", help=text)
    text = "silence after which a client is pinged (%(default)s)"
    add(
        "--heartbeat",
        dest="heartbeat_s",
        type=_positive,
        default=Settings.heartbeat_s,
        metavar="S",
        help=text,
    )
    add("--verbose", action="store_true", help="a line on stderr per join, leave and refusal")
    given = vars(parser.parse_args(argv))
    given["parties"] = tuple(given["parties"] or Settings.parties)
    given["allowed_origins"] = tuple(given["allowed_origins"] or ())
    return Settings(**given)


_LIMITS = (
    ("max_message_bytes", 128, 1 << 24, "longest message in bytes; longer ones are closed 1009"),
    ("max_rooms", 1, 1000000, "rooms in use, and rooms with stored readings"),
    ("max_clients", 1, 100000, "connections in one room"),
    ("max_devices", 1, 10000, "devices in one room, those offline included"),
    ("history", 0, 100000, "points kept of each numeric series"),
    ("queue_messages", 1, 1000000, "messages that may wait for a slow client"),
    ("queue_bytes", 1024, 1 << 30, "bytes that may wait for a slow client"),
)


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def _flag(option):
    return "--" + option.replace("_", "-")


def _whole(low, high):
    def convert(text):
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, {low} to {high}")
        return int(text)

    return convert


def _positive(text):
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number above 0")
    return float(text)


def _file(text):
    if not text:
        raise argparse.ArgumentTypeError("'': give a file's name, or leave --db out")
    return text


def _token(text):
    # The value stays out of the message: errors end up in logs.
    if not re.fullmatch(r"[!-~]{1,256}", text):
        raise argparse.ArgumentTypeError("give 1 to 256 ASCII characters without spaces")
    return text


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
