"""Messages: sending, waiting in the queue, reading."""

import asyncio
import sys

from core.wire import BINARY, frame
from simulation.clock import clock

from .world import REFUSE, Log, World, raises


async def claim_the_queue_goes_out_before_the_close(world):
    ws = world.websocket()
    await world.opened()
    for i in range(20):
        assert ws.send("message %d" % i) is True
    ws.close()
    await ws.wait_closed()
    assert world.texts() == ["message %d" % i for i in range(20)]
    assert world.peer.got_close


async def claim_send_takes_text_and_bytes_and_says_what_becomes_of_them(world):
    world.plans = [{"accept": 50}]
    ws = world.websocket(queue_bytes=256)
    for data in ("ä", b"\0", bytearray(b"\1"), memoryview(b"\2")):
        assert ws.send(data) is False
    assert ws.buffered_amount == 5
    for wrong in (5, None, ["x"], {}):
        raises(TypeError, ws.send, wrong)
    raises(ValueError, ws.send, "x" * 300)
    if sys.implementation.name == "cpython":
        raises(TypeError, ws.send, memoryview(bytes(8)).cast("I"))
        raises(ValueError, ws.send, "\ud800")
    await world.opened()
    assert ws.buffered_amount == 0
    assert ws.send("") is True
    await clock.sleep(10)
    assert world.texts() == ["ä", {"hex": "00"}, {"hex": "01"}, {"hex": "02"}, ""]
    kept = bytearray(b"before")
    ws.send(kept)
    kept[:] = b"after!"
    await clock.sleep(10)
    assert world.texts()[-1] == {"hex": "6265666f7265"}


