"""What once went wrong: flush, odd data, odd errors, hooks, keepalive, a second loop, debug."""

import asyncio

from simulation.clock import clock
from simulation.peer import CLOSE, frame

from .world import OPEN, Log, World, in_loop

_LONG = 800  # bytes of a long message


# What has arrived.


# What send() takes.


async def cpython_a_view_of_more_dimensions_is_refused_and_leaves_nothing(world):
    raised = []
    for shape in ((2, 3), (6, 1), (1, 6), (1, 2, 3), ()):
        for before in ([], ["before"]):
            network = World([{"accept": 50}])
            ws = network.websocket()
            for text in before:
                ws.send(text)
            waiting = ws.buffered_amount
            data = memoryview(bytes(6 if shape else 1)).cast("B", shape)
            try:
                raised.append(ws.send(data))
            except Exception as e:
                raised.append(e)
            assert ws.buffered_amount == waiting, (shape, ws.buffered_amount)
            ws.send("after")
            ws.send(b"\1\2")
            await network.opened()
            assert ws.send("later") is True
            await clock.sleep(10)
            expected = before + ["after", {"hex": "0102"}, "later"]
            assert network.texts() == expected, (shape, network.texts())
            assert await ws.flush(1000) is True and ws.buffered_amount == 0
            await network.end()
    assert all([isinstance(e, (TypeError, ValueError)) for e in raised]), raised


# Errors that can't be told.


