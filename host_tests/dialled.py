"""Where a socket would go, and what it asks for there: as its transport sees it. Runs on every
interpreter.
"""


class _Trust:
    """Stands for an SSLContext: nothing goes over TLS here."""

    def wrap_socket(self):
        pass


class Dial:
    """A transport that takes the request, and then ends."""

    def __init__(self):
        self.phase = "dns"
        self.address = None
        self.host = None  # nothing was dialled
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
    """The socket that `make` gives with these arguments, and its one dial; with `max_retries` all
    its dials in one. Raises what the constructor raises, or what kept it from dialling.
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
