"""What a server says that refused the upgrade, in its own words: loaded when one has. The function
is the driver's, in a file of its own.
"""

from micropython import const

from .connection import receive
from .core.errors import HandshakeError
from .core.refusal import body, one_line

_MOST_BYTES = const(256)  # of a body


async def refused(self, response, request, error):
    """The HandshakeError for what the server answered to `request`: `error`, with the sentence in
    the answer's body, if it has one. A body is waited for within the dial's time, and only where
    its end is known: by its length, or by the connection's.
    """
    if not hasattr(error, "status"):
        error = HandshakeError(str(error), response.status)
    self._note(error)  # whatever ends the waiting: this is why
    protocol = self._protocol
    get = response.headers.get
    size = get(b"content-length")
    is_whole = size is not None
    try:
        if not is_whole and b"close" in get(b"connection", b"").lower():
            size = _MOST_BYTES
        size = int(size or 0)
        # A longer one is a page.
        if size <= min(_MOST_BYTES, self._options["receive_bytes"]):
            try:
                while protocol.end - protocol.start < size:
                    await receive(self)
            except OSError:  # the connection's end
                is_whole = not is_whole
            # The end of a text that is cut might be half a secret.
            text = body(protocol, size) if is_whole else ""
            if text[:1] == "{":
                import json

                text = json.loads(text)["error"]
                if not isinstance(text, str):
                    return error
            text = one_line(text, request)
            if text and "<ht" not in text.lower():  # nor is a short page a sentence
                text = "%s: %s" % (error, text)
                error = self._error = HandshakeError(text, error.status, error.retry_after)
    except Exception:  # no text, no such JSON, or want of memory: the status has to do
        pass
    return error
