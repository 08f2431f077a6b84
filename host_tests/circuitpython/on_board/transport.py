"""The library's transport with the sockets of both boards."""

import asyncio
import os
import sys

import socketpool
import supervisor
from partysocket import WebSocket
from partysocket.net import circuitpython, platform
from peers import Changed, address, is_esp32

SOCKET = socketpool.Esp32Socket if is_esp32 else socketpool.PicoWSocket
buffer = memoryview(bytearray(16))


async def dialed(peer="puppet", order=b""):
    """Return a connected transport. The peer has got its order."""
    transport = begun(address(peer))
    while not transport.step():
        await asyncio.sleep(0.005)
    if order:
        assert transport.send(order) == 1
    return transport


def begun(where, name=None):
    transport = platform.Transport()
    host, port = where
    transport.start(name or host, port, None, name or host, 15000)
    return transport


async def errors_of(peer, after_first=lambda: None):
    """(phase, text) of the first two errors of a socket that dials `peer` again and again."""
    told = []
    enough = asyncio.Event()

    def on_error(event):
        told.append(event.target.last_error)
        if len(told) == 1:
            after_first()
        else:
            enough.set()

    url = "ws://%s:%d/" % address(peer)
    ws = WebSocket(url, min_reconnection_delay=1, jitter="none")
    ws.onerror = on_error
    await asyncio.wait_for(enough.wait(), 10)
    ws.close()
    await ws.wait_closed()
    assert socketpool.left_open() == 0
    return told


def end(transport):
    transport.close()
    assert socketpool.left_open() == 0


async def received(transport):
    n = transport.recv_into(buffer)
    while n is None:
        await transport.wait(True, False, 1000)
        n = transport.recv_into(buffer)
    return n


def test_this_platform_was_chosen_and_no_other_was_loaded():
    assert platform is sys.modules["partysocket.net.circuitpython"]
    for other in ("micropython", "cpython", "wlan", "udp"):
        assert "partysocket.net." + other not in sys.modules
    assert platform.ticks_ms is supervisor.ticks_ms


async def test_bytes_go_out_and_come_in_and_the_end_is_told():
    transport = await dialed(order=b"d")
    assert transport.address == "127.0.0.1" and transport.phase == "tcp"
    assert await received(transport) == 1 and buffer[0] == ord("x")
    assert await received(transport) == 0
    transport.close()
    end(transport)


async def test_a_full_socket_takes_nothing_and_is_waited_for():
    transport = await dialed(order=b"s")
    data = memoryview(bytes(65536))
    is_full = False
    # Until it stays full: Linux makes room for a while.
    while not is_full:
        while transport.send(data):
            pass
        await transport.wait(False, True, 20)
        is_full = transport.send(data) == 0
    transport.close()


class Deaf:
    """A poll that never wakes up."""

    looks = 0

    def ipoll(self, ms):
        assert ms == 0, "never in its hands"
        self.looks += 1
        return ()


async def test_a_wait_ends_whatever_the_poll_says_and_asks_less_and_less():
    transport = await dialed()
    short, long = Deaf(), Deaf()
    transport._readable = short
    await transport.wait(True, False, 40)
    transport._readable = long
    await transport.wait(True, False, 400)
    assert 2 <= short.looks < long.looks < 5 * short.looks
    # A socket that can't be polled is checked again soon.
    transport._readable = None
    await transport.wait(True, False, 1 << 28)
    transport._readable = long
    waiting = asyncio.create_task(transport.wait(True, False, 1 << 28))
    await asyncio.sleep(0.01)
    transport.close()
    await waiting


async def test_a_refused_connect_is_told_as_refused():
    for phase, text in await errors_of("closed"):
        assert phase == "tcp" and "refused" in text.lower()


async def test_a_connect_without_an_answer_keeps_nobody_waiting_on_a_pico_w():
    if is_esp32:
        # It waits for _CONNECT_S.
        return
    transport = begun(address("full"))
    for _ in range(20):
        assert transport.step() is False
        await asyncio.sleep(0.002)
    end(transport)


async def test_each_address_of_a_name_is_tried():
    there = platform.pool().getaddrinfo(*address("puppet"))
    refused = [(2, 1, 0, "", address("closed"))]
    with Changed(platform.pool(), getaddrinfo=lambda *_: refused + there):
        transport = begun(address("puppet"), "two.test")
        while not transport.step():
            await asyncio.sleep(0.002)
    assert transport.send(b"x") == 1
    end(transport)


async def test_a_board_that_is_like_an_esp32_but_does_not_say_so():
    if not is_esp32:
        return
    circuitpython._blocks = False
    transport = await dialed(order=b"x")
    assert circuitpython._blocks
    assert await received(transport) == 1
    end(transport)


def test_chance_without_a_source_of_it():
    def nothing(n):
        raise NotImplementedError()

    with Changed(os, urandom=nothing):
        drawn = [platform.urandom(8) for _ in range(50)]
    assert len(set(drawn)) == 50 and set([len(d) for d in drawn]) == {8}


async def test_whatever_a_board_raises_is_a_lost_dial():
    """The socket reports it, and goes on dialling."""
    for make in (
        lambda: OSError(socketpool.GARBAGE),
        lambda: OSError(118),
        lambda: OSError(-202, "x"),
        lambda: OSError((-29312, "MBEDTLS_ERR_SSL_CONN_EOF")),
        lambda: MemoryError(),
        lambda: RuntimeError("x"),
        lambda: ValueError("x"),
    ):

        def fail(*_):
            raise make()

        with Changed(SOCKET, connect=fail):
            assert [phase for phase, _ in await errors_of("puppet")] == ["tcp", "tcp"]


async def test_a_board_that_is_out_of_sockets_dials_when_one_is_free():
    made = platform.pool()
    taken = [made.socket() for _ in range(socketpool.MOST_SOCKETS)]
    first, second = await errors_of("puppet", lambda: [sock.close() for sock in taken])
    assert first == ("tcp", "Out of sockets")
    assert second[1] != "Out of sockets"


async def test_the_watchdog_is_fed_before_and_after_what_blocks():
    log = []
    made = platform.pool()
    look_up, connect = made.getaddrinfo, SOCKET.connect
    ended = asyncio.Event()

    def block(what):
        log.append(what)
        socketpool.utime.sleep_ms(600)  # longer than the watchdog is left alone otherwise

    def blocking_look_up(*args):
        block("look-up")
        return look_up(*args)

    def blocking_connect(sock, peer):
        (block if is_esp32 else log.append)("connect")
        connect(sock, peer)

    with Changed(made, getaddrinfo=blocking_look_up), Changed(SOCKET, connect=blocking_connect):
        url = "ws://%s:%d/" % address("puppet")
        ws = WebSocket(url, watchdog=lambda: log.append("fed"))
        ws.onclose = lambda event: ended.set()
        await ended.wait()
        await asyncio.sleep(0.6)  # it is fed while the socket waits
        ws.close()
        await ws.wait_closed()
    looked = log.index("look-up")
    dialed = log.index("connect")
    assert log[looked - 1] == "fed" and "fed" in log[looked:dialed]
    assert "fed" in log[dialed:]
