"""Completes the settings of a board: by the command line, a room server nearby, and questions."""

from getpass import getpass

from . import settings


class Asker:
    """`can_ask`: whether somebody is there to answer. `find` gives the default for a HOST that
    nobody knows, and that host's token, or None; it may `say` something first.
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
        host, token = values.get("HOST"), None
        if not host:
            host, token = self.find(self.say)
        for key, what, default in (
            ("HOST", "Host of the room, with its port", host),
            ("ROOM", "Room", values["ROOM"]),
        ):
            if asks and key not in given:
                values[key] = self._text(what, default)
            elif not values.get(key):
                raise settings.missing(what, key, default)
        # A server's token is for that server alone.
        if token and values["HOST"] == host:
            values.setdefault("TOKEN", token)
        return settings.checked(values)

    def _keeps(self, values):
        self.say("The board has settings: " + settings.shown(values))
        return self.read("Keep them? [Y/n] ").strip().lower() in ("", "y", "yes")

    def _networks(self, current, name, password, asks):
        """The list of networks: the named one first, then the others on the board."""
        if name is None and asks:
            ssid = current[0][0] if current else ""
            hint = ssid or "empty: something else brings the network up"
            name = self.read(f"Wi-Fi name [{hint}]: ") or ssid
        elif name is None:
            if current is None:
                raise settings.missing("Name of the Wi-Fi", "WIFI_NAME")
            return current
        if name and password is None and asks:
            hint = "as it is" if dict(current or []).get(name) else "empty: an open network"
            password = self.read_hidden(f"Its password, not shown [{hint}]: ")
        return settings.with_network(current, name, password)

    def _text(self, what, default):
        text = ""
        while not text:
            text = self.read(f"{what}{f' [{default}]' if default else ''}: ").strip() or default
        return text
