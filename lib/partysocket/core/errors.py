"""The errors an application may see. The network's own are OSError."""


class Error(Exception):
    """The root of this library's errors."""


class HandshakeError(Error):
    """The server did not open a WebSocket.

    `status` is its HTTP status (101 if it agreed, but wrongly), `retry_after` the seconds it asked
    for, or None.
    """

    def __init__(self, message, status, retry_after=None):
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ProtocolError(Error):
    """The peer broke RFC 6455. `code` is the close code that it gets (7.4.1)."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


class QueueFull(Error):
    """`send` found no room and `overflow` is "error". Wait for `buffered_amount` to fall, or
    enlarge `queue_bytes`.
    """
