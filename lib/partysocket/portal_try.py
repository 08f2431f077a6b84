"""The third step of an open portal: tries a network, and writes it into the board's settings as
`make deploy` does (tools/deploy/settings.py): names, each with a literal.
"""

import asyncio

from .net.replace import replace
from .portal_text import text_of

_LOOK_S = 0.25
_HEAD = "# Written by `make deploy`, which reads it too: names, each with a literal.\n"
_ORDER = ("NETWORKS", "HOST", "ROOM", "NAME", "TOKEN", "PROTOCOL", "CA", "WATCHDOG_S", "PORTAL")


async def attempt(wifi, chosen, path, log):
    """Try `chosen`, an (ssid, password). Returns why it failed, or "" if it was joined."""
    networks = None
    ssid = chosen[0]
    try:
        for text in chosen:
            text_of((text or "").encode())
        known = wifi.use([(ssid, chosen[1] or None)])
    except ValueError as e:
        return str(e)
    try:
        while wifi.status() in ("joining", "no address", "settling"):
            await asyncio.sleep(_LOOK_S)
        why = wifi.status()
        if why == "up":
            networks = [(ssid, chosen[1] or None)]
            networks += [one for one in known if one[0] != ssid]
    finally:
        wifi.use(networks or known)
    if networks is None:
        return "%s: %s" % (ssid, why[9:])
    keep(path, networks)
    log("portal: joined %r, which is now in %s" % (ssid, path))
    return ""


def keep(path, networks):
    """Make the first of `networks` the first of the file's. The others in the file stay; if it has
    none, those of `networks` are written. ValueError if the file has more than literals.
    """
    try:
        with open(path) as file:
            values = _values(file.read())
    except OSError as e:
        if e.errno != 2:  # ENOENT
            raise
        values = {}
    others = values.get("NETWORKS") or networks
    values["NETWORKS"] = networks[:1] + [one for one in others if one[0] != networks[0][0]]
    names = [name for name in _ORDER if name in values]
    names += sorted([name for name in values if name not in _ORDER])
    text = _HEAD + "".join(["%s = %r\n" % (name, values[name]) for name in names])
    try:
        is_same = _values(text) == values
    except SyntaxError:
        is_same = False
    if not is_same:
        raise ValueError("%s has more than NAME = literal, so it was not changed" % path)
    replace(path, text)


def _values(source):
    """{name: value} of the settings in a source text."""
    found = {}
    exec(source, found)
    return {name: found[name] for name in found if name[0] != "_"}
