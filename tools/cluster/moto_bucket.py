"""A bucket in memory, from moto: `python moto_bucket.py NAME [HOST]`.

It prints its port, and ends when its stdin ends. It is a program of its own, because moto needs
other packages than the rest.
"""

import logging
import sys
import threading
import urllib.request

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    # Connections stay open. A cluster of three makes some hundred requests a second.
    protocol_version = "HTTP/1.1"


def main(name, host="127.0.0.1"):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server(host, 0, app, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://{host}:{server.port}/{name}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(url, method="PUT")).close()
    print(server.port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
