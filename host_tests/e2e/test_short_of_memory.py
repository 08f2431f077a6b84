"""Real MicroPython whose application has filled the heap, against a real server. Connections are
lost meanwhile. When there is memory again, the device must come back by itself, whatever asyncio
has raised.

WEATHER_SEED=7 draws the sizes of `make soak` again.
"""

import os
import random
import subprocess

import pytest

from needs import need_micropython
from strict_server import StrictServer, silent

from .devices import Device

SEED = int(os.environ.get("WEATHER_SEED") or random.SystemRandom().randrange(1000))
# The device's back-off is 200 ms. Only a failure takes so long.
_BACK_S = 15
AMOUNTS = ("fill:0", "fill:700", "crumbs:3000", "fill:8000", "crumbs:20480")


async def greet(connection):
    """The answers to this show that the device works."""
    await connection.send("well?")
    await silent(connection)


def is_well(server):
    return any(one.is_open and "well?" in one.messages for one in server.connections)


def press(device, letter, answer):
    """Press a key of loaded.py."""
    device.stdin.write(letter)
    device.stdin.flush()
    device.wait(answer)


def suffer(how, is_let_go=True, back_s=_BACK_S):
    need_micropython()
    with StrictServer(silent) as server:
        args = ("micropython", "host_tests/e2e/loaded.py", str(server.port))
        with Device(*args, heap="400K", stdin=subprocess.PIPE) as device:
            device.wait("news")
            server.wait_connections(1)
            server.send_all(how)
            device.wait("filled")
            for drop in ("rst", "fin", "rst"):
                if server.open_connections:
                    server.drop_all(drop)
                    device.wait("news")
                # The device does what it can with the memory that there is.
                press(device, b"t", "turn")
            server.script = greet
            if is_let_go:
                press(device, b"r", "released")
            server.send_all("well?")
            server.wait_for(lambda: is_well(server), "it does not come back", back_s)
            server.send_all("quit")
            device.wait("ended")
            assert device.wait_end() == 0


@pytest.mark.parametrize("how", AMOUNTS)
def test_a_device_short_of_memory_comes_back_when_there_is_some(how):
    suffer(how)


def test_one_that_gets_no_memory_back_is_found_out():
    with pytest.raises(AssertionError, match="it does not come back"):
        suffer("fill:0", is_let_go=False, back_s=1)


@pytest.mark.soak
@pytest.mark.parametrize("n", range(60))
def test_a_device_with_a_drawn_ballast_comes_back(n):
    draws = random.Random(SEED * 1000 + n)
    how = f"{draws.choice(('fill', 'crumbs'))}:{draws.randrange(20 * 1024 + 1)}"
    print(f"WEATHER_SEED={SEED}: {how}")
    suffer(how)
