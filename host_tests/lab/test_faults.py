"""Real devices behind a proxy that breaks their connections in every way. They come back each
time, no message is doubled or out of order, and their counts add up.

In real time, with MicroPython and CPython. SEED=n in the environment draws other plans. A test
prints the seed and, when it fails, the plans.
"""

import asyncio
import json
from functools import partial

from e2e.conftest import interpreter as interpreter  # the fixture
from e2e.devices import Device

from .files import CAN_LOOK, open_files
from .plans import CUTS, FAULTS, SHUT, WAYS, WITHOUT_A_WORD, Plan, drawn
from .talk import ENOUGH, WAITED_FOR, Talk

# asyncio has a pair of sockets there to wake itself.
_SOCKETS = {"micropython": 1, "cpython": 3}


async def meet(talk, interpreter, meanwhile, sockets):
    """Let a device go through the plans of `talk`. Returns its report and its lines."""
    async with talk.serving() as proxy:
        with Device(interpreter, "host_tests/lab/walker.py", str(proxy.port)) as device:
            if CAN_LOOK:
                talk.on_finish = lambda: sockets.append(open_files(device._process.pid)[1])
            try:
                await meanwhile(proxy, device)
                report = await asyncio.to_thread(device.wait, "ended")
                assert await asyncio.to_thread(device.wait_end) == 0
                await proxy.over()
            finally:
                print("plans:", [passage.plan for passage in proxy.passages])
                print("\n".join(device.lines))
    return report, device.lines


async def nothing(proxy, device):
    pass


def walk(interpreter, plans, meanwhile=nothing):
    """Let a device go through `plans`. Returns its report and the numbers that the server got."""
    talk, sockets = Talk(plans), []
    report, lines = asyncio.run(meet(talk, interpreter, meanwhile, sockets))
    got = talk.check(report)
    assert sockets == [_SOCKETS[interpreter]] or not CAN_LOOK
    events = [json.loads(line) for line in lines if not line.startswith("partysocket: no conn")]
    errors = {event["message"] for event in events if event["what"] == "error"}
    if not all(plan.fault in WITHOUT_A_WORD for plan in plans):
        assert errors - set(WAITED_FOR), "seen by nothing but time"
    assert report["stats"]["attempts"] > len(plans)
    assert talk.proxy.plans == []
    return report, got


def test_a_device_comes_back_from_one_after_the_other(interpreter):
    walk(interpreter, drawn("all of them", 4 * len(FAULTS)))


def test_whatever_ends_after_the_handshake_loses_only_what_was_on_its_way(interpreter):
    """Messages that the device had not written yet are sent with the next connection."""
    plans = [Plan(fault, way, 700) for fault in CUTS for way in WAYS]
    report, got = walk(interpreter, plans)
    assert report["stats"]["opens"] > len(plans)
    assert len(got) > ENOUGH
    assert report["heard"] > 0


def test_a_device_comes_back_when_nobody_listened(interpreter):
    async def refuse(proxy, device):
        for _ in range(2):
            await asyncio.to_thread(partial(device.wait, "error", phase="tcp"))
        proxy.reopen()

    report, _ = walk(interpreter, [Plan(SHUT)], refuse)
    assert report["stats"]["opens"] == 1
