"""The figures of a socket, and tracebacks of handlers."""

from .ending import text_of
from .net import platform as net


def traceback_of(error):
    """The traceback of `error` as text. Works even if the error's own text can't be made."""
    import io
    import sys

    text = io.StringIO()
    text.write("a handler raised:\n")
    try:
        if hasattr(sys, "print_exception"):
            sys.print_exception(error, text)
        else:
            import traceback

            traceback.print_exception(error, file=text)
    except Exception:
        text.write(text_of(error))
    return text.getvalue()


def stats(self):
    """See WebSocket.stats."""
    life = self._life
    protocol = self._protocol
    return {
        "attempts": life.attempts,
        "opens": life.opens,
        "drops": life.drops,
        "sent": protocol.messages_out,
        "received": protocol.messages_in,
        "bytes_in": protocol.bytes_in,
        "bytes_out": protocol.bytes_out,
        "discarded": self._discarded,
        "unread": self._inbox.unread,
        "rtt_ms": life.rtt_ms,
        "uptime_ms": life.uptime_ms(net.ticks_ms()),
        "last_error": self.last_error,
    }
