"""One MicroPython process with real sockets through hundreds of reconnects, or thousands. After
them it uses no more memory and files than before.

In lockstep (lockstep.py), with the library's own waits: days of them in seconds. SEED=n in the
environment draws another run.
"""

import asyncio
import os
from collections import Counter

import pytest

from needs import need

from .files import CAN_LOOK, open_files
from .lockstep import run
from .lockstep_device import LockstepDevice
from .plans import FAULTS, SHUT, WITHOUT_A_WORD, drawn
from .talk import WAITED_FOR, Talk

# After so many reconnects late modules are loaded, and lists have grown.
_WARM_UP = 100
# Samples of the heap after that.
_SAMPLES = 50
# The heap varies by this much, by what the collector takes for a pointer.
_SLACK_BYTES = 512
# stdin, stdout, stderr and one more; and one socket.
_FILES = (4, 1)
# The longest time without a dial: ten times a patient wait.
_LONGEST_S = 3600


class Soak:
    def __init__(self, loop, reconnects):
        self.loop = loop
        self.talk = Talk(drawn(f"soak of {reconnects}", reconnects, (*FAULTS, SHUT)))
        self.heaps = []
        self.files = Counter()
        self._every = max(1, (reconnects - _WARM_UP) // _SAMPLES)
        self._report = loop.create_future()

    async def run(self):
        async with self.talk.serving() as proxy:
            self.passages = proxy.passages
            proxy.on_accept = self._look
            seed = int(os.getenv("SEED") or 1)
            with LockstepDevice(
                self.loop, "walker.py", proxy.port, seed, on_event=self._hear
            ) as self.device:
                while not self._report.done():
                    dials = len(self.passages)
                    # In virtual time.
                    await asyncio.wait([self._report], timeout=_LONGEST_S)
                    has_dialed = len(self.passages) > dials
                    assert self._report.done() or has_dialed, "it dials no more"
                return self._report.result()

    def _hear(self, event):
        if event["what"] == "ended":
            self._report.set_result(event)
            return
        # Each dial has one passage, because each "shut" refuses one dial.
        passage = self.passages[event["dial"] - 1]
        if event["message"] in WAITED_FOR:
            assert passage.plan.fault in WITHOUT_A_WORD, (passage, event)
        if passage.plan.fault == SHUT:
            self.loop.call_soon(self.talk.proxy.reopen)

    def _look(self, passage):
        """It dials. It waits now, so nothing moves while we count."""
        files = open_files(self.device.pid)
        self.files[files] += 1
        if files != _FILES and not self._report.done():
            error = AssertionError(f"more than one socket, or files left open: {files}")
            self._report.set_exception(error)
        count = len(self.passages)
        if count >= _WARM_UP and not (count - _WARM_UP) % self._every:
            self.heaps.append(self.device.heap())


@pytest.mark.parametrize("reconnects", [500, pytest.param(10_000, marks=pytest.mark.soak)])
def test_reconnects_leave_files_and_heap_as_they_were(micropython, reconnects):
    need("/proc, to count a device's files", CAN_LOOK, "run it on Linux")

    async def main(loop):
        soak = Soak(loop, reconnects)
        try:
            report = await soak.run()
        finally:
            print(f"{len(soak.passages)} dials, {len(soak.talk.connections)} connections,")
            print(f"{loop.ms / 3_600_000:.1f} h, late {loop.late}, files {dict(soak.files)}")
            print("heap", soak.heaps)
            print("lines", soak.device.lines[-20:], soak.device.events[-3:])
        return soak, report

    soak, report = run(main)
    # Of the dials that fail in a row, the first one is told.
    told = "partysocket: no connection to "
    assert [line for line in soak.device.lines if not line.startswith(told)] == []
    assert report["stats"]["attempts"] == len(soak.passages) > reconnects
    soak.talk.check(report)
    assert list(soak.files) == [_FILES]
    # The highest and lowest heap in both halves of the time after the warm-up, and after the rare
    # paths have loaded their modules (a quarter of it).
    heaps = soak.heaps[len(soak.heaps) // 4 :]
    half = len(heaps) // 2
    early, late = heaps[:half], heaps[half:]
    assert abs(min(late) - min(early)) <= _SLACK_BYTES, soak.heaps
    assert abs(max(late) - max(early)) <= _SLACK_BYTES, soak.heaps
