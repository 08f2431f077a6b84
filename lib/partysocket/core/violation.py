"""What is wrong with a frame's header: loaded when one is."""

from micropython import const

from .errors import ProtocolError
from .outgoing import BINARY, PONG

_RSV = const(0x70)
_OPCODE = const(0x0F)
_CONTROL = const(0x08)


def of_header(first, second):
    """The ProtocolError for a header that begins with these two bytes, and must not (5.2)."""
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
