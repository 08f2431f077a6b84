"""The room server of this computer, as a board sees it: the default for HOST."""

import errno
import http.client
import socket

PORT = 1999  # of a room server that was told no other
_ANSWER_S = 2
_MARK = b"dashboard.css"  # in the page of all servers of rooms


def find(say, address, port=PORT):
    """The host of a room server that runs here, with its port; None if no board reaches one.
    What was found is said. `address()`: this computer's, as others see it, or None.
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
    return f"{own}:{port}"


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
