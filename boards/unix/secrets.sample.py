"""Copy this to secrets.py beside main.py, and fill it in. Git ignores secrets.py."""

NETWORKS = []  # the computer keeps its own network
HOST = "localhost:1999"
ROOM = "home"
NAME = "my-computer"
TOKEN = None  # if the room wants one
PROTOCOL = None  # "wss" or "ws"; None: ws for hosts of a local network alone
CA = None  # for wss: the certificate to trust, a file
