"""PartySocket: a WebSocket that joins a room."""

from .net import asked
from .websocket import WebSocket


class PartySocket(WebSocket):
    """A reconnecting WebSocket to a room of a PartyServer, or of a server that routes like one.

    `host`: name with or without port (a scheme before it is ignored). `room`, `party` ("main")
    and `path` are encoded as a browser does it; `base_path` stands for prefix, party and room.
    `id` is the connection's `_pk`, kept for the object's life (with `connection_id="fresh"` each
    dial has a new `_pk`, and the id goes as `id`). `query`: a mapping, or a callable (async or
    not) that gives one, asked before each dial. `protocol`: "ws" or "wss"; else ws for local hosts
    alone. `protocols` and options as for WebSocket; `disable_name_validation`: no warning of a
    slash in a name. All but host and room by name.
    """

    def __init__(self, host=None, room=None, **options):
        hints = _put(self, host, room, options)
        super().__init__(self._full_url, options.pop("protocols", None), **options)
        for hint in hints:
            self._warn(hint)

    def update_properties(self, **changes):
        """Change arguments and options of the constructor; all others, the id too, stay as they
        are. Address, `query`, `protocols`, `headers` and `id` apply from the next dial (call
        `reconnect()`), options from their next use. ValueError: `queue_bytes`, `receive_bytes`,
        `transport` and `start_closed` stay for a socket's life. If one is wrong, nothing changes.
        """
        from .update import update

        update(self, changes)

    @staticmethod
    async def fetch(host, room=None, **arguments):
        """An HTTP request to a room. See `partysocket.fetch.fetch`."""
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


# Apart, so that nothing holds on to the module: it is let go of before the socket's buffers are
# made. Each argument by name would cost a board its slot for ever: `place` knows them.
def _put(self, host, room, options):
    from .place import put_all

    return put_all(self, host, room, options)
