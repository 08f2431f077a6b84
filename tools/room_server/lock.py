"""The lock by which one room server at a time uses a database file."""

import os
from contextlib import contextmanager, suppress

from .schema import StoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def locked(path):
    """A block in which no other room server uses the file `path`; raise StoreError if one does.

    The system ends the lock with the process, however that ends. Other programs may read the file.
    """
    if path is None or fcntl is None:
        yield
        return
    # Not the database itself: closing it would end SQLite's own locks, and on macOS both kinds
    # would be in each other's way.
    path_of_lock = os.path.realpath(path) + "-lock"
    file = _lock(path, path_of_lock)
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(path_of_lock)  # first: who has it open already sees that it is gone
        os.close(file)


def _lock(path, path_of_lock):
    while True:
        try:
            file = os.open(path_of_lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            reason = error.strerror
            raise StoreError(
                f"{path} cannot be used: {reason}; give a file that can be written with --db"
            ) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Else the server that had the lock has just ended, and removed the file.
            if _is_at(file, path_of_lock):
                return file
        except BlockingIOError:
            os.close(file)
            raise StoreError(
                f"{path} is in use by another room server: stop it, or give another file with --db"
            ) from None
        except OSError:
            return file  # a file system without locks
        os.close(file)


def _is_at(file, path):
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
