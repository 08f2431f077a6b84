"""haproxy before the instances of a cluster on this computer."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from party_server import ROOMS, StartError

# What every machine's haproxy has as well: CLUSTER.md.
SHARED = ROOMS / "cluster" / "haproxy.cfg"
# Debian has it where only root looks.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
_START_TIMEOUT_S = 30
_NOT_INSTALLED = "haproxy is not installed: on Debian and Ubuntu, sudo apt install haproxy"

_OWN = """
frontend rooms
    bind fd@{listener}
    default_backend instances

backend instances
    http-response set-header X-Instance %s
"""
_SERVER = "    server {0.number} 127.0.0.1:{0.port} check port {0.peer_port}\n"


def find_haproxy():
    return shutil.which("haproxy", path=_PATH)


class Balancer:
    """haproxy on `port`, 0 for any free one. As a context manager it starts haproxy, and kills it
    at the end. Its configuration is written into `folder`.
    """

    def __init__(self, instances, folder, host="127.0.0.1", port=0, log=None):
        self.host = host
        self.port = port
        self._instances = instances
        self._path = folder / "haproxy.cfg"
        self._log = log
        self._process = None

    def __enter__(self):
        haproxy = find_haproxy()
        if not haproxy:
            raise StartError(_NOT_INSTALLED)
        passive = {"type": socket.SOCK_STREAM, "flags": socket.AI_PASSIVE}
        family, *_, address = socket.getaddrinfo(self.host, self.port, **passive)[0]
        # haproxy gets a socket that is bound already, so nobody else can take the port.
        with socket.create_server(address[:2], family=family) as listener:
            host, self.port = listener.getsockname()[:2]
            servers = "".join(map(_SERVER.format, self._instances))
            self._path.write_text(_OWN.format(listener=listener.fileno()) + servers)
            self._process = subprocess.Popen(
                [haproxy, "-db", "-f", SHARED, "-f", self._path],
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log or sys.stderr,
                stderr=self._log or sys.stderr,
                start_new_session=True,
            )
        self._wait_for_answer(host)
        return self

    def _wait_for_answer(self, host):
        """The port takes connections already; if haproxy ends, they end."""
        with closing(HTTPConnection(host, self.port, timeout=_START_TIMEOUT_S)) as first:
            try:
                first.request("GET", "/")
                first.getresponse()
            except (OSError, HTTPException):
                self.__exit__()
                raise StartError("haproxy did not start, and wrote why") from None

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
