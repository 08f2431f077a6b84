"""The fault proxy does what its plans say, byte by byte, and plans can be run again."""

import asyncio
import functools
import socket

import pytest

from .fault_proxy import FaultProxy
from .lockstep import run
from .plans import CUTS, FAULTS, MANNERS, SHUT, WAYS, Plan, drawn

_HOST = "127.0.0.1"
_DATA = bytes(i * 7 & 255 for i in range(1000))


class Peer:
    """A server that keeps what came on each connection, and sends what it is given."""

    async def __aenter__(self):
        self._came = asyncio.Queue()
        self._server = await asyncio.start_server(
            lambda *ends: self._came.put_nowait(Stream(*ends)), _HOST, 0
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def connection(self):
        return await self._came.get()

    def none_came(self):
        return self._came.empty()


class Stream:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def all(self):
        """What comes until the end; and how that came."""
        data = b""
        try:
            while more := await self.reader.read(65536):
                data += more
        except ConnectionResetError:
            return data, "reset"
        return data, "end"

    def close(self):
        self.writer.close()


def through(*plans):
    """A test with a FaultProxy of these plans, a Peer behind it, in virtual time."""

    def decorate(test):
        @functools.wraps(test)
        def play(**given):
            async def main(loop):
                async with Peer() as peer:
                    async with FaultProxy(peer.port, plans) as proxy:
                        await test(proxy, peer, **given)

            run(main)

        del play.__wrapped__
        return play

    return decorate


async def dial(proxy):
    return Stream(*await asyncio.open_connection(_HOST, proxy.port))


async def both(proxy, peer):
    near = await dial(proxy)
    return near, await peer.connection()


async def over(proxy):
    """Wait until every passage is over."""
    done = asyncio.Event()

    def look():
        if all(passage.is_over for passage in proxy.passages):
            done.set()

    proxy.changed = look
    look()
    await done.wait()


@through()
async def test_without_a_plan_all_goes_through_with_its_end(proxy, peer):
    near, far = await both(proxy, peer)
    await near.send(_DATA)
    near.writer.write_eof()
    assert await far.all() == (_DATA, "end")
    await far.send(_DATA[::-1])
    far.close()
    assert await near.all() == (_DATA[::-1], "end")
    near.close()
    await over(proxy)
    assert proxy.passages[0].bytes == {"up": 1000, "down": 1000}


@through()
async def test_a_reset_is_passed_on(proxy, peer):
    near, far = await both(proxy, peer)
    far.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
    )
    far.writer.transport.abort()
    assert await near.all() == (b"", "reset")
    await over(proxy)


async def refused(proxy):
    with pytest.raises(ConnectionRefusedError):
        await dial(proxy)


@through(Plan(SHUT), Plan(SHUT), Plan(), Plan(SHUT), Plan())
async def test_shut_means_that_nobody_listens_until_it_is_reopened(proxy, peer):
    await refused(proxy)
    await refused(proxy)
    proxy.reopen()
    await refused(proxy)  # by the second
    proxy.reopen()
    near, far = await both(proxy, peer)
    await refused(proxy)  # while the connection before it is still open
    near.close()
    assert await far.all() == (b"", "end")
    await refused(proxy)
    proxy.reopen()
    near, far = await both(proxy, peer)
    faults = [passage.plan.fault for passage in proxy.passages]
    assert faults == [SHUT, SHUT, "none", SHUT, "none"]


@through(Plan("refuse"), Plan())
async def test_refuse_resets_what_was_accepted_and_the_next_one_passes(proxy, peer):
    near = await dial(proxy)
    assert await near.all() == (b"", "reset")
    assert proxy.passages[0].is_over
    assert peer.none_came()
    await both(proxy, peer)


@through(Plan("mute"))
async def test_mute_takes_everything_and_answers_nothing(proxy, peer):
    near = await dial(proxy)
    await near.send(_DATA)
    answer = asyncio.ensure_future(near.reader.read(1))
    await asyncio.wait([answer], timeout=3600)  # virtual
    assert not answer.done()
    answer.cancel()
    near.close()
    await over(proxy)
    assert proxy.passages[0].swallowed == {"up": 1000, "down": 0}
    assert peer.none_came()


def ways(test):
    return pytest.mark.parametrize("at", [0, 1, 130, 999])(
        pytest.mark.parametrize("way", WAYS)(test)
    )


