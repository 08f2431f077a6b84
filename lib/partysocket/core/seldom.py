"""What the queue seldom does: it begins and breaks off a long message, and gives back what waits.
The functions are the methods of Outgoing that are loaded when they are needed.
"""


def begin_long(self):
    """A long message begins behind all that waits now; what is pushed later waits for it."""
    self._long_number = self.pushed
    self.pushed += 1
    self._set_limit()


def break_long(self):
    """No more of the long message comes. True: a part of it is written, so that nothing else
    may follow on this connection.
    """
    self.fragment = None
    if self._long_number >= 0 and not self.is_split:
        self._take_back(self._long_number)
        self._long_number = -1
        self._set_limit()
    return self.is_split


def drain(self):
    """Take out all records that wait: a list of str and bytes, oldest first."""
    messages = []
    at = self._fly
    for _ in range(self.unwritten - self._flying):
        if at == self._wrap:
            at = 0
        start = self._body(at)
        data = bytes(self._ring_view[start : start + self._size])
        messages.append(data if self.ring[at] & 1 == 0 else data.decode())
        at = start + self._size
    # Only now, when nothing can fail any more, are they let go of.
    for _ in messages:
        self.drop_oldest()
    return messages
