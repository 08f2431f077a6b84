"""Where to find the peers that test_on_boards.py plays, and how to speak with them.

What a peer does is told by the first byte it gets:  f: it ends with a FIN;  r: with a RST;
x: it sends "x" and waits;  d: it sends "x" and a FIN;  s: it never reads.
"""

import socketpool
import uos
import utime
import wifi

PORTS = dict([pair.split("=") for pair in uos.getenv("PEERS").split(",")])
WAIT_MS = 10_000  # a guard: only a failure takes as long
pool = socketpool.SocketPool(wifi.radio)
is_esp32 = socketpool.BOARD == "esp32"


def address(peer):
    return ("127.0.0.1", int(PORTS[peer]))


def on(pico_w, esp32):
    """What this board is to say."""
    return esp32 if is_esp32 else pico_w


def told(call, *args):
    """What a call gives, or the errno of the OSError that it raises."""
    try:
        return call(*args)
    except OSError as e:
        return ("errno", e.args[0])


def until(call, *args):
    """What a call gives when it is no more "not now"."""
    begun = utime.ticks_ms()
    while utime.ticks_diff(utime.ticks_ms(), begun) < WAIT_MS:
        got = told(call, *args)
        if got != ("errno", 11) and got != ("errno", 120):
            return got
        utime.sleep_ms(2)
    raise AssertionError("still not")


def joined(order=b""):
    """A socket that is connected and doesn't block; the peer has been given its order."""
    sock = pool.socket()
    sock.settimeout(on(0, 3))
    if is_esp32:
        sock.connect(address("puppet"))
    else:
        assert told(sock.connect, address("puppet")) == ("errno", 119)
        assert until(sock.connect, address("puppet")) == ("errno", 127)
    sock.settimeout(0)
    if order:
        assert sock.send(order) == 1
    return sock
