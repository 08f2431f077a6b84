"""The errors for wrong calls, as texts. Loaded for the first one. Each function returns the
exception.

Also the error for a part of the library that is installed separately and is not there. Each
part first compares the version of the library with its own, because a board may get one without
the other. A part tells by itself that it does not fit, because it can import nothing but the
version from an older library. The text has the versions in quotes; by that `absent` knows that
the part is there.
"""

from .core.errors import Error, QueueFull

# `make manifest` writes it.
_FROM = "github:partysocket/partysocket-micropython/lib/"


def of_files(folder):
    """The package's folder has files of another version or form."""
    return ImportError(
        "files of another version or form of partysocket are in %s: delete that folder, and "
        "install anew" % folder
    )


def of_data(data):
    """`send` got data of a wrong type. Only the type is told, because the data may be a secret."""
    return TypeError(
        "send takes str, bytes, bytearray or a memoryview of bytes, not " + type(data).__name__
    )


def of_length(n, most):
    """`send` got more than the queue can ever hold."""
    return ValueError("%d bytes are more than queue_bytes (%d) holds" % (n, most))


def of_queue(options):
    """The queue is full, and `overflow` is "error"."""
    return QueueFull(
        "the queue is full (queue_bytes=%d): wait for buffered_amount to fall"
        % options["queue_bytes"]
    )


def of_loop():
    """A socket should dial, but no event loop runs."""
    return RuntimeError(
        "no event loop runs: construct it inside asyncio.run(main()), or start_closed=True"
    )


def of_handler(what):
    """A handler would wait for the reader, which waits for the handler."""
    return Error(
        "%s() inside a handler of the same socket would wait for ever: make a task of it" % what
    )


def of_reader():
    """recv() was called while another call waits."""
    return Error("another recv() waits already: one reader at a time")


def of_listener(listener):
    """A listener can't be called."""
    return TypeError("a listener is a callable or has handle_event, not %r" % (listener,))


def of_binary_type(value):
    """The value of binary_type is unknown."""
    return ValueError('binary_type is "bytes" or "memoryview", not %r' % (value,))


def of_hook():
    """A handler was set on a socket by its name as an argument of a hook."""
    return AttributeError(
        "a socket has onopen, onmessage, onclose and onerror: on_message and the like are "
        "arguments of the hooks"
    )


def of_target(host):
    """A PartySocket has no host, or no room."""
    if host:
        return ValueError("PartySocket needs a room, or base_path")
    return ValueError("PartySocket needs a host, as in PartySocket('example.com', 'my-room')")


def of_option(name, value, limits):
    """An option has an unknown name, or a wrong value. `limits` are its lowest and highest
    value, or all its values.
    """
    if isinstance(value, (tuple, list)) and name in (
        "min_reconnection_delay",
        "connection_timeout",
    ):
        if len(value) != 2:
            return ValueError("%s takes ms, or a pair of them, not %r" % (name, value))
        for one in value:
            if not isinstance(one, int) or isinstance(one, bool) or not 0 <= one <= limits[1]:
                return of_option(name, one, limits)
        return ValueError("%s: the pair %r begins above its end" % (name, value))
    if limits and isinstance(limits[0], str):
        if isinstance(value, str):
            return ValueError("%s is one of %s, not %r" % (name, ", ".join(limits), value))
        return TypeError("%s is a str, not %r" % (name, value))
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if limits:
        if is_number and isinstance(value, int):
            return ValueError("%s lies between %d and %d, not %d" % ((name,) + limits + (value,)))
        return TypeError("%s is a whole number, not %r" % (name, value))
    if name == "reconnection_delay_grow_factor":
        if is_number:
            return ValueError("%s lies between 0 and 1000, not %r" % (name, value))
        return TypeError("%s is a number, not %r" % (name, value))
    if name in ("start_closed", "debug"):
        return TypeError("%s is True or False, not %r" % (name, value))
    if name == "headers":
        return TypeError("headers is a mapping, or a callable that gives one")
    if name == "link":
        return TypeError("link has is_up() and async wait_up(), as partysocket.wifi.WiFi does")
    if name == "outbox":
        return TypeError("outbox is a partysocket.outbox.Outbox, not %r" % (value,))
    # Only the type: `hello` may have been given as the message itself, with a token.
    kind = type(value).__name__
    if name == "ssl":
        return TypeError("ssl is an SSLContext, a path, bytes, True or False, not " + kind)
    from .presets import DEVICE

    if name in DEVICE:
        return TypeError("%s is a callable, not %s" % (name, kind))
    return TypeError("unknown option %r" % name)


def of_url(url):
    return TypeError("url is a str, or a callable that gives one, not " + type(url).__name__)


def of_protocols(protocols, is_list, is_text, c):
    """`protocols` is no list, or one of them is no text, or has the character `c`."""
    if not is_list:
        return TypeError("Invalid protocols: not str or a list, %s" % type(protocols).__name__)
    if not is_text:
        return TypeError("Invalid protocols: one is empty, or no str")
    return ValueError("Invalid protocols: %r in one, which is no token then" % c)


def of_closing(code, reason, is_code):
    """A close code or reason is not allowed."""
    if not is_code:
        return ValueError("a close code is 1000 or 3000 to 4999, not %r" % (code,))
    return ValueError("a close reason is a str of at most 123 bytes, not %r" % (reason,))


def of_place(protocol):
    """A PartySocket can't have this path or protocol."""
    if protocol in (None, "ws", "wss"):
        return ValueError("path must not start with a slash")
    return ValueError('protocol is "ws" or "wss", not %r' % (protocol,))


def of_query(query):
    return TypeError(
        "query is a mapping, or a callable that gives one, not " + type(query).__name__
    )


def hints(self, is_unchecked):
    """Return warnings about a PartySocket's address, a list of str."""
    found = []
    if self._cut:
        found.append(
            "the address is cut before %r, as browsers do: encode it if it belongs there"
            % self._cut[0]
        )
    if not is_unchecked and self.base_path is None:
        for what, text in (("party", self.name), ("room", self.room)):
            if text and "/" in text:
                found.append(
                    "the %s %r has a slash: the server will see another name" % (what, text)
                )
    return found


def line(name):
    """Return the command that installs the part `name`, in the form that this library has."""
    form = "mpy/" if globals().get("__file__", "").endswith(".mpy") else ""
    return "mpremote mip install %s%s%s.json" % (_FROM, form, name)


def fetch():
    """Return the function of that name, which is in a part."""
    try:
        from .fetch import fetch
    except ImportError as e:
        raise absent("fetch", e)
    return fetch


def absent(name, error):
    """Return the exception for an ImportError of the part `name`. If the part is missing, it
    has the line that installs the part.
    """
    text = str(error)
    if "'" in text and "'partysocket.%s'" % name not in text:
        # The part itself needs something that is missing.
        return error
    return ImportError(
        "partysocket.%s is a part of its own, and not here: %s" % (name, line(name))
    )
