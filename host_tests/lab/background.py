"""A fault proxy in a thread with an event loop of its own, for tests that wait for processes."""

import asyncio
import threading

from e2e.devices import WAIT_S

from .fault_proxy import FaultProxy


class Background:
    """`with Background(server.port, plans) as lab`: `lab.proxy` runs in the block."""

    def __init__(self, target, plans=()):
        self.proxy = FaultProxy(target, plans)
        self.proxy.changed = self._changed
        self._state = threading.Condition()

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self.proxy.start())
        return self

    def __exit__(self, *_):
        self._run(self.proxy.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.proxy.port}/"

    def wait(self, condition, what):
        """Wait until `condition(proxy)` is true."""
        with self._state:
            if not self._state.wait_for(lambda: condition(self.proxy), WAIT_S):
                raise AssertionError(f"not {what}: {self.proxy.passages}")

    def shut(self):
        """Refuse dials from now on."""
        self._call(self.proxy.shut)

    def reopen(self):
        self._call(self.proxy.reopen)

    def _changed(self):
        with self._state:
            self._state.notify_all()

    def _call(self, function):
        async def call():
            function()

        self._run(call())

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(WAIT_S)
