"""The errors that an application may see. Network errors are OSError."""


class Error(Exception):
    """The root of this library's errors."""


class HandshakeError(Error):
    """The server did not open a WebSocket.

    `status` is its HTTP status (101 if it agreed, but with a wrong answer). `retry_after` is how
    many seconds it asked us to wait, or None.
    """

    def __init__(self, message, status, retry_after=None):
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ProtocolError(Error):
    """The peer broke RFC 6455. `code` is the close code that we send it (7.4.1)."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


class QueueFull(Error):
    """The queue is full and `overflow` is "error". Wait for `buffered_amount` to fall, or make
    `queue_bytes` larger.
    """
