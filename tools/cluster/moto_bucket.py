"""A bucket in memory, from moto: `python moto_bucket.py NAME [HOST]`.

It prints its port, and ends when its stdin ends. It is a program of its own, because moto needs
other packages than the rest.

A cluster asks more of a bucket than moto gives, in two ways. Whoever owns a room is decided by
conditional writes, but two threads of moto may both find a condition true; so requests take turns.
And a list of the keys with a prefix goes through all keys, in each request; so an index of keys is
before it.
"""

import io
import logging
import sys
import threading
import urllib.request
from types import SimpleNamespace

from moto.s3 import models
from moto.server import DomainDispatcherApplication, create_backend_app
from sortedcontainers import SortedSet
from werkzeug.serving import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    # Connections stay open. A cluster of three makes some hundred requests a second.
    protocol_version = "HTTP/1.1"


class Keys(models._VersionedKeyStore):
    """The keys of a bucket. moto adds and removes them by these three methods."""

    def __init__(self):
        super().__init__()
        self._names = SortedSet()

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self._names.add(name)

    def setlist(self, name, values):
        super().setlist(name, values)
        self._names.add(name)

    def pop(self, name):
        super().pop(name)
        self._names.remove(name)

    def under(self, prefix):
        """Return {name: key} of those that begin with `prefix`."""
        found = {}
        for name in self._names.irange(prefix):
            if not name.startswith(prefix):
                break
            found[name] = self[name]
        return found


def index_keys():
    """Let moto list with the index. It asks a bucket for nothing but its keys then."""
    list_all = models.S3Backend.list_objects

    def list_objects(self, bucket, prefix, *how, **named):
        found = SimpleNamespace(keys=bucket.keys.under(prefix or ""))
        return list_all(self, found, prefix, *how, **named)

    models._VersionedKeyStore = Keys
    models.S3Backend.list_objects = list_objects


def in_turns(app):
    """Let requests take turns. Who sends slowly holds up nobody: its turn begins when all is here."""
    turn = threading.Lock()

    def answer(environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with turn:
            return list(app({**environ, "wsgi.input": io.BytesIO(body)}, start_response))

    return answer


def main(name, host="127.0.0.1"):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    index_keys()
    app = in_turns(DomainDispatcherApplication(create_backend_app))
    server = make_server(host, 0, app, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://{host}:{server.port}/{name}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(url, method="PUT")).close()
    print(server.port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
