"""Base and parts are installed separately, each as sources or compiled. With the same version all
of them work together, and a part of another version says so. On real MicroPython, from folders
without any other files.
"""

import json
from pathlib import Path

import pytest

from e2e.devices import said
from install.shelf import Shelf
from install.trees import ALL, FORMS, LIB, made, put, release
from library import INCLUDED, version_of
from strict_server import StrictServer
from tls.ntp import NtpServer, good

# A fake radio.
WIFI = Path(__file__).resolve().parents[1] / "wifi"
VERSION = version_of()
# It begins with the same digits.
NEWER = VERSION + "1"
# A part may come from another checkout of the same version. In this one these names of the socket
# are the most used ones, so the build renames all others differently.
MORE = "\n    def _more(self):\n        self._some = self._other = self._further = 0\n" + (
    "        self._some += self._other + self._further\n" * 60
)

# The others come with a base of their own version.
SEPARATE = [part for part in ALL if part not in INCLUDED]
# One real thing that each part does, and how what it prints ends.
USES = {
    "fetch": (
        """
answer = asyncio.run(partysocket.PartySocket.fetch('127.0.0.1:{http}', 'home', protocol='http'))
print(answer.status, answer.text())
""",
        "200 in the room",
    ),
    "hooks": (
        """
async def main():
    heard = asyncio.Event()
    def hear(event):
        print(event.data)
        heard.set()
    async with partysocket.use_web_socket('ws://127.0.0.1:{ws}', on_message=hear) as hook:
        hook.socket.send('hello')
        await heard.wait()
asyncio.run(main())
""",
        "hello",
    ),
    "recorder": (
        """
from partysocket.recorder import Recorder
async def main():
    socket = partysocket.WebSocket('ws://127.0.0.1:{ws}')
    recorder = Recorder(socket)
    await socket.wait_open()
    socket.close()
    await socket.wait_closed()
    print(recorder.text())
asyncio.run(main())
""",
        "close 1000",
    ),
    "device": (
        """
from partysocket.device import Device
async def main():
    device = Device('127.0.0.1:{ws}', 'home', 'porch')
    device.send(temperature=21.5)
    print(await device.flush())
asyncio.run(main())
""",
        "True",
    ),
    "portal": (
        """
from partysocket.portal import Portal
import partysocket.portal_begin, partysocket.portal_open, partysocket.portal_try
import partysocket.portal_name, partysocket.portal_page, partysocket.portal_read
steps = partysocket.portal_begin.begin, partysocket.portal_open.serve
steps += partysocket.portal_name.answer, partysocket.portal_read.read
steps += (partysocket.portal_page.answer,)
print(steps and partysocket.portal_try.attempt and Portal(None).count)
""",
        "0",
    ),
    "outbox": (
        """
import os
from partysocket.outbox import Outbox
os.chdir({folder!r})
async def main():
    outbox = Outbox('outbox', 65536)
    outbox.append('{{"type": "reading", "values": {{"a": 1}}}}')
    await outbox.sync()
    socket = partysocket.WebSocket('ws://127.0.0.1:{ws}', outbox=outbox)
    await socket.wait_open()
    await socket.flush()
    socket.close()
    await socket.wait_closed()
    print(outbox.stats()['acknowledged'], len(outbox))
    outbox.close()
asyncio.run(main())
""",
        "1 0",
    ),
    "clock": (
        """
from partysocket.clock import sync_clock
asyncio.run(sync_clock('127.0.0.1', {ntp}, set_clock=print))
""",
        "1800000000",
    ),
    "wifi": (
        """
import sys, time
sys.path.append({fakes!r})
import fake_wlan
network = fake_wlan.Network('cyw43', time.ticks_ms)
network.radio.air['home'] = [fake_wlan.AT_ONCE]
network.install()
from partysocket.wifi import WiFi
async def main():
    wifi = WiFi([('home', 'its password')], stable_ms=0)
    await wifi.wait_up()
    print(wifi.ssid, wifi.status())
    wifi.stop()
asyncio.run(main())
""",
        "home up",
    ),
    "roots": ("from partysocket.tls import context\nprint(context(True))\n", "<SSLContext"),
}


