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
    alone. Options as for WebSocket.
    """

    def __init__(
        self,
        host=None,
        room=None,
        *,
        id=None,
        party=None,
        base_path=None,
        prefix=None,
        path=None,
        protocol=None,
        protocols=None,
        query=None,
        disable_name_validation=False,
        **options,
    ):
        from .place import hints, put, put_id, put_query

        put(self, host, room, party, base_path, prefix, path, protocol)
        put_id(self, id)
        put_query(self, query)
        if not options.get("start_closed"):
            self._check_target()
        super().__init__(self._full_url, protocols, **options)
        for hint in hints(self, disable_name_validation):
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
        try:
            from .fetch import fetch
        except ImportError as e:
            from .parts import absent

            raise absent("fetch", e)
        return await fetch(host, room, **arguments)

    def _check_target(self):
        if not self.host:
            raise ValueError(
                "PartySocket needs a host, as in PartySocket('example.com', 'my-room')"
            )
        if not self.room and not self.base_path:
            raise ValueError("PartySocket needs a room, or base_path")

    def _is_renewable(self):
        return callable(self._query) or callable(self._options["headers"])

    async def _full_url(self):
        from .core.plain_address import is_plain

        query = await asked(self._query)
        if (
            query is None
            and self._options["connection_id"] == "stable"
            and is_plain(self.id, "_.")
        ):
            return "%s?_pk=%s" % (self.room_url, self.id)
        from .query import with_query

        return with_query(self, query)
