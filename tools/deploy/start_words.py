"""The failures of a board's start, each with a text and a remedy. The files are on the board then,
and unless its start-up file has ended, it goes on trying by itself.
"""

import re

from .words import CRASHED, LATE, REFUSED, SERVER, WIFI, Failure, option

_ON_BOARD = ". The files are on the board, and it goes on trying"
_WIFI = {
    "wrong password": "The Wi-Fi {0!r} refused the password. Deploy again and type it anew",
    "no network": "There is no Wi-Fi {0!r} here: is the name right, is it a network of 2.4 GHz "
    "(most boards have no radio for 5 GHz), and is the board near enough?",
    "no address": "The Wi-Fi {0!r} let the board in, but gave it no address: does its router "
    "give out any (DHCP)?",
}
_REFUSED = {
    400: "the room server knows no such party, or dislikes the room's or the device's name",
    401: f"it wants a token, or another one: {option('TOKEN', '...')} with the one that the "
    "server was given",
    403: "this token may only look: a device needs one that may write",
    404: "there are no rooms at this address: is HOST that of a room server?",
}


def wifi(name, why):
    text = _WIFI.get(why, "The board does not get into the Wi-Fi {0!r}: {1}").format(name, why)
    return Failure(WIFI, text + _ON_BOARD)


def no_clock(error):
    return (
        f"The board's clock could not be set: {error}. Certificates are checked by the clock: "
        "while it is wrong, the board joins no room over TLS. It asks a time server again every "
        "minute; does the network let NTP through (UDP, port 123)?"
    )


def no_server(error, has_no_clock=False):
    remedy = (
        "Is the server running, does it listen on more than 127.0.0.1 (--lan, or --host 0.0.0.0), "
        "is HOST its address in the board's network, and does its firewall let the port through?"
    )
    if "addrinfo" in error or re.search(r"(^|\D)-(2|202|6)\b", error):
        remedy = "The name of the host was not found: is HOST spelt right?"
    elif "certificate" in error:
        remedy = "Its certificate was not accepted: see TLS in lib/README.md"
        if has_no_clock:
            remedy += ". Without the right time, none is: the board's clock is not set"
    return Failure(SERVER, f"The board is in the network, but not in the room: {error}. {remedy}")


def refused(status):
    return Failure(REFUSED, f"The server answered {status}: {_REFUSED[status]}" + _ON_BOARD)


def late(wait_s, last):
    said = f"it said last: {last}" if last else "it said nothing"
    return Failure(LATE, f"The board is not in the room after {wait_s:g} s; {said}" + _ON_BOARD)


def crashed(last):
    memory = ""
    if "MemoryError" in last or "memory allocation failed" in last:
        memory = ". The board has too little memory for this"
    return Failure(CRASHED, f"The board's start-up file ended: {last or 'without a word'}{memory}")
