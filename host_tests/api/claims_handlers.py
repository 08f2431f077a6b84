"""Handlers that raise, are slow, or call the socket that calls them; several sockets at once;
sockets without references.
"""

import asyncio
import gc
import sys

from simulation.clock import clock

from .world import OPEN, REFUSE, Log, Untold, World, each, fails, in_loop, raises

_TYPES = ("open", "message", "close", "error", "reconnecting", "discard")
_LIVELY = {"accept": 1, "greets": ["hi"], "then": [101, "rst"]}


class Mistake(Exception):
    """The error that a handler raises."""


def _raise(ws, event):
    raise Mistake()


def _raise_without_text(ws, event):
    raise Untold()


def _cancel(ws, event):
    """Raise as a handler does that awaits a cancelled task, or asks for its result."""
    raise asyncio.CancelledError()


def _add(ws, event):
    ws.add_event_listener(event.type, lambda event: None)


def _close(ws, event):
    ws.close(4001, "enough")


def _reconnect(ws, event):
    ws.reconnect()


def _send(ws, event):
    ws.send("from inside")


def _update(ws, event):
    ws.update_properties(room="other", max_retries=99)


# The report is a traceback, so it contains the names of functions.
_RAISED = {_raise: "in _raise\n", _raise_without_text: "Untold", _cancel: "CancelledError"}


def _takes_for_its_own():
    """CPython 3.10 can't distinguish it from our own cancellation. In `open` and `message` the
    connection is made again; in other events nothing is reported.
    """
    return sys.implementation.name == "cpython" and sys.version_info < (3, 11)


@each(
    *[
        (act, type, is_async, is_slot)
        for act in list(_RAISED) + [_close, _reconnect, _send, _update, _add]
        for type in _TYPES
        for is_async in (False, True)
        for is_slot in (False, True)
        if (not is_slot or type in _TYPES[:4])
        and not (act is _cancel and is_async and _takes_for_its_own())
    ]
)
async def claim_whatever_a_handler_does_the_socket_is_as_it_should_be(
    world, act, type, is_async, is_slot
):
    world.plans = [_LIVELY, OPEN]
    ws = world.party(queue_bytes=64)
    done = []

    def handler(event):
        if not done:
            done.append(event.type)
            act(ws, event)

    async def slow(event):
        await clock.sleep(30)
        handler(event)

    heard = []
    if is_slot:
        setattr(ws, "on" + type, slow if is_async else handler)
    else:
        ws.add_event_listener(type, slow if is_async else handler)
    ws.add_event_listener("message", lambda event: heard.append(event.data))
    for i in range(12):
        ws.send("message %d" % i)
    await clock.sleep(10_000)
    assert done == [type]
    if act in _RAISED:
        assert len(world.told) == 1 and _RAISED[act] in world.told[0], world.told
    else:
        assert not world.told, world.told
    if act is _close:
        assert ws.ready_state == 3 and not ws.should_reconnect
        dials = len(world.peers)
        await clock.sleep(60_000)
        assert len(world.peers) == dials
        await ws.wait_closed()
        ws.reconnect()
        await clock.sleep(5000)
    assert ws.ready_state == 1
    world.peer.text("still there?")
    ws.send("yes")
    await clock.sleep(10)
    assert heard[-1] == "still there?" and world.peer.messages()[-1] == "yes"
    if act is _send:
        sent = [data for peer in world.peers for data in peer.messages()]
        assert sent.count("from inside") == 1, sent
    if act is _update and len(world.peers) > 1:
        assert b"/parties/main/other?" in world.peer.request


@each(*_TYPES)
async def claim_a_handler_may_remove_itself_and_others(world, type):
    world.plans = [_LIVELY, _LIVELY, OPEN]
    ws = world.websocket(queue_bytes=64)
    heard = []

    def other(event):
        heard.append("other")

    def first(event):
        heard.append("first")
        ws.remove_event_listener(event.type, first)
        ws.remove_event_listener(event.type, other)

    for listener in (first, other, lambda event: heard.append("last")):
        ws.add_event_listener(type, listener)
    for _ in range(2):
        for i in range(12):
            ws.send("message %d" % i)
        await clock.sleep(1005)
    assert heard[:2] == ["first", "last"], heard
    assert "first" not in heard[1:] and "other" not in heard, heard
    # An unknown listener is ignored.
    ws.remove_event_listener(type, heard)
    raises(TypeError, ws.add_event_listener, type, 5)


