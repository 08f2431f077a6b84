"""Long messages in fixed memory: coming in as chunks, going out as fragments."""

import asyncio

import pytest

from engine.virtual import BINARY, CLOSE, PING, TEXT, Log, frame, sleep, virtual
from partysocket import Error

CONT = 0


def collecting(ws):
    """Add a chunk listener; returns the list of what it heard."""
    heard = []

    def on_chunk(event):
        assert isinstance(event.data, memoryview)
        heard.append((event.offset, bytes(event.data), event.is_last, event.is_text))

    ws.add_event_listener("chunk", on_chunk)
    return heard


def whole(heard):
    """The message that chunks make, after a look at their offsets."""
    data = b""
    for offset, piece, _, _ in heard:
        assert offset == len(data)
        data += piece
    assert [last for _, _, last, _ in heard] == [False] * (len(heard) - 1) + [True]
    return data


@pytest.mark.parametrize("segment", [None, 1, 7, 1000, 2058, 5000])
@virtual
async def test_a_message_over_every_limit_comes_in_chunks(server, segment):
    ws = server.websocket(receive_bytes=2048, max_message_bytes=4096)
    heard = collecting(ws)
    log = Log(ws, but=("chunk",))
    peer = await server.opened()
    peer.segment = segment
    data = bytes(i * 7 & 255 for i in range(20_000 if segment != 1 else 3000))
    peer.binary(data)
    peer.text("short")
    await sleep(100)
    assert whole(heard) == data and not heard[0][3]
    assert max(len(piece) for _, piece, _, _ in heard) <= 2058
    assert log.data == ["short"]  # what fits in the receive buffer is a message as ever
    assert ws.stats()["received"] == 2


@virtual
async def test_fragments_come_in_chunks_with_pings_answered_between(server):
    ws = server.websocket()
    heard = collecting(ws)
    peer = await server.opened()
    peer.raw(frame(TEXT, "größ".encode()[:3], fin=False) + frame(PING, b"p"))
    await sleep(10)
    assert peer.count(10) == 1 and heard == [(0, b"gr\xc3", False, True)]
    peer.raw(frame(CONT, "größ".encode()[3:], fin=False) + frame(CONT, b""))
    await sleep(10)
    assert whole(heard) == "größ".encode()


@virtual
async def test_chunks_of_bad_text_are_refused_at_the_first_wrong_byte(server):
    ws = server.websocket()
    heard = collecting(ws)
    peer = await server.opened()
    peer.raw(frame(TEXT, b"good", fin=False) + frame(CONT, b"\xed\xa0", fin=False))
    await sleep(10)
    assert peer.close_codes == [1007] and len(heard) == 1


@virtual
async def test_without_a_listener_long_messages_are_bounded_as_ever(server):
    ws = server.websocket(max_message_bytes=4096)
    heard = collecting(ws)
    ws.remove_event_listener("chunk", next(iter(ws._listeners["chunk"]))[0])
    peer = await server.opened()
    peer.binary(bytes(4097))
    await sleep(10)
    assert peer.close_codes == [1009] and heard == []


@virtual
async def test_an_async_chunk_handler_slows_the_server(server):
    ws = server.websocket()
    running = [0, 0]

    async def slow(event):
        running[0] += 1
        running[1] = max(running)
        data = bytes(event.data)
        await asyncio.sleep(0.1)
        assert bytes(event.data) == data  # the view holds until the handler is through
        running[0] -= 1

    ws.add_event_listener("chunk", slow)
    peer = await server.opened()
    peer.binary(bytes(range(256)) * 40)
    await sleep(2000)
    assert running == [0, 1]


SOURCES = {
    "bytes": lambda data: bytes(data),
    "bytearray": lambda data: bytearray(data),
    "list": lambda data: [data[:1], b"", data[1:5000], bytearray(data[5000:])],
    "generator": lambda data: (data[i : i + 700] for i in range(0, len(data), 700)),
}


@pytest.mark.parametrize("source", SOURCES)
@virtual
async def test_chunks_go_out_as_fragments_of_one_message(server, source):
    ws = server.websocket(queue_bytes=64)
    peer = await server.opened()
    data = bytes(i * 3 & 255 for i in range(9000))
    assert await ws.send_chunks(SOURCES[source](data)) is True
    await sleep(10)
    sent = peer.fragments
    assert b"".join(payload for _, _, payload in sent) == data
    assert [opcode for opcode, _, _ in sent] == [BINARY] + [CONT] * (len(sent) - 1)
    assert [fin for _, fin, _ in sent] == [False] * (len(sent) - 1) + [True]
    assert max(len(payload) for _, _, payload in sent) <= 1024


