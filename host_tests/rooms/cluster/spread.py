"""A cluster whose clients are spread over its instances, for tests that need a server of rooms."""

import functools
import itertools
import shutil

import needs
from cluster.bucket import Bucket
from cluster.together import Cluster
from rooms.clients import http, path_of

_prefixes = itertools.count()


@functools.cache
def bucket():
    """The only bucket of this process. It ends with it."""
    needs.need_bucket()
    return Bucket().__enter__()


def new_prefix():
    """Return a part of the bucket that no other cluster has."""
    return f"cluster-{next(_prefixes)}"


class _Addressed:
    """What tests ask a server for. Its `port` may be another one each time."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ws_url(self, room="home", party="main", query=""):
        """Return the address to join a room. `query` is the part after the `?`."""
        return f"ws://127.0.0.1:{self.port}/parties/{party}/{room}" + (query and f"?{query}")


class One(_Addressed):
    """One instance of a cluster."""

    def __init__(self, port):
        self.port = port


class Spread(_Addressed, Cluster):
    """Three instances, with the same methods as RoomServer. Each time that its address is asked
    for, it is that of the next instance. Another one in the same folder has the same rooms.
    """

    def __init__(self, folder, env):
        super().__init__(
            folder / "cluster",
            env=env,
            bucket_port=bucket().port,
            prefix=str(folder).strip("/"),
            is_balanced=False,
        )
        self._turns = itertools.cycle(range(self._count))

    def __enter__(self):
        # All that it must know is in the bucket.
        shutil.rmtree(self.folder, ignore_errors=True)
        super().__enter__()
        self._own_canaries()
        return self

    @property
    def port(self):
        return self.instances[next(self._turns)].port

    def one(self):
        return One(self.port)

    @property
    def stderr(self):
        """The output of all instances so far."""
        return "".join(self.log(instance.number) for instance in self.instances)

    def kill(self):
        for instance in self.instances:
            instance.kill()

    def restart(self):
        """Kill all instances, and start them on the same ports with nothing but the bucket. Return
        when their rooms answer again: when the leases of the killed ones have ended.
        """
        self.kill()
        for instance in self.instances:
            shutil.rmtree(self.folder / str(instance.number))
            instance.start()
        self._own_canaries()
        return self

    def _own_canaries(self):
        """Let each instance own a room, which shows after a kill whether its lease has ended, and
        whether the others know that.
        """
        token = self._env.get("TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        for owner, asked in itertools.product(self.instances, repeat=2):
            path = path_of(f"canary-{owner.number}")
            while (status := http(One(asked.port), path, headers=headers)[0]) == 503:
                pass
            assert status == 200, f"{path}: {status}"
