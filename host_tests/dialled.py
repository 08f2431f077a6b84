"""The target and the request of a socket's dial, seen by its transport. Runs on every
interpreter.
"""


class _Trust:
    """Replaces an SSLContext: TLS is not used here."""

    def wrap_socket(self):
        pass


class Dial:
    """A transport that takes the request and then ends."""

    def __init__(self):
        self.phase = "dns"
        self.address = None
        # Nothing was dialled yet.
        self.host = None
        self.port = None
        self.is_secure = None
        self.request = b""

    def start(self, host, port, tls, server_hostname, timeout_ms):
        self.host = host
        self.port = port
        self.is_secure = tls is not None

    def step(self):
        return True

    def send(self, view):
        self.request += bytes(view)
        return len(view)

    def recv_into(self, view):
        return 0

    def close(self):
        pass


async def dialled(make, **arguments):
    """The socket that `make` returns with these arguments, and its one dial; with `max_retries`
    all its dials together. Raises the constructor's error, or the reason why it did not dial.
    """
    dial = Dial()
    errors = []
    how = {"transport": lambda: dial, "max_retries": 0, "ssl": _Trust()}
    how.update(debug_logger=lambda text: None, **arguments)
    socket = make(**how)
    socket.onerror = lambda event: errors.append(event.error)
    await socket.wait_closed()
    if dial.host is None:
        raise errors[0]
    return socket, dial