@each(_raise, _close, _send, _update, _add, _reconnect)
async def claim_giveup_may_be_answered_by_reconnect(world, act):
    world.plans = [REFUSE, OPEN]
    ws = world.party(max_retries=0)
    ws.add_event_listener("giveup", lambda event: act(ws, event))
    await clock.sleep(3000)
    assert ws.ready_state == (1 if act is _reconnect else 3)
    if act is not _reconnect:
        ws.reconnect()
        await clock.sleep(100)
    assert ws.ready_state == 1


async def claim_waiting_inside_an_async_handler_is_refused(world):
    from partysocket import Error

    ws = world.websocket()
    refused = []

    async def handler(event):
        for wait in (ws.recv, ws.flush, ws.wait_open, ws.wait_closed):
            refused.append(event.type + " " + str(await fails(Error, wait())).split("(")[0])

    ws.onmessage = ws.onopen = ws.onclose = handler
    peer = await world.next()
    peer.text("x")
    peer.end()
    await clock.sleep(100)
    waits = ("recv", "flush", "wait_open", "wait_closed")
    types = ("open", "message", "close")
    assert refused == [type + " " + wait for type in types for wait in waits], refused


async def claim_handlers_inside_close_and_reconnect_run_as_tasks(world):
    ws = world.websocket()
    done = []

    async def handler(event):
        done.append("begun")
        await clock.sleep(1)
        assert await ws.wait_open(1000) is True
        done.append("ended")

    ws.add_event_listener("close", handler, once=True)
    await world.next()
    ws.reconnect()
    assert done == []
    await world.next()
    await clock.sleep(10)
    assert done == ["begun", "ended"]


async def claim_two_sockets_do_not_touch_each_other(world):
    others = World()
    one, two = world.websocket(), others.party()
    one.onmessage = lambda event: two.send("two: " + event.data)
    two.onmessage = lambda event: one.send("one: " + event.data)
    log = Log(two)
    left, right = await world.next(), await others.next()
    left.text("a")
    right.text("b")
    await clock.sleep(10)
    assert left.messages() == ["one: b"] and right.messages() == ["two: a"]
    left.reset()
    await world.next()
    one.close()
    await one.wait_closed()
    assert two.ready_state == 1 and log.names() == ["open", "message"]
    await others.end()


async def claim_an_open_socket_lives_without_a_reference_until_it_is_closed(world):
    world.websocket(ping_interval_ms=100).onmessage = lambda event: event.target.close()
    world.sockets.clear()
    peer = await world.next()
    gc.collect()
    await clock.sleep(1000)
    gc.collect()
    # As in a browser.
    assert peer.is_alive() and clock.own_tasks() > 0
    peer.text("last word")
    await clock.sleep(100)
    assert not world.open_now and not clock.own_tasks()


@each(("never dialled", OPEN), ("closed", OPEN), ("given up", REFUSE))
async def claim_what_nobody_holds_goes_unless_it_lives(world, how, plan):
    world.plans = [plan]
    left = []
    for _ in range(10):
        ws = world.websocket(
            queue_bytes=100_000, max_retries=0, start_closed=how == "never dialled"
        )
        ws.send(b"x")
        await clock.sleep(50)
        if how == "closed":
            ws.close()
        await clock.sleep(50)
        world.peers.clear()
        world.sockets.clear()
        assert not clock.own_tasks()
        left_of = _trace_of(ws)
        ws = None
        gc.collect()
        left.append(left_of())
    # The median: the collector may take any number on the stack for a reference, and keep one.
    assert not world.open_now and sorted(left)[5] - left[0] < 100_000, left


_references = []


def _trace_of(ws):
    """Return a function that tells how many bytes are left of `ws` and of earlier sockets."""
    if hasattr(gc, "mem_alloc"):
        return gc.mem_alloc
    import weakref

    _references.append(weakref.ref(ws))
    return lambda: 100_000 * sum([reference() is not None for reference in _references])


