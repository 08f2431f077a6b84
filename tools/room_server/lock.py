"""The lock by which one server at a time uses a database file, or a folder."""

import os
from contextlib import contextmanager, suppress

from .schema import StoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def locked(path, suffix="-lock", others="another file with --db"):
    """A block in which no other server uses `path`; raise StoreError if one does.

    The lock is a file: its name is `path` with `suffix`. The system ends it with the process,
    however that ends. Other programs may read what is at `path`. `others` is what to give instead.
    """
    if path is None or fcntl is None:
        yield
        return
    # Not the database itself: closing it would end SQLite's own locks, and on macOS both kinds
    # would be in each other's way.
    path_of_lock = os.path.realpath(path) + suffix
    file = _lock(path, path_of_lock, others)
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(path_of_lock)  # first: who has it open already sees that it is gone
        os.close(file)


def _lock(path, path_of_lock, others):
    while True:
        try:
            file = os.open(path_of_lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            text = f"{path} cannot be used: {error.strerror}; give {others}"
            raise StoreError(text) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Else the server that had the lock has just ended, and removed the file.
            if _is_at(file, path_of_lock):
                return file
        except BlockingIOError:
            os.close(file)
            text = f"{path} is in use by another server: stop it, or give {others}"
            raise StoreError(text) from None
        except OSError:
            return file  # a file system without locks
        os.close(file)


def _is_at(file, path):
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
