"""The token of `--lan`. It is made once, and kept in a file of the user's data folder, which no
other user may read.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import replace

from . import logs
from .place import data_folder
from .schema import StoreError
from .tokens import EVERYWHERE, WRITE, Tokens, is_token

_INSTEAD = "give a token in ROOM_SERVER_TOKEN, or with --token-file"
# Without those that look alike. 20 of them are 99 random bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# More is not a token.
_MOST_BYTES = 300


def with_kept_token(settings):
    """Return the settings with the token of the file, and the file's path. If they need none,
    return them as they are, and None. Raises StoreError.
    """
    if not settings.lan or settings.open or settings.tokens:
        return settings, None
    path = file_of_token()
    token = kept_token(path)
    tokens = Tokens([(EVERYWHERE, token, WRITE)])
    return replace(settings, tokens=tokens, own_token=token, link_token=token), path


def file_of_token():
    """Return the file's path. Raises StoreError."""
    return data_folder(_INSTEAD) / "token"


def kept_token(path):
    """Return the token of the file; make both if there is no file. Raises StoreError."""
    try:
        token = read_token(path)
        if token is None:
            _write(path, _made())
            # Not the one just made: two servers may start at the same moment.
            token = read_token(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}; {_INSTEAD}") from None
    if not token:
        raise StoreError(f"{path} has no token: remove it, and a new one is made; or {_INSTEAD}")
    return token


def token_of_user():
    """Return the token that this user's server has made, or None."""
    try:
        return read_token(file_of_token()) or None
    except (StoreError, OSError):
        return None


def read_token(path):
    """Return the token, an empty text if the file has none, or None if there is no file."""
    with suppress(FileNotFoundError), open(path, encoding="ascii", errors="replace") as file:
        # Windows has no such modes.
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
            os.fchmod(file.fileno(), 0o600)
            text = f"others could read {path}: remove it, and the next start makes a new token"
            logs.warning("token-readable", text)
        text = file.read(_MOST_BYTES).strip()
        return text if is_token(text) else ""
    return None


def _made():
    letters = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(letters[n : n + 5] for n in range(0, 20, 5))


def _write(path, token):
    """Write the file, whole or not at all, unless another server has just done it."""
    temporary = path.with_name(f"token-{secrets.token_hex(8)}")
    try:
        # The mode is there from the first moment.
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(file, "w", encoding="ascii") as writer:
            writer.write(token + "\n")
            writer.flush()
            os.fsync(file)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        except OSError:
            # A file system without links.
            os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
