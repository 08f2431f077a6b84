"""Writes a network into the board's settings as `make deploy` does (tools/deploy/settings.py):
names, each with a literal.
"""

from .net.replace import replace

_HEAD = "# Written by `make deploy`, which reads it too: names, each with a literal.\n"
_ORDER = ("NETWORKS", "HOST", "ROOM", "NAME", "TOKEN", "PROTOCOL", "CA", "WATCHDOG_S", "PORTAL")


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