@virtual
async def test_an_async_iterable_of_text_goes_out_as_text(server):
    class Lines:
        def __init__(self):
            self.left = ["ä" * 600, "", "b"]

        def __aiter__(self):
            return self

        async def __anext__(self):
            await asyncio.sleep(0.05)
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

    ws = server.websocket()
    peer = await server.opened()
    assert await ws.send_chunks(Lines(), text=True)
    await sleep(10)
    assert peer.messages == ["ä" * 600 + "b"]


@pytest.mark.parametrize("chunks", [b"", [], [b""]])
@virtual
async def test_nothing_to_send_is_an_empty_message(server, chunks):
    ws = server.websocket()
    peer = await server.opened()
    assert await ws.send_chunks(chunks)
    await sleep(10)
    assert peer.fragments == [(BINARY, True, b"")]


@virtual
async def test_other_messages_keep_out_of_a_long_one_and_their_order(server):
    ws = server.websocket()
    peer = await server.opened()
    ws.send("before")

    def pieces():
        for i in range(5):
            ws.send(f"during {i}")
            yield bytes(2000)

    assert await ws.send_chunks(pieces())
    ws.send("after")
    await sleep(10)
    texts = [m for m in peer.messages if isinstance(m, str)]
    assert texts == ["before"] + [f"during {i}" for i in range(5)] + ["after"]
    assert [len(m) for m in peer.messages if isinstance(m, bytes)] == [10_000]
    assert peer.messages.index("before") == 0


@virtual
async def test_pings_are_answered_inside_a_long_message(server):
    ws = server.websocket()
    peer = await server.opened()
    going = asyncio.create_task(ws.send_chunks(slowly(bytes(3000), 20)))
    await sleep(500)
    peer.ping(b"?")
    await sleep(10)
    assert peer.count(10) == 1 and not going.done()
    assert await going is True


class slowly:
    """`data`, `n` times, a tenth of a second apart."""

    def __init__(self, data, n):
        self.data = data
        self.left = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(0.1)
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return self.data


@pytest.mark.parametrize("how", ["end", "close", "reconnect"])
@virtual
async def test_a_long_message_that_is_cut_off_is_false(server, how):
    ws = server.websocket()
    peer = await server.opened()
    going = asyncio.create_task(ws.send_chunks(slowly(bytes(3000), 20)))
    await sleep(500)
    ws.send("behind it")
    if how == "end":
        peer.end()
    elif how == "close":
        ws.close()
    else:
        ws.reconnect()
    assert await going is False
    assert peer.count(CLOSE) == (0 if how == "end" else 1)
    if how != "close":
        peer = await server.opened()
        await sleep(10)
        assert peer.messages == ["behind it"]


@virtual
async def test_an_iterable_that_raises_ends_the_connection_not_the_program(server):
    ws = server.websocket()
    await server.opened()

    def pieces():
        yield bytes(10)
        raise OSError("the card was pulled out")

    with pytest.raises(OSError):
        await ws.send_chunks(pieces())
    peer = await server.opened()
    assert await ws.send_chunks(b"again")
    await sleep(10)
    assert peer.messages == [b"again"]


@virtual
async def test_one_long_message_at_a_time(server):
    ws = server.websocket()
    await server.opened()
    going = asyncio.create_task(ws.send_chunks(slowly(bytes(10), 5)))
    await sleep(200)
    with pytest.raises(Error):
        await ws.send_chunks(b"x")
    assert await going is True


@virtual
async def test_without_a_connection_nothing_goes_out(server):
    ws = server.websocket(start_closed=True)
    assert await ws.send_chunks(b"x") is False


@virtual
async def test_nothing_goes_into_a_long_message_that_close_breaks_off(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.most = 100  # at one call: it takes some turns
    sending = asyncio.create_task(ws.send_chunks(b"x" * 1503))  # two fragments of one piece
    await asyncio.sleep(0)
    ws.send("after it")
    while not peer.bytes_in:
        await asyncio.sleep(0)
    ws.close()
    assert await sending is False
    await sleep(3000)
    assert [fin for _, fin, _ in peer.fragments] == [False]
    assert peer.messages == [] and peer.close_codes == [1000]
