"""Long messages in fixed memory: received as chunks, sent as fragments."""

import asyncio

from core.wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame
from simulation.clock import clock

from .world import each, fails

_DATA = bytes([i * 7 & 255 for i in range(9000)])


def _collecting(ws):
    """Add a chunk listener, and return the list of what it gets."""
    heard = []

    def on_chunk(event):
        assert isinstance(event.data, memoryview)
        heard.append((event.offset, bytes(event.data), event.is_last, event.is_text))

    ws.add_event_listener("chunk", on_chunk)
    return heard


def _whole(heard):
    """Join chunks to the message, and check their offsets."""
    data = b""
    for offset, piece, _, _ in heard:
        assert offset == len(data)
        data += piece
    assert [last for _, _, last, _ in heard] == [False] * (len(heard) - 1) + [True]
    return data


@each(0, 1, 7, 1000, 2058, 5000)
async def claim_a_message_over_every_limit_comes_in_chunks(world, segment):
    ws, peer, log = await world.open(receive_bytes=2048, max_message_bytes=4096)
    heard = _collecting(ws)
    peer.plan.segment = segment
    data = _DATA if segment != 1 else _DATA[:3000]
    peer.binary(data)
    peer.text("short")
    await clock.sleep(100)
    assert _whole(heard) == data and not heard[0][3]
    assert max([len(piece) for _, piece, _, _ in heard]) <= 2058
    # A message that fits into the buffer is a normal message.
    assert log[1:] == [("message", "short")]
    assert ws.stats()["received"] == 2


async def claim_fragments_come_in_chunks_with_pings_answered_between(world):
    ws, peer, _ = await world.open()
    heard = _collecting(ws)
    text = "größ".encode()
    peer.pings.append(b"p")
    peer.say(frame(TEXT, text[:3], fin=False) + frame(PING, b"p"))
    await clock.sleep(10)
    assert peer.got(PONG) == [b"p"] and heard == [(0, b"gr\xc3", False, True)]
    peer.say(frame(CONTINUATION, text[3:], fin=False) + frame(CONTINUATION, b""))
    await clock.sleep(10)
    assert _whole(heard) == text


async def claim_chunks_of_bad_text_are_refused_at_the_first_wrong_byte(world):
    ws, peer, _ = await world.open()
    heard = _collecting(ws)
    peer.say(frame(TEXT, b"good", fin=False) + frame(CONTINUATION, b"\xed\xa0", fin=False))
    await clock.sleep(10)
    assert peer.close_codes() == [1007] and len(heard) == 1


async def claim_without_a_chunk_listener_long_messages_are_bounded_as_ever(world):
    ws, peer, _ = await world.open(max_message_bytes=4096)
    heard = []
    ws.add_event_listener("chunk", heard.append)
    ws.remove_event_listener("chunk", heard.append)
    peer.binary(bytes(4097))
    await clock.sleep(10)
    assert peer.close_codes() == [1009] and heard == []


async def claim_an_async_chunk_handler_slows_the_server_and_keeps_its_view(world):
    ws, peer, _ = await world.open()
    running = [0, 0]

    async def slow(event):
        running[0] += 1
        running[1] = max(running)
        data = bytes(event.data)
        await clock.sleep(100)
        assert bytes(event.data) == data
        running[0] -= 1

    ws.add_event_listener("chunk", slow)
    peer.binary(_DATA)
    await clock.sleep(2000)
    assert running == [0, 1] and not world.told, world.told


@each(
    bytes,
    bytearray,
    lambda data: [data[:1], b"", data[1:5000], bytearray(data[5000:])],
    lambda data: (data[i : i + 700] for i in range(0, len(data), 700)),
)
async def claim_chunks_go_out_as_fragments_of_one_message(world, source):
    ws, peer, _ = await world.open(queue_bytes=64)
    assert await ws.send_chunks(source(_DATA)) is True
    await clock.sleep(10)
    sent = peer.fragments
    assert b"".join([payload for _, _, payload in sent]) == _DATA
    assert [kind for kind, _, _ in sent] == [BINARY] + [CONTINUATION] * (len(sent) - 1)
    assert [fin for _, fin, _ in sent] == [False] * (len(sent) - 1) + [True]
    assert max([len(payload) for _, _, payload in sent]) <= 1024


