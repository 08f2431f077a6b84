"""Holds the message that waits for recv(). At most one waits."""


class Inbox:
    """Until the first call of recv(), the oldest message waits, and later ones are counted and
    dropped, so that a device that only sends never stalls. After that call nothing is read while a
    message waits.

    It is a class of its own, without properties: on MicroPython a property makes each assignment
    to an attribute of its class slow.
    """

    def __init__(self):
        self.message = None
        # recv() was called at least once.
        self.has_asked = False
        # A task waits in recv().
        self.is_asked = False
        # The last message taken is a view of the receive buffer, so nothing may be read until the
        # next recv().
        self.is_lent = False
        # The message that waits is a view of the receive buffer.
        self._is_view = False
        # Messages that were dropped because recv() was never called.
        self.unread = 0

    def put(self, message):
        """Put a message here for recv()."""
        if self.message is not None:
            self.unread += 1
        elif not isinstance(message, memoryview):
            self.message = message
        elif self.has_asked:
            self.message = message
            self._is_view = True
        else:
            # A copy, because reading goes on and overwrites the buffer.
            self.message = memoryview(bytes(message))

    def take(self):
        """Return the message that waits, or None. Also None if another task waits for it."""
        if self.is_asked:
            return None
        message = self.message
        self.message = None
        self.has_asked = True
        self.is_lent = self._is_view
        self._is_view = False
        return message

    def ask(self):
        """A task begins to wait in recv(). Raises Error if another one waits."""
        if self.is_asked:
            from .wrong import of_reader

            raise of_reader()
        self.is_asked = True

    def stop_asking(self):
        """The task no longer waits, with or without a message."""
        self.is_asked = False

    def has_view(self):
        """Whether the application may look into the receive buffer, so nothing may be read."""
        return self.is_lent or self._is_view

    def keep_view(self):
        """A new receive buffer is in use, so the view of the old one stays valid."""
        self.is_lent = self._is_view = False
