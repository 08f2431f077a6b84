"""A cluster behind haproxy whose instances are started again when they end, with a bucket that
tests can disturb.
"""

import time
from contextlib import ExitStack, suppress
from http.client import HTTPException

import needs
from cluster.supervisor import Supervisor
from cluster.together import Cluster
from rooms.clients import http, path_of

from .bucket_proxy import BucketProxy
from .spread import bucket, new_prefix

# Only a failure takes this long.
BACK_WITHIN_S = 120.0


class Running:
    """As a context manager it starts everything. `port` and `url` are those of haproxy. `told` is
    what the supervisor has told, as (time, text).
    """

    def __init__(self, folder, count=3, env=None, **options):
        needs.need_party_server()
        needs.need_haproxy()
        self.bucket = BucketProxy(bucket().port)
        self.cluster = None
        self.told = []
        self._folder = folder / "cluster"
        self._count = count
        self._env = env
        self._options = options
        self._running = ExitStack()

    def __enter__(self):
        with ExitStack() as running:
            running.enter_context(self.bucket)
            self.cluster = Cluster(
                self._folder,
                self._count,
                env=self._env,
                bucket_port=self.bucket.port,
                prefix=new_prefix(),
                **self._options,
            )
            running.enter_context(self.cluster)
            running.enter_context(Supervisor(self.instances, self._tell, self._show))
            self._running = running.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()

    @property
    def instances(self):
        return self.cluster.instances

    @property
    def port(self):
        return self.cluster.port

    @property
    def url(self):
        return self.cluster.url

    def ws_url(self, room="home", party="main", query=""):
        return f"ws://127.0.0.1:{self.port}/parties/{party}/{room}" + (query and f"?{query}")

    def entry(self, room):
        """Return the instance to which haproxy sends the clients of a room. If the room did not
        run before, it is its owner from now on.
        """
        headers = http(self, path_of(room))[2]
        return self.instances[int(headers["X-Instance"]) - 1]

    def room_on(self, number):
        """Return the name of a room that did not run before, and runs on instance `number`."""
        names = (f"on-{number}-{n}" for n in range(1000))
        return next(name for name in names if self.entry(name).number == number)

    def answers_after(self, room, since):
        """Wait until a room answers, and return how many seconds that is after `since`."""
        while time.time() - since < BACK_WITHIN_S:
            with suppress(OSError, HTTPException):
                if http(self, path_of(room))[0] == 200:
                    return time.time() - since
            time.sleep(0.05)
        raise AssertionError(f"{room} does not answer: {self.told}")

    def replaced(self, instance, pid):
        """Wait until another process than `pid` is the instance, and holds its lease."""
        began = time.time()
        while instance.pid == pid or not _is_ready(instance):
            assert time.time() - began < BACK_WITHIN_S, self.told
            time.sleep(0.05)

    def restart_each(self):
        """Restart all, one by one, as for an upgrade."""
        for instance in self.instances:
            pid = instance.pid
            instance.ask_to_stop()
            self.replaced(instance, pid)

    def _tell(self, text):
        self.told.append((time.time(), text))

    def _show(self, instance):
        self._tell(f"instance {instance.number} runs again")


class _Peer:
    def __init__(self, instance):
        self.url = f"http://127.0.0.1:{instance.peer_port}"


def _is_ready(instance):
    try:
        return http(_Peer(instance), "/ready")[0] == 200
    except OSError:
        return False
