"""Runs the real PartyServer (npm) on workerd, for as long as a `with` block lasts."""

import tempfile
from pathlib import Path

import party_server
import processes

HERE = Path(__file__).resolve().parent


def find_workerd():
    """The path of the workerd binary that `npm ci` installed here, or None."""
    return party_server.find_workerd(HERE)


class Workerd(party_server.PartyServer):
    """A workerd process, with the same methods as RoomServer. It stores its rooms in `storage`."""

    def __init__(self, storage, env=None):
        super().__init__(storage, env=env, log=tempfile.TemporaryFile())

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def stderr(self):
        """Its output so far, for example exceptions in its handlers."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def memory_kib(self):
        """Return the memory of the process now."""
        return processes.memory_kib(self.pid)

    def ws_url(self, room="home", party="main", query=""):
        """Return the address to join a room. `query` is the part after the `?`."""
        return f"ws://{self.address}/parties/{party}/{room}" + (query and f"?{query}")

    def restart(self):
        """Kill it if it runs, and start it again on the same port with the same storage."""
        self.kill()
        return self.start()

    def __exit__(self, *exc_info):
        super().__exit__(*exc_info)
        self._log.close()


class PartyServer(Workerd):
    """The rooms of server.js: /parties/main/ROOM, and /parties/hib/ROOM, which hibernate."""

    def __init__(self, workerd=None):
        self._workerd = workerd or find_workerd()
        self._folder = tempfile.TemporaryDirectory(prefix="partyserver-")
        super().__init__(Path(self._folder.name) / "storage")

    def __exit__(self, *exc_info):
        super().__exit__(*exc_info)
        self._folder.cleanup()

    def _command(self):
        return [
            self._workerd,
            "serve",
            str(HERE / "config.capnp"),
            f"--socket-addr=http={self.address}",
            f"--directory-path=storage={self._storage}",
        ]
