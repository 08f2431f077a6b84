"""PartySocket: a WebSocket that joins a room."""

from .chance import new_id
from .core import address
from .face import asked
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
        self._set_place(host, room, party, base_path, prefix, path, protocol)
        address.check_types(id=id)
        self.id = new_id() if id is None else id
        self._set_query(query)
        if not options.get("start_closed"):
            self._check_target()
        super().__init__(self._full_url, protocols, **options)
        if self._cut:
            self._warn(
                "the address is cut before %r, as browsers do: encode it if it belongs there"
                % self._cut[0]
            )
        if not disable_name_validation and base_path is None:
            for what, text in (("party", self.name), ("room", room)):
                if text and "/" in text:
                    self._warn(
                        "the %s %r has a slash: the server will see another name" % (what, text)
                    )

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

    def _set_place(self, host, room, party, base_path, prefix, path, protocol):
        address.check_types(
            host=host, room=room, party=party, base_path=base_path, prefix=prefix, path=path
        )
        if path and path.startswith("/"):
            raise ValueError("path must not start with a slash")
        if protocol not in (None, "ws", "wss"):
            raise ValueError('protocol is "ws" or "wss", not %r' % (protocol,))
        name = "main" if party is None else party
        host = address.clean_host(host or "")
        room_url = cut = ""
        if host and (room or base_path):
            room_url, cut = address.room_url(host, name, room, base_path, prefix, path, protocol)
        self.host = host
        self.room = room
        self.name = name
        self.base_path = base_path
        self.path = "/" + path if path else ""
        self.room_url = room_url
        self._cut = cut  # of the address, as browsers do
        self._prefix = prefix
        self._protocol = protocol

    def _set_query(self, query):
        if query is not None and not callable(query) and not hasattr(query, "items"):
            raise TypeError(
                "query is a mapping, or a callable that gives one, not " + type(query).__name__
            )
        self._query = query

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
        pairs = [("_pk", self.id)]
        if self._options["connection_id"] == "fresh":
            pairs = [("_pk", new_id()), ("id", self.id)]
        pairs.extend(await query_pairs(self._query))
        return self.room_url + "?" + address.query_string(pairs)


async def query_pairs(query):
    """The (name, value) pairs of a `query`, asked for if it is a callable."""
    query = await asked(query)
    if query is None:
        return ()
    if not hasattr(query, "items"):
        raise TypeError("query gave %s, not a mapping" % type(query).__name__)
    return query.items()
