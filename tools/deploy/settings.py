"""The board's secrets.py: Wi-Fi, host, room. The settings are written only to the board, and no
message shows a password or a token.
"""

import ast
import re
from urllib.parse import urlencode

from partysocket import Error
from partysocket.core import address
from partysocket.wifi import WiFi

from . import words

ORDER = ("NETWORKS", "HOST", "ROOM", "NAME", "TOKEN", "PROTOCOL", "CA", "WATCHDOG_S", "PORTAL")
_HEAD = f"# Written by `{words.COMMAND}`, which reads it too: names, each with a literal.\n"


def parse(source):
    """{name: value} of a secrets.py. Failure if it has anything but assignments of literals, or
    values that a board can't use.
    """
    found = {}
    try:
        for node in ast.parse(source).body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                # A docstring.
                continue
            (target,) = node.targets
            found[target.id] = ast.literal_eval(node.value)
        texts = [found.get(name) for name in ("HOST", "ROOM", "NAME", "TOKEN")]
        for ssid, password in found.get("NETWORKS", []):
            texts += [ssid, password]
        if not all(text is None or isinstance(text, str) for text in texts):
            raise ValueError
    except (SyntaxError, ValueError, AttributeError, TypeError):
        raise words.unreadable_settings() from None
    return found


def written(values):
    """The text of a secrets.py."""
    names = [*(name for name in ORDER if name in values), *sorted(values.keys() - set(ORDER))]
    return _HEAD + "".join(f"{name} = {values[name]!r}\n" for name in names)


def with_network(current, name, password):
    """The list of networks with the named one first. Without a password it keeps the one that it
    has. An empty name: something else brings the network up.
    """
    if not name:
        return []
    others = [network for network in current or [] if network[0] != name]
    return [(name, password or dict(current or []).get(name) or None), *others]


def missing(what, variable, example=None):
    return words.Failure(
        words.SETTINGS,
        f"{what}: not known, and there is nobody to ask. Give it: "
        f"{words.command(variable, example or '...')}",
    )


def is_secure(values):
    """Whether the connection to the room uses TLS."""
    protocol = values.get("PROTOCOL")
    return protocol == "wss" or protocol is None and not address.is_local(values["HOST"])


def needed_parts(kind, values):
    """The parts of the library that the start-up file needs with these settings. If they are
    unknown, all that it may need.
    """
    if values is None:
        return [*kind.parts, *kind.secure_parts]
    parts = list(kind.parts)
    if is_secure(values):
        parts += [part for part in kind.secure_parts if part != "roots" or not values.get("CA")]
    if values.get("PORTAL"):
        parts.append("portal")
    return parts


def shown(values):
    """The settings in one line, without secrets."""
    if values is None:
        return "settings as they are on the board"
    wifi = ", ".join(network[0] for network in values["NETWORKS"]) or "none"
    token = ", with a token" if values.get("TOKEN") else ""
    room = values.get("ROOM", "home")
    return f"Wi-Fi {wifi}; room {room} at {values['HOST']}{token}"


def secrets_of(values):
    """The texts that nobody may see."""
    found = {password for _, password in values.get("NETWORKS", [])} | {values.get("TOKEN")}
    return found - {None, ""}


def checked(values):
    """Return the values if the board can use them. Failure with the name of one that it can't."""
    values = dict(values, HOST=address.clean_host(values["HOST"].strip()))
    try:
        address.split_url(address.room_url(values["HOST"], "main", values["ROOM"])[0])
        if values["NETWORKS"]:
            # It checks the networks before it looks for the radio.
            WiFi(values["NETWORKS"])
    except Error:
        # This computer has no radio.
        pass
    except (ValueError, TypeError) as error:
        raise words.Failure(words.SETTINGS, str(error)) from None
    if len(values["ROOM"]) > 256:
        raise words.Failure(words.SETTINGS, "ROOM has 1 to 256 characters")
    name = values.get("NAME")
    if name is not None and not (1 <= len(name) <= 64 and name.isprintable()):
        raise words.Failure(words.SETTINGS, "NAME has 1 to 64 characters, none of them control")
    token = values.get("TOKEN")
    if token is not None and not re.fullmatch("[!-~]{1,256}", token):
        raise words.Failure(words.SETTINGS, "TOKEN has 1 to 256 ASCII characters without spaces")
    return values


def is_of_the_board_itself(host):
    """Whether the host is the board itself, such as localhost."""
    name = host.partition(":")[0].lower()
    return name == "localhost" or name.startswith("127.")


def dashboard(values):
    """The address of the page that shows the room; None if the settings don't tell."""
    if not values or not values["HOST"]:
        return None
    scheme = "https" if is_secure(values) else "http"
    return f"{scheme}://{values['HOST']}/?{urlencode({'room': values['ROOM']})}"
