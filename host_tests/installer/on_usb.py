"""The room server, on a computer with one USB port: the board's, which the variable BOARD_PORT
names. It is described as Windows does it.

    BOARD_PORT=/dev/pts/3 python on_usb.py OPTIONS
"""

import os

from serial.tools import list_ports, list_ports_common

from room_server.__main__ import main

port = list_ports_common.ListPortInfo(os.environ["BOARD_PORT"])
port.vid, port.pid = 0x2E8A, 5
port.description = f"USB Serial Device ({port.device})"
list_ports.comports = lambda: [port]

if __name__ == "__main__":
    main()
