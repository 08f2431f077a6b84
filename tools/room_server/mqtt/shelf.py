"""What the broker should hold, and what is still to be sent to it.

A topic waits at most once, with its newest payload. So a slow broker, or one that is away, costs
no more memory than the payloads themselves.
"""

from collections import OrderedDict, deque

# Messages that the broker does not hold: the results of commands. The oldest are dropped.
_MOST_PASSING = 1000


class Shelf:
    """The retained messages of the bridge, by their topics. Payloads are bytes.

    `wake()` is called when something is to be sent.
    """

    def __init__(self, wake):
        self._wake = wake
        self._held = {}
        # Topics, in the order in which they are sent.
        self._due = OrderedDict()
        self._passing = deque(maxlen=_MOST_PASSING)

    def __contains__(self, topic):
        return topic in self._held

    def put(self, topic, payload, is_news=False):
        """Hold a payload that is not empty. With `is_news` it is sent also if it is the same."""
        if is_news or self._held.get(topic) != payload:
            self._held[topic] = payload
            self._send(topic)

    def remove(self, topic):
        """Hold nothing there. The broker is told, whatever it holds."""
        self._held.pop(topic, None)
        self._send(topic)

    def pass_on(self, topic, payload):
        """Send a message once, without that the broker holds it."""
        self._passing.append((topic, payload))
        self._wake()

    def repeat(self, topics=None):
        """Send everything again, or what is held of these topics."""
        for topic in list(self._held) if topics is None else topics:
            if topic in self._held:
                self._send(topic)

    def take(self):
        """Return the next (topic, payload, whether the broker holds it), or None."""
        if self._passing:
            return (*self._passing.popleft(), False)
        if self._due:
            topic, _ = self._due.popitem(last=False)
            # Without a payload the broker removes what it holds.
            return topic, self._held.get(topic, b""), True
        return None

    def _send(self, topic):
        self._due[topic] = None
        self._wake()
