"""An outbox's life in steps, so that it can be seen what heap each of them keeps."""

import builtins
import errno

READING = '{"type":"reading","values":{"temperature":21.50,"hPa":1016}}'
_SIZE_BYTES = 131072
_MANY = 40  # more than the slots hold

_open = open


def _found(path, mode):
    """WebAssembly has another number for what is not found."""
    try:
        return _open(path, mode)
    except OSError as error:
        raise OSError(errno.ENOENT if error.errno == 44 else error.errno) from None


builtins.open = _found
_socket = _outbox = None


def prepare():
    """What there is without an outbox."""
    global _socket
    from partysocket import PartySocket

    _socket = PartySocket("127.0.0.1", "room", start_closed=True)


def use(folder):
    global _outbox
    from partysocket.outbox import Outbox

    _outbox = Outbox(folder, _SIZE_BYTES)
    _outbox.attach(_socket)
    _write(1)


def fill():
    """Until some wait in segments."""
    _write(_MANY)


def _write(count):
    from partysocket.outbox import put  # as sync() does, which wants a loop

    for _ in range(count):
        _outbox.append(READING)
        put(_outbox)
