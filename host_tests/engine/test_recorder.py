"""The flight recorder."""

import pytest

from engine.virtual import Accept, Refuse, sleep, virtual
from partysocket.recorder import Recorder


@virtual
async def test_it_keeps_the_last_events_with_their_times_and_causes(server):
    server.plans = [Refuse(OSError(111, "ECONNREFUSED"), ms=500), Accept()]
    recorder = Recorder(server.websocket())
    peer = await server.opened()
    await sleep(60_000)
    peer.say_close(4000, "moved")
    await server.opened()
    assert recorder.entries() == [
        (0, "error", "tcp: [Errno 111] ECONNREFUSED"),
        (0, "close", "1006"),
        (0, "reconnecting", "in 1000 ms, retry 1"),
        (1, "open", "first"),
        (61, "close", "4000 moved"),
        (61, "reconnecting", "in 2000 ms, retry 2"),
        (63, "open", "again"),
    ]
    assert str(recorder).splitlines()[3] == "1 s open first"


@virtual
async def test_it_takes_no_more_room_than_it_has(server):
    server.plan = Refuse(OSError(113, "x" * 500))
    recorder = Recorder(server.websocket(), size=4)
    await sleep(3_600_000)
    entries = recorder.entries()
    assert len(entries) == 4
    assert [entry[1] for entry in entries][-1] == "reconnecting"
    assert max(len(entry[2]) for entry in entries) <= 48
    assert entries == sorted(entries, key=lambda entry: entry[0])
    recorder.stop()
    await sleep(3_600_000)
    assert recorder.entries() == entries


@virtual
async def test_it_is_greeting_enough(server):
    boxes = []
    ws = server.websocket(hello=lambda: boxes[0].text() or None)
    boxes.append(Recorder(ws))
    peer = await server.opened()
    await sleep(10)
    assert peer.messages == []
    peer.reset()
    peer = await server.opened()
    await sleep(10)
    assert peer.messages[0].startswith("0 s open first\n0 s error websocket: ")


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None])
def test_the_size_is_checked(size):
    with pytest.raises(ValueError, match="size"):
        Recorder(None, size)
