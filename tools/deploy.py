"""Puts the library, a board's start-up file and its settings onto a board: `make deploy`.

    make deploy                                   # asks for Wi-Fi, host and room
    make deploy BOARD=esp32_s3 PORT=/dev/ttyUSB0 HOST=192.168.1.20:1999 ROOM=home
    make deploy ROMFS=1                           # the library into the board's ROMFS
    make deploy ARGS=--dry-run                    # says what it would do

It asks the board what it is, takes the compiled form of the library that fits, sends the files
that differ (by their hashes), restarts the board, and follows what it prints until it is in the
room, then gives the dashboard's address; or says what went wrong, with a status of its own
(deploy/words.py lists them). For HOST it offers a room server of this computer, with the token
that its --lan made. Deploying again sends nothing that is there already. Settings go to the
board's secrets.py and nowhere else. What others must not see in the list of processes may come
from the environment: WIFI_NAME, WIFI_PASSWORD, ROOM_TOKEN. lib/mpy is taken as it is: `make mpy`
after a change in lib/.

After a power cut, or a pulled cable, the state depends on the moment:

    1. while files are sent   Each file gets a temporary name (x.mpy.new) beside the old one, and
                              its hash is checked. The old version is unchanged, and runs. The next
                              deploy continues from there.
    2. one rename             main.py becomes a program that finishes the deploy (finish.py). It
                              was written under a temporary name too: littlefs renames a file
                              completely or not at all.
    3. while files are        The board starts that program. It removes the files that must go,
       renamed                renames the others, main.py last, and restarts: the new version runs
                              as soon as there is power. The next deploy would do the same first.

So a mixture of two versions never runs. The changed files need their space twice. With ROMFS=1 the
library goes into the board's ROMFS. It is written just before the rename of 2., and is used from
3. on. It has no space for two versions: a power cut while it is written leaves no library there.
If one is still in the file system, that one runs; otherwise none runs until the next deploy. On a
FAT file system a rename may be interrupted between its two steps. Then there is no main.py, the
board starts into its prompt, and the next deploy repairs that.
"""

import argparse
import os
import sys

from deploy import forms, ports
from deploy.run import Order, deploy
from deploy.settings import Asker
from deploy.words import Failure

STATUSES = (
    "Exit status: 0 in the room; 2 wrong command line; 3 no board, or several; 4 the port can't "
    "be opened; 5 no answer, or the connection broke off; 6 firmware or board do not fit; 7 no "
    "room on the board; 8 settings; and with the files on the board: 9 Wi-Fi, 10 server not "
    "reached, 11 refused by the room, 12 not in the room in time, 13 the start-up file ended."
)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=STATUSES, allow_abbrev=False
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
    try:
        deploy(
            Order(
                kind=kind,
                port=ports.find(chosen.port),
                given=given,
                asker=Asker(sys.stdin.isatty()),
                keeps_settings=chosen.keep_settings,
                romfs=chosen.romfs and chosen.romfs == "1",
                is_dry=chosen.dry_run,
                wait_s=chosen.wait,
                say=say,
            )
        )
    except Failure as failure:
        print(f"deploy: {failure}", file=sys.stderr)
        return failure.status
    except (KeyboardInterrupt, EOFError):
        print("\ndeploy: stopped; deploy again to go on from here", file=sys.stderr)
        return 130
    return 0


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
