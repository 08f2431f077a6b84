"""Want of memory is weather: it may cost a connection, never the socket. Here are its names, and
a close() that raises; `simulation/test_want_of_memory.py` has it at each point of a life.
"""

from simulation.clock import clock

from .world import OPEN, Log, World


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
