"""Where a PartySocket's room is, and its id there. Unloaded before the dial, because only
construction and `update_properties` need it. These functions are methods of PartySocket.
"""

from .core.local import is_local
from .core.plain_address import is_plain
from .net import platform as net


def new_id():
    """Return a random UUID (RFC 9562, version 4)."""
    raw = bytearray(net.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = "".join(["%02x" % b for b in raw])
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def put_all(self, host, room, arguments):
    """Begin with the constructor's arguments. Those of the room are removed from `arguments`.
    Returns a list of warnings.
    """
    is_unchecked = arguments.pop("disable_name_validation", False)
    names = ("party", "base_path", "prefix", "path", "protocol")
    put(self, host, room, *[arguments.pop(name, None) for name in names])
    put_id(self, arguments.pop("id", None))
    put_query(self, arguments.pop("query", None))
    if not self.room_url and not arguments.get("start_closed"):
        from .wrong import of_target

        raise of_target(self.host)
    if self._cut or not is_unchecked and "/" in self.name + (room or ""):
        from .wrong import hints

        return hints(self, is_unchecked)
    return ()


def put(self, host, room, party, base_path, prefix, path, protocol):
    """Set the room's address, or raise and change nothing."""
    for given in (host, room, party, base_path, prefix, path):
        if given is not None and not isinstance(given, str):
            from .core.address import check_types

            check_types(
                host=host, room=room, party=party, base_path=base_path, prefix=prefix, path=path
            )
    if (path and path.startswith("/")) or protocol not in (None, "ws", "wss"):
        from .wrong import of_place

        raise of_place(protocol)
    name = "main" if party is None else party
    room_url = cut = ""
    host = host or ""
    is_usual = is_plain(host, ".:")
    if not is_usual:
        from .core.address import clean_host

        host = clean_host(host)
    if host and (room or base_path):
        segments = base_path or "%s/%s/%s" % (prefix or "parties", name, room)
        if path:
            segments += "/" + path
        if is_usual and is_plain(segments, "/_") and "//" not in "/" + segments:
            scheme = protocol or ("ws" if is_local(host) else "wss")
            room_url = "%s://%s/%s" % (scheme, host, segments)
        else:
            from .core.address import room_url as full_url

            room_url, cut = full_url(host, name, room, base_path, prefix, path, protocol)
    self.host = host
    self.room = room
    self.name = name
    self.base_path = base_path
    self.path = "/" + path if path else ""
    self.room_url = room_url
    # The part of the address that is cut off, as browsers do.
    self._cut = cut
    self._prefix = prefix
    self._protocol_name = protocol


def put_id(self, id):
    """Set the connection's `_pk`. With None it is a new one."""
    if id is not None and not isinstance(id, str):
        from .core.address import check_types

        check_types(id=id)
    self.id = new_id() if id is None else id


def put_query(self, query):
    """Set the `query`: a mapping, or a callable that returns one."""
    if query is not None and not callable(query) and not hasattr(query, "items"):
        from .wrong import of_query

        raise of_query(query)
    self._query = query
