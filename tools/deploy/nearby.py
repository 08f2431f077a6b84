"""The room server of this computer, as a board sees it: the defaults for HOST and TOKEN."""

import errno
import http.client
import os
import socket

from room_server.reach import find_own_address

PORT = 1999  # of a room server that was told no other
_ANSWER_S = 2
_MARK = b"dashboard.css"  # in the page of all servers of rooms


def find(say, port=PORT, address=find_own_address):
    """(host with port, token or None) of a room server that runs here; None if no board reaches
    one. What was found is said.
    """
    own = address() if _is_there(port) else None
    if own is None:
        return None
    if _hears_only_this_computer(own, port):
        say(
            f"A room server runs on this computer, but listens on 127.0.0.1 alone: no board "
            f"reaches it. With --host 0.0.0.0 it is at {own}:{port}"
        )
        return None
    say("A room server runs on this computer")
    return f"{own}:{port}", find_token()


def find_token():
    """The token that this computer's room server takes, if its variable has it; else None."""
    return os.environ.get("ROOM_SERVER_TOKEN") or None


def _is_there(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/")
        return _MARK in connection.getresponse().read(1 << 16)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _hears_only_this_computer(address, port):
    """Whether the port is free at the address: then what listens on it does so elsewhere."""
    with socket.socket() as tried:
        try:
            tried.bind((address, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True