def play_cut(fault, way, at, then):
    @through(Plan(fault, way, at))
    async def play(proxy, peer):
        near, far = await both(proxy, peer)
        sender, receiver = (near, far) if way == "up" else (far, near)
        await sender.send(_DATA)
        await then(proxy, sender, receiver)
        near.close()
        far.close()
        await over(proxy)
        assert proxy.passages[0].bytes[way] == at

    play()


@ways
def test_rst_resets_both_after_so_many_bytes(way, at):
    async def then(proxy, sender, receiver):
        assert await receiver.all() == (_DATA[:at], "reset")
        assert await sender.all() == (b"", "reset")

    play_cut("rst", way, at, then)


@ways
def test_fin_ends_both_in_order_after_so_many_bytes(way, at):
    async def then(proxy, sender, receiver):
        assert await receiver.all() == (_DATA[:at], "end")
        assert await sender.all() == (b"", "end")

    play_cut("fin", way, at, then)


@ways
def test_close_closes_both_sockets_after_so_many_bytes(way, at):
    async def then(proxy, sender, receiver):
        assert await receiver.all() == (_DATA[:at], "end")
        assert await sender.all() == (b"", "reset")  # what it had sent was not read

    play_cut("close", way, at, then)


@ways
def test_half_ends_one_way_and_the_other_goes_on(way, at):
    async def then(proxy, sender, receiver):
        assert await receiver.all() == (_DATA[:at], "end")
        await receiver.send(_DATA)
        receiver.writer.write_eof()
        assert await sender.all() == (_DATA, "end")

    play_cut("half", way, at, then)


@ways
def test_stall_passes_so_many_bytes_and_tells_nobody(way, at):
    async def then(proxy, sender, receiver):
        assert await receiver.reader.readexactly(at) == _DATA[:at]
        more = asyncio.ensure_future(receiver.reader.read(1))
        await asyncio.wait([more], timeout=3600)  # virtual
        assert not more.done()
        more.cancel()
        assert proxy.passages[0].swallowed[way] == 1000 - at
        await receiver.send(_DATA)
        assert await sender.reader.readexactly(1000) == _DATA

    play_cut("stall", way, at, then)


@pytest.mark.parametrize("way", WAYS)
def test_slices_pass_byte_by_byte(way):
    async def then(proxy, sender, receiver):
        assert await receiver.all() == (_DATA[:400], "end")
        assert proxy.passages[0].pieces[way] == 400

    play_cut("slices", way, 400, then)


@pytest.mark.parametrize("fault, value, ms", [("drip", 20, 1000), ("late", 70, 70)])
def test_what_comes_slowly_comes_whole(fault, value, ms):
    async def main(loop):
        async with Peer() as peer:
            async with FaultProxy(peer.port, [Plan(fault, "down", 400, value)]) as proxy:
                near, far = await both(proxy, peer)
                begun = loop.ms
                await far.send(_DATA)
                assert await near.all() == (_DATA[:400], "end")
                assert loop.ms - begun == ms  # virtual: 50 pieces of 8 bytes, or one wait
                near.close()

    run(main)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at, bit", [(0, 0), (130, 7), (599, 3)])
def test_flip_turns_one_bit_over_and_ends_a_while_later(way, at, bit):
    @through(Plan("flip", way, at, bit))
    async def play(proxy, peer):
        near, far = await both(proxy, peer)
        sender, receiver = (near, far) if way == "up" else (far, near)
        await sender.send(_DATA)
        data, end = await receiver.all()
        assert end == "end"
        changed = [i for i in range(len(data)) if data[i] != _DATA[i]]
        assert changed == [at]
        assert data[at] ^ _DATA[at] == 1 << bit
        assert at < len(data) < 1000

    play()


def test_plans_are_values_that_print_and_come_again_from_their_seed():
    plans = drawn("this test", 200, (*FAULTS, SHUT))
    assert plans == drawn("this test", 200, (*FAULTS, SHUT))
    assert plans != drawn("another", 200, (*FAULTS, SHUT))
    assert eval(repr(plans), {"Plan": Plan}) == plans
    assert {plan.fault for plan in plans} == {*FAULTS, SHUT}
    assert {(plan.fault, plan.way) for plan in plans if plan.limit is not None} == {
        (fault, way) for fault in CUTS + MANNERS for way in WAYS
    }
