"""The command line of a deploy: `make deploy`, or `partysocket-rooms deploy`."""

import argparse
import os
import sys

from . import forms, nearby, ports
from .ask import Asker
from .order import Order, as_text
from .run import deploy
from .words import Failure

ABOUT = "Puts the library, a board's start-up file and its settings onto a board."

STATUSES = (
    "Exit status: 0 in the room; 2 wrong command line; 3 no board, or several; 4 the port can't "
    "be opened; 5 no answer, or the connection broke off; 6 firmware or board do not fit; 7 no "
    "room on the board; 8 settings; and with the files on the board: 9 Wi-Fi, 10 server not "
    "reached, 11 refused by the room, 12 not in the room in time, 13 the start-up file ended."
)


def main(own_address, own_token, arguments=None, prog=None):
    """Deploy as the command line says, and return the exit status. `own_address()`: this
    computer's address as others see it, or None. `own_token()`: the one that this user's room
    server has made, or None.
    """
    parser = argparse.ArgumentParser(
        prog=prog, description=ABOUT, epilog=STATUSES, allow_abbrev=False
    )
    add = parser.add_argument
    add(
        "--board",
        default="",
        help="a folder of boards/, or the path of one of your own; else the board says",
    )
    add("--port", default="", help="the serial port; the only one of USB, if not given")
    add("--host", help="the room server, with its port, as the board sees it")
    add("--room", help="the room to join")
    add("--name", help="what the board is called in the room")
    add(
        "--romfs",
        choices=["1", "0"],
        help="1: the library goes into the board's ROMFS; 0: into its file system; else as it is",
    )
    add("--keep-settings", action="store_true", help="leave secrets.py on the board as it is")
    add("--dry-run", action="store_true", help="say what would be done; the board only restarts")
    add("--wait", type=float, default=90, metavar="S", help="seconds until it is in the room (90)")
    chosen = parser.parse_args(arguments)
    given = {key: os.environ.get(key) for key in ("WIFI_NAME", "WIFI_PASSWORD")}
    given.update(HOST=chosen.host, ROOM=chosen.room, NAME=chosen.name)
    given.update(TOKEN=os.environ.get("ROOM_TOKEN"))
    given = {key: value for key, value in given.items() if value}
    if chosen.keep_settings and given:
        parser.error(f"--keep-settings leaves {', '.join(given)} no say: give one or the other")
    try:
        kind = forms.load(chosen.board) if chosen.board else None
    except ValueError as error:
        parser.error(str(error))
    asker = Asker(sys.stdin.isatty(), find=lambda say: nearby.prefill(say, own_address, own_token))

    def complete(current, has_wifi):
        return asker.complete(current, given, has_wifi)

    try:
        deploy(
            Order(
                kind=kind,
                port=ports.find(chosen.port),
                complete=None if chosen.keep_settings else complete,
                tell=tell,
                romfs=chosen.romfs and chosen.romfs == "1",
                is_dry=chosen.dry_run,
                wait_s=chosen.wait,
            )
        )
    except Failure as failure:
        print(f"deploy: {failure}", file=sys.stderr)
        return failure.status
    except (KeyboardInterrupt, EOFError):
        print("\ndeploy: stopped; deploy again to go on from here", file=sys.stderr)
        return 130
    return 0


def tell(kind, **facts):
    text = as_text(kind, facts)
    if text is not None:
        print(text, flush=True)
