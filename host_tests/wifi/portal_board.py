"""On MicroPython: a board whose Wi-Fi is away, with its Portal on real sockets of this computer.
The arguments are the port and the folder of its files. Lines of its input: "ms N" moves the clock
of everything by N ms; "here SSID" brings a network on the air, and "refuses SSID" one that takes
no password. Each is answered with a line.
"""

import asyncio
import sys
import time

here = __file__.rsplit("/", 1)[0]
sys.path[0:0] = [here, here + "/.."]

from fake_wlan import ABSENT, FINE, WRONG_PASSWORD, Network  # noqa: E402

from partysocket.base import net as platform  # noqa: E402
from partysocket.portal import Portal  # noqa: E402
from partysocket.wifi import WiFi  # noqa: E402

core = asyncio.core
port, folder = int(sys.argv[1]), sys.argv[2]
ahead_ms = 0


def ticks():
    return time.ticks_add(time.ticks_ms(), ahead_ms)


core.ticks = ticks
platform.ticks_ms = lambda: ticks() & 0x1FFFFFFF
network = Network("esp32", ticks)
network.install()
network.access_point.ADDRESS = "127.0.0.1"
network.radio.air["home"] = [ABSENT]
network.radio.around = [
    (b"\"'><script>document.title='stolen'</script>", b"", 1, -40, 3, False),
    (b"new", b"", 1, -50, 3, False),
    (b"\xff\xfe", b"", 1, -60, 3, False),
]


async def main():
    global ahead_ms
    wifi = WiFi([("home", "its own password")])
    wifi.start()
    Portal(wifi, folder + "/secrets.py", folder + "/portal_password", port=port).start()
    lines = asyncio.StreamReader(sys.stdin)
    while True:
        line = await lines.readline()
        if not line:
            return
        word, value = line.decode().split()
        if word == "ms":
            ahead_ms += int(value)
        elif word == "here":
            network.radio.air[value] = [FINE]
        elif word == "refuses":
            network.radio.air[value] = [WRONG_PASSWORD]
        # What is due now has its turn.
        for _ in range(5):
            await asyncio.sleep(0)
        print("board:", wifi.status(), "|", network.access_point.on_air is not None)


asyncio.run(main())
