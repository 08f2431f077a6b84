"""The library's transport over the sockets of either board."""

import asyncio
import os
import sys

import socketpool
import supervisor
from partysocket import WebSocket
from partysocket.net import circuitpython, platform
from peers import address, is_esp32

buffer = memoryview(bytearray(16))


async def dialed(peer="puppet", order=b""):
    """A transport that is connected; the peer has been given its order."""
    transport = platform.Transport()
    host, port = address(peer)
    transport.start(host, port, None, host, 15000)
    while not transport.step():
        await asyncio.sleep(0.005)
    if order:
        assert transport.send(order) == 1
    return transport


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
    transport.close()
    assert socketpool.left_open() == 0


async def test_a_rst_is_found_out_though_no_poll_tells():
    transport = await dialed(order=b"r")
    if is_esp32:
        assert await received(transport) == 0
    else:
        try:
            await received(transport)
            raise AssertionError("nothing was raised")
        except OSError as e:
            assert e.errno == 9
    transport.close()


async def test_a_full_socket_takes_nothing_and_is_waited_for():
    transport = await dialed(order=b"s")
    data = memoryview(bytes(65536))
    is_full = False
    while not is_full:  # for good: Linux makes room for a while
        while transport.send(data):
            pass
        await transport.wait(False, True, 20)
        is_full = transport.send(data) == 0
    transport.close()


class Deaf:
    """A poll that never wakes."""

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
    transport.close()


async def test_a_wait_without_a_poll_looks_again_soon():
    transport = await dialed()
    transport._readable = None
    await transport.wait(True, False, 1 << 28)
    transport.close()


async def test_a_wait_ends_when_the_socket_is_closed():
    transport = await dialed()
    waiting = asyncio.create_task(transport.wait(True, False, 1 << 28))
    await asyncio.sleep(0.01)
    transport.close()
    await waiting


async def test_a_refused_connect_is_an_error_and_leaves_no_socket():
    transport = platform.Transport()
    host, port = address("closed")
    transport.start(host, port, None, host, 15000)
    try:
        while not transport.step():
            await asyncio.sleep(0.002)
        raise AssertionError("it is there")
    except OSError:
        pass
    transport.close()
    assert socketpool.left_open() == 0


async def test_a_refused_connect_is_told_as_refused():
    told = []
    again = asyncio.Event()

    def on_error(event):
        told.append((event.target.last_error, event.message))
        if len(told) == 2:
            again.set()

    ws = WebSocket("ws://%s:%d/" % address("closed"), min_reconnection_delay=100)
    ws.onerror = on_error
    await asyncio.wait_for(again.wait(), 10)
    ws.close()
    await ws.wait_closed()
    for (phase, text), message in told:
        assert phase == "tcp" and "refused" in text.lower() and message == text, told
    assert socketpool.left_open() == 0


async def test_a_connect_without_an_answer_keeps_nobody_waiting_on_a_pico_w():
    if is_esp32:
        return  # it waits for _CONNECT_S
    transport = platform.Transport()
    host, port = address("full")
    transport.start(host, port, None, host, 15000)
    for _ in range(20):
        assert transport.step() is False
        await asyncio.sleep(0.002)
    transport.close()
    assert socketpool.left_open() == 0


async def test_each_address_of_a_name_is_tried():
    transport = platform.Transport()
    host, port = address("puppet")
    made = platform.pool()
    found = made.getaddrinfo(host, port)
    refused = [(2, 1, 0, "", address("closed"))]

    class Pool:
        def __getattr__(self, name):
            return getattr(made, name)

        def getaddrinfo(self, *_):
            return refused + found

    circuitpython._pool = Pool()
    try:
        transport.start("two.test", port, None, "two.test", 15000)
        while not transport.step():
            await asyncio.sleep(0.002)
    finally:
        circuitpython._pool = made
    assert transport.send(b"x") == 1
    transport.close()
    assert socketpool.left_open() == 0


