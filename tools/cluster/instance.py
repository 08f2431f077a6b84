"""One workerd process of a cluster."""

import signal

from party_server import ROOMS, PartyServer

CONFIG = ROOMS / "cluster" / "cluster.capnp"


class Instance(PartyServer):
    """Instance `number` of a cluster. It keeps both ports when it is started again.

    `folder` has its copy of the rooms that it owns. `secrets` is the folder with the files `key`
    and `bucket` that all instances share. `inside` is the beginning of a command that runs it
    elsewhere, where it has the address `host`.
    """

    def __init__(
        self, number, folder, secrets, env, config=CONFIG, log=None, host="127.0.0.1", inside=()
    ):
        super().__init__(folder, host, env=env, log=log)
        self.number = number
        # For the other instances and for health checks: GET /ready.
        self.peer_port = 0
        self._secrets = secrets
        self._config = config
        self._inside = inside

    @property
    def has_ended(self):
        return self._process is not None and self._process.poll() is not None

    def ask_to_stop(self):
        """Send SIGTERM: it hands its rooms over, and ends some seconds later."""
        self._process.send_signal(signal.SIGTERM)

    def _command(self):
        return [
            *self._inside,
            *super()._command(),
            f"--import-path={self._secrets}",
            f"--cluster-addr={self.host}:{self.peer_port}",
        ]

    def _note(self, event):
        if event["event"] == "listen-cluster":
            self.peer_port = event["port"]
            return False
        return super()._note(event)