async def claim_async_handlers_are_awaited_in_order_before_the_next_message(world):
    ws = world.websocket(receive_bytes=128)
    trace, expected = [], ["open"]

    async def onopen(event):
        await clock.sleep(100)
        trace.append("open")

    async def first(event):
        trace.append("1+" + event.data)
        await clock.sleep(5000)
        trace.append("1-" + event.data)

    async def second(event):
        trace.append("2" + event.data)

    ws.onopen = onopen
    ws.onmessage = first
    ws.add_event_listener("message", second)
    peer = await world.next()
    for i in range(20):
        text = "%d %s" % (i, "x" * 50)
        peer.text(text)
        expected += ["1+" + text, "1-" + text, "2" + text]
    await clock.sleep(500)
    # Unread bytes wait in the socket, not in memory.
    assert peer._inbox
    await clock.sleep(100_000)
    assert trace == expected and ws.ready_state == 1


@each("message", "close")
async def claim_the_next_dial_does_not_wait_for_a_handler_but_its_first_message_does(world, type):
    ws, peer, _ = await world.open()
    order = []

    async def slow(event):
        order.append("begins")
        await clock.sleep(5000)
        order.append("ends")

    ws.add_event_listener(type, slow, once=True)
    at = clock.now()
    if type == "message":
        peer.text("slow")
        await clock.quiet()
        ws.reconnect()
    else:
        peer.reset()
    ws.onmessage = lambda event: order.append(event.data)
    peer = await world.next()
    # The Close had its time, because the answer could not be read.
    assert type == "close" or 2000 <= clock.now() - at <= 2005
    peer.text("early")
    await clock.sleep(1000)
    assert order == ["begins"], order
    await clock.sleep(10_000)
    assert order == ["begins", "ends", "early"], order


async def claim_a_view_that_a_handler_keeps_stays_true_over_the_next_dial(world):
    fed, seen = [], []
    ws, peer, log = await world.open(receive_bytes=256, watchdog=lambda: fed.append(clock.now()))
    ws.binary_type = "memoryview"
    is_over = asyncio.Event()

    async def keep(event):
        await is_over.wait()
        seen.append(bytes(event.data))

    ws.add_event_listener("message", keep, once=True)
    old, new = b"old" * 60, b"new" * 60
    peer.binary(old)
    await clock.quiet()
    # Other sockets open meanwhile, and their messages lie in another buffer.
    for _ in range(3):
        ws.reconnect()
        peer = await world.next()
        peer.binary(new)
        await clock.sleep(10_000)
        assert ws.ready_state == 1 and len(log.of("message")) == 1 and seen == []
    # The watchdog must still be fed.
    assert fed[-1] >= 29_000
    is_over.set()
    await clock.quiet()
    assert seen == [old]
    assert len(log.of("message")) == 2 and bytes(log.data()[1]) == new


def _lacks_text(*_):
    raise Untold()


def _divides(*_):
    return 1 // 0


def _link(raises):
    """A link whose `is_up` raises, and its `wait_up` at first too."""

    class Below:
        is_up = raises
        tries = 0

        async def wait_up(self):
            await clock.sleep(10)
            self.tries += 1
            if self.tries < 3:
                raises()

    return Below()


_FUNCTIONS = ("should_reconnect_on_close", "watchdog", "debug_logger", "link")


@each(*[(name, raises) for name in _FUNCTIONS for raises in (_lacks_text, _divides)])
async def claim_a_function_of_the_application_that_raises_ends_nothing(world, name, raises):
    given = {name: _link(raises) if name == "link" else raises}
    ws, peer, log = await world.open(debug=True, **given)
    ws.onclose = raises
    peer.end()
    await world.next()
    assert log.names()[-1] == "open" and ws.ready_state == 1
    if raises is _divides and name != "debug_logger":
        assert "ZeroDivisionError" in "".join(world.told)


def outside_a_closed_socket_works_in_a_second_run():
    made = []

    async def uses(world):
        if not made:
            made.extend([world.websocket(start_closed=True), world])
        ws, network = made
        ws.reconnect()
        peer = await network.next()
        reads = asyncio.create_task(ws.recv())
        await clock.sleep(10)
        peer.text("in")
        assert await reads == "in"
        assert ws.send("out") is True and await ws.flush(1000) is True
        assert peer.messages() == ["out"]
        peer.reset()
        await network.next()
        ws.close()
        await ws.wait_closed()
        assert not network.open_now

    for begins_at in (1_000_000, 2_000_000):
        in_loop(uses, begins_at)
