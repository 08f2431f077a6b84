"""flush() and resend: what is said to have arrived has, and what a drop took comes again."""

import asyncio

import pytest

from engine.virtual import PING, Log, Refuse, now, settle, sleep, virtual
from partysocket import Error


def texts(peer):
    return [m for m in peer.messages]


@virtual
async def test_flush_is_true_once_a_pong_has_followed_the_data(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_pong = False
    ws.send("one")
    ws.send(b"two")
    flushed = asyncio.create_task(ws.flush())
    await sleep(500)
    assert not flushed.done()
    assert peer.messages == ["one", b"two"] and peer.count(PING) == 1
    assert peer.frames[-1][0] == PING  # after both
    peer.pong(peer.frames[-1][1])
    assert await flushed is True
    assert now() == 500


@virtual
async def test_a_pong_to_an_earlier_ping_confirms_nothing_later(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=5000)
    peer = await server.opened()
    peer.auto_pong = False
    await sleep(1000)
    await settle()
    keepalive = peer.frames[-1][1]
    ws.send("after the ping")
    flushed = asyncio.create_task(ws.flush())
    await sleep(100)
    assert peer.count(PING) == 1  # one at a time
    peer.pong(keepalive)
    await sleep(100)
    assert not flushed.done() and peer.count(PING) == 2
    peer.pong(b"something else")
    await sleep(100)
    assert not flushed.done()
    peer.pong(peer.frames[-1][1])
    assert await flushed


@virtual
async def test_flush_of_nothing_is_true_at_once(server):
    ws = server.websocket()
    assert await ws.flush() is True
    peer = await server.opened()
    assert await ws.flush() is True
    assert peer.count(PING) == 0


@virtual
async def test_flush_waits_for_a_connection_and_times_out_exactly(server):
    server.plan.connect_ms = None
    ws = server.websocket(connection_timeout=60000)
    ws.send("x")
    assert await ws.flush(1500) is False
    assert now() == 1500


@virtual
async def test_flush_is_false_after_the_end(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_pong = False
    ws.send("x")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    ws.close()
    assert await flushed is False
    ws.send("y")
    assert await ws.flush() is False


@virtual
async def test_flush_is_false_after_the_end_of_a_socket_that_owes_nothing(server):
    ws = server.websocket()
    await server.opened()
    ws.send("x")
    assert await ws.flush() is True
    ws.close()
    assert await ws.flush() is False
    ws.reconnect()
    await server.opened()
    assert await ws.flush() is True


@virtual
async def test_flush_tells_of_what_was_discarded_while_it_waited(server):
    server.plan.connect_ms = None
    ws = server.websocket(queue_bytes=32, connection_timeout=60000)
    ws.send(b"0123456789")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    ws.send(b"0123456789")
    assert not flushed.done()
    ws.send(b"0123456789")  # takes the room of the first
    assert await flushed is False
    assert now() == 0
    # That one has told: the next flush speaks of what is held now.
    flushed = asyncio.create_task(ws.flush())
    await settle()
    assert not flushed.done()
    assert len(ws.drain_queued_messages()) == 2
    assert await flushed is False


@virtual
async def test_flush_tells_once_of_what_was_discarded_before(server):
    for overflow in ("drop-oldest", "drop-newest"):
        ws = server.websocket(queue_bytes=32, overflow=overflow, start_closed=True)
        for _ in range(3):
            ws.send(b"0123456789")
        ws.reconnect()
        assert await ws.flush() is False
        assert await ws.flush() is True
        ws.close()
        await ws.wait_closed()


@virtual
async def test_what_is_sent_after_flush_does_not_concern_it(server):
    ws = server.websocket(queue_bytes=32, overflow="drop-newest")
    peer = await server.opened()
    peer.auto_pong = False
    ws.send(b"mine")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    peer.window = 0
    for _ in range(4):
        ws.send(b"0123456789")
    assert ws.stats()["discarded"] > 0
    peer.window = None
    peer.pong(peer.frames[-1][1])
    assert await flushed is True
    assert await ws.flush() is False  # of these


@virtual
async def test_flush_is_false_when_the_connection_dies_before_the_pong(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_pong = False
    ws.send("perhaps lost")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    peer.reset()
    assert await flushed is False
    await server.opened()
    assert await ws.flush() is True


@virtual
async def test_messages_written_before_a_drop_count_as_lost_for_the_next_flush(server):
    ws = server.websocket()
    peer = await server.opened()
    ws.send("nobody knows")
    await settle()
    peer.reset()
    await server.opened()
    assert await ws.flush() is False
    assert await ws.flush() is True


@virtual
async def test_a_keepalive_pong_confirms_too(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=1000)
    peer = await server.opened()
    ws.send("x")
    await sleep(1500)
    assert peer.count(PING) == 1
    peer.reset()
    assert await ws.flush() is True


@virtual
async def test_flush_survives_its_cancellation(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_pong = False
    ws.send("x")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    flushed.cancel()
    await settle()
    assert flushed.cancelled()
    peer.pong(peer.frames[-1][1])
    assert await ws.flush() is True


@virtual
async def test_flush_inside_a_handler_is_refused(server):
    ws = server.websocket()
    refused = []

    async def on_message(event):
        try:
            await ws.flush()
        except Error as e:
            refused.append(str(e))

    ws.onmessage = on_message
    peer = await server.opened()
    peer.text("x")
    await settle()
    assert len(refused) == 1 and "flush()" in refused[0]


@virtual
async def test_a_silent_peer_ends_a_flush_with_keepalive_off(server):
    ws = server.websocket(ping_interval_ms=0, ping_timeout_ms=7000)
    log = Log(ws)
    peer = await server.opened()
    peer.mute = True
    ws.send("x")
    assert await ws.flush() is False
    assert now() == 7000
    assert log.names[1:3] == ["error", "close"]


@virtual
async def test_a_loss_that_was_told_is_not_told_again_when_a_dial_fails(server):
    server.plans = [Refuse(ms=100)]
    ws = server.websocket(queue_bytes=32)
    for _ in range(3):
        ws.send(b"0123456789")
    assert await ws.flush() is False
    await sleep(500)  # the dial has failed
    await server.opened()
    assert await ws.flush() is True


@virtual
async def test_what_was_taken_back_is_not_lost(server):
    server.plans = [Refuse(ms=100)]
    ws = server.websocket()
    ws.send("mine again")
    assert ws.drain_queued_messages() == ["mine again"]
    await sleep(500)
    await server.opened()
    assert await ws.flush() is True


@virtual
async def test_a_flush_tells_only_of_its_own_messages(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_pong = False
    ws.send("mine")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    ws.send("after it")
    await settle()
    peer.reset()
    assert await flushed is False
    await server.opened()
    assert await ws.flush() is False  # of "after it"
    assert await ws.flush() is True


# resend="unconfirmed"


@virtual
async def test_unconfirmed_messages_come_again_in_order_and_first(server):
    ws = server.websocket(resend="unconfirmed")
    log = Log(ws)
    peer = await server.opened()
    peer.auto_pong = False
    for i in range(3):
        ws.send(f"a{i}")
    await settle()
    assert peer.messages == ["a0", "a1", "a2"]
    assert ws.buffered_amount == 0
    peer.reset()
    await settle()
    assert ws.buffered_amount == 6
    ws.send("b")
    again = await server.opened()
    await settle()
    assert again.messages == ["a0", "a1", "a2", "b"]
    assert log.of("discard") == []


@virtual
async def test_confirmed_messages_do_not_come_again(server):
    ws = server.websocket(resend="unconfirmed")
    peer = await server.opened()
    ws.send("confirmed")
    await settle()
    assert peer.count(PING) == 1  # asked by itself
    peer.auto_pong = False
    ws.send("not")
    await settle()
    peer.reset()
    again = await server.opened()
    await settle()
    assert again.messages == ["not"]


@virtual
async def test_a_flush_goes_on_over_a_drop_when_messages_are_resent(server):
    ws = server.websocket(resend="unconfirmed")
    peer = await server.opened()
    peer.mute = True
    ws.send("x")
    flushed = asyncio.create_task(ws.flush())
    await settle()
    peer.reset()
    again = await server.opened()
    assert await flushed is True
    assert again.messages == ["x"]


@virtual
async def test_the_window_lies_in_the_ring_and_drops_nothing_that_is_under_way(server):
    ws = server.websocket(resend="unconfirmed", queue_bytes=64)
    peer = await server.opened()
    peer.auto_pong = False
    for i in range(4):  # 16 bytes each
        ws.send(b"%010d" % i)
        await settle()
    assert len(peer.messages) == 4
    assert ws.send(b"one more") is False  # no room, and nothing that may be dropped
    assert ws.stats()["discarded"] == 1
    peer.pong(peer.frames[1][1])  # of the first ping, which covers the first message
    await settle()
    assert ws.send(b"0123456789") is True
    peer.reset()
    again = await server.opened()
    await settle()
    assert again.messages == [b"%010d" % i for i in (1, 2, 3)] + [b"0123456789"]


@virtual
async def test_drain_gives_back_what_a_drop_has_put_back(server):
    ws = server.websocket(resend="unconfirmed")
    peer = await server.opened()
    peer.mute = True
    ws.send("written")
    await settle()
    assert ws.drain_queued_messages() == []
    peer.reset()
    await settle()
    assert ws.drain_queued_messages() == ["written"]
    again = await server.opened()
    await settle()
    assert again.messages == []


@virtual
async def test_without_resend_what_was_written_is_gone(server):
    ws = server.websocket()
    peer = await server.opened()
    ws.send("x")
    await settle()
    assert peer.count(PING) == 0
    peer.reset()
    again = await server.opened()
    await settle()
    assert again.messages == []


@pytest.mark.parametrize("wrong", ["all", 1, True])
def test_resend_takes_one_word(wrong):
    from partysocket import WebSocket

    with pytest.raises((TypeError, ValueError), match="resend"):
        WebSocket("ws://h/", start_closed=True, resend=wrong)
