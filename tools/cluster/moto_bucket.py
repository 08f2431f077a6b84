"""A bucket in memory, from moto: `python moto_bucket.py NAME [HOST]`.

It prints its port, and ends when its stdin ends. It is a program of its own, because moto needs
other packages than the rest.

moto's own server is not made for a cluster: its threads may find a condition of two writes true at
once, though conditional writes decide who owns a room; a list of some keys goes through all of
them; and two thousand devices are too many for it. So here are a server with one thread, in which
requests take turns, and an index of the keys.
"""

import asyncio
import sys
from types import SimpleNamespace

from aiohttp import web
from moto.core.request import Request
from moto.s3 import models
from moto.s3.responses import S3Response
from sortedcontainers import SortedSet

# The largest object that a cluster writes is far smaller.
_MOST_BYTES = 1 << 30


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
    """Let moto list with the index. To list, it asks a bucket for nothing but its keys."""
    list_all = models.S3Backend.list_objects

    def list_objects(self, bucket, prefix, *how, **named):
        found = SimpleNamespace(keys=bucket.keys.under(prefix or ""))
        return list_all(self, found, prefix, *how, **named)

    models._VersionedKeyStore = Keys
    models.S3Backend.list_objects = list_objects


def ask_moto(method, host, path, headers, body):
    """Return moto's answer to a request: (status, headers, body)."""
    request = Request.from_primitives(method, f"http://{host}{path}", headers, body)
    # Keys may have characters that are written as %.
    request.environ["RAW_URI"] = path
    _, _, key = path.partition("?")[0][1:].partition("/")
    dispatch = S3Response.key_dispatch if key else S3Response.ambiguous_dispatch
    return dispatch(request, request.raw_url, dict(request.headers))


async def answer(request):
    try:
        body = await request.read()
    except ConnectionResetError:
        # An instance ended before it had sent all. Nobody reads this.
        return web.Response(status=400)
    status, headers, content = ask_moto(
        request.method, request.host, request.raw_path, request.headers, body
    )
    content = content.encode() if isinstance(content, str) else content
    return web.Response(status=status, headers=headers, body=content)


async def main(name, host="127.0.0.1"):
    index_keys()
    ask_moto("PUT", host, f"/{name}", {}, b"")
    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
