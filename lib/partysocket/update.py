"""Changes the properties of a PartySocket."""

from .net import chance

_PLACE = ("host", "room", "party", "base_path", "prefix", "path", "protocol")
_FIXED = ("queue_bytes", "receive_bytes", "transport", "start_closed", "outbox")


def update(self, changes):
    """See PartySocket.update_properties."""
    # Imported here because they are unloaded before the next dial.
    from .options import checked, protocol_list
    from .place import put, put_id, put_query

    options = dict(changes)
    for name in _FIXED:
        if name in options and options[name] != self._options[name]:
            raise ValueError("%s stays as it is for a socket's life: make a new one" % name)
    place = {
        "host": self.host,
        "room": self.room,
        "party": self.name,
        "base_path": self.base_path,
        "prefix": self._prefix,
        "path": self.path[1:] or None,
        "protocol": self._protocol_name,
    }
    for name in _PLACE:
        if name in options:
            place[name] = options.pop(name)
    query = options.pop("query", self._query)
    protocols = options.pop("protocols", self._protocols)
    if not callable(protocols):
        protocols = protocol_list(protocols)
    given_id = options.pop("id", None)
    # Only the constructor uses it, as in the npm package.
    options.pop("disable_name_validation", None)
    options = checked(options, self._options)
    queue_full = None
    if options["overflow"] == "error":
        from .wrong import of_queue

        queue_full = of_queue(options)
    # Nothing has changed so far. Each of the next calls raises before it changes anything.
    before = self._query
    former_id = self.id
    put_query(self, query)
    try:
        if given_id is not None:
            put_id(self, given_id)
        put(self, **place)
    except (TypeError, ValueError):
        self._query = before
        self.id = former_id
        raise
    self._protocols = protocols
    self._queue_full = queue_full
    self._options.update(options)
    if "min_reconnection_delay" in changes:
        self._life.redraw(chance())
    self._woken.set()
