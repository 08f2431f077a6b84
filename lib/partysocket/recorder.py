"""A flight recorder: the last events of a socket, in fixed memory.

    recorder = Recorder(socket)
    print(recorder)

To tell the server what happened while there was no connection:

    PartySocket(host, room, hello=lambda: recorder.text())
"""

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import net, ticks_diff

# The most characters of a reason or an error.
_MOST_CHARS = 48
_KINDS = ("open", "close", "error", "reconnecting", "discard", "giveup")


class Recorder:
    """Keeps the last `size` events of `socket`: open, close, error, reconnecting, discard, giveup.
    Messages are not recorded.
    """

    def __init__(self, socket, size=16):
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError("size is a whole number from 1 up, not %r" % (size,))
        self._entries = [None] * size
        self._next = 0
        self._seconds = 0
        self._ms = 0
        self._at = net.ticks_ms()
        self._socket = socket
        for kind in _KINDS:
            socket.add_event_listener(kind, self)

    def entries(self):
        """[(seconds since the recorder was made, event type, detail), ...], oldest first. A gap of
        more than 3 days between two events comes out wrong, because ticks wrap.
        """
        ring = self._entries[self._next :] + self._entries[: self._next]
        return [entry for entry in ring if entry is not None]

    def text(self):
        """The entries as text, one line for each."""
        return "\n".join(["%d s %s %s" % entry for entry in self.entries()])

    def __str__(self):
        return self.text()

    def handle_event(self, event):
        now = net.ticks_ms()
        self._ms += max(0, ticks_diff(now, self._at))
        self._at = now
        self._seconds += self._ms // 1000
        self._ms %= 1000
        self._entries[self._next] = (self._seconds, event.type, _detail(event))
        self._next = (self._next + 1) % len(self._entries)

    def stop(self):
        """Stop recording."""
        for kind in _KINDS:
            self._socket.remove_event_listener(kind, self)


def _detail(event):
    kind = event.type
    if kind == "open":
        return "again" if event.reconnected else "first"
    if kind == "close":
        return ("%d %s" % (event.code, event.reason))[:_MOST_CHARS].strip()
    if kind == "reconnecting":
        return "in %d ms, retry %d" % (event.delay_ms, event.retry_count)
    if kind == "discard":
        return "%d messages" % event.count
    phase = event.target.last_error[0] if event.target.last_error else ""
    return ("%s: %s" % (phase, event.error))[:_MOST_CHARS]
