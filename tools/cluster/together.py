"""A cluster on this computer: a bucket, instances, and haproxy before them."""

import os
import secrets
from contextlib import ExitStack

from . import bucket
from .balancer import Balancer
from .bucket import Bucket
from .instance import CONFIG, Instance


class Cluster:
    """`count` instances that keep what they know in a bucket, and haproxy before them.

    `folder` gets the key, the instances' copies of rooms, and the logs, or without `has_logs` our
    stderr gets these. `env` is added to the environment of each instance. As a context manager it
    starts all, and kills all at the end.

    `bucket_port`: the port of a bucket on this computer, perhaps of a proxy before one. Without
    it, the cluster has its own. `prefix`: its part of the bucket.
    """

    def __init__(
        self,
        folder,
        count=3,
        host="127.0.0.1",
        port=0,
        env=None,
        bucket_port=None,
        prefix="main",
        config=CONFIG,
        is_balanced=True,
        has_logs=True,
    ):
        self.folder = folder
        self.instances = []
        self.balancer = None
        self._count = count
        self._listen = (host, port)
        self._env = env or {}
        self._bucket_port = bucket_port
        self._prefix = prefix
        self._config = config
        self._is_balanced = is_balanced
        self._has_logs = has_logs
        self._running = ExitStack()

    @property
    def port(self):
        return self.balancer.port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        with ExitStack() as running:
            self._start(running)
            self._running = running.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()

    def _start(self, running):
        shared = self.folder / "secrets"
        shared.mkdir(parents=True, mode=0o700)
        make_key(shared / "key")
        (shared / "bucket").write_text(f"s3://{bucket.NAME}/{self._prefix}")
        port = self._bucket_port or running.enter_context(Bucket()).port
        env = {**self._env, **bucket.environment(port)}
        for number in range(1, self._count + 1):
            log = self._open_log(number, running)
            own = self.folder / str(number)
            instance = Instance(number, own, shared, env, self._config, log)
            self.instances.append(running.enter_context(instance))
        if self._is_balanced:
            log = self._open_log("haproxy", running)
            self.balancer = Balancer(self.instances, self.folder, *self._listen, log)
            running.enter_context(self.balancer)

    def _open_log(self, name, running):
        if not self._has_logs:
            return None
        return running.enter_context(open(self.folder / f"{name}.log", "ab"))

    def log(self, number):
        """Return what an instance has written so far."""
        return (self.folder / f"{number}.log").read_text(errors="replace")


def make_key(path):
    """Write a new key into a file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
