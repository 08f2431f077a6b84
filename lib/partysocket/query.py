"""A PartySocket's query, if it has more than the id."""

from .core.address import query_string


def with_query(self, query):
    """The URL to dial: `_pk` comes first, then the application's `query`."""
    pairs = [("_pk", self.id)]
    if self._options["connection_id"] == "fresh":
        from .place import new_id

        pairs = [("_pk", new_id()), ("id", self.id)]
    pairs.extend(query_pairs(query))
    if self._courier is not None:
        pairs.append(("epoch", self._courier.epoch))
    return self.room_url + "?" + query_string(pairs)


def query_pairs(query):
    """The (name, value) pairs of a `query`."""
    if query is None:
        return ()
    if not hasattr(query, "items"):
        raise TypeError("query gave %s, not a mapping" % type(query).__name__)
    return query.items()
