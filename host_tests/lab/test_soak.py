"""One MicroPython process with real sockets through hundreds of reconnects, and thousands: it
holds afterwards what it held before.

In lockstep (lockstep.py), with the library's own waits: days of them, in seconds. SEED=n in the
environment draws another run.
"""

import asyncio
import os
from collections import Counter

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from needs import need

from .fault_proxy import FaultProxy
from .files import CAN_LOOK, open_files
from .ledger import WAITED_FOR, check
from .lockstep import run
from .lockstep_device import LockstepDevice
from .messages import FINISH, made
from .plans import FAULTS, SHUT, WITHOUT_A_WORD, drawn

_RECONNECTS = 500
_RECONNECTS_SOAK = 10_000
_WARM_UP = 100  # reconnects: what is loaded late has been loaded, lists have grown
_SAMPLES = 50  # of the heap, after that
_SLACK_BYTES = 512  # by which it moves with what the collector takes for a pointer
_FILES = 4  # in, out, error, and one socket
_LONGEST_S = 3600  # without a dial: ten times what patience takes
_TALK = 3  # messages on the last connection before all is said to be well


class Soak:
    def __init__(self, loop, what, reconnects):
        self.loop = loop
        self.plans = drawn(what, reconnects, (*FAULTS, SHUT))
        self.told = 0  # messages to the device, numbered across connections
        self.connections = []  # (passage, messages)
        self.heaps = []
        self.files = Counter()
        self._every = max(1, (reconnects - _WARM_UP) // _SAMPLES)
        self._report = loop.create_future()

    async def run(self):
        async with serve(
            self._serve, "127.0.0.1", 0, compression=None, ping_interval=None
        ) as server:
            port = server.sockets[0].getsockname()[1]
            async with FaultProxy(port, self.plans) as self.proxy:
                self.proxy.on_accept = self._look
                seed = int(os.getenv("SEED") or 1)
                with LockstepDevice(
                    self.loop, "walker.py", self.proxy.port, seed, on_event=self._hear
                ) as self.device:
                    return await self._reported()

    async def _reported(self):
        while not self._report.done():
            dials = len(self.proxy.passages)
            await asyncio.wait([self._report], timeout=_LONGEST_S)  # virtual
            assert self._report.done() or len(self.proxy.passages) > dials, "it dials no more"
        return self._report.result()

    async def _serve(self, ws):
        messages = []
        passage = self.proxy.passage_from(ws.remote_address[1])
        self.connections.append((passage, messages))
        is_finished = False
        try:
            while True:
                messages.append(await ws.recv())
                if is_finished:  # it reads what still waits, and says nothing
                    continue
                is_finished = len(messages) == _TALK and self._is_last()
                await ws.send(FINISH if is_finished else made(self.told))
                self.told += 1
        except ConnectionClosed:
            pass

    def _is_last(self):
        return not self.proxy.plans and self.proxy.passages[-1].plan.fault == "none"

    def _hear(self, event):
        if event["what"] == "ended":
            self._report.set_result(event)
            return
        # Dials and passages go together, for each "shut" refuses one dial.
        passage = self.proxy.passages[event["dial"] - 1]
        if event["message"] in WAITED_FOR:
            assert passage.plan.fault in WITHOUT_A_WORD, (passage, event)
        if passage.plan.fault == SHUT:
            self.loop.call_soon(self.proxy.reopen)

    def _look(self, passage):
        """It dials. It waits now, so nothing moves while we count."""
        files = open_files(self.device.pid)
        self.files[files] += 1
        if files != (_FILES, 1) and not self._report.done():
            error = AssertionError(f"more than one socket, or files left open: {files}")
            self._report.set_exception(error)
        count = len(self.proxy.passages)
        if count >= _WARM_UP and not (count - _WARM_UP) % self._every:
            self.heaps.append(self.device.heap())


def soak(reconnects):
    need("/proc, to count a device's files", CAN_LOOK, "run it on Linux")

    async def main(loop):
        soak = Soak(loop, f"soak of {reconnects}", reconnects)
        try:
            report = await soak.run()
        finally:
            print(f"{len(soak.proxy.passages)} dials, {len(soak.connections)} connections,")
            print(f"{loop.ms / 3_600_000:.1f} h, late {loop.late}, files {dict(soak.files)}")
            print("heap", soak.heaps)
            print("lines", soak.device.lines[-20:], soak.device.events[-3:])
        return soak, report

    soak, report = run(main)
    assert soak.device.lines == []
    assert report["stats"]["attempts"] == len(soak.proxy.passages) > reconnects
    check(report, soak.connections, soak.proxy)
    assert list(soak.files) == [(_FILES, 1)]
    # The heap at its highest and lowest, in both halves of what came after the warm-up.
    half = len(soak.heaps) // 2
    early, late = soak.heaps[:half], soak.heaps[half:]
    assert abs(min(late) - min(early)) <= _SLACK_BYTES, soak.heaps
    assert abs(max(late) - max(early)) <= _SLACK_BYTES, soak.heaps


def test_five_hundred_reconnects_leave_files_and_heap_as_they_were(micropython):
    soak(_RECONNECTS)


@pytest.mark.soak
def test_ten_thousand_reconnects_leave_files_and_heap_as_they_were(micropython):
    soak(_RECONNECTS_SOAK)
