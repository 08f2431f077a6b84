"""When to dial again: each end of a connection has a retry class, chosen by its cause."""

from .errors import HandshakeError, ProtocolError

# Wait for the growing back-off. A connection that lasted has reset it.
SOON = 0
# Wait for the growing back-off, but a connection that ends like this does not reset it, however
# long it lasted.
GROWN = 1
# Wait long: only the server's owner can fix the cause.
PATIENT = 2


def after_end(error, code, is_refused, renewable):
    """The class after a connection or a dial that ended with `error` (None: with a Close frame)
    and the close code `code`. `is_refused`: the server's certificate was refused, or could not be
    checked.
    """
    if isinstance(error, HandshakeError):
        return after_status(error.status, renewable)
    if error is None or isinstance(error, ProtocolError):
        return after_close(code, renewable)
    return PATIENT if is_refused else SOON


def after_close(code, renewable):
    """The class after a Close with `code`. `renewable`: a provider may give new credentials for
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
