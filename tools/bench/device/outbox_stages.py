"""The life of an outbox in steps, to measure the heap that each of them keeps."""

import builtins
import errno

READING = '{"type":"reading","values":{"temperature":21.50,"hPa":1016}}'
_SIZE_BYTES = 131072
# More than the slots hold.
_MANY = 40

_open = open


def _found(path, mode):
    """Open a file. WebAssembly has another error number for a file that is not found."""
    try:
        return _open(path, mode)
    except OSError as error:
        raise OSError(errno.ENOENT if error.errno == 44 else error.errno) from None


builtins.open = _found
_socket = _outbox = None


def prepare():
    """The step before an outbox is made."""
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
    """Add readings until some wait in segments."""
    _write(_MANY)


def _write(count):
    # sync() calls the same function, but needs a loop.
    from partysocket.outbox import put

    for _ in range(count):
        _outbox.append(READING)
        put(_outbox)
