"""Handlers that change what they are called by, and sockets side by side."""

import gc
import weakref

from engine.virtual import Log, settle, sleep, virtual
from partysocket import PartySocket


@virtual
async def test_a_listener_added_inside_a_handler_hears_the_next_event(server):
    ws = server.websocket()
    heard = []

    def first(event):
        heard.append(("first", event.data))
        ws.add_event_listener("message", second)

    def second(event):
        heard.append(("second", event.data))

    ws.add_event_listener("message", first)
    peer = await server.opened()
    peer.text("a")
    peer.text("b")
    await settle()
    assert heard == [("first", "a"), ("first", "b"), ("second", "b")]


@virtual
async def test_a_listener_removed_inside_a_handler_before_it_hears_no_more(server):
    ws = server.websocket()
    heard = []

    def first(event):
        heard.append(("first", event.data))
        ws.remove_event_listener("message", first)
        ws.remove_event_listener("message", second)

    def second(event):
        heard.append(("second", event.data))

    ws.add_event_listener("message", first)
    ws.add_event_listener("message", second)
    peer = await server.opened()
    peer.text("a")
    peer.text("b")
    await settle()
    assert heard == [("first", "a")]
    assert await ws.recv() == "b"  # nobody listened any more


@virtual
async def test_a_once_listener_that_adds_itself_again_hears_each_event_once(server):
    ws = server.websocket()
    heard = []

    def again(event):
        heard.append(event.data)
        ws.add_event_listener("message", again, once=True)

    ws.add_event_listener("message", again, once=True)
    peer = await server.opened()
    for text in "abc":
        peer.text(text)
    await settle()
    assert heard == ["a", "b", "c"]


@virtual
async def test_a_slot_set_inside_itself_takes_the_next_event(server):
    ws = server.websocket()
    heard = []

    def first(event):
        heard.append(("first", event.data))
        ws.onmessage = lambda event: heard.append(("second", event.data))

    ws.onmessage = first
    peer = await server.opened()
    peer.text("a")
    peer.text("b")
    await settle()
    assert heard == [("first", "a"), ("second", "b")]


@virtual
async def test_objects_with_handle_event_hear_and_are_one_each(server):
    class Listener:
        def __init__(self):
            self.types = []

        def handle_event(self, event):
            self.types.append(event.type)

    ws = server.websocket()
    listener = Listener()
    for type in ("open", "open", "close", "message"):
        ws.add_event_listener(type, listener)
    peer = await server.opened()
    peer.text("x")
    peer.say_close(1000)
    await settle()
    assert listener.types == ["open", "message", "close"]


@virtual
async def test_properties_changed_inside_a_close_handler_shape_the_next_dial(server):
    ws = PartySocket("localhost", "one", id="me", **server.options())
    ws.onclose = lambda event: ws.update_properties(room="two", query={"n": "1"})
    peer = await server.opened()
    peer.reset()
    peer = await server.opened()
    assert peer.request.startswith(b"GET /parties/main/two?_pk=me&n=1 ")


@virtual
async def test_properties_changed_and_reconnected_inside_a_message_handler(server):
    ws = PartySocket("localhost", "one", id="me", **server.options())

    def move(event):
        ws.update_properties(room=event.data)
        ws.reconnect()

    ws.onmessage = move
    log = Log(ws, but=("message",))
    peer = await server.opened()
    peer.text("two")
    peer.text("never heard")
    peer = await server.opened()
    assert peer.request.startswith(b"GET /parties/main/two?")
    assert log.names == ["open", "close", "open"]


@virtual
async def test_messages_sent_inside_handlers_go_out_in_order(server):
    ws = server.websocket()
    ws.send("0")
    ws.onopen = lambda event: ws.send("1")
    ws.onmessage = lambda event: [ws.send("2"), ws.send("3")]
    peer = await server.opened()
    peer.text("go")
    await settle()
    assert peer.messages == ["0", "1", "2", "3"]


@virtual
async def test_a_handler_that_sends_to_another_socket(server):
    server.open_now -= 1  # the harness counts one; here are two
    one = server.websocket()
    peer_one = await server.opened()
    two = server.websocket()
    peer_two = await server.opened()
    one.onmessage = lambda event: two.send(event.data)
    two.onmessage = lambda event: one.send(event.data)
    peer_one.text("to two")
    peer_two.text("to one")
    await settle()
    assert peer_two.messages == ["to two"] and peer_one.messages == ["to one"]
    one.close()
    await one.wait_closed()
    two.send("still here")
    await settle()
    assert peer_two.messages[-1] == "still here"
    two.close()
    await two.wait_closed()
    server.open_now += 1
    server.faults.clear()


@virtual
async def test_an_open_socket_lives_without_a_reference_until_it_is_closed(server):
    heard = []
    ws = server.websocket()
    ws.onmessage = lambda event: heard.append(event.data) or event.target.close()
    gone = weakref.ref(ws)
    del ws
    peer = await server.opened()
    gc.collect()
    assert gone() is not None  # as in a browser
    peer.text("last word")
    await sleep(3000)
    assert heard == ["last word"] and peer.closed
    gc.collect()
    assert gone() is None


@virtual
async def test_a_socket_that_never_dialled_goes_with_its_last_reference(server):
    ws = server.websocket(start_closed=True)
    ws.send("kept")
    gone = weakref.ref(ws)
    del ws
    gc.collect()
    assert gone() is None
    assert server.peers == []
