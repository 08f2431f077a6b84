"""PartySocket: a WebSocket that joins a room."""

from .net import asked
from .websocket import WebSocket


class PartySocket(WebSocket):
    """A reconnecting WebSocket to a room of a PartyServer, or of a server with the same URLs.

    `host`: a name with or without port (a scheme before it is ignored). `room`, `party` ("main")
    and `path` are encoded as in a browser; `base_path` replaces prefix, party and room. `id` is
    the connection's `_pk`; the object keeps it (with `connection_id="fresh"` each dial has a new
    `_pk`, and the id is sent as `id`). `query`: a mapping, or a function (async or not) that
    returns one and is called before each dial. `protocol`: "ws" or "wss"; without it ws is only
    used for local hosts. `protocols` and options are those of WebSocket.
    `disable_name_validation`: no warning about a slash in a name. All arguments except host and
    room are keyword arguments.
    """

    def __init__(self, host=None, room=None, **options):
        hints = _put(self, host, room, options)
        super().__init__(self._full_url, options.pop("protocols", None), **options)
        for hint in hints:
            self._warn(hint)

    def update_properties(self, **changes):
        """Change arguments and options of the constructor. All others stay as they are, also the
        id. The address, `query`, `protocols`, `headers` and `id` apply from the next dial (call
        `reconnect()`), options from their next use. Raises ValueError for `queue_bytes`,
        `receive_bytes`, `transport`, `start_closed` and `outbox`, which can't change. If one
        argument is wrong, nothing changes.
        """
        from .update import update

        update(self, changes)

    @staticmethod
    async def fetch(host, room=None, **arguments):
        """Send an HTTP request to a room. See `partysocket.fetch.fetch`."""
        from .wrong import fetch

        return await fetch()(host, room, **arguments)

    async def _full_url(self):
        from .core.plain_address import is_plain

        query = await asked(self._query)
        if (
            query is None
            and self._courier is None
            and self._options["connection_id"] == "stable"
            and is_plain(self.id, "_.")
        ):
            return "%s?_pk=%s" % (self.room_url, self.id)
        from .query import with_query

        return with_query(self, query)


# A separate function, so that nothing keeps a reference to the module, which is unloaded before
# the socket's buffers are made. The arguments are not parameters here, because each parameter name
# would take memory all the time; `place` knows them.
def _put(self, host, room, options):
    from .place import put_all

    return put_all(self, host, room, options)
