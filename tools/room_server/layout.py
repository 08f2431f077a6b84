"""The layout of a room's dashboards: an object that is kept and told, and not looked into."""

import re

from .checks import MessageError
from .messages import encode, error

MAX_BYTES = 32768
# Of its message: there may be spaces and escapes in it.
_MAX_MESSAGE_BYTES = 65536
_BEGIN = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"type"[ \t\r\n]*:[ \t\r\n]*"layout"')
_KEY = "layout"
_NONE = {"version": 0, "layout": {}}


class Layout:
    """The layout of one room. It is only in the store, because it is rarely needed."""

    def __init__(self, store, place):
        """`place`: the party and the room."""
        self._store = store
        self._place = place

    def state(self):
        """Return the field of a snapshot: nothing if there is no layout."""
        newest = self._store.kept(*self._place, _KEY)
        return {"layout": newest} if newest else {}

    def take(self, sender, message, now, tell):
        """Keep a layout and tell it, or tell the sender why not. `tell`: see Room.tell_dashboards.
        Raises MessageError.
        """
        size = len(encode(message["layout"]))
        if size > MAX_BYTES:
            raise MessageError(f"layout has {size} bytes: send at most {MAX_BYTES}")
        newest = self._store.kept(*self._place, _KEY) or _NONE
        if message["version"] != newest["version"]:
            sender.send(encode({"type": "layout", **newest, "error": "stale"}), True)
            return
        newest = {"version": newest["version"] + 1, "layout": message["layout"]}
        why = self._store.keep(*self._place, _KEY, newest, now)
        if why is not None:
            sender.send(error(f"not stored: {why}", 507), True)
            return
        tell(encode({"type": "layout", **newest}), sender)


def most_bytes(payload, limit):
    """Return how many bytes a text may have, if `limit` is that of other messages."""
    return max(limit, _MAX_MESSAGE_BYTES) if _BEGIN.match(payload) else limit
