"""The targets of alerts, which only the operator of the server sets: a JSON file."""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from .checks import MessageError, check_name, shorten
from .tokens import is_token

MOST_TARGETS = 20
KINDS = ("webhook", "ntfy", "apprise")

_EVERY_S = 5
_SECRET_OF = {"webhook": "secret", "ntfy": "token"}
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1")


class TargetError(ValueError):
    """The file of targets cannot be used. The text never contains an address or a secret."""


@dataclass(frozen=True)
class Target:
    """Where notifications go."""

    name: str
    kind: str  # one of KINDS
    url: str = field(repr=False)
    # A webhook's key for signatures, or ntfy's token, or None.
    secret: str | None = field(default=None, repr=False)
    # Between two notifications. The first wait after a failure is up to twice as long.
    every_s: float = _EVERY_S


def read_file(path):
    """Return {name: Target}. Raises TargetError."""
    try:
        with open(path, encoding="utf-8") as file:
            # Windows has no such modes.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & stat.S_IRWXO:
                raise TargetError(f"{path} is open to everyone on this computer: chmod o= {path}")
            text = file.read(1 << 20)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise TargetError(f"{path} cannot be read: {reason}") from None
    try:
        targets = targets_of(text)
        _check_apprise([target for target in targets.values() if target.kind == "apprise"])
    except TargetError as error:
        raise TargetError(f"{path}: {error}") from None
    return targets


def targets_of(text):
    """Return {name: Target} of a JSON text. Raises TargetError."""
    try:
        given = json.loads(text)
    except ValueError:
        raise TargetError("this is not JSON") from None
    if not isinstance(given, dict) or len(given) > MOST_TARGETS:
        raise TargetError(f"give an object of at most {MOST_TARGETS} names and targets")
    return {name: _target(name, fields) for name, fields in given.items()}


def _target(name, fields):
    try:
        check_name("target", name)
    except MessageError as error:
        raise TargetError(str(error)) from None
    what = f"target {shorten(name)}"
    if not isinstance(fields, dict) or fields.get("kind") not in KINDS:
        raise TargetError(f"{what}: give an object whose kind is {', '.join(KINDS)}")
    kind, url = fields["kind"], fields.get("url")
    secret = _SECRET_OF.get(kind)
    known = {"kind", "url", "every", "insecure", secret}
    if unknown := [field for field in fields if field not in known]:
        raise TargetError(f"{what}: {shorten(unknown[0])} is no field of {kind}")
    if not isinstance(url, str) or not url.isprintable() or " " in url or len(url) > 2048:
        raise TargetError(f"{what}: give its url")
    if kind != "apprise":
        _check_url(what, url, fields.get("insecure", False))
    every = fields.get("every", _EVERY_S)
    if isinstance(every, bool) or not isinstance(every, (int, float)) or not 0.05 <= every <= 3600:
        raise TargetError(f"{what}: give every as seconds, 0.05 to 3600")
    given = fields.get(secret)
    if given is not None and not (isinstance(given, str) and is_token(given)):
        raise TargetError(f"{what}: its {secret} has 1 to 256 ASCII characters without spaces")
    return Target(name, kind, url, given, every)


def _check_apprise(targets):
    """Raise TargetError for a target of this kind that apprise can't send to."""
    if not targets:
        return
    if not find_spec("apprise"):
        raise TargetError("the package apprise is not installed")
    # Here, because it takes a second.
    from .by_apprise import is_address

    for target in targets:
        if not is_address(target.url):
            text = "apprise does not know this kind of address"
            raise TargetError(f"target {target.name!r}: {text}")


def _check_url(what, url, is_insecure):
    if is_insecure not in (True, False):
        raise TargetError(f"{what}: insecure is true or false")
    try:
        parts = urlsplit(url)
        # Raises ValueError for a port that is none.
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or parts.scheme not in ("https", "http"):
        raise TargetError(f"{what}: its url begins with https:// and a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetError(f"{what}: its url has no user, password or fragment")
    if parts.scheme == "http" and not is_insecure and not _LOOPBACK.fullmatch(host):
        text = 'anyone in the network can read http: give https, or "insecure": true'
        raise TargetError(f"{what}: {text}")
