"""The command line of a move."""

import os
from dataclasses import dataclass, field

from ..ages import DAY_MS, Keep
from ..arguments import Parser, SettingsError, place_of, readable, server_of, token_in
from ..place import default_file
from ..schema import StoreError
from ..settings import positive, whole

_ABOUT = (
    "The rooms of the room server's file into a party server: with history, layout and alerts."
    " Stop the room server first. If the move breaks off, run the same command again."
)


@dataclass(frozen=True)
class Settings:
    """The settings of a move. The command line's help explains them."""

    db: str
    # The parts of the party server's address.
    to: object
    ca: str | None
    # (party, room) of each, or None for all.
    rooms: tuple | None
    keep: Keep
    # About so many bytes go at once.
    piece_bytes: int
    discard: bool
    token: str | None = field(repr=False)
    import_token: str = field(repr=False)


def parse_arguments(argv=None, prog="room_server.moving"):
    """Return Settings for `argv`. A bad argument ends the program with one line and status 2."""
    parser = Parser(prog=prog, description=_ABOUT, allow_abbrev=False)
    add = parser.add_argument
    add("--to", required=True, metavar="URL", help="the party server, as https://HOST:PORT")
    text = "SQLite file of the room server (the one that it uses without --db)"
    add("--db", metavar="FILE", help=text)
    text = "a room to move, as ROOM or PARTY/ROOM; repeatable (all)"
    add("--room", action="append", dest="rooms", type=place_of, help=text)
    text = "file with a token that writes in the rooms there (or in ROOM_SERVER_TOKEN)"
    add("--token-file", metavar="FILE", help=text)
    text = "file with the party server's IMPORT_TOKEN (or in IMPORT_TOKEN)"
    add("--import-token-file", metavar="FILE", help=text)
    for name, days in (("raw", 3), ("minutes", 30), ("hours", 730)):
        text = f"the room server's --keep-{name}: what is older is not moved (%(default)s)"
        add(f"--keep-{name}", type=positive, default=float(days), metavar="DAYS", help=text)
    text = "bytes of a request, about; the same when a move goes on (%(default)s)"
    add("--piece-bytes", type=whole(1024, 1 << 20), default=1 << 18, metavar="N", help=text)
    text = "remove what an unfinished move has brought, and move nothing"
    add("--discard", action="store_true", help=text)
    add("--ca", metavar="FILE", help="certificates to trust, as PEM (the system's)")
    text = "without TLS to another computer: everyone on the way can read and change all of it"
    add("--insecure", action="store_true", help=text)
    given = parser.parse_args(argv)
    try:
        return _settings(given)
    except (SettingsError, StoreError) as error:
        return parser.error(str(error))


def _settings(given):
    days = (given.keep_raw, given.keep_minutes, given.keep_hours)
    if sorted(days) != list(days):
        raise SettingsError("--keep-minutes: give at least --keep-raw, and at most --keep-hours")
    import_token = token_in("--import-token-file", given.import_token_file, "IMPORT_TOKEN")
    if import_token is None:
        raise SettingsError("--import-token-file: give the file with the server's IMPORT_TOKEN")
    path = given.db or default_file()
    if not os.path.isfile(path):
        raise SettingsError(f"--db: there is no file {path}: give that of the room server")
    return Settings(
        path,
        server_of("--to", given.to, given.insecure),
        readable("--ca", given.ca),
        tuple(dict.fromkeys(given.rooms)) if given.rooms else None,
        Keep(*(int(each * DAY_MS) for each in days)),
        given.piece_bytes,
        given.discard,
        token_in("--token-file", given.token_file, "ROOM_SERVER_TOKEN"),
        import_token,
    )
