"""What a review found: the reader's turn taken by recv(), the queue before the 101, orders at an
odd moment, long messages that are broken off.
"""

import asyncio

from simulation.clock import clock
from simulation.peer import BINARY, TEXT, frame

from .world import OPEN, Log, World

# recv() in the reader's stead.


async def claim_a_buffer_full_of_a_long_message_is_no_end(world):
    """recv() takes the one that waits, and finds no room to read on in the reader's stead."""
    for long in ("é" * 400, "x" * 1000):
        network = World([OPEN])
        ws = network.websocket(receive_bytes=128)
        log = Log(ws, ("close",))
        await network.opened()
        reading = asyncio.create_task(ws.recv())
        await clock.sleep(5)
        network.say("first")
        assert await reading == "first"
        network.say("waits")
        await clock.sleep(5)
        network.say(long)
        await clock.sleep(5)
        assert await ws.recv() == "waits"
        await clock.sleep(5)
        assert not log, log
        assert await ws.recv() == long
        await network.end()


async def claim_recv_takes_nothing_more_from_a_replaced_connection(world):
    world.plans = [OPEN, OPEN]
    ws = world.websocket()
    await world.opened()
    reading = asyncio.create_task(ws.recv())
    await clock.sleep(5)
    world.peer.say(b"".join([frame(TEXT, b"%d" % i) for i in range(4)]))
    assert await reading == "0"
    await clock.sleep(5)
    ws.reconnect()
    heard = [await ws.recv()]  # it had been received
    reading = asyncio.create_task(ws.recv())
    await world.opened(2)
    world.say("new")
    heard.append(await reading)
    assert heard == ["1", "new"], heard


async def claim_a_view_that_waits_for_recv_stays_true_after_reconnect(world):
    world.plans = [OPEN, OPEN]
    ws = world.websocket()
    ws.binary_type = "memoryview"
    peer = await world.opened()
    reading = asyncio.create_task(ws.recv())
    await clock.sleep(5)
    peer.say(b"".join([frame(BINARY, letter * 50) for letter in (b"a", b"b")]))
    assert bytes(await reading) == b"a" * 50
    reading = asyncio.create_task(ws.recv())
    await clock.sleep(5)
    assert bytes(await reading) == b"b" * 50
    reading = asyncio.create_task(ws.recv())
    await clock.sleep(5)
    reading.cancel()  # ask() has let go of the last view
    await clock.sleep(5)
    peer.say(frame(BINARY, b"c" * 50))
    await clock.sleep(5)
    ws.reconnect()
    peer.say(frame(BINARY, b"d" * 50))
    await clock.sleep(5)
    assert bytes(await ws.recv()) == b"c" * 50


# The queue.


async def claim_nothing_of_the_queue_goes_out_before_the_101(world):
    world.plans = [{"accept": 500, "tls_ms": 100}]
    ws = world.websocket("wss://server/path", ssl=False, queue_bytes=64)
    await clock.sleep(20)  # it connects
    for i in range(10):
        ws.send(b"%d" % i * 10)
    await clock.sleep(200)
    assert world.peer.request.endswith(b"\r\n\r\n")
    assert world.peer.taken == len(world.peer.request)


async def claim_hello_is_first_though_the_queue_overflows_meanwhile(world):
    world.plans = [{"accept": 500, "tls_ms": 100}]
    ws = world.websocket("wss://server/path", ssl=False, queue_bytes=64, hello=lambda: "hello")
    await clock.sleep(20)
    for i in range(10):
        ws.send(b"%d" % i * 10)
    await world.opened()
    await clock.sleep(100)
    assert [data for _, data in world.peer.sent][0] in ("hello", b"hello"), world.peer.sent


async def claim_overflow_may_become_error(world):
    from partysocket import QueueFull

    world.plans = [{"accept": 500}]
    ws = world.party(queue_bytes=64)
    ws.update_properties(overflow="error")
    told = None
    try:
        for _ in range(10):
            ws.send(bytes(10))
    except Exception as e:
        told = e
    assert isinstance(told, QueueFull), repr(told)


