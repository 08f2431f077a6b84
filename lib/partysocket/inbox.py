"""Where a message waits for recv(). One waits at most."""


class Inbox:
    """Until somebody first asks, the message that waits is the oldest, and later ones are counted
    and dropped: a device that only sends never stalls. From then on nothing more is read while
    one waits. It is an object of its own, without properties, since a class that has some makes
    each assignment to an attribute slow on MicroPython.
    """

    def __init__(self):
        self.message = None
        self.has_asked = False  # somebody has called recv(), ever
        self.is_asked = False  # somebody waits
        # The last one taken is a view of the receive buffer: nothing may be read until the next
        # recv().
        self.is_lent = False
        self._is_view = False  # the message that waits is one
        self.unread = 0  # dropped, since nobody ever asked

    def put(self, message):
        """A message for whoever asks."""
        if self.message is not None:
            self.unread += 1
        elif not isinstance(message, memoryview):
            self.message = message
        elif self.has_asked:
            self.message = message
            self._is_view = True
        else:
            self.message = memoryview(bytes(message))  # reading goes on, and over the buffer

    def take(self):
        """The message that waits, or None; also None if another one waits for it."""
        if self.is_asked:
            return None
        message = self.message
        self.message = None
        self.has_asked = True
        self.is_lent = self._is_view
        self._is_view = False
        return message

    def ask(self):
        """Somebody begins to wait; Error if somebody does."""
        if self.is_asked:
            from .wrong import of_reader

            raise of_reader()
        self.is_asked = True

    def stop_asking(self):
        """The one who waited does so no longer, with a message or without."""
        self.is_asked = False

    def has_view(self):
        """Whether somebody may look into the receive buffer, so that nothing may be read."""
        return self.is_lent or self._is_view

    def keep_view(self):
        """The receive buffer is another one from now on: the view stays true."""
        self.is_lent = self._is_view = False
