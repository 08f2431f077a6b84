"""The board's secrets.py: Wi-Fi, host, room. The settings are written only to the board, and no
message shows a password or a token.
"""

import ast
import re
from getpass import getpass
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
        raise words.Failure(
            words.SETTINGS,
            "secrets.py on the board is not what this can read: NAME = literal, as in the sample. "
            "Deploy with --keep-settings to leave it as it is, or remove it: "
            "`mpremote fs rm :secrets.py`",
        ) from None
    return found


def written(values):
    """The text of a secrets.py."""
    names = [*(name for name in ORDER if name in values), *sorted(values.keys() - set(ORDER))]
    return _HEAD + "".join(f"{name} = {values[name]!r}\n" for name in names)


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


class Asker:
    """Completes settings by asking. `can_ask`: whether somebody is there to answer. `find` gives
    the default for a HOST that nobody knows, and that host's token, or None; it may `say`
    something first.
    """

    def __init__(
        self,
        can_ask,
        read=input,
        read_hidden=getpass,
        say=print,
        find=lambda say: (None, None),
    ):
        self.can_ask = can_ask
        self.read = read
        self.read_hidden = read_hidden
        self.say = say
        self.find = find

    def complete(self, current, given, has_wifi=True):
        """The settings to write. `current`: those on the board. `given`: those on the command
        line, with the same names, and WIFI_NAME and WIFI_PASSWORD. If some are given, only these
        change. All are asked for if the board has none, or if none are given.
        """
        if not has_wifi:
            current = {"NETWORKS": [], **current}
        is_complete = bool(current.get("HOST") and "NETWORKS" in current)
        asks = self.can_ask and not (is_complete and (given or self._keeps(current)))
        values = {"ROOM": "home", **current, **given}
        name, password = values.pop("WIFI_NAME", None), values.pop("WIFI_PASSWORD", None)
        if has_wifi:
            values["NETWORKS"] = self._networks(values.get("NETWORKS"), name, password, asks)
        found = (None, None) if values.get("HOST") else self.find(self.say)
        host = values.get("HOST") or found[0]
        for key, what, default in (
            ("HOST", "Host of the room, with its port", host),
            ("ROOM", "Room", values["ROOM"]),
        ):
            if asks and key not in given:
                values[key] = self._text(what, default)
            elif not values.get(key):
                raise _missing(what, key, default)
        # No other host may learn this token.
        if found[1] and values["HOST"] == found[0]:
            values.setdefault("TOKEN", found[1])
        return checked(values)

    def _keeps(self, values):
        self.say("The board has settings: " + shown(values))
        return self.read("Keep them? [Y/n] ").strip().lower() in ("", "y", "yes")

    def _networks(self, current, name, password, asks):
        """The list of networks: the named one first, then the others on the board."""
        if name is None and asks:
            ssid = current[0][0] if current else ""
            hint = ssid or "empty: something else brings the network up"
            name = self.read(f"Wi-Fi name [{hint}]: ") or ssid
        elif name is None:
            if current is None:
                raise _missing("Name of the Wi-Fi", "WIFI_NAME")
            return current
        if not name:
            return []
        known = dict(current or []).get(name)
        if password is None and asks:
            hint = "as it is" if known else "empty: an open network"
            password = self.read_hidden(f"Its password, not shown [{hint}]: ")
        return [
            (name, password or known or None),
            *(network for network in current or [] if network[0] != name),
        ]

    def _text(self, what, default):
        text = ""
        while not text:
            text = self.read(f"{what}{f' [{default}]' if default else ''}: ").strip() or default
        return text


def shown(values):
    """The settings in one line, without secrets."""
    if values is None:
        return "settings as they are on the board"
    wifi = ", ".join(network[0] for network in values["NETWORKS"]) or "none"
    token = ", with a token" if values.get("TOKEN") else ""
    room = values.get("ROOM", "home")
    return f"Wi-Fi {wifi}; room {room} at {values['HOST']}{token}"


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


def _missing(what, variable, example=None):
    return words.Failure(
        words.SETTINGS,
        f"{what}: not known, and there is nobody to ask. Give it: "
        f"{words.command(variable, example or '...')}",
    )