async def test_a_board_that_is_like_an_esp32_but_does_not_say_so():
    if not is_esp32:
        return
    circuitpython._blocks = False
    transport = await dialed(order=b"x")
    assert circuitpython._blocks
    assert await received(transport) == 1
    transport.close()
    assert socketpool.left_open() == 0


def test_chance_without_a_source_of_it():
    def nothing(n):
        raise NotImplementedError()

    kept = os.urandom
    os.urandom = nothing
    try:
        drawn = [platform.urandom(8) for _ in range(50)]
    finally:
        os.urandom = kept
    assert len(set(drawn)) == 50 and set([len(d) for d in drawn]) == {8}
    assert len(platform.urandom(5)) == 5


async def lost(make_error, phase):
    """Each dial fails by what `make_error` gives; the socket tells so, and goes on dialing."""
    errors = []
    again = asyncio.Event()

    def on_error(event):
        errors.append((event.target.last_error[0], event.message))
        if len(errors) == 2:
            again.set()

    kind = type(platform.pool().socket())
    for sock in list(socketpool._open):
        sock.close()
    connect = kind.connect

    def fail(*_):
        raise make_error()

    kind.connect = fail
    try:
        ws = WebSocket("ws://127.0.0.1:1/", min_reconnection_delay=1, jitter="none")
        ws.onerror = on_error
        await again.wait()
        ws.close()
        await ws.wait_closed()
    finally:
        kind.connect = connect
    assert [found for found, _ in errors] == [phase, phase]
    assert socketpool.left_open() == 0
    return errors[0][1]


async def test_whatever_a_board_raises_is_a_lost_dial():
    for make in (
        lambda: OSError(socketpool.GARBAGE),
        lambda: OSError(118),
        lambda: OSError(-202, "x"),
        lambda: OSError((-29312, "MBEDTLS_ERR_SSL_CONN_EOF")),
        lambda: MemoryError(),
        lambda: RuntimeError("x"),
        lambda: ValueError("x"),
    ):
        await lost(make, "tcp")


async def test_a_board_that_is_out_of_sockets_dials_when_one_is_free():
    made = platform.pool()
    taken = [made.socket() for _ in range(socketpool.MOST_SOCKETS)]
    told = asyncio.Event()
    texts = []

    def on_error(event):
        texts.append((event.target.last_error[0], event.message))
        if len(texts) == 1:
            for sock in taken:
                sock.close()
        else:
            told.set()

    host, port = address("curt")
    ws = WebSocket("ws://%s:%d/" % (host, port), min_reconnection_delay=1, jitter="none")
    ws.onerror = on_error
    await told.wait()
    ws.close()
    await ws.wait_closed()
    assert texts[0] == ("tcp", "Out of sockets")
    assert texts[1][1] != "Out of sockets"


async def test_the_watchdog_is_fed_before_and_after_what_blocks():
    log = []
    made = platform.pool()
    ended = asyncio.Event()

    class Pool:
        def __getattr__(self, name):
            return getattr(made, name)

        def getaddrinfo(self, *args):
            log.append("look-up")
            block()
            return made.getaddrinfo(*args)

        def socket(self, *args):
            sock = made.socket(*args)
            connect = sock.connect

            def connecting(peer):
                log.append("connect")
                if is_esp32:
                    block()
                connect(peer)

            sock.connect = connecting
            return sock

    def block():
        socketpool.utime.sleep_ms(600)  # longer than the watchdog is left alone otherwise

    circuitpython._pool = Pool()
    try:
        host, port = address("curt")
        ws = WebSocket("ws://%s:%d/" % (host, port), watchdog=lambda: log.append("fed"))
        ws.onclose = lambda event: ended.set()
        await ended.wait()
        await asyncio.sleep(0.6)  # it is fed while the socket waits
        ws.close()
        await ws.wait_closed()
    finally:
        circuitpython._pool = made
    looked = log.index("look-up")
    dialed = log.index("connect")
    assert log[looked - 1] == "fed" and "fed" in log[looked:dialed]
    assert "fed" in log[dialed:]
