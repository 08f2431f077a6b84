"""An HTTP server that serves the files of this repository, or another tree, as GitHub does."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from library import ROOT


class Shelf:
    """A context manager. `asked` has the requested paths in order. Paths in `missing` are not
    found, and `more` has bytes for others.
    """

    def __init__(self, root=ROOT):
        self.root = root
        self.asked = []
        self.missing = set()
        self.more = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, shelf, *args):
        self._shelf = shelf
        super().__init__(*args, directory=str(shelf.root))

    def do_GET(self):
        path = self.path.partition("?")[0].lstrip("/")
        self._shelf.asked.append(path)
        if path in self._shelf.missing:
            self.send_error(404)
        elif path in self._shelf.more:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self._shelf.more[path])
        else:
            super().do_GET()

    def log_message(self, *_):
        pass