async def claim_flush_is_not_true_before_what_lies_ahead_of_a_broken_message_is_written(world):
    class Pieces:
        def __aiter__(self):
            return self

        async def __anext__(self):
            raise OSError("the file is gone")

    world.plans = [OPEN]
    ws = world.websocket()
    peer = await world.opened()
    peer.window = 0  # nothing is written
    ws.send(b"ahead")
    flushing = asyncio.create_task(ws.flush(1000))
    await clock.sleep(5)
    try:
        await ws.send_chunks(Pieces())
    except OSError:
        pass
    assert await flushing is False
    peer.open_window()


# Long messages.


async def claim_close_goes_out_behind_a_fragment_that_is_half_written(world):
    world.plans = [OPEN]
    ws = world.websocket()
    peer = await world.opened()
    peer.window = 300
    sending = asyncio.create_task(ws.send_chunks(bytes(3000)))
    await clock.sleep(5)
    ws.close()
    await clock.sleep(5)
    peer.window = 100
    peer.wake()
    await clock.sleep(5)
    peer.open_window()
    assert await sending is False
    await ws.wait_closed()
    assert peer.got_close


# Orders and events at an odd moment.


async def claim_a_discard_handler_that_sends_into_a_full_queue_freezes_nothing(world):
    world.plans = [{"accept": 500}]
    ws = world.websocket(queue_bytes=32)
    count = [0]

    def again(event):
        count[0] += 1
        if count[0] > 500:
            ws.remove_event_listener("discard", again)
            raise ValueError("without end")
        ws.send(bytes(20))

    ws.add_event_listener("discard", again)
    for _ in range(3):
        ws.send(bytes(20))
    turns = 0
    while count[0] < 400 and turns < 1000:
        before = count[0]
        await asyncio.sleep(0)
        turns += 1
        assert count[0] - before < 100, "others have no turn"


async def claim_close_in_a_discard_handler_as_a_dial_begins_ends(world):
    world.plans = [OPEN]
    ws = world.websocket(queue_bytes=32)
    ws.add_event_listener("discard", lambda event: ws.close())
    for _ in range(3):
        ws.send(bytes(20))
    begun = clock.now()
    await ws.wait_closed()
    assert clock.now() - begun < 5000, clock.now() - begun


async def claim_ready_state_is_not_closed_before_the_end_is_settled(world):
    world.plans = [OPEN, OPEN]
    ws = world.websocket()
    log = Log(ws, ("close",))
    peer = await world.opened()
    peer.reset(OSError(104, "lost"))
    for _ in range(20):
        if ws.ready_state == 3:
            break
        await asyncio.sleep(0)
    assert log.names() == ["close"], "it is closed, and nobody was told"


async def claim_a_link_below_asked_again_after_close_in_the_same_look(world):
    class Below:
        up = False

        def is_up(self):
            return self.up

        async def wait_up(self):
            while not self.up:
                await clock.sleep(10)

    below = Below()
    world.plans = [OPEN]
    ws = world.websocket(link=below, queue_bytes=32)

    def give_up(event):
        ws.close()

    ws.add_event_listener("discard", give_up, once=True)
    for _ in range(3):
        ws.send(bytes(20))
    await clock.sleep(50)
    ws.reconnect()
    below.up = True
    assert await ws.wait_open(5000)


async def claim_reconnect_that_finds_no_memory_can_be_tried_again(world):
    from partysocket.base import net

    world.plans = [{"accept": 3000}, OPEN]
    ws = world.websocket(connection_timeout=1000)
    await clock.sleep(50)
    urandom = net.urandom

    def without(n):
        raise MemoryError()

    net.urandom = without
    try:
        ws.reconnect()
    except MemoryError:
        pass
    finally:
        net.urandom = urandom
    assert await ws.wait_open(60000), ws.ready_state
    heard = Log(ws, ("message",))
    world.say("there")
    await clock.sleep(10)
    assert heard == [("message", "there")], heard
