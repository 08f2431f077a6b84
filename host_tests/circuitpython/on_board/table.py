"""The fakes do what the table in README.md says that boards do, row by row."""

import select
import ssl
import supervisor

import socketpool
import utime
from peers import address, is_esp32, joined, on, pool, told, until

buffer = bytearray(8)


def is_ready(sock, flag=select.POLLIN, ms=0):
    poll = select.poll()
    poll.register(sock, flag)
    return bool(poll.poll(ms))


def test_connect_without_waiting():
    sock = pool.socket()
    sock.settimeout(0)
    assert told(sock.connect, address("puppet")) == ("errno", on(119, 116))
    assert until(sock.connect, address("puppet")) == ("errno", 127)
    # A Pico W is connected now; an ESP32 never will be.
    assert told(sock.send, b"x") == on(1, ("errno", 32))
    sock.close()


def test_connect_that_waits_does_so_in_steps_of_100_ms_on_a_pico_w():
    sock = pool.socket()
    sock.settimeout(3)
    steps = []
    sock._block = lambda seconds: steps.append(seconds) or utime.sleep_ms(10)
    assert sock.connect(address("puppet")) is None
    assert set(steps) == on({0.1}, set())
    assert sock.send(b"x") == 1
    sock.close()


def test_connect_that_is_refused():
    sock = pool.socket()
    sock.settimeout(3)
    assert told(sock.connect, address("closed")) == ("errno", 104)
    sock.close()


def test_connect_that_is_refused_while_nobody_waits():
    sock = pool.socket()
    sock.settimeout(0)
    assert told(sock.connect, address("closed")) == ("errno", on(119, 116))
    for _ in range(3):
        assert until(sock.connect, address("closed")) == ("errno", on(9, 104))
    assert told(sock.send, b"x") == ("errno", on(9, 32))
    sock.close()


def test_connect_to_nobody_ends_with_its_timeout():
    sock = pool.socket()
    sock.settimeout(0.2)
    assert told(sock.connect, address("full")) == ("errno", on(119, 116))
    sock.close()


def test_fin_in_a_step_of_the_connect():
    sock = pool.socket()
    sock.settimeout(3)
    assert told(sock.connect, address("curt")) == on(("errno", socketpool.GARBAGE), None)
    sock.close()


def test_names():
    assert pool.getaddrinfo("localhost", 80)[0][4] == ("127.0.0.1", 80)
    assert told(pool.getaddrinfo, "nowhere.invalid", 80) == ("errno", -2)
    try:
        pool.getaddrinfo("nowhere.invalid", 80)
    except pool.gaierror:
        pass


def test_nothing_there():
    sock = joined()
    assert told(sock.recv_into, buffer) == ("errno", 11)
    sock.settimeout(0.01)
    assert told(sock.recv_into, buffer) == ("errno", 116)
    sock.close()


def test_data_then_fin():
    sock = joined(b"d")
    assert until(sock.recv_into, buffer) == 1 and buffer[:1] == b"x"
    assert until(sock.recv_into, buffer) == on(0, ("errno", 128))
    assert told(sock.send, b"x") == ("errno", 32)
    sock.settimeout(1)
    assert sock.recv_into(buffer) == 0
    sock.close()


def test_rst():
    sock = joined(b"r")
    begun = utime.ticks_ms()
    while told(sock.recv_into, buffer) == ("errno", 11) and not is_esp32:
        assert utime.ticks_diff(utime.ticks_ms(), begun) < 10_000
    if is_esp32:
        assert until(sock.recv_into, buffer) == ("errno", 128)  # after an EAGAIN
        assert is_ready(sock)
        assert told(sock.send, b"x") == ("errno", 32)
    else:
        for _ in range(3):
            assert told(sock.recv_into, buffer) == ("errno", 9)
            assert told(sock.send, b"x") == ("errno", 9)
        assert not is_ready(sock, ms=50) and not is_ready(sock, select.POLLOUT)
    sock.close()


def test_poll_of_a_socket_that_lives():
    sock = joined()
    assert is_ready(sock, select.POLLOUT) and not is_ready(sock)
    sock.send(b"x")
    begun = utime.ticks_ms()
    while not is_ready(sock):
        assert utime.ticks_diff(utime.ticks_ms(), begun) < 10_000
    assert sock.recv_into(buffer) == 1
    sock.close()


def test_full_buffer():
    sock = joined(b"s")
    data = bytes(65536)
    taken = 0
    while True:
        n = told(sock.send, data)
        if n == ("errno", 11):
            break
        taken += n
    assert taken > 0
    sock.settimeout(0.05)
    assert told(sock.send, data) == ("errno", on(116, 11))
    sock.close()


def test_send_before_the_connect():
    sock = pool.socket()
    assert told(sock.send, b"x") == ("errno", 32)
    sock.close()


def test_after_close():
    sock = joined()
    sock.close()
    sock.close()
    assert told(sock.recv_into, buffer) == ("errno", 9)
    assert told(sock.send, b"x") == ("errno", 9)


def test_ninth_socket():
    socks = [pool.socket() for _ in range(socketpool.MOST_SOCKETS)]
    try:
        pool.socket()
        raise AssertionError("a ninth")
    except RuntimeError as e:
        assert e.args[0] == "Out of sockets"
    for sock in socks:
        sock.close()
    pool.socket().close()


def test_what_sockets_have_not():
    sock = pool.socket()
    for name in ("recv", "read", "readinto", "write", "makefile", "fileno", "getpeername"):
        assert name not in type(sock).__dict__ and name not in socketpool._Socket.__dict__
    sock.close()


def test_clock_wraps_soon():
    assert 0 <= supervisor.ticks_ms() < 1 << 29
    assert supervisor.ticks_ms() > (1 << 29) - 65_000 or supervisor.ticks_ms() < 600_000


def test_contexts_take_pem_alone():
    context = ssl.create_default_context()
    for wrong in (b"x", bytearray(3)):
        try:
            context.load_verify_locations(cadata=wrong)
            raise AssertionError("taken")
        except TypeError:
            pass
    try:
        context.load_verify_locations(cafile="/ca.pem")
        raise AssertionError("taken")
    except NotImplementedError:
        pass
    assert not hasattr(context, "verify_mode") and not hasattr(ssl, "CERT_NONE")


def test_what_is_not_there():
    import hashlib
    import sys
    import time

    for name in ("ticks_ms", "sleep_ms", "ticks_us"):
        assert not hasattr(time, name)
    assert not hasattr(hashlib, "sha1") and hashlib.new("sha1", b"").digest()[:2] == b"\xda\x39"
    assert not hasattr(sys, "print_exception") and sys.implementation.name == "circuitpython"
    for name in ("socket", "network", "machine", "partysocket.core.native"):
        try:
            __import__(name)
            raise AssertionError(name)
        except ImportError:
            pass
