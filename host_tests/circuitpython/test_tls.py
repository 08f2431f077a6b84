"""wss:// on CircuitPython by its firmware's roots, and by none; the rest is in host_tests/tls."""

import ssl

import pytest
import trustme

from circuitpython.runner import BOARDS
from e2e.devices import talker
from strict_server import StrictServer, echo


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with StrictServer(echo, ssl=context) as server:
        yield server


def dialed(board, server, **options):
    url = f"wss://localhost:{server.port}/"
    return talker(board, url=url, send=["hello"], options=options)


@pytest.mark.parametrize("board", BOARDS)
def test_the_firmwares_roots_are_trusted_by_default(
    board, server, authority, tmp_path, monkeypatch
):
    (tmp_path / "roots.pem").write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("BUILT_IN", str(tmp_path / "roots.pem"))
    with dialed(board, server) as device:
        device.wait("text", data="hello")


@pytest.mark.parametrize("board", BOARDS)
def test_what_they_do_not_vouch_for_is_refused_and_not_hammered(
    board, server, tmp_path, monkeypatch
):
    (tmp_path / "roots.pem").write_bytes(trustme.CA().cert_pem.bytes())
    monkeypatch.setenv("BUILT_IN", str(tmp_path / "roots.pem"))
    with dialed(board, server) as device:
        error = device.wait("error", phase="tls")
        assert error["message"].startswith("the server's certificate was refused")
        assert device.wait("reconnecting")["ms"] >= 240_000


@pytest.mark.parametrize("board", BOARDS)
def test_false_verifies_nothing_and_warns(board, server):
    with dialed(board, server, ssl=False) as device:
        device.wait("text", data="hello")
        assert any("anybody can pose as the server" in line for line in device.lines)


def test_a_certificate_that_cannot_be_read_is_told_when_it_is_connected(server, tmp_path):
    path = tmp_path / "cut.der"
    path.write_bytes(ssl.PEM_cert_to_DER_cert(trustme.CA().cert_pem.bytes().decode())[:-9])
    with dialed(BOARDS[0], server, ssl=str(path)) as device:
        error = device.wait("error", phase="tls")
        assert error["message"].startswith("ssl holds a certificate that can't be read")
        assert device.wait("reconnecting")["ms"] >= 240_000