async def claim_a_full_queue_does_what_overflow_says(world):
    from partysocket import QueueFull

    kept = {
        "drop-oldest": ["message 2", "message 3"],
        "drop-newest": ["message 0", "message 1"],
        "error": ["message 0", "message 1"],
    }
    for overflow, expected in kept.items():
        network = World([{"accept": 50}])
        ws = network.websocket(queue_bytes=32, overflow=overflow)
        log = Log(ws, ("discard",))
        for i in range(4):
            if overflow == "error" and i > 1:
                raises(QueueFull, ws.send, "message %d" % i)
            else:
                assert ws.send("message %d" % i) is False
        assert log == []  # never inside send()
        await network.opened()
        assert network.texts() == expected, overflow
        lost = 0 if overflow == "error" else 2
        assert ws.stats()["discarded"] == lost and log == [("discard", 2)][: lost // 2]
        await network.end()


async def claim_max_enqueued_messages_counts_only_while_not_open(world):
    for most, kept in ((0, []), (2, ["c", "d"]), (None, ["a", "b", "c", "d"])):
        network = World([{"accept": 50}])
        ws = network.websocket(max_enqueued_messages=most)
        for text in "abcd":
            ws.send(text)
        await network.opened()
        for text in "xyz":
            assert ws.send(text) is True
        await clock.sleep(10)
        assert network.texts() == kept + ["x", "y", "z"]
        await network.end()


async def claim_what_waits_can_be_taken_back(world):
    ws = world.websocket(start_closed=True)
    ws.send("a")
    ws.send(b"\1")
    assert ws.drain_queued_messages() == ["a", b"\1"]
    assert ws.drain_queued_messages() == [] and ws.buffered_amount == 0
    ws.reconnect()
    await world.opened()
    assert world.texts() == []


async def claim_messages_are_read_across_reconnects_until_the_end(world):
    world.plans = [{"accept": 1, "greets": ["1"], "then": [50, "rst"]}] * 3
    ws = world.websocket()
    got = []

    async def read():
        async for message in ws:
            got.append(message)
        got.append("end")

    task = clock.spawn(read())
    await world.opened(3)
    ws.close()
    await clock.sleep(1)
    assert got == ["1", "1", "1", "end"] and task.done()
    from partysocket import Error

    try:
        await ws.recv()
    except Error:
        return
    raise AssertionError("recv() after the end")


async def claim_after_giving_up_the_last_message_is_read_first(world):
    world.plans = [{"accept": 1, "greets": ["1"], "then": [50, "rst"]}]
    ws = world.websocket(max_retries=0)
    await clock.sleep(1000)
    assert await _all_of(ws) == ["1"]
    # close() ends it at once.
    ws.reconnect()
    await world.opened(2)
    ws.close()
    assert await _all_of(ws) == []


async def _all_of(ws):
    messages = []
    async for message in ws:
        messages.append(message)
    return messages


async def claim_one_reader_at_a_time(world):
    from partysocket import Error

    ws = world.websocket()
    await world.opened()
    first = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    try:
        await ws.recv()
        raise AssertionError("two readers")
    except Error:
        pass
    world.say("x")
    assert await first == "x"


async def claim_one_message_waits_and_the_rest_stays_in_the_socket(world):
    ws = world.websocket(receive_bytes=128, ping_interval_ms=1000, ping_timeout_ms=1000)
    await world.opened()
    first = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    texts = ["%d %s" % (i, "x" * 60) for i in range(20)]
    for text in texts:
        world.say(text)
    await clock.sleep(60_000)  # nobody reads: the keepalive knows
    assert ws.ready_state == 1 and world.peer._inbox
    assert await first == texts[0]
    for text in texts[1:]:
        assert await ws.recv() == text
    assert ws.stats()["unread"] == 0


async def claim_a_device_that_only_sends_never_stalls(world):
    ws = world.websocket()
    await world.opened()
    for i in range(10):
        world.say("%d" % i)
    await clock.sleep(10)
    assert ws.stats()["unread"] == 9 and ws.stats()["received"] == 10
    assert await ws.recv() == "0"


async def claim_messages_go_to_handlers_and_to_a_reader_that_was_there(world):
    ws = world.websocket()
    heard = []
    ws.onmessage = lambda event: heard.append(event.data)
    await world.opened()
    world.say("a")
    await clock.sleep(10)
    reader = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    world.say("b")
    assert await reader == "b" and heard == ["a", "b"]


async def claim_a_view_is_lent_until_the_next_recv(world):
    ws = world.websocket(receive_bytes=128)
    ws.binary_type = "memoryview"
    raises(ValueError, setattr, ws, "binary_type", "blob")
    await world.opened()
    first = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    payloads = [bytes([i]) * 100 for i in range(10)]
    for payload in payloads:
        world.peer.say(frame(BINARY, payload))
    view = await first
    assert isinstance(view, memoryview)
    for payload in payloads[1:]:
        await clock.sleep(10)
        assert bytes(view) == payloads[0]
        payloads[0] = payload
        view = await ws.recv()


async def claim_a_view_from_recv_stays_true_over_a_redial(world):
    old, new = b"old" * 60, b"new" * 60
    for is_taken in (True, False):  # else the view waits for recv()
        for end in ("reconnect", "reset"):
            network = World()
            ws = network.websocket(receive_bytes=256)
            ws.binary_type = "memoryview"
            peer = await network.next()
            reader = asyncio.create_task(ws.recv())
            await clock.quiet()
            if not is_taken:
                peer.text("first")
                assert await reader == "first"
            peer.binary(old)
            view = await reader if is_taken else None
            await clock.quiet()
            if end == "reconnect":
                ws.reconnect()
                peer.binary(new)  # nobody hears it, and it may lie over nothing that is lent
            else:
                # Nothing is read meanwhile: that it has gone is seen by who writes.
                peer.reset()
                ws.send("x")
            peer = await network.next()
            peer.binary(new)
            await clock.sleep(1000)
            if not is_taken:
                view = await ws.recv()
            await clock.sleep(1000)
            assert bytes(view) == old, (is_taken, end)
            assert bytes(await ws.recv()) == new, (is_taken, end)
            await network.end()


async def claim_a_view_from_recv_stays_true_after_close(world):
    ws, peer, _ = await world.open(receive_bytes=256)
    ws.binary_type = "memoryview"
    reader = asyncio.create_task(ws.recv())
    await clock.quiet()
    peer.binary(b"old" * 60)
    view = await reader
    ws.close()
    peer.binary(b"new" * 60)
    await ws.wait_closed()
    assert bytes(view) == b"old" * 60


async def claim_waits_end_in_time_and_with_the_end(world):
    world.plans = [{"accept": 500}]
    ws = world.websocket()
    at = clock.now()
    assert await ws.wait_open(100) is False and clock.now() - at == 100
    assert await ws.wait_open() is True
    assert await ws.wait_open(0) is True
    assert await ws.flush(1000) is True
    ws.close()
    ws.send("too late")
    assert await ws.wait_open() is False and await ws.flush() is False
    await ws.wait_closed()
    assert not world.open_now


async def claim_what_a_message_costs_of_the_queue(world):
    for size, extra in ((0, 6), (1, 6), (125, 6), (126, 8), (3000, 8)):
        ws = world.websocket(queue_bytes=max(16, size + extra), start_closed=True)
        ws.send(bytes(size))
        assert ws.drain_queued_messages() == [bytes(size)]
        if size > 10:
            ws = world.websocket(queue_bytes=size + extra - 1, start_closed=True)
            raises(ValueError, ws.send, bytes(size))


async def claim_binary_messages_of_every_length_come_as_they_were(world):
    sizes = (0, 1, 125, 126, 2000, 2047, 2048, 2049, 2058, 2059, 5000, 16384)
    for kind in ("bytes", "memoryview"):
        network = World()
        ws = network.websocket()
        ws.binary_type = kind
        peer = await network.next()
        got = []
        ws.onmessage = lambda event, got=got: got.append((type(event.data), bytes(event.data)))
        sent = [bytes([size & 255]) * size for size in sizes]
        for data in sent:
            peer.binary(data)
        await clock.sleep(10)
        wanted = bytes if kind == "bytes" else memoryview
        assert got == [(wanted, data) for data in sent], kind
        ws.onmessage = None
        # Text is always str; and what waits for the first reader is the oldest.
        peer.text("t")
        peer.binary(b"aaaa")
        await clock.sleep(1)
        assert await ws.recv() == "t"
        await network.end()


async def claim_a_stuck_connection_fills_the_queue_alone(world):
    ws, peer, _ = await world.open(queue_bytes=100, overflow="drop-newest")
    peer.window = 0
    assert [ws.send(bytes(40)), ws.send(bytes(40)), ws.send(bytes(40))] == [True, True, False]
    peer.open_window()
    await clock.sleep(1)
    assert peer.messages() == [bytes(40)] * 2


async def claim_a_write_cut_off_at_any_byte_loses_and_doubles_nothing(world):
    messages = [b"a" * 10, b"b" * 12, b"c" * 14]
    for taken in range(60):
        network = World()
        ws, peer, _ = await network.open()
        peer.window = taken
        for message in messages:
            ws.send(message)
        await clock.sleep(1)
        peer.reset()
        await clock.sleep(1)
        again = await network.next()
        assert peer.messages() + again.messages() == messages, taken
        assert ws.stats()["sent"] == 3
        await network.end()


async def claim_discards_just_before_close_are_told(world):
    world.plans = [REFUSE]
    ws = world.websocket(max_enqueued_messages=0)
    log = Log(ws)
    await clock.sleep(10)
    ws.send("x")
    ws.close()
    await clock.sleep(10)
    assert log.of("discard") == [("discard", 1)]


async def claim_what_many_tasks_send_stays_whole_and_in_order(world):
    ws, peer, _ = await world.open(queue_bytes=65536)
    peer.plan.most = 7

    async def sender(name):
        for i in range(20):
            ws.send("%s%d" % (name, i))
            await clock.sleep(0)

    names = "abcdefghijklmnopqrst"
    for sending in [asyncio.create_task(sender(name)) for name in names]:
        await sending
    await clock.sleep(10)
    for name in names:
        sent = [message for message in peer.messages() if message[0] == name]
        assert sent == [name + str(i) for i in range(20)]
    assert len(peer.messages()) == 400


async def claim_a_reader_that_is_cancelled_loses_nothing(world):
    ws = world.websocket()
    await world.next()
    for turns in range(6):  # before, in and after the turn in which a message comes
        reader = asyncio.create_task(ws.recv())
        await clock.sleep(1)
        world.say("kept")
        for _ in range(turns):
            await clock.sleep(0)
        reader.cancel()
        try:
            assert await reader == "kept"
        except asyncio.CancelledError:
            assert await ws.recv() == "kept"
