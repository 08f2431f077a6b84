"""Puts the library, a board's start-up file and its settings onto a board: `make deploy`.

    make deploy                                   # asks for Wi-Fi, host and room
    make deploy BOARD=esp32_s3 PORT=/dev/ttyUSB0 HOST=192.168.1.20:1999 ROOM=home
    make deploy ROMFS=1                           # the library into the board's ROMFS
    make deploy ARGS=--dry-run                    # says what it would do

It asks the board what it is, takes the compiled form of the library that fits, sends the files
that differ (by their hashes), restarts the board, and follows what it prints until it is in the
room, then gives the dashboard's address; or says what went wrong, with a status of its own
(deploy/words.py lists them). For HOST it offers a room server of this computer, with its token:
that of ROOM_SERVER_TOKEN, or the one that its --lan made. Deploying again sends nothing that is
there already. Settings go to the board's secrets.py and nowhere else. The page of the room server
runs the same code (deploy/worker.py). What others must not see in the list of processes may come
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

import sys

from deploy.command import main
from room_server.home_token import token_of_user
from room_server.reach import find_own_address

if __name__ == "__main__":
    sys.exit(main(find_own_address, token_of_user))
