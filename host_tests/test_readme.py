"""The code in README.md and in the library's pages, unchanged except for the addresses."""

import json
import re
import ssl
import textwrap
from pathlib import Path

import pytest
import trustme

from e2e.devices import Device
from rooms.clients import join
from rooms.server_process import RoomServer
from strict_server import StrictServer, echo, silent

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = (ROOT / "lib/README.md").read_text("utf-8")


def snippets(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)


_, FEED = snippets("README.md")  # the first one: dashboard/test_devices.py
DEVICE, UPLOAD, LONG, TLS = snippets("lib/README.md")
(OUTBOX,) = snippets("lib/outbox.md")


@pytest.fixture(params=["micropython", "cpython"])
def run(request, tmp_path):
    """Run a program on a device, with some texts replaced."""

    def start(code, changes):
        for old, new in changes.items():
            assert old in code
            code = code.replace(old, new)
        program = tmp_path / "snippet.py"
        program.write_text(code, encoding="utf-8")
        return Device(request.param, program, heap="1M")

    return start


def inside(code, *before):
    """The lines of a program's main()."""
    head = "import asyncio, io\nfrom partysocket import PartySocket, WebSocket\n"
    main = "\n".join([*before, code])
    return f"{head}async def main():\n{textwrap.indent(main, '    ')}\nasyncio.run(main())\n"


async def test_the_snippet_on_devices_reads_and_obeys(run):
    with RoomServer() as server, run(DEVICE, {"192.168.1.20:1999": f"127.0.0.1:{server.port}"}):
        async with join(server, "home", role="dashboard") as dashboard:
            about = await dashboard.next("hello", device="porch")
            assert [control["name"] for control in about["controls"]] == ["led", "restart"]
            command = {"type": "command", "device": "porch", "name": "led", "value": True}
            await dashboard.send(command)
            assert (await dashboard.next("result", name="led"))["ok"] is True
            await dashboard.send({"type": "command", "device": "porch", "name": "restart"})
            assert (await dashboard.next("result", name="restart"))["value"] == "see you"


def test_the_second_snippet_follows_a_feed(run):
    async def feed(connection):
        await connection.send('{"what": "news"}')
        await connection.receive()

    code = FEED + "\nimport asyncio\nasyncio.run(follow())\n"
    with StrictServer(feed) as server:
        with run(code, {"192.168.1.20:8080": server.address}) as device:
            device.wait("news")
            assert server.connections[0].path == "/feed"


BURST = """
for size in (11, 64):
    before = socket.stats()["discarded"]
    said = [socket.send(b"x" * size) for _ in range(1000)]
    print(said == [True] * 1000, socket.stats()["discarded"] - before)
    while socket.buffered_amount:
        await asyncio.sleep(0.01)
for size in (4088, 4089):
    try:
        print(socket.send(b"x" * size))
    except ValueError as e:
        print(e)
"""


def test_a_burst_on_an_open_connection_loses_what_the_page_says(run):
    with StrictServer(silent) as server:
        socket = f"socket = WebSocket('{server.url}')"
        with run(inside(BURST, socket, "await socket.wait_open()"), {}) as device:
            device.wait_line("True 760")
            device.wait_line("True 942")
            device.wait_line("True")
            device.wait_line("4089 bytes are more than queue_bytes (4096) holds")
    flat = " ".join(LIBRARY.split())
    assert "1,000 messages of 11 bytes sent in one go, 760 are dropped" in flat
    assert "of 64 bytes, 942" in flat and "4,088 bytes by default" in flat


def test_the_snippet_on_sending_much_loses_nothing(run):
    # Short ones: `buffered_amount` does not count headers.
    readings = [str(i) for i in range(1000)]
    with StrictServer(silent) as server:
        socket = f"socket = WebSocket('{server.url}')"
        call = "print('all', await upload(socket, [str(i) for i in range(1000)]))"
        with run(inside(UPLOAD + call, socket, "await socket.wait_open()"), {}) as device:
            device.wait_line("all True")
        assert server.wait_messages(1000) == readings


def test_the_snippet_on_tls_verifies(run, tmp_path):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    with StrictServer(echo, ssl=context) as server:
        changes = {
            "ca.pem": str(tmp_path / "ca.pem"),
            "party.example.com": f"localhost:{server.port}",
            # localhost would be ws.
            "ssl=": 'protocol="wss", ssl=',
        }
        with run(inside(TLS + "await socket.wait_open(20000)"), changes):
            server.wait_connections(1)


def test_the_snippet_on_long_messages_takes_and_sends_them(run, tmp_path):
    picture = bytes(range(256)) * 10

    async def script(connection):
        assert await connection.receive() == picture
        await connection.send(picture * 2)
        await connection.receive()

    (tmp_path / "picture.jpg").write_bytes(picture)
    with StrictServer(script) as server:
        socket = f"socket = WebSocket('{server.url}')"
        before = ("file = io.BytesIO()", socket, "await socket.wait_open()")
        code = inside(LONG + "await asyncio.sleep(60)", *before)
        with run(code, {"picture.jpg": str(tmp_path / "picture.jpg")}) as device:
            device.wait_line("got 5120 bytes")


def test_the_snippet_on_the_outbox_keeps_a_reading_and_sends_it(run, tmp_path):
    with StrictServer(silent) as server:
        changes = {"192.168.1.20:1999": server.address, '"/outbox"': repr(str(tmp_path / "box"))}
        with run(inside(OUTBOX + "await asyncio.sleep(60)"), changes):
            (said,) = server.wait_messages(1)
        assert json.loads(said)["values"] == {"temperature": 21.5} and json.loads(said)["at"]
        query = server.connections[0].path.partition("?")[2]
        assert re.fullmatch("_pk=[0-9a-f-]+&(role|name)=.*&epoch=[0-9a-f]{16}", query)


LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *ROOT.rglob("*/*.md")]
    if not {"node_modules", "build"} & set(page.parts) and ".venv" not in page.parts
)


def anchors(page):
    """The anchors that links may use: GitHub's form of the headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in map("".join, LINK.findall(page.read_text("utf-8"))):
        if re.match("https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            target = target / "README.md" if target.is_dir() else target
            assert anchor in anchors(target), link
