"""Asks the server what its page for installing boards asks; and a board to install."""

import json
from http.client import HTTPConnection

from pty_board import PtyBoard

PASSWORD = "open sesame, said Ali"
TOKEN = "token-nobody-knows"
# All but the architecture, which is this computer's, so that native code runs.
PICO = {"platform": "rp2", "implementation": {"_machine": "Raspberry Pi Pico W with RP2040"}}
_ANSWER_S = 30


def pico(folder, **settings):
    return PtyBoard(folder, **{"claims": PICO, "air": {"home": "AT_ONCE"}, **settings})


def request(server, path, body=None, method=None, **headers):
    """(status, the answer) of a request. `body` is sent as JSON, from the server's own page."""
    own = f"localhost:{server.port}"
    if body is not None:
        headers = {"Origin": f"http://{own}", "Content-Type": "application/json", **headers}
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {name: text for name, text in {"Host": own, **headers}.items() if text is not None}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=_ANSWER_S)
    try:
        method = method or ("GET" if body is None else "POST")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Page:
    """An open page."""

    def __init__(self, server):
        self.server = server
        key = server.install_link().partition("#")[2]
        status, self.first = self.ask("open", key=key)
        assert status == 200, self.first
        self.session = self.first["session"]

    def ask(self, what, **body):
        if "session" not in body and hasattr(self, "session"):
            body["session"] = self.session
        status, text = request(self.server, f"/install/{what}", body)
        return status, json.loads(text)

    def start(self, port, **fields):
        order = {"wifi": "home", "password": PASSWORD, "room": "home", "name": "north"}
        order |= {"host": f"127.0.0.1:{self.server.port}", "port": port}
        return self.ask("start", **{**order, **fields})

    def events(self, until=None):
        """Yield the events until the end, or until one of that kind or with that text."""
        n, is_running = 0, True
        while is_running:
            status, found = self.ask("events", after=n)
            assert status == 200, found
            n, is_running = n + len(found["events"]), found["is_running"]
            for event in found["events"]:
                yield event
                if until is not None and until in (event["kind"], event.get("text")):
                    return

    def install(self, port, **fields):
        """Install. Returns the events."""
        status, answer = self.start(port, **fields)
        assert status == 200, answer
        return list(self.events())