@pytest.fixture(scope="module")
def servers():
    """{protocol: port}."""
    ntp = NtpServer(good(1_800_000_000, fraction=0))
    with Shelf() as shelf, StrictServer() as strict, ntp:
        shelf.more["parties/main/home"] = b"in the room"
        yield {"http": shelf.port, "ws": strict.port, "ntp": ntp.port}


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """{name: a lib}."""
    folder = tmp_path_factory.mktemp("trees")
    return {
        "here": LIB,
        "another checkout": made(folder / "checkout", more=MORE),
        "newer": made(folder / "newer", version=NEWER),
        "older": release(folder / "older"),
    }


# (the base's form, the parts' form, the origin of the parts).
PAIRS = {
    "sources over the joined base": ("mpy", "py", "here"),
    "compiled over sources": ("py", "mpy", "here"),
    "sources of another checkout over the joined base": ("mpy", "py", "another checkout"),
    "compiled in another checkout over sources": ("py", "mpy", "another checkout"),
    "compiled in another checkout over the joined base": ("mpy", "mpy", "another checkout"),
}


@pytest.mark.parametrize("part", ALL)
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_part_works_over_a_base_of_its_version_in_any_form(pair, part, servers, trees, tmp_path):
    base, kind, owner = pair
    put(LIB, base, tmp_path, base=True)
    put(trees[owner], kind, tmp_path, parts=[part])
    use, end = USES[part]
    program = "import asyncio, partysocket\n" + use.format(
        fakes=str(WIFI), folder=str(tmp_path), **servers
    )
    text = said(program, tmp_path)
    assert end in text.splitlines()[-1], text


def test_the_other_checkout_is_another_build(trees):
    here, there = [
        json.loads((trees[name] / "mpy/names.map").read_text(encoding="utf-8"))
        for name in ("here", "another checkout")
    ]
    assert here["version"] == there["version"] == VERSION and here["build"] != there["build"]


TRIED = """
def tried(code):
    try:
        exec(code)
        print('it runs')
    except Exception as e:
        print(type(e).__name__ + ': ' + str(e))
import asyncio
"""
# The origin of the parts, the origin of the base, and their versions.
STRANGERS = {
    "over the first release": ("here", VERSION, "older", "0.1.0"),
    "over a newer base": ("here", VERSION, "newer", NEWER),
    "newer ones over ours": ("newer", NEWER, "here", VERSION),
}


@pytest.mark.parametrize("base, kind", FORMS)
@pytest.mark.parametrize("strangers", STRANGERS.values(), ids=STRANGERS)
def test_a_part_of_another_version_says_so_in_one_sentence(strangers, base, kind, trees, tmp_path):
    owner, own, other, there = strangers
    put(trees[other], base, tmp_path, base=True)
    put(trees[owner], kind, tmp_path, parts=SEPARATE)
    uses = [f"import partysocket.{part}" for part in SEPARATE]
    # As applications come by them: what says that a part is not there must not hide it.
    uses += ["import partysocket; partysocket.use_party_socket"]
    uses += ["import partysocket; asyncio.run(partysocket.PartySocket.fetch('localhost', 'r'))"]
    parts = [*SEPARATE, "hooks", "fetch"]
    if other != "older":
        uses.append("from partysocket.tls import context; context(True)")
        parts.append("roots")
    text = said(TRIED + "".join(f"tried({use!r})\n" for use in uses), tmp_path)
    for part, line in zip(parts, text.splitlines(), strict=True):
        # A joined base shows its build's id too.
        shown = line.replace("+", "'").split("'")
        assert line.startswith(f"ImportError: partysocket.{part} needs partysocket '{own}', not")
        assert shown[3] == there and line.endswith("': install both anew"), line
