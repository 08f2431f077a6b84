"""Sums of what a room stores, as examples/party_server/src/sums.ts makes them: SHA-256 of one form
of each value.
"""

import hashlib
import json
import struct

from .rows import TIERS


class Sum:
    """The number of entries, and their SHA-256."""

    def __init__(self):
        self._count = 0
        self._hash = hashlib.sha256()

    def add_entries(self, entries):
        """Add entries, lists of numbers."""
        for entry in entries:
            self._hash.update(struct.pack(f"<{len(entry)}d", *entry))
        self._count += len(entries)

    def add_values(self, values):
        """Add any JSON values."""
        for value in values:
            self._hash.update(("\n" if self._count else "").encode() + plain(value).encode())
            self._count += 1

    def shown(self):
        """Return it in the party server's form."""
        return [self._count, self._hash.hexdigest()]


class Tally:
    """The sums of all rows of a room."""

    def __init__(self):
        self._devices = {}
        # {device: {name: {kind: Sum}}}
        self._series = {}
        self._room = {"layout": Sum(), "alerts": Sum()}

    def noted(self, rows):
        """Yield the rows, see rows.py, and add each."""
        for row in rows:
            self._note(row)
            yield row

    def shown(self):
        """Return {(kind, device or None, name or None): sum}."""
        found = {(kind, None, None): total.shown() for kind, total in self._room.items()}
        for device, total in self._devices.items():
            found["devices", device, None] = total
        for device, names in self._series.items():
            for name, sums in names.items():
                found.update(((kind, device, name), each.shown()) for kind, each in sums.items())
        return found

    def _note(self, row):
        kind, *parts = row
        if kind == "device":
            total = Sum()
            total.add_values(parts)
            self._devices[parts[0]["name"]] = total.shown()
        elif kind in self._room:
            self._room[kind].add_values(parts)
        else:
            device, name, entries = parts
            sums = self._series.setdefault(device, {}).get(name)
            if sums is None:
                sums = self._series[device][name] = {key: Sum() for key in (*TIERS, "changes")}
            if kind == "changes":
                sums[kind].add_values(entries)
            else:
                sums["raw" if kind == "points" else kind].add_entries(entries)


def plain(value):
    """Return a text that is the same for equal values. Numbers are the bits of their doubles."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "#" + struct.pack(">d", value).hex()
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(plain, value))}]"
    if not isinstance(value, dict):
        return _json(value)
    # JavaScript compares UTF-16.
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(f"{_json(key)}:{plain(value[key])}" for key in keys) + "}"


def _json(value):
    return json.dumps(value, ensure_ascii=False)
