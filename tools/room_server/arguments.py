"""Arguments that several programs have: addresses of servers, files with secrets, rooms."""

import argparse
import os
import re
import stat
import sys
from urllib.parse import urlsplit

from partysocket.core.local import is_local

from .tokens import is_token

_PLACE = re.compile(r"(?:([a-z0-9_.-]{1,64})/)?([^/\x00-\x1f\x7f]{1,256})")
_MOST_SECRET_BYTES = 4096


class SettingsError(ValueError):
    """An argument cannot be used. The text says what to give, and never has a secret in it."""


class Parser(argparse.ArgumentParser):
    """A bad argument ends the program with one line and status 2."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def url_of(option, text, schemes):
    """Return the parts of an address that names a host, and nothing else but a port."""
    try:
        url = urlsplit(text)
        is_host = bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        is_host = False
    if is_host and (url.username is not None or url.password is not None):
        raise SettingsError(f"{option}: give no name or password in the address")
    known = url.scheme in schemes or (not url.scheme and text.startswith("//")) if is_host else 0
    if not known or url.path not in ("", "/") or url.query or url.fragment:
        names = " or ".join(f"{scheme}://HOST:PORT" for scheme in schemes)
        raise SettingsError(f"{option}: give {names}")
    return url


def server_of(option, text, insecure):
    """Return the parts of the address of a server of rooms, on whose way nobody can listen."""
    url = url_of(option, text, ("http", "https"))
    # As the library does: names that can only be at home.
    if url.scheme == "http" and not is_local(url.netloc) and not insecure:
        raise SettingsError(
            f"{option}: {url.hostname} is not at home: give https:// or --insecure"
        )
    return url


def token_in(option, path, variable):
    """Return the token in a file, or that in the environment, or None."""
    token = secret_in(option, path)
    if token is None:
        token = os.environ.get(variable)
    if token is not None and not is_token(token):
        raise SettingsError("the token: give 1 to 256 ASCII characters without spaces")
    return token


def secret_in(option, path):
    """Return the text of a file without the end of its line, or None without a file."""
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                print(f"others can read {path}: chmod 600 {path}", file=sys.stderr)
            text = file.read(_MOST_SECRET_BYTES).rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise SettingsError(f"{option}: {path} cannot be read: {reason}") from None
    if not text or "\n" in text:
        raise SettingsError(f"{option}: {path}: write it on a line alone")
    return text


def readable(option, path):
    """Return the path of a file, or None without one."""
    if path is not None and not os.access(path, os.R_OK):
        raise SettingsError(f"{option}: {path} cannot be read")
    return path


def place_of(text):
    """Return (party, room) of ROOM or PARTY/ROOM."""
    found = _PLACE.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: give ROOM or PARTY/ROOM")
    return found[1] or "main", found[2]
