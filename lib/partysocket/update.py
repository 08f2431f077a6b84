"""Changing a PartySocket that exists."""

from .chance import drawn
from .core.address import check_types
from .face import protocols_of
from .options import checked

_PLACE = ("host", "room", "party", "base_path", "prefix", "path", "protocol")
_FIXED = ("queue_bytes", "receive_bytes", "transport", "start_closed")


def update(socket, changes):
    """See PartySocket.update_properties."""
    options = dict(changes)
    for name in _FIXED:
        if name in options and options[name] != socket._options[name]:
            raise ValueError("%s stays as it is for a socket's life: make a new one" % name)
    place = {
        "host": socket.host,
        "room": socket.room,
        "party": socket.name,
        "base_path": socket.base_path,
        "prefix": socket._prefix,
        "path": socket.path[1:] or None,
        "protocol": socket._protocol,
    }
    for name in _PLACE:
        if name in options:
            place[name] = options.pop(name)
    query = options.pop("query", socket._query)
    protocols = options.pop("protocols", socket._protocols)
    if not callable(protocols):
        protocols = protocols_of(protocols)
    given_id = options.pop("id", None)
    check_types(id=given_id)
    options.pop("disable_name_validation", None)  # of the constructor, as in PartySocket
    options = checked(options, socket._options)
    # Nothing has changed so far; of these, each raises before it changes anything.
    before = socket._query
    socket._set_query(query)
    try:
        socket._set_place(**place)
    except (TypeError, ValueError):
        socket._query = before
        raise
    socket._protocols = protocols
    if given_id is not None:
        socket.id = given_id
    socket._options.update(options)
    engine = socket._engine
    engine.frames.max_message_bytes = options["max_message_bytes"]
    if "min_reconnection_delay" in changes:
        engine.machine.minimum_delay = drawn(options["min_reconnection_delay"])
    engine.wake()
