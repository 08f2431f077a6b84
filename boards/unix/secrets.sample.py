"""Copy this to secrets.py beside main.py, and fill it in. Git ignores secrets.py."""

NETWORKS = []  # the computer's own network is used
HOST = "localhost:1999"
ROOM = "home"
NAME = "my-computer"
TOKEN = None  # if the room needs one
PROTOCOL = None  # "wss" or "ws"; None: ws only for hosts of a local network
CA = None  # for wss: the certificate to trust, a file
