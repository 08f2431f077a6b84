"""The code in README.md, run as it stands there but for the addresses."""

import re
import ssl
import textwrap
from pathlib import Path

import pytest
import trustme

from e2e.devices import Device
from strict_server import StrictServer, echo

README = Path(__file__).resolve().parent.parent / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)


@pytest.fixture(params=["micropython", "cpython"])
def run(request, tmp_path):
    """Run a program on a device."""

    def start(code):
        program = tmp_path / "snippet.py"
        program.write_text(code, encoding="utf-8")
        return Device(request.param, program, heap="1M")

    return start


async def keep(connection):
    while True:
        await connection.receive()


def test_the_first_snippet_sends_to_its_room(run):
    assert len(SNIPPETS[0].splitlines()) <= 12
    with StrictServer(keep) as server:
        with run(SNIPPETS[0].replace("192.168.1.20:1999", server.address)):
            assert server.wait_messages(1) == ["22.5 °C"]
            assert server.connections[0].path.startswith("/parties/main/greenhouse?_pk=")


def test_the_second_snippet_follows_a_feed(run):
    async def feed(connection):
        await connection.send('{"what": "news"}')
        await connection.receive()

    code = (
        SNIPPETS[1].replace("192.168.1.20:8080", "{}")
        + "\nimport asyncio\nasyncio.run(follow())\n"
    )
    with StrictServer(feed) as server, run(code.replace("{}", server.address)) as device:
        device.wait("news")
        assert server.connections[0].path == "/feed"


def test_the_snippet_on_tls_verifies(run, tmp_path):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    with StrictServer(echo, ssl=context) as server:
        code = SNIPPETS[3].replace("ca.pem", str(tmp_path / "ca.pem"))
        code = code.replace("party.example.com", f"localhost:{server.port}")
        code = code.replace("ssl=", 'protocol="wss", ssl=')  # localhost would be ws
        code += "print(await socket.wait_open(20000))\n"
        head = "import asyncio\nfrom partysocket import PartySocket\n\nasync def main():\n"
        with run(head + textwrap.indent(code, "    ") + "\nasyncio.run(main())\n"):
            server.wait_connections(1)


def test_the_snippet_on_long_messages_takes_and_sends_them(run, tmp_path):
    picture = bytes(range(256)) * 10

    async def script(connection):
        assert await connection.receive() == picture
        await connection.send(picture * 2)
        await connection.receive()

    (tmp_path / "picture.jpg").write_bytes(picture)
    code = SNIPPETS[2].replace("picture.jpg", str(tmp_path / "picture.jpg"))
    head = "import asyncio\nimport io\nfrom partysocket import WebSocket\n\nasync def main():\n"
    head += "    file = io.BytesIO()\n    socket = WebSocket('ws://{}')\n"
    head += "    await socket.wait_open()\n"
    code = head + textwrap.indent(code, "    ")
    code += "    await asyncio.sleep(60)\n\nasyncio.run(main())\n"
    with StrictServer(script) as server, run(code.replace("{}", server.address)) as device:
        device.wait_line("got 5120 bytes")


def test_there_is_no_snippet_without_a_test():
    assert len(SNIPPETS) == 4
