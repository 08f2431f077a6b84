"""Messages: sending, waiting in the queue, reading."""

import asyncio
import sys

from simulation.clock import clock

from .world import REFUSE, Log, each, fails, raises


async def _all_of(ws):
    """Return the messages that recv() gives until there will be no more."""
    messages = []
    async for message in ws:
        messages.append(message)
    return messages


async def _reading(ws):
    """Return a recv() that has begun to wait."""
    reading = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    return reading


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
    await world.next()
    assert ws.buffered_amount == 0
    assert ws.send("") is True
    await clock.sleep(10)
    assert world.peer.messages() == ["ä", b"\0", b"\1", b"\2", ""]
    kept = bytearray(b"before")
    ws.send(kept)
    kept[:] = b"after!"
    await clock.sleep(10)
    assert world.peer.messages()[-1] == b"before"


@each((2, 3), (6, 1), (1, 6), (1, 2, 3), ())
async def cpython_a_view_of_more_dimensions_is_refused_and_leaves_nothing(world, *shape):
    world.plans = [{"accept": 50}]
    ws = world.websocket()
    ws.send("before")
    data = memoryview(bytes(6 if shape else 1)).cast("B", shape)
    raises(TypeError, ws.send, data)
    assert ws.buffered_amount == 6
    ws.send("after")
    peer = await world.next()
    assert ws.send(b"later") is True and await ws.flush(1000) is True
    assert peer.messages() == ["before", "after", b"later"] and ws.buffered_amount == 0


@each(("drop-oldest", "cd", 2), ("drop-newest", "ab", 2), ("error", "ab", 0))
async def claim_a_full_queue_does_what_overflow_says(world, overflow, kept, lost):
    from partysocket import QueueFull

    world.plans = [{"accept": 50}]
    ws = world.websocket(queue_bytes=32, overflow=overflow)
    log = Log(ws, ("discard",))
    for i, letter in enumerate("abcd"):
        if overflow == "error" and i > 1:
            raises(QueueFull, ws.send, letter * 9)
        else:
            assert ws.send(letter * 9) is False
    # Events are never dispatched inside send().
    assert log == []
    peer = await world.next()
    assert peer.messages() == [letter * 9 for letter in kept]
    assert ws.stats()["discarded"] == lost and log == ([("discard", 2)] if lost else [])


async def claim_after_giving_up_the_last_message_is_read_first(world):
    world.plans = [{"accept": 1, "greets": ["1"], "then": [50, "rst"]}]
    ws = world.websocket(max_retries=0)
    await world.next()
    await clock.sleep(1000)
    assert await _all_of(ws) == ["1"]
    # close() ends it at once.
    ws.reconnect()
    await world.next()
    ws.close()
    assert await _all_of(ws) == []


async def claim_one_reader_at_a_time(world):
    from partysocket import Error

    ws = world.websocket()
    peer = await world.next()
    first = await _reading(ws)
    await fails(Error, ws.recv())
    peer.text("x")
    assert await first == "x"


async def claim_one_message_waits_and_the_rest_stays_in_the_socket(world):
    ws = world.websocket(receive_bytes=128, ping_interval_ms=1000, ping_timeout_ms=1000)
    peer = await world.next()
    first = await _reading(ws)
    texts = ["%d %s" % (i, "x" * 60) for i in range(20)]
    peer.text(*texts)
    # Nothing is read, so only the keepalive notices it.
    await clock.sleep(60_000)
    assert ws.ready_state == 1 and peer._inbox
    assert await first == texts[0]
    for text in texts[1:]:
        assert await ws.recv() == text
    assert ws.stats()["unread"] == 0


async def claim_a_device_that_only_sends_never_stalls(world):
    ws = world.websocket()
    await world.next()
    for i in range(10):
        world.peer.text("%d" % i)
    await clock.sleep(10)
    assert ws.stats()["unread"] == 9 and ws.stats()["received"] == 10
    assert await ws.recv() == "0"


async def claim_messages_go_to_handlers_and_to_a_reader_that_was_there(world):
    ws, peer, log = await world.open()
    peer.text("a")
    await clock.sleep(10)
    reader = await _reading(ws)
    peer.text("b")
    assert await reader == "b" and log.data() == ["a", "b"]


async def claim_a_view_is_lent_until_the_next_recv(world):
    ws = world.websocket(receive_bytes=128)
    ws.binary_type = "memoryview"
    raises(ValueError, setattr, ws, "binary_type", "blob")
    peer = await world.next()
    first = await _reading(ws)
    payloads = [bytes([i]) * 100 for i in range(10)]
    for payload in payloads:
        peer.binary(payload)
    view = await first
    assert isinstance(view, memoryview)
    for payload in payloads[1:]:
        await clock.sleep(10)
        assert bytes(view) == payloads[0]
        payloads[0] = payload
        view = await ws.recv()


