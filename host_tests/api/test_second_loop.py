"""A socket of CPython whose first event loop ended in the midst of things."""

import asyncio

import pytest

from partysocket import WebSocket


@pytest.mark.filterwarnings("ignore:coroutine .*never_begins")
def test_a_handler_that_the_loops_end_cancelled_before_it_began_is_forgotten():
    def nobody():
        raise OSError(111, "nobody there")

    sockets = []

    async def never_begins():
        pass

    def on_error(event):
        # The loop ends with this turn, and so before the task of the handler has one.
        asyncio.get_running_loop().stop()
        return never_begins()

    async def first():
        ws = WebSocket("ws://server/", transport=nobody)
        ws.onerror = on_error
        sockets.append(ws)
        await asyncio.Event().wait()

    async def second():
        ws = sockets[0]
        ws.onerror = None
        ws.reconnect()
        ws.close()
        closing = asyncio.create_task(ws.wait_closed())
        for _ in range(100):
            await asyncio.sleep(0)
        assert closing.done()

    with pytest.raises(RuntimeError, match="stopped before"):
        asyncio.run(first())
    asyncio.run(second())
