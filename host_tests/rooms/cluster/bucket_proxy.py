"""A TCP proxy before a bucket, which makes it slow, refuse, or vanish.

    with BucketProxy(bucket.port) as proxy:
        proxy.mode = SLOW

A request is counted when it passes. Connections stay open between requests.
"""

import asyncio
import contextlib
import re
import threading
from collections import Counter

# It passes on what comes.
WELL = "well"
# Each piece of a request waits SLOW_S.
SLOW = "slow"
# Each request is answered with 503, as a bucket with too much to do answers.
REFUSING = "refusing"
# Connections are accepted, and nothing is answered.
SILENT = "silent"
# Nobody listens, and all connections are reset.
GONE = "gone"

SLOW_S = 0.4
_REFUSAL = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_REQUEST = re.compile(rb"(?:^|\r\n)(GET|PUT|POST|DELETE|HEAD) [^\r\n]+ HTTP/1\.1\r\n")


class BucketProxy:
    """It has a thread with a loop of its own."""

    def __init__(self, target):
        self.port = None
        # {method: number of requests}
        self.requests = Counter()
        self.bytes_up = 0
        self._target = target
        self._mode = WELL
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._writers = set()
        self._server = None

    @property
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, mode):
        self._do(self._change(mode))

    def __enter__(self):
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_):
        self._do(self._change(GONE))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _do(self, coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _listen(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port or 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _change(self, mode):
        was, self._mode = self._mode, mode
        if mode == GONE and was != GONE:
            self._server.close()
        if mode in (GONE, REFUSING):
            for writer in tuple(self._writers):
                writer.transport.abort()
        if was == GONE and mode != GONE:
            await self._listen()

    async def _carry(self, reader, writer):
        self._writers.add(writer)
        up_writer = None
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(up_writer)
            answers = asyncio.create_task(self._down(up_reader, writer))
            while piece := await reader.read(1 << 18):
                for method in _REQUEST.findall(piece):
                    self.requests[method.decode()] += 1
                self.bytes_up += len(piece)
                if self._mode == SLOW:
                    await asyncio.sleep(SLOW_S)
                if self._mode == REFUSING:
                    writer.write(_REFUSAL)
                    await writer.drain()
                    break
                if self._mode != SILENT:
                    up_writer.write(piece)
                    await up_writer.drain()
            answers.cancel()
        except OSError:
            pass
        finally:
            for end in (writer, up_writer):
                if end is not None:
                    self._writers.discard(end)
                    end.close()

    async def _down(self, reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(1 << 18):
                if self._mode != SILENT:
                    writer.write(piece)
                    await writer.drain()
            writer.close()
