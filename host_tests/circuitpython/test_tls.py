"""wss:// on CircuitPython: its firmware's roots, and no certificates. See host_tests/tls too."""

import ssl

import pytest
import trustme

from circuitpython.runner import BOARDS
from e2e.devices import talker
from strict_server import StrictServer, echo

CA = trustme.CA()
CUT_DER = ssl.PEM_cert_to_DER_cert(CA.cert_pem.bytes().decode())[:-9]
LINES = CA.cert_pem.bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def server():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CA.issue_cert("localhost").configure_cert(context)
    with StrictServer(echo, ssl=context) as server:
        yield server


@pytest.fixture
def firmware(tmp_path, monkeypatch):
    """Put the roots of an authority into the firmware."""

    def put(authority):
        (tmp_path / "roots.pem").write_bytes(authority.cert_pem.bytes())
        monkeypatch.setenv("BUILT_IN", str(tmp_path / "roots.pem"))

    return put


def dialed(board, server, **options):
    url = f"wss://localhost:{server.port}/"
    return talker(board, url=url, send=["hello"], options=options)


def is_refused(device, text):
    """It says so, and does not hammer: only its owner can mend it."""
    assert text in device.wait("error", phase="tls")["message"]
    assert device.wait("reconnecting")["ms"] >= 240_000


@pytest.mark.parametrize("board", BOARDS)
def test_the_firmwares_roots_are_trusted_by_default(board, server, firmware):
    firmware(CA)
    with dialed(board, server) as device:
        device.wait("text", data="hello")


@pytest.mark.parametrize("board", BOARDS)
def test_what_they_do_not_vouch_for_is_refused(board, server, firmware):
    firmware(trustme.CA())
    with dialed(board, server) as device:
        is_refused(device, "the server's certificate was refused")


@pytest.mark.parametrize("board", BOARDS)
def test_false_verifies_nothing_and_warns(board, server):
    with dialed(board, server, ssl=False) as device:
        device.wait("text", data="hello")
        assert any("anybody can pose as the server" in line for line in device.lines)


JUNK = {
    "empty": (b"", "holds no certificate"),
    "text": (b"hello\n", "holds no certificate"),
    "PEM cut off": (b"".join(LINES[:-1]), "cut off"),
    "PEM of something else": (
        LINES[0] + b"bm8gY2VydGlmaWNhdGU=\n" + LINES[-1],
        "can't be read: no DER",
    ),
    "PEM with a hole": (LINES[0] + b"?\n" + LINES[-1], "can't be read"),
    "DER cut off": (CUT_DER, "ssl holds a certificate that can't be read"),
}


@pytest.mark.parametrize("data, text", JUNK.values(), ids=JUNK)
def test_a_certificate_that_can_not_be_read_is_told(data, text, server, tmp_path):
    path = tmp_path / "roots"
    path.write_bytes(data)
    with dialed(BOARDS[0], server, ssl=str(path)) as device:
        is_refused(device, text)