@each(
    *[(is_taken, end) for is_taken in (True, False) for end in ("reconnect", "reset")],
    (True, "close"),
)
async def claim_a_view_from_recv_stays_true_over_the_end(world, is_taken, end):
    old, new = b"old" * 60, b"new" * 60
    ws = world.websocket(receive_bytes=256)
    ws.binary_type = "memoryview"
    peer = await world.next()
    reader = await _reading(ws)
    # The view waits for recv().
    if not is_taken:
        peer.text("first")
        assert await reader == "first"
    peer.binary(old)
    view = await reader if is_taken else None
    await clock.quiet()
    if end == "reset":
        # Nothing is read meanwhile, so only the writer notices that the peer has gone.
        peer.reset()
        ws.send("x")
    else:
        getattr(ws, end)()
        # It is not delivered, and it must not overwrite a view that the application has.
        peer.binary(new)
    if end == "close":
        await ws.wait_closed()
    else:
        peer = await world.next()
        peer.binary(new)
        await clock.sleep(1000)
    if not is_taken:
        view = await ws.recv()
    await clock.sleep(1000)
    assert bytes(view) == old
    assert end == "close" or bytes(await ws.recv()) == new


@each("é" * 400, "x" * 1000)
async def claim_a_buffer_full_of_a_long_message_is_no_end(world, long):
    """recv() takes the message that waits, and finds no space to read on in place of the
    reader.
    """
    ws = world.websocket(receive_bytes=128)
    log = Log(ws, ("close",))
    peer = await world.next()
    reading = await _reading(ws)
    for text in ("first", "waits", long):
        peer.text(text)
        await clock.sleep(5)
    assert await reading == "first" and await ws.recv() == "waits"
    await clock.sleep(5)
    assert not log and await ws.recv() == long


@each((0, 6), (1, 6), (125, 6), (126, 8), (3000, 8))
async def claim_what_a_message_costs_of_the_queue(world, size, extra):
    ws = world.websocket(queue_bytes=max(16, size + extra), start_closed=True)
    ws.send(bytes(size))
    assert ws.drain_queued_messages() == [bytes(size)]
    if size > 10:
        ws = world.websocket(queue_bytes=size + extra - 1, start_closed=True)
        raises(ValueError, ws.send, bytes(size))


@each(("bytes", bytes), ("memoryview", memoryview))
async def claim_binary_messages_of_every_length_come_as_they_were(world, kind, wanted):
    ws = world.websocket()
    ws.binary_type = kind
    peer = await world.next()
    got = []
    ws.onmessage = lambda event: got.append((type(event.data), bytes(event.data)))
    sizes = (0, 1, 125, 126, 2000, 2047, 2048, 2049, 2058, 2059, 5000, 16384)
    sent = [bytes([size & 255]) * size for size in sizes]
    for data in sent:
        peer.binary(data)
    await clock.sleep(10)
    assert got == [(wanted, data) for data in sent]
    ws.onmessage = None
    # Text is always a str. The oldest message waits for the first reader.
    peer.text("t")
    peer.binary(b"aaaa")
    await clock.sleep(1)
    assert await ws.recv() == "t"


@each("before close()", "in its event")
async def claim_a_discard_as_the_last_thing_is_told_and_holds_up_no_end(world, when):
    world.plans = [REFUSE]
    ws = world.websocket(max_enqueued_messages=0)
    log = Log(ws)
    await clock.quiet()
    if when == "before close()":
        ws.send("x")
    else:
        ws.onclose = lambda event: ws.send("x")
    ws.close()
    begun = clock.now()
    await ws.wait_closed()
    await clock.sleep(10)
    assert clock.now() - begun < 100 and log.of("discard") == [("discard", 1)]


async def claim_a_discard_handler_that_sends_into_a_full_queue_freezes_nothing(world):
    world.plans = [{"accept": 500}]
    ws = world.websocket(queue_bytes=32)
    count = [0]

    def again(event):
        count[0] += 1
        ws.send(bytes(20))

    ws.add_event_listener("discard", again)
    for _ in range(3):
        ws.send(bytes(20))
    # It never ends. The clock notices that other tasks do not run.
    while count[0] < 400:
        before = count[0]
        await asyncio.sleep(0)
        assert count[0] - before < 100, "others have no turn"
    ws.remove_event_listener("discard", again)


async def claim_recv_takes_nothing_more_from_a_replaced_connection(world):
    ws = world.websocket()
    peer = await world.next()
    reading = await _reading(ws)
    peer.text("0", "1", "2", "3")
    assert await reading == "0"
    await clock.sleep(5)
    ws.reconnect()
    # It was received before.
    assert await ws.recv() == "1"
    reading = await _reading(ws)
    (await world.next()).text("new")
    assert await reading == "new"