@each(b"", [], [b""])
async def claim_no_chunks_are_an_empty_message(world, nothing):
    ws, peer, _ = await world.open()
    assert await ws.send_chunks(nothing)
    await clock.sleep(10)
    assert peer.fragments == [(BINARY, True, b"")]


class _Slowly:
    """Pieces with a pause between them."""

    def __init__(self, pieces):
        self.left = list(pieces)

    def __aiter__(self):
        return self

    async def __anext__(self):
        await clock.sleep(100)
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop(0)


async def claim_an_async_iterable_of_text_goes_out_as_text(world):
    ws, peer, _ = await world.open()
    assert await ws.send_chunks(_Slowly(["ä" * 600, "", "b"]), text=True)
    await clock.sleep(10)
    assert peer.messages() == ["ä" * 600 + "b"]


async def claim_other_messages_keep_out_of_a_long_one_and_their_order(world):
    ws, peer, _ = await world.open()
    ws.send("before")

    def pieces():
        for i in range(5):
            ws.send("during %d" % i)
            yield bytes(2000)

    assert await ws.send_chunks(pieces())
    ws.send("after")
    await clock.sleep(10)
    texts = [message for message in peer.messages() if isinstance(message, str)]
    assert texts == ["before"] + ["during %d" % i for i in range(5)] + ["after"]
    assert peer.messages()[0] == "before" and bytes(10_000) in peer.messages()


async def claim_pings_are_answered_inside_a_long_message_of_which_there_is_one(world):
    from partysocket import Error

    ws, peer, _ = await world.open()
    going = asyncio.create_task(ws.send_chunks(_Slowly([bytes(3000)] * 20)))
    await clock.sleep(500)
    peer.ping(b"?")
    await clock.sleep(10)
    assert peer.got(PONG) == [b"?"] and not going.done()
    await fails(Error, ws.send_chunks(b"x"))
    assert await going is True


@each("end", "close", "reconnect")
async def claim_a_long_message_that_is_cut_off_is_false(world, how):
    ws, peer, _ = await world.open()
    going = asyncio.create_task(ws.send_chunks(_Slowly([bytes(3000)] * 20)))
    await clock.sleep(500)
    ws.send("behind it")
    peer.end() if how == "end" else getattr(ws, how)()
    assert await going is False
    await clock.quiet()
    assert len(peer.got(CLOSE)) == (0 if how == "end" else 1)
    if how == "close":
        assert await ws.send_chunks(b"x") is False
    else:
        peer = await world.next()
        assert peer.messages() == ["behind it"]


async def claim_an_iterable_that_raises_ends_the_connection_not_the_program(world):
    ws, _, _ = await world.open()

    def pieces():
        yield bytes(10)
        raise OSError("the card was pulled out")

    error = await fails(OSError, ws.send_chunks(pieces()))
    assert "card" in str(error)
    peer = await world.next()
    assert await ws.send_chunks(b"again")
    await clock.sleep(10)
    assert peer.messages() == [b"again"]


async def claim_nothing_goes_into_a_long_message_that_close_breaks_off(world):
    ws, peer, _ = await world.open()
    # The transport is stuck in the first of two fragments.
    peer.window = 500
    sending = asyncio.create_task(ws.send_chunks(b"x" * 1503))
    await clock.quiet()
    ws.send("after it")
    ws.close()
    peer.open_window()
    assert await sending is False
    await clock.sleep(3000)
    assert [fin for _, fin, _ in peer.fragments] == [False]
    assert peer.messages() == [] and peer.close_codes() == [1000]
