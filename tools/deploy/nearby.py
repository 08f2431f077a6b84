"""The room server of this computer, as a board sees it: the defaults for HOST and TOKEN."""

import errno
import http.client
import os
import socket

PORT = 1999  # of a room server that was told no other
_ANSWER_S = 2
_MARK = b"dashboard.css"  # in the page of all servers of rooms


def prefill(say, own_address, own_token, port=PORT):
    """(host, token) of a room server that runs here: `find`'s host, and if the server asks for
    a token, that of its variable, or else `own_token()`: the one that `--lan` made for this user,
    or None. The token is never said.
    """
    host = find(say, own_address, port)
    if host is None or _get(port, "/parties/main/home")[0] != http.client.UNAUTHORIZED:
        return host, None
    variable = os.environ.get("ROOM_SERVER_TOKEN")
    token = variable or own_token()
    if token:
        source = "of ROOM_SERVER_TOKEN" if variable else "that --lan made"
        say(f"It asks for a token: the board gets the one {source}, unless TOKEN is given")
    return host, token


def find(say, own_address, port=PORT):
    """The host of a room server that runs here, with its port; None if no board reaches one.
    What was found is said. `own_address()`: this computer's, as others see it, or None.
    """
    own = own_address() if _is_there(port) else None
    if own is None:
        return None
    if _hears_only_this_computer(own, port):
        say(
            f"A room server runs on this computer, but listens on 127.0.0.1 alone: no board "
            f"reaches it. With --lan it is at {own}:{port}"
        )
        return None
    say("A room server runs on this computer")
    return f"{own}:{port}"


def _is_there(port):
    return _MARK in _get(port, "/")[1]


def _get(port, path):
    """(status, body): None and nothing without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(1 << 16)
    except (OSError, http.client.HTTPException):
        return None, b""
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
