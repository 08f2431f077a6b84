"""Runs the real PartyServer (npm) on workerd, for as long as a `with` block lasts."""

import json
import os
import platform
import select
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
_START_TIMEOUT_S = 30  # it takes 0.1 s; a busy machine is given far more


def find_workerd():
    """The path of the workerd binary that `npm ci` brought, or None."""
    machine = {"x86_64": "64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    binary = HERE / f"node_modules/@cloudflare/workerd-linux-{machine}/bin/workerd"
    complete = (HERE / "node_modules/partyserver/dist/index.js").exists()
    return str(binary) if complete and os.access(binary, os.X_OK) else None


class PartyServer:
    """One workerd process with the rooms of server.js, at `host` and `port`.

    with PartyServer() as server:
        ...                 # ws://{server.address}/parties/main/ROOM, or /parties/hib/ROOM
        server.restart()    # the same rooms with the same storage, on the same port if it is free
    """

    def __init__(self, workerd=None):
        self.host = "127.0.0.1"
        self.port = 0
        self._workerd = workerd or find_workerd()
        self._process = None
        self._folder = None  # storage and log; ours until stop()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc_info):
        self.stop()

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def pid(self):
        """The process id, for tests that pause or signal the server; None when it does not run."""
        return self._process.pid if self._process else None

    def start(self):
        """Start on the port used before, else on a free one; return when it listens."""
        if self._process:
            raise RuntimeError("PartyServer is running already")
        if not self._workerd:
            raise RuntimeError("workerd is not installed; `make test` installs it")
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="partyserver-")
            os.mkdir(os.path.join(self._folder, "storage"))
        try:
            self._spawn(self.port)
        except RuntimeError:
            if self.port == 0:
                raise
            self._spawn(0)  # somebody else has taken the port meanwhile

    def kill(self):
        """End the process as a power cut would; clients see the end of TCP without a Close frame.

        SIGKILL, since on SIGTERM workerd waits for open sockets, with its port still bound.
        """
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()

    def restart(self):
        """Kill and start again, with the storage kept."""
        self.kill()
        self.start()

    def stop(self):
        """Kill, and remove the storage."""
        self.kill()
        folder, self._folder = self._folder, None
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    def log(self):
        """What the server has written so far: exceptions in its handlers, for one."""
        with open(os.path.join(self._folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def url(self, room, party="main", query=""):
        return f"ws://{self.address}/parties/{party}/{room}{query}"

    def get(self, room, party="main"):
        """What the room's `onRequest` answers to a GET, as a dict."""
        url = f"http://{self.address}/parties/{party}/{room}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=_START_TIMEOUT_S) as answer:
            return json.load(answer)

    def _spawn(self, port):
        control_read, control_write = os.pipe()
        with (
            open(os.path.join(self._folder, "log"), "ab") as log,
            os.fdopen(control_read, "rb") as control,
        ):
            try:
                process = subprocess.Popen(
                    [
                        self._workerd,
                        "serve",
                        str(HERE / "config.capnp"),
                        f"--socket-addr=http={self.host}:{port}",
                        f"--directory-path=storage={self._folder}/storage",
                        f"--control-fd={control_write}",
                    ],
                    pass_fds=[control_write],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            finally:
                os.close(control_write)
            # One line, {"event":"listen","socket":"http","port":40873}, or the end of the file.
            ready, _, _ = select.select([control], [], [], _START_TIMEOUT_S)
            line = control.readline() if ready else b""
        if not line:
            process.kill()
            process.wait()
            raise RuntimeError(f"workerd did not start on port {port}:\n{self.log()}")
        self._process = process
        self.port = json.loads(line)["port"]
