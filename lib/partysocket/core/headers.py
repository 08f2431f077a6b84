"""Checks of text and headers that an application puts into a request."""


def check_text(what, text):
    """Raise ValueError if `text` has a control character: it could split the request in two."""
    for c in text:
        if c < " " or c == "\x7f":
            raise ValueError("%s has the control character %r" % (what, c))


def check_header(name, value):
    """Raise for a header that is invalid, or that an application may not set."""
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError("the header %r has a name or value that is no str" % (name,))
    check_text("the header " + name, name + value)
    low = name.lower()
    own = low in ("host", "upgrade", "connection", "content-length", "transfer-encoding")
    if own or low.startswith("sec-websocket-") or low.startswith("x-partykit-"):
        raise ValueError("the header %r is not the application's to set" % name)
    for c in name:
        if c in ' "(),/:;<=>?@[\\]{}' or c > "~":
            raise ValueError("%r is no header name" % name)
    if not name:
        raise ValueError("a header without a name")
