"""A night offline: the readings in an outbox reach the room after the ones that are measured
meanwhile, each with its own time. The night takes no time: the device has a `time` module whose
clock is moved.
"""

import asyncio
import time

import pytest

from lab.fault_proxy import FaultProxy
from lab.plans import SHUT, Plan
from rooms.clients import join, state_of
from rooms.contract.servers import KINDS, make

from .keepers import FORMS, Keeper

# Readings of the night.
NIGHT = 3000
NIGHT_STEP_MS = 10_000
# Readings after it.
DAY = 30
DAY_STEP_MS = 200
# The most messages of readings on their way without an acknowledgement. At most so many come
# before the reading that is measured now.
WINDOW = 8


@pytest.mark.parametrize("kind, form", [*zip(KINDS, FORMS, strict=True)])
async def test_a_night_arrives_while_what_is_measured_now_overtakes_it(kind, form, tmp_path):
    begin = _now_ms() - NIGHT * NIGHT_STEP_MS - 1000
    heard, lives, lasts = [], asyncio.Queue(), []

    async def listen():
        message = {"type": ""}
        while message["type"] != "result":
            message = await dashboard.next()
            heard.append((_now_ms(), message))
            if message.get("live"):
                lives.put_nowait(message["values"]["i"])
        lives.put_nowait(None)

    async def look():
        while (live := await lives.get()) is not None:
            state = await asyncio.to_thread(state_of, server, "r")
            lasts.append(state["devices"][0]["last"]["i"])
            assert lasts[-1] >= live and lasts == sorted(lasts)

    with make(kind, tmp_path) as server:
        dashboard = await join(server, "r", role="dashboard")
        await dashboard.next("snapshot")
        tasks = [asyncio.create_task(listen()), asyncio.create_task(look())]
        async with FaultProxy(server.port, [Plan(SHUT)]) as proxy:
            keeper = Keeper(tmp_path / "boards", "d", form, proxy.port)
            keeper.taken = NIGHT
            night = [begin, NIGHT_STEP_MS, NIGHT]
            with keeper.power_on(
                NIGHT + DAY, night=night, every_ms=DAY_STEP_MS, live=True
            ) as device:
                waiting = await asyncio.to_thread(device.wait, "night")
                assert waiting["waiting"] == NIGHT and waiting["dropped"] == 0
                proxy.reopen()
                assert (await asyncio.to_thread(device.wait, "delivered"))["waiting"] == 0
        await dashboard.send({"type": "command", "device": "nobody", "name": "end"})
        await asyncio.gather(*tasks)
        [d] = state_of(server, "r")["devices"]
        points = state_of(server, "r", "format=json&name=i")["points"]

    history = [(point["at"], point["value"]) for point in points]
    assert [i for _, i in history] == list(range(1, NIGHT + DAY + 1))
    times = [at for at, _ in history]
    assert times[:NIGHT] == [begin + n * NIGHT_STEP_MS for n in range(1, NIGHT + 1)]
    assert times == sorted(times)
    batches, ahead, late_ms = _order(heard, {i: at for at, i in history})
    print(
        f"{kind}, {form}: {NIGHT} of the night in {batches} batches, {len(lasts)} live meanwhile;"
        f" at most {max(ahead.values())} batches came before what was measured earlier,"
        f" and it was heard after {late_ms} ms at most"
    )
    assert len(lasts) > 5 and list(ahead) == list(range(min(ahead), NIGHT + DAY + 1))
    assert max(ahead.values()) <= WINDOW < batches


def _order(heard, at_of):
    """For the readings of the day from the first live one on: {reading: batches received before it
    that the server got after it was measured}. Also the number of batches, and the longest delay
    in ms.
    """
    batches, ahead, late_ms = [], {}, 0
    for when, message in heard:
        entries = message["readings"] if message["type"] == "batch" else [message]
        for i in [entry["values"]["i"] for entry in entries if "values" in entry]:
            # One that was measured before the first live one comes later, with the others.
            is_of_day = i > min(ahead) if ahead else i > NIGHT and message.get("live")
            if is_of_day and i not in ahead:
                ahead[i] = sum(at > at_of[i] for at in batches)
                late_ms = max(late_ms, when - at_of[i])
        if message["type"] == "batch":
            batches.append(message["at"])
    return len(batches), ahead, late_ms


def _now_ms():
    return time.time_ns() // 1_000_000
