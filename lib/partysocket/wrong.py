"""What is wrong with a call, in words: loaded when one is. Each function gives the exception."""

from .core.errors import Error, QueueFull


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


def of_target(host):
    """A PartySocket without a host, or without a room."""
    if host:
        return ValueError("PartySocket needs a room, or base_path")
    return ValueError("PartySocket needs a host, as in PartySocket('example.com', 'my-room')")
