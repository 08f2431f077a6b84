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
        if path and path.startswith("/"):
            raise ValueError("path must not start with a slash: %r" % path)
        if protocol not in (None, "ws", "wss"):
            raise ValueError('protocol is "ws" or "wss", not %r' % (protocol,))
        if query is not None and not callable(query) and not hasattr(query, "items"):
            raise TypeError("query is a mapping, or a callable that gives one, not %r" % (query,))
        self.id = new_id() if id is None else id
        self.host = address.clean_host(host or "")
        self.room = room
        self.name = "main" if party is None else party
        self.base_path = base_path
        self.path = "/" + path if path else ""
        self.room_url = ""
        self._query = query
        cut = ""
        if self.host and (room or base_path):
            self.room_url, cut = address.room_url(
                self.host, self.name, room, base_path, prefix, path, protocol
            )
        if not options.get("start_closed"):
            self._check_target()
        super().__init__(self._full_url, protocols, **options)
        if cut:
            self._warn(
                "the address is cut before %r, as browsers do: encode it if it belongs there" % cut
            )
        if not disable_name_validation and base_path is None:
            for what, text in (("party", self.name), ("room", room)):
                if text and "/" in text:
                    self._warn(
                        "the %s %r has a slash: the server will see another name" % (what, text)
                    )

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
        query = await asked(self._query)
        pairs = [("_pk", self.id)]
        if self._options["connection_id"] == "fresh":
            pairs = [("_pk", new_id()), ("id", self.id)]
        if query is not None:
            if not hasattr(query, "items"):
                raise TypeError("query gave %r, not a mapping" % (query,))
            pairs.extend(query.items())
        return self.room_url + "?" + address.query_string(pairs)
