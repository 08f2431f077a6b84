"""Rare operations of the queue: begin or break off a long message, and take out what waits.

These functions are methods of Outgoing. They are loaded when they are needed.
"""


def begin_long(self):
    """Begin a long message. It follows all records that wait now, and later records follow it."""
    self._long_number = self.pushed
    self.pushed += 1
    self._set_limit()


def break_long(self):
    """Break off the long message. Returns True if a part of it is already written: then nothing
    else may follow on this connection.
    """
    self.fragment = None
    if self._long_number >= 0 and not self.is_split:
        self._take_back(self._long_number)
        self._long_number = -1
        self._set_limit()
    return self.is_split


def drain(self):
    """Take out all records that wait. Returns a list of str and bytes, oldest first."""
    messages = []
    at = self._fly
    for _ in range(self.unwritten - self._flying):
        if at == self._wrap:
            at = 0
        start = self._body(at)
        data = bytes(self._ring_view[start : start + self._size])
        messages.append(data if self.ring[at] & 1 == 0 else data.decode())
        at = start + self._size
    # The records are dropped last, when nothing can fail any more.
    for _ in messages:
        self.drop_oldest()
    return messages
