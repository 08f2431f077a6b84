"""Runs the rooms of examples/party_server on this computer with workerd: no account, no network.

    make party-server                ends with Ctrl-C
    make party-server PORT=8080 ARGS="--host 0.0.0.0 --storage rooms"

It prints its address when it listens, and what boards need to reach it. TOKEN, KEEP_RAW and the
other variables of examples/party_server come from the environment.
"""

import argparse
import json
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from room_server import reach
from room_server.lock import locked
from room_server.schema import StoreError

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ROOT / "examples" / "party_server"
CONFIG = ROOMS / "config.capnp"
DASHBOARD = ROOT / "tools" / "room_server" / "static"
STORAGE = ROOT / "build" / "party_server"
_START_TIMEOUT_S = 30  # it takes 0.2 s; a busy machine is given far more
_ANOTHER_FOLDER = "another folder with --storage"
_PACKAGES = {
    ("Linux", "x86_64"): "linux-64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-64",
    ("Darwin", "arm64"): "darwin-arm64",
}


class StartError(Exception):
    """The server does not run. The text says why, and what to do."""


def find_workerd(folder=ROOMS):
    """The path of the workerd that `npm ci` installed in `folder`, or None."""
    package = _PACKAGES.get((platform.system(), platform.machine()))
    path = folder / f"node_modules/@cloudflare/workerd-{package}/bin/workerd"
    complete = (folder / "node_modules/partyserver/dist/index.js").exists()
    return str(path) if complete and os.access(path, os.X_OK) else None


class PartyServer:
    """One workerd process with the rooms. They store their data in the folder `storage`.

    `env` is added to the environment. The output of workerd goes to the open file `log`, or to
    our stderr. As a context manager it starts the process, and kills it at the end.
    """

    # Another configuration than CONFIG, or None.
    _config = None

    def __init__(self, storage=STORAGE, host="127.0.0.1", port=0, env=None, log=None):
        self.host = host
        # 0: any free one. start() sets it, and the next start() uses it again.
        self.port = port
        self._storage = Path(storage)
        self._env = env or {}
        self._log = log
        self._process = None

    @property
    def url(self):
        return f"http://{reach.in_url(self.host)}:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Start, and return self when it listens. Raises StartError."""
        command = self._command()
        make_folder(self._storage)
        control_read, control_write = os.pipe()
        # Without a buffer: what select() does not see would wait there.
        with os.fdopen(control_read, "rb", buffering=0) as control:
            try:
                self._process = subprocess.Popen(
                    [*command, f"--control-fd={control_write}"],
                    env={**os.environ, **self._env},
                    pass_fds=[control_write],
                    stdin=subprocess.DEVNULL,
                    stdout=self._log or sys.stderr,
                    stderr=self._log or sys.stderr,
                )
            finally:
                os.close(control_write)
            while not self._note(self._next_event(control)):
                pass
        return self

    def _next_event(self, control):
        ready, _, _ = select.select([control], [], [], _START_TIMEOUT_S)
        line = control.readline() if ready else b""
        if not line:
            self.kill()
            raise StartError(f"workerd did not start on {self.url}, and wrote why")
        return json.loads(line)

    def _note(self, event):
        """Note what workerd says: {"event":"listen","socket":"http","port":40873}. Return whether
        it now listens.
        """
        self.port = event["port"]
        return True

    def kill(self):
        """End it at once. On SIGTERM workerd would wait for its open sockets."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def wait(self):
        """Wait until it ends by itself. Return its exit status."""
        return self._process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()

    def _command(self):
        workerd = find_workerd()
        if not workerd:
            raise StartError("workerd is not installed: `make party-server` does that")
        return [
            workerd,
            "serve",
            str(self._config or CONFIG),
            # workerd needs this to run TypeScript directly.
            "--experimental",
            f"--socket-addr=http={self.url.removeprefix('http://')}",
            f"--directory-path=storage={self._storage}",
            f"--directory-path=dashboard={DASHBOARD}",
        ]


def make_folder(storage):
    """Make the folder of what rooms know, if need be; raise StartError."""
    try:
        storage.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{storage} cannot be used: {error.strerror}"
        raise StartError(f"{reason}; give {_ANOTHER_FOLDER}") from None


def check_free(host, port):
    """Raise StartError if the address and port can't be used."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[0][4])
            probe.listen()
    except OSError as error:
        if isinstance(error, socket.gaierror):
            text = f"host {host!r} cannot be used: give an address of this computer with --host"
        else:
            text = f"port {port} of {host}: {error.strerror}; give another with --port, or 0"
        raise StartError(text) from None


def check_settings(server):
    """Raise StartError if a variable of the rooms has an invalid value."""
    host = "127.0.0.1" if server.host == "0.0.0.0" else server.host
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        url = f"http://{reach.in_url(host)}:{server.port}/"
        opener.open(url, timeout=_START_TIMEOUT_S).close()
    except urllib.error.HTTPError as error:
        with error:
            raise StartError(json.load(error)["error"]) from None


def arguments():
    parser = argparse.ArgumentParser(prog="party_server", description=__doc__.split("\n")[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=1999, help="0: any free one (%(default)s)")
    parser.add_argument(
        "--storage", metavar="FOLDER", type=Path, default=STORAGE, help="build/party_server"
    )
    args = parser.parse_args()
    if not 0 <= args.port <= 65535:
        parser.error(f"--port takes 0 to 65535, not {args.port}")
    return args


def main():
    args = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        check_free(args.host, args.port)
        make_folder(args.storage)
        with ExitStack() as used:
            used.enter_context(locked(args.storage, "/lock", _ANOTHER_FOLDER))
            server = used.enter_context(PartyServer(args.storage, args.host, args.port))
            check_settings(server)
            announcement = reach.announcement(
                "http", server.host, server.port, at_home="--host 0.0.0.0"
            )
            print(f"party server: {announcement}", flush=True)
            raise StartError(f"workerd ended by itself, with status {server.wait()}")
    except (StartError, StoreError) as error:
        print(f"party_server: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
