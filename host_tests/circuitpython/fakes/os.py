"""A part of CircuitPython's `os`: its getenv reads settings.toml, here in the current folder."""

from uos import getcwd, listdir, mkdir, remove, rename, stat, urandom  # noqa: F401


def getenv(key, default=None):
    try:
        with open("settings.toml") as file:
            lines = file.read().split("\n")
    except OSError:
        return default
    for line in lines:
        name, sign, value = line.partition("=")
        if sign and name.strip() == key:
            value = value.strip()
            return value[1 : value.find('"', 1)] if value[:1] == '"' else int(value)
    return default
