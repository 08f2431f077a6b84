"""A receiver of notifications as a separate process, which may be killed. It speaks ntfy's shape,
and misbehaves at some paths. `python receiver.py PORT FILE` writes each request to FILE before it
answers.
"""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from aiohttp import web

# More than any client should read.
GIANT = 1 << 26


class Receiver:
    """The process, on a free port, which a restart keeps. As a context manager it runs."""

    def __init__(self, folder):
        self._file = folder / "received.jsonl"
        self._file.touch()
        # It keeps the port while the process is not there: others may get any free one.
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self._port = self._place.getsockname()[1]
        self._process = None

    def url(self, path):
        return f"http://127.0.0.1:{self._port}{path}"

    def start(self):
        command = [sys.executable, __file__, str(self._port), str(self._file)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def kill(self):
        """End it with SIGKILL."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def received(self, path=None):
        """Return the requests so far: {"path", "headers", "body"}; with a path, only those."""
        lines = self._file.read_text().splitlines(keepends=True)
        # The last line may be torn by a kill.
        found = [json.loads(line) for line in lines if line.endswith("\n")]
        return [each for each in found if path in (None, each["path"])]

    async def until(self, is_so, path=None, within_s=60.0):
        """Wait until the requests so far fulfil the condition, and return them."""
        end = time.monotonic() + within_s
        while not is_so(found := self.received(path)):
            assert time.monotonic() < end, found
            await asyncio.sleep(0.02)
        return found

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        self._place.close()


async def _answer(request):
    body = (await request.read()).decode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    record = {"path": request.path, "method": request.method, "headers": headers, "body": body}
    with Path(sys.argv[2]).open("a") as file:
        file.write(json.dumps(record) + "\n")
    if request.path == "/redirect":
        raise web.HTTPTemporaryRedirect(str(request.url.with_path("/stolen")))
    if request.path == "/broken":
        raise web.HTTPInternalServerError
    if request.path == "/slow":
        await asyncio.sleep(3600)
    if request.path in ("/giant", "/endless"):
        return await _too_much(request)
    return web.json_response({"id": "hwQ2YpKdmg", "event": "message", "message": body})


async def _too_much(request):
    """Answer with a giant body; or with a head that never ends."""
    transport = request.transport
    try:
        if request.path == "/endless":
            transport.write(b"HTTP/1.1 200 OK\r\n")
            while not transport.is_closing():
                transport.write(b"X-More: " + b"x" * 1000 + b"\r\n")
                await asyncio.sleep(0.001)
        response = web.StreamResponse()
        response.content_length = GIANT
        await response.prepare(request)
        for _ in range(GIANT >> 16):
            await response.write(b"x" * (1 << 16))
        with Path(sys.argv[2]).open("a") as file:
            file.write(json.dumps({"path": "/giant-read"}) + "\n")
    except ConnectionError:
        pass
    return web.Response()


async def _serve(port):
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_port=True).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    asyncio.run(_serve(int(sys.argv[1])))
