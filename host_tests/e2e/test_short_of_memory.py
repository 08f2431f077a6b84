"""Real MicroPython whose application has filled the heap, against a real server: connections are
lost meanwhile, and when there is memory again the device comes back by itself. No allowance is
made for what asyncio itself raises: the application sees a device that is dead, or one that lives.

WEATHER_SEED=7 draws the ballasts of `make soak` again.
"""

import os
import random
import subprocess

import pytest

from needs import need_micropython
from strict_server import StrictServer, silent

from .devices import Device

SEED = int(os.environ.get("WEATHER_SEED") or random.SystemRandom().randrange(1000))
_HEAP = "400K"
_LOSSES = 3
_BACK_S = 15  # of a device whose back-off is 200 ms: only a failure takes as long
AMOUNTS = ("fill:0", "fill:700", "crumbs:3000", "fill:8000", "crumbs:20480")
_SOAKED = 60


class Loaded(Device):
    """loaded.py, and the letters on its stdin."""

    def __init__(self, port):
        need_micropython()
        super().__init__(
            "micropython", "host_tests/e2e/loaded.py", str(port), heap=_HEAP, stdin=subprocess.PIPE
        )
        self._seen = 0

    def press(self, letter):
        self._process.stdin.write(letter.encode())
        self._process.stdin.flush()

    def wait_next(self, *texts):
        """The next line that is one of these."""
        with self._state:
            while True:
                while self._seen < len(self.lines):
                    line = self.lines[self._seen]
                    self._seen += 1
                    if line in texts:
                        return line
                has_news = not self._has_ended and self._state.wait(_BACK_S)
                assert has_news, f"no {texts} in:\n" + "\n".join(self.lines[-40:])


async def greet(connection):
    """What comes back of this shows that the device is well."""
    await connection.send("well?")
    await silent(connection)


def is_well(server):
    return any(one.is_open and "well?" in one.messages for one in server.connections)


def suffer(how, is_let_go=True, back_s=_BACK_S):
    with StrictServer(silent) as server, Loaded(server.port) as device:
        device.wait_next("open")
        server.wait_connections(1)
        server.send_all(how)
        device.wait_next("filled")
        for n in range(_LOSSES):
            if server.open_connections:
                server.drop_all(("rst", "fin")[n % 2])
                device.wait_next("lost", "open")
            device.press("t")  # it does what it can with the memory that there is
            device.wait_next("turn")
        server.script = greet
        if is_let_go:
            device.press("r")
            device.wait_next("released")
        server.send_all("well?")
        try:
            server.wait_for(lambda: is_well(server), "it does not come back", back_s)
        except AssertionError as e:
            raise AssertionError("\n".join([str(e), *device.lines[-20:]])) from None
        server.send_all("quit")
        device.wait_next("ended")
        assert device.wait_end() == 0, device.lines


@pytest.mark.parametrize("how", AMOUNTS)
def test_a_device_short_of_memory_comes_back_when_there_is_some(how):
    suffer(how)


def test_one_that_gets_no_memory_back_is_found_out():
    with pytest.raises(AssertionError, match="it does not come back"):
        suffer("fill:0", is_let_go=False, back_s=1)


@pytest.mark.soak
@pytest.mark.parametrize("n", range(_SOAKED))
def test_a_device_with_a_drawn_ballast_comes_back(n):
    draws = random.Random(SEED * 1000 + n)
    how = f"{draws.choice(('fill', 'crumbs'))}:{draws.randrange(20 * 1024 + 1)}"
    print(f"WEATHER_SEED={SEED}: {how}")
    suffer(how)
