"""Errors for peers that break RFC 6455. Each function returns the ProtocolError to raise.

The module is loaded when a peer breaks a rule.
"""

from micropython import const

from .errors import ProtocolError
from .outgoing import BINARY, PONG

_RSV = const(0x70)
_OPCODE = const(0x0F)
_CONTROL = const(0x08)


def of_header(first, second):
    """A frame header with these first two bytes is not allowed (5.2)."""
    opcode = first & _OPCODE
    if first & _RSV:
        text = "reserved bits without an extension"
    elif second > 127:
        text = "a masked frame from a server"  # 5.1
    elif opcode > PONG or BINARY < opcode < _CONTROL:
        text = "opcode %d" % opcode
    elif opcode & _CONTROL:
        text = "a control frame that is long or fragmented"  # 5.5
    else:
        text = "a fragment out of order"  # 5.4
    return ProtocolError(text, 1002)


def of_size(most):
    """A message is too long."""
    return ProtocolError("a message of more than %d bytes" % most, 1009)


def of_close(code):
    """A Close frame has a code that must not be sent (7.4)."""
    return ProtocolError("a Close with the code %d" % code, 1002)


def of_line():
    """A line of the HTTP head does not fit into the receive buffer."""
    return ProtocolError("a header line is longer than receive_bytes", 1002)
