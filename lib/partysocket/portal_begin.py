"""The first step of an open portal: its password, the networks around, the access point."""

from micropython import const

from .base import net
from .net.access import interfaces, sockets, turn_on
from .portal_text import text_of

# 32 letters and digits; those that look alike are missing.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = const(12)
_MOST_NAMES = const(10)


def tell(path, log):
    """Say what the name and the password of the access point are."""
    log("portal: this board's own Wi-Fi is %s, its password %s" % _identity(path, interfaces()[0]))


def begin(path, port, log):
    """Search for networks, turn the access point on and open its sockets. Returns the access
    point; its sockets; the host and port of the page; the names of networks, strongest first, one
    in each line.
    """
    ap, station = interfaces()
    name, password = _identity(path, ap)
    found = _names_around(station)
    own = address = turn_on(ap, name, password)
    try:
        socks = sockets(address, port)
    except OSError:
        ap.active(False)
        raise
    if port != 80:
        own = "%s:%d" % (address, port)
    log("portal: open: Wi-Fi %s, password %s, then http://%s" % (name, password, own))
    return ap, socks, own, found


def _names_around(station):
    try:
        rows = station.scan()
    # It is off. Then the name has to be typed.
    except OSError:
        rows = []
    found = []
    for row in sorted(rows, key=lambda row: -row[3]):
        try:
            name = text_of(row[0])
        # It can't be shown, nor written into the settings.
        except ValueError:
            continue
        if name and name not in found and len(found) < _MOST_NAMES:
            found.append(name)
    return "\n".join(found)


def _identity(path, ap):
    """(name, password) of the access point. If none is stored, a new password is made."""
    password = ""
    try:
        with open(path) as file:
            password = file.read()
    except (OSError, ValueError):
        pass
    if len(password) != _LENGTH or not all([c in _LETTERS for c in password]):
        password = "".join([_LETTERS[byte & 31] for byte in net.urandom(_LENGTH)])
        with open(path, "w") as file:
            file.write(password)
    return "PartySocket-" + "".join(["%02x" % b for b in ap.config("mac")[-3:]]), password
