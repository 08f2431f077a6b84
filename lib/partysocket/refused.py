"""The sentence with which a server refuses the upgrade. Loaded when a server has refused. The
function is a method of the driver.
"""

from micropython import const

from .connection import receive
from .core.errors import HandshakeError
from .core.refusal import body, one_line

# Of a body.
_MOST_BYTES = const(256)


async def refused(self, response, request, error):
    """Return the HandshakeError for the server's answer to `request`: `error`, with the
    sentence from the answer's body, if there is one. The body is read within the time of the
    dial, and only if its end is known: by its length, or by the end of the connection.
    """
    if not hasattr(error, "status"):
        error = HandshakeError(str(error), response.status)
    # If a deadline ends the reading, this is still the reason.
    self._note(error)
    protocol = self._protocol
    get = response.headers.get
    size = get(b"content-length")
    is_whole = size is not None
    try:
        if not is_whole and b"close" in get(b"connection", b"").lower():
            size = _MOST_BYTES
        size = int(size or 0)
        # A longer body is a page, not a sentence.
        if size <= min(_MOST_BYTES, self._options["receive_bytes"]):
            try:
                while protocol.end - protocol.start < size:
                    await receive(self)
            except OSError:
                # The connection has ended.
                is_whole = not is_whole
            # If a text is cut, its end may be a part of a secret that would not be recognized.
            text = body(protocol, size) if is_whole else ""
            if text[:1] == "{":
                import json

                text = json.loads(text)["error"]
                if not isinstance(text, str):
                    return error
            text = one_line(text, request)
            if text and "<ht" not in text.lower():
                # A short HTML page is no sentence either.
                text = "%s: %s" % (error, text)
                error = self._error = HandshakeError(text, error.status, error.retry_after)
    except Exception:
        # The text is no UTF-8, the JSON is another, or there is no memory. Tell only the status.
        pass
    return error
