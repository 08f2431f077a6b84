"""What is wrong with a call, in words: loaded when one is. Each function gives the exception.

And what to say when a part of the library is used that is installed apart, and is not there. Each
part begins with a look at the version of the library here, since a board may get one without the
other. It says itself that it does not fit: of an older library it can import nothing but that
version. The versions are in quotes, by which `absent` knows that the part is there.
"""

from .core.errors import Error, QueueFull

_FROM = "github:partysocket/partysocket-micropython/lib/"  # `make manifest` writes it


def of_files(folder):
    """The package's own folder has files of another one."""
    return ImportError(
        "files of another version or form of partysocket are in %s: delete that folder, and "
        "install anew" % folder
    )


def of_data(data):
    """`send` of something that it does not take. Its type alone is told: it may be a secret."""
    return TypeError(
        "send takes str, bytes, bytearray or a memoryview of bytes, not " + type(data).__name__
    )


def of_length(n, most):
    """`send` of more than the queue can ever hold."""
    return ValueError("%d bytes are more than queue_bytes (%d) holds" % (n, most))


def of_queue(options):
    """A full queue, with `overflow="error"`."""
    return QueueFull(
        "the queue is full (queue_bytes=%d): wait for buffered_amount to fall"
        % options["queue_bytes"]
    )


def of_loop():
    """A socket that begins to dial where nothing can run it."""
    return RuntimeError(
        "no event loop runs: construct it inside asyncio.run(main()), or start_closed=True"
    )


def of_handler(what):
    """A wait inside a handler that the reader waits for."""
    return Error(
        "%s() inside a handler of the same socket would wait for ever: make a task of it" % what
    )


def of_reader():
    """A second recv() while one waits."""
    return Error("another recv() waits already: one reader at a time")


def of_listener(listener):
    """A listener that can't be called."""
    return TypeError("a listener is a callable or has handle_event, not %r" % (listener,))


def of_binary_type(value):
    """A binary_type that is none."""
    return ValueError('binary_type is "bytes" or "memoryview", not %r' % (value,))


def of_hook():
    """A handler set by the name that it has as an argument of a hook."""
    return AttributeError(
        "a socket has onopen, onmessage, onclose and onerror: on_message and the like are "
        "arguments of the hooks"
    )


def of_target(host):
    """A PartySocket without a host, or without a room."""
    if host:
        return ValueError("PartySocket needs a room, or base_path")
    return ValueError("PartySocket needs a host, as in PartySocket('example.com', 'my-room')")


def of_option(name, value, limits):
    """A wrong option: the name, or its value, which lies between `limits` or is one of them."""
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
    kind = type(value).__name__  # alone: `hello` given as its message may hold a token
    if name == "ssl":
        return TypeError("ssl is an SSLContext, a path, bytes, True or False, not " + kind)
    from .presets import DEVICE

    if name in DEVICE:
        return TypeError("%s is a callable, not %s" % (name, kind))
    return TypeError("unknown option %r" % name)


def of_url(url):
    return TypeError("url is a str, or a callable that gives one, not " + type(url).__name__)


def of_protocols(protocols, is_list, is_text, c):
    """Protocols that are no list, one of them that is no text, or has the character `c`."""
    if not is_list:
        return TypeError("Invalid protocols: not str or a list, %s" % type(protocols).__name__)
    if not is_text:
        return TypeError("Invalid protocols: one is empty, or no str")
    return ValueError("Invalid protocols: %r in one, which is no token then" % c)


def of_closing(code, reason, is_code):
    """A close code or a reason that may not be sent."""
    if not is_code:
        return ValueError("a close code is 1000 or 3000 to 4999, not %r" % (code,))
    return ValueError("a close reason is a str of at most 123 bytes, not %r" % (reason,))


def of_place(protocol):
    """A path, or a protocol, that a PartySocket can't have."""
    if protocol in (None, "ws", "wss"):
        return ValueError("path must not start with a slash")
    return ValueError('protocol is "ws" or "wss", not %r' % (protocol,))


def of_query(query):
    return TypeError(
        "query is a mapping, or a callable that gives one, not " + type(query).__name__
    )


def hints(self, is_unchecked):
    """What to warn of in a PartySocket's address: a list of str."""
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
    """The command that installs the part `name`, in the form that this library itself has."""
    form = "mpy/" if globals().get("__file__", "").endswith(".mpy") else ""
    return "mpremote mip install %s%s%s.json" % (_FROM, form, name)


def fetch():
    """The function of the part of that name."""
    try:
        from .fetch import fetch
    except ImportError as e:
        raise absent("fetch", e)
    return fetch


def absent(name, error):
    """What to raise for an ImportError of the part `name`: the line that installs it, if it is
    that which is missing.
    """
    text = str(error)
    if "'" in text and "'partysocket.%s'" % name not in text:
        return error  # something that the part itself needs
    return ImportError(
        "partysocket.%s is a part of its own, and not here: %s" % (name, line(name))
    )
