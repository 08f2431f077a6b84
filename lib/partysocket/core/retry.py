"""When to try again: the retry class of an end, by its cause."""

from .errors import HandshakeError, ProtocolError

SOON = 0  # wait by the growing back-off; a connection that lasted has reset it
GROWN = 1  # the same, but a connection that ends like this resets nothing, however long it lasted
PATIENT = 2  # only the server's owner can mend it: wait long


def after_end(error, code, is_refused, renewable):
    """The class after a connection or a dial that ended by `error` (None: by a Close), with the
    close code `code`. `is_refused`: the server's certificate was, or could not be checked.
    """
    if isinstance(error, HandshakeError):
        return after_status(error.status, renewable)
    if error is None or isinstance(error, ProtocolError):
        return after_close(code, renewable)
    return PATIENT if is_refused else SOON


def after_close(code, renewable):
    """The class after a Close with `code`. `renewable`: a provider may bring new credentials with
    the next dial.
    """
    if code in (1008, 4001, 4003, 4401, 4403):
        return GROWN if renewable else PATIENT
    if code in (1002, 1003, 1007, 1009, 1010) or 3000 <= code <= 4999:
        return GROWN
    return SOON


def after_status(status, renewable):
    """The class after an HTTP answer that opened no WebSocket."""
    if status in (401, 403):
        return GROWN if renewable else PATIENT
    if status >= 500 or status in (408, 429):
        return SOON
    return PATIENT
