"""Want of memory is weather: it may cost a connection, never the socket."""

from simulation.clock import clock

from . import want
from .world import OPEN, Log, World

# A call raises MemoryError, as a platform does.


async def claim_a_transport_that_cannot_be_made_costs_a_dial(world):
    await want.each(world, "transport", want.RAISES)


async def claim_want_of_memory_in_start_costs_a_dial(world):
    await want.each(world, "start", want.RAISES)


async def claim_want_of_memory_in_step_costs_a_dial(world):
    await want.each(world, "step", want.RAISES)


async def claim_want_of_memory_in_send_costs_a_connection(world):
    await want.each(world, "send", want.RAISES)


async def claim_want_of_memory_in_recv_into_costs_a_connection(world):
    await want.each(world, "recv_into", want.RAISES)


async def claim_want_of_memory_in_wait_costs_a_connection(world):
    await want.each(world, "wait", want.RAISES)


async def claim_want_of_memory_has_many_names_and_is_never_a_refusal(world):
    """Whatever an allocation that failed is called, below or in TLS: the next dial comes soon."""
    for error in (
        MemoryError(),
        MemoryError("memory allocation failed, allocating 17000 bytes"),
        OSError(12, "ENOMEM"),
        OSError(12),
        OSError(-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED"),
        OSError((-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED")),
        OSError(-0x2880, "MBEDTLS_ERR_X509_ALLOC_FAILED"),
    ):
        for call in ("start", "step", "send", "recv_into"):
            network = World([{"accept": 1, "tls_ms": 20, "fails": (call, error)}, OPEN])
            ws = network.websocket("wss://server/path", ssl=False)
            log = Log(ws, ("error", "reconnecting"))
            await network.opened(2)
            assert log.names() == ["error", "reconnecting"], (call, error, log)
            assert log[1] == ("reconnecting", 1000, 1), (call, error, log)
            assert ws.ready_state == 1
            await network.end()


async def claim_a_close_that_raises_costs_nothing(world):
    await want.each(world, "close", want.RAISES)


async def claim_an_end_is_told_though_close_raises(world):
    for error in (MemoryError(), OSError(12, "ENOMEM"), ValueError("odd")):
        network = World([{"accept": 1, "fails": ("close", error)}, OPEN])
        ws = network.websocket()
        log = Log(ws)
        lost = OSError(104, "lost")
        (await network.opened()).reset(lost)
        await clock.sleep(10)
        assert log.names() == ["open", "error", "close", "reconnecting"], log
        assert log.events[1].error is lost and ws.ready_state == 3
        await network.opened(2)
        assert log[-1] == ("open", True)
        await network.end()


async def claim_orders_work_after_a_close_that_raised(world):
    for state in ("lost", "open", "closing"):
        for order in ("reconnect", "close"):
            network = World([{"accept": 1, "fails": ("close", MemoryError())}, OPEN])
            ws = network.websocket()
            peer = await network.opened()
            if state == "lost":
                peer.reset(OSError(104, "lost"))
                await clock.sleep(100)
            elif state == "closing":
                ws.reconnect()
            getattr(ws, order)()
            await clock.sleep(3000)  # more than a close may take
            if order == "reconnect":
                assert await ws.wait_open(5000) is True, state
                ws.reconnect()
                await network.opened(3)
            assert ws.ready_state == (3 if order == "close" else 1)
            await network.end()


async def claim_want_of_memory_in_a_provider_costs_a_dial(world):
    await want.each(world, "url", want.RAISES)


async def claim_want_of_memory_in_what_else_the_application_gives_costs_nothing(world):
    for call in ("is_up", "watchdog", "predicate", "handler"):
        await want.each(world, call, want.RAISES)


# The heap is full for a moment: from the end of a call that came out of the library until the
# loop's next turn. So the library finds it full in whatever it does between the two.


async def micropython_a_heap_full_as_a_link_is_made(world):
    """What the library asks last before it makes one."""
    await want.each(world, "is_up", want.FULL)


async def micropython_a_heap_full_after_the_providers(world):
    await want.each(world, "url", want.FULL)


async def micropython_a_heap_full_after_the_transport_was_made(world):
    await want.each(world, "transport", want.FULL)


async def micropython_a_heap_full_after_start(world):
    await want.each(world, "start", want.FULL)


async def micropython_a_heap_full_after_step(world):
    await want.each(world, "step", want.FULL)


async def micropython_a_heap_full_after_send(world):
    await want.each(world, "send", want.FULL)


async def micropython_a_heap_full_as_a_message_comes_in(world):
    """The bytes of a message are there, and its event is to be made."""
    await want.each(world, "recv_into", want.FULL)


async def micropython_a_heap_full_as_it_begins_to_wait(world):
    await want.each(world, "wait", want.FULL)


async def micropython_a_heap_full_as_an_end_is_told(world):
    """The socket is closed, and the events of its end are to be made."""
    await want.each(world, "close", want.FULL)


async def micropython_a_heap_full_after_the_predicate(world):
    await want.each(world, "predicate", want.FULL)


async def micropython_a_heap_full_after_a_handler(world):
    await want.each(world, "handler", want.FULL)


async def micropython_a_heap_full_after_the_watchdog(world):
    await want.each(world, "watchdog", want.FULL)
