"""Copy this to secrets.py beside main.py on the board, and fill it in. Git ignores secrets.py."""

NETWORKS = [("my network", "its password")]  # tried in this order; None if it is open
HOST = "192.168.1.20:1999"  # the computer that runs the room server, in your network
ROOM = "home"
NAME = None  # the name of this board in the room; None: its kind and number
TOKEN = None  # if the room needs one
PROTOCOL = None  # "wss" or "ws"; None: ws only for hosts of a local network
CA = None  # for wss: the certificate to trust, a file on the board; None: partysocket.roots
PORTAL = False  # True: without a network the board opens one of its own, with a page to enter it
WATCHDOG_S = 0  # reset the board when nothing happened for so long; at most 8 on Pico W; 0: never