class Untold(Exception):
    """One whose text raises."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def _untold(*_):
    raise Untold()


async def _lives_after(network, ws, log, dials):
    """It tells an error with some text, and a later dial is open."""
    await network.opened(dials)
    assert ws.ready_state == 1
    errors = [event for event in log.events if event.type == "error"]
    assert errors and "reconnecting" in log.names(), log.names()
    for event in errors:
        assert isinstance(event.error, Untold) and isinstance(event.message, str)
    assert isinstance(ws.last_error[1], str)
    await network.end()


def _once(gives):
    """A provider: it raises when it is first asked, and gives `gives` from then on."""
    asked = []

    def provider():
        asked.append(1)
        return _untold() if len(asked) == 1 else gives

    return provider


async def claim_a_provider_whose_error_has_no_text_ends_nothing(world):
    for name, gives, dials in (
        ("url", "ws://server/path", 1),
        ("protocols", "a", 1),
        ("headers", {}, 1),
        ("hello", "hi", 2),
    ):
        network = World([OPEN])
        given = {name: _once(gives)}
        url = given.pop("url", "ws://server/path")
        ws = network.websocket(url, given.pop("protocols", None), debug=True, **given)
        await _lives_after(network, ws, Log(ws), dials)
    network = World([OPEN])
    ws = network.party(query=_once({}), debug=True)
    await _lives_after(network, ws, Log(ws), 1)


async def claim_a_transport_whose_error_has_no_text_ends_nothing(world):
    for call in ("start", "step", "send", "recv_into", "wait"):
        network = World([{"accept": 1, "fails": (call, Untold())}, OPEN])
        ws = network.websocket(debug=True)
        await _lives_after(network, ws, Log(ws), 2)
    network = World([OPEN])
    ws = network.websocket(debug=True)
    log = Log(ws)
    (await network.opened()).reset(Untold())
    await _lives_after(network, ws, log, 2)


async def claim_a_transport_that_cannot_be_made_for_an_error_without_text_ends_nothing(world):
    network = World([OPEN])
    make = network.transport
    made = []

    def transport():
        made.append(1)
        return _untold() if len(made) == 1 else make()

    ws = network.websocket(transport=transport, debug=True)
    await _lives_after(network, ws, Log(ws), 1)


async def claim_a_handler_whose_error_has_no_text_ends_nothing(world):
    async def later(event):
        await clock.sleep(1)
        _untold()

    for handler in (_untold, later):
        for debug in (False, True):
            network = World([OPEN])
            ws = network.websocket(debug=debug)
            for type in ("open", "message", "close", "error", "reconnecting"):
                ws.add_event_listener(type, handler)
            log = Log(ws)
            peer = await network.opened()
            network.say("hi")
            await clock.sleep(10)
            assert log.names() == ["open", "message"] and network.told
            peer.reset(OSError(104, "lost"))
            await network.opened(2)
            network.say("again")
            await clock.sleep(10)
            assert log.names()[-2:] == ["open", "message"]
            ws.close()
            await network.end()


async def claim_an_option_that_raises_an_error_without_text_ends_nothing(world):
    class Below:
        def is_up(self):
            return _untold()

        async def wait_up(self):
            await clock.sleep(10)

    class Worse(Below):
        tries = 0

        async def wait_up(self):
            await clock.sleep(10)
            Worse.tries += 1
            if Worse.tries < 3:
                _untold()

    for given in (
        {"should_reconnect_on_close": _untold},
        {"watchdog": _untold},
        {"debug_logger": _untold},
        {"link": Below()},
        {"link": Worse()},
    ):
        network = World([OPEN])
        ws = network.websocket(debug=True, **given)
        log = Log(ws)
        (await network.opened()).reset(OSError(104, "lost"))
        await network.opened(2)
        assert log.names()[-1] == "open" and ws.ready_state == 1, given
        await network.end()


# Hooks.


def _hook(world, **settings):
    from partysocket import use_party_socket

    given = world.options({"host": "localhost", "room": "r"})
    given.update(settings)
    return use_party_socket(**given)


async def claim_a_hook_disabled_changed_and_enabled_again_is_not_closed(world):
    disabled_first = [{"enabled": False}, {"room": "other"}, {"enabled": True}]
    at_once = [{"enabled": False, "room": "other"}, {"enabled": True}]
    there_and_back = [{"room": "other"}, {"enabled": False}, {"enabled": True}]
    for changes in (disabled_first, at_once, there_and_back):
        for pause_ms in (0, 100):
            # The old connection takes its time to close: the new socket has to wait for it.
            network = World([{"accept": 1, "answersClose": 501}])
            async with _hook(network) as hook:
                await network.opened()
                for change in changes:
                    await clock.sleep(pause_ms)
                    hook.update(**change)
                socket = hook.socket
                told = len(network.told)
                assert socket.send("kept") is False
                assert len(network.told) == told, network.told
                assert await socket.wait_open(5000) is True
                reads = asyncio.create_task(_first(socket))
                await clock.sleep(10)
                network.say("hi")
                assert await reads == "hi"
                assert network.texts() == ["kept"]
                assert b"/parties/main/other?" in network.peer.request
            assert not network.open_now and not network.faults


async def claim_a_reader_of_a_hook_that_is_enabled_again_waits_for_its_messages(world):
    world.plans = [{"accept": 1, "answersClose": 501, "greets": ["hi"]}]
    async with _hook(world) as hook:
        await world.opened()
        hook.update(enabled=False)
        hook.update(room="other")
        hook.update(enabled=True)
        assert await _first(hook.socket) == "hi"
        assert len(world.peers) == 2


async def _first(socket):
    async for message in socket:
        return message


# The keepalive.


# A second loop; the log.


def outside_a_closed_socket_works_in_a_second_run():
    made = []

    async def uses(world):
        if not made:
            made.append(world.websocket(start_closed=True))
            made.append(world)
        ws, network = made
        dials = len(network.peers)
        network.plans = [OPEN]
        ws.reconnect()
        assert await ws.wait_open(5000) is True
        reads = asyncio.create_task(ws.recv())
        await clock.sleep(10)
        network.say("in %d" % dials)
        assert await reads == "in %d" % dials
        assert ws.send("out") is True
        assert await ws.flush(1000) is True
        assert [data for _, data in network.peers[dials].sent] == ["out"]
        network.peer.reset(OSError(104, "lost"))
        await clock.sleep(5000)
        assert network.peers[dials + 1].answered
        ws.close()
        await ws.wait_closed()
        assert not network.open_now

    for begins_at in (1_000_000, 2_000_000):
        in_loop(uses, begins_at)


async def claim_debug_tells_a_clean_close_as_one(world):
    for end in ("close", "close with a code", "reconnect", "the peer", "the peer, no code"):
        network = World([OPEN])
        ws = network.websocket(debug=True)
        peer = await network.opened()
        if end == "close":
            ws.close()
        elif end == "close with a code":
            ws.close(4001, "bye")
        elif end == "reconnect":
            ws.reconnect()
        else:
            peer.sent_close = 1005
            peer.say(frame(CLOSE, b"\x0f\xa0bye" if end == "the peer" else b""))
        await clock.sleep(2500)
        told = "".join(network.told)
        assert told and "1006" not in told, (end, network.told)
        await network.end()
