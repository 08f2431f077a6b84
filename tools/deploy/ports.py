"""Finds the serial port of the board."""

import serial
from serial.tools import list_ports

from . import words


def find(wanted=""):
    """The port to use: `wanted`, or the only USB port that there is."""
    if wanted:
        return wanted
    ports = sorted((port for port in list_ports.comports() if port.vid is not None), key=str)
    if not ports:
        raise words.no_board()
    if len(ports) > 1:
        raise words.several_boards(ports)
    return ports[0].device


def why_not(port):
    """Return why `port` can't be opened, as a Failure. mpremote does not tell the reason."""
    try:
        serial.Serial(port, exclusive=True).close()
    except OSError as error:
        return words.cannot_open(port, error, ids_of(port))
    return words.cannot_open(port, OSError(None, "it could not be opened; now it can: try again"))


def ids_of(port):
    """The USB vendor and product of a port in hexadecimal digits, or None."""
    for found in list_ports.comports():
        if found.device == port and found.vid is not None:
            return f"{found.vid:04x}", f"{found.pid:04x}"
    return None
