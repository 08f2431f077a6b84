"""TLS by certificate files, on loopback, with a certificate authority of the test's own."""

import asyncio
import signal
import socket
import ssl
from contextlib import ExitStack

import pytest
import trustme
import websockets

from room_server.tls import CertificateError, make_context
from rooms.clients import WAIT_S, connect, read_all, read_answer, upgrade
from rooms.server_process import RoomServer
from rooms.test_process import run


class Authority:
    """A certificate authority, and the files of a server's certificate."""

    def __init__(self, folder):
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        self._authority = trustme.CA()
        self.renew()

    def renew(self):
        issued = self._authority.issue_cert("localhost")
        chain = issued.cert_chain_pems
        self.cert.write_bytes(b"".join(pem.bytes() for pem in chain))
        self.key.write_bytes(issued.private_key_pem.bytes())

    def client(self):
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def serial(self, server):
        """Return the serial number of the certificate that the server shows now."""
        with connect(server) as tcp:
            with self.client().wrap_socket(tcp, server_hostname="localhost") as tls:
                return tls.getpeercert()["serialNumber"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secure(authority):
    arguments = ("--cert", authority.cert, "--key", authority.key)
    with RoomServer(*arguments, "--request-timeout", "2", "--max-connections", "3") as running:
        yield running


def wss(server):
    return f"wss://localhost:{server.port}/parties/main/r"


async def test_wss_joins_a_room_with_the_certificate_checked(secure, authority):
    context = authority.client()
    async with (
        websockets.connect(wss(secure), ssl=context, proxy=None, compression=None) as a,
        websockets.connect(wss(secure), ssl=context, proxy=None, compression=None) as b,
    ):
        await a.send("x" * 16000)
        assert await asyncio.wait_for(b.recv(), WAIT_S) == "x" * 16000
        assert a.transport.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")


def test_who_sends_on_after_its_fault_can_read_what_it_was(secure, authority):
    with connect(secure) as tcp:
        with authority.client().wrap_socket(tcp, server_hostname="localhost") as tls:
            tls.sendall(upgrade("/parties/main/r"))
            assert read_answer(tls).startswith(b"HTTP/1.1 101 ")
            tls.sendall(b"\x82\xff" + (4 << 20).to_bytes(8, "big") + bytes(4))
            for _ in range(64):
                tls.sendall(bytes(65536))
            assert tls.recv(4)[2:] == (1009).to_bytes(2, "big")


async def test_a_client_that_does_not_know_the_authority_does_not_join(secure):
    with pytest.raises(ssl.SSLCertVerificationError):
        async with websockets.connect(wss(secure), proxy=None):
            pass


def test_a_page_of_the_server_s_own_is_known_by_its_origin(secure, authority):
    for origin, status in (("localhost", b" 101 "), ("evil.example", b" 403 ")):
        with connect(secure) as tcp:
            with authority.client().wrap_socket(tcp, server_hostname="localhost") as tls:
                tls.sendall(
                    b"GET /parties/main/r HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\n"
                    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: https://%s:%d\r\n"
                    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                    % (secure.port, origin.encode(), secure.port)
                )
                assert status in tls.recv(4096).split(b"\r\n")[0]


def test_old_versions_of_tls_are_refused(secure):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with connect(secure) as tcp, pytest.raises((ssl.SSLError, ConnectionError)) as caught:
        context.wrap_socket(tcp, server_hostname="localhost")
    assert "NO_PROTOCOLS" not in str(caught.value)  # it was the server that refused


def test_plain_http_gets_no_answer_and_half_a_handshake_no_patience(secure, authority):
    with connect(secure) as tcp:
        tcp.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"HTTP" not in read_all(tcp)
    with ExitStack() as stack:
        half = [stack.enter_context(connect(secure)) for _ in range(3)]
        with connect(secure) as fourth:
            assert read_all(fourth) == b""  # before TLS, places are counted already
        assert [read_all(tcp) for tcp in half] == [b""] * 3  # after --request-timeout
    assert authority.serial(secure)


def test_a_renewed_certificate_is_read_at_sighup_and_a_bad_one_is_not(start, tmp_path):
    authority = Authority(tmp_path)
    arguments = ("--verbose", "--cert", authority.cert, "--key", authority.key)
    server = start(*arguments)
    first = authority.serial(server)
    authority.renew()
    assert authority.serial(server) == first
    server.signal(signal.SIGHUP)
    second = first
    while second == first:
        second = authority.serial(server)
    authority.cert.write_text("no certificate")
    server.signal(signal.SIGHUP)
    while "the old certificate stays" not in server.stderr:
        assert authority.serial(server) == second
    assert authority.serial(server) == second
    assert server.stop() == 0


def test_files_that_are_no_pair_are_named(authority, tmp_path):
    other = Authority(tmp_path)
    empty, missing = tmp_path / "empty.pem", tmp_path / "missing.pem"
    empty.write_text("")
    for cert, key, words in (
        (authority.cert, other.key, f"{authority.cert} and {other.key} cannot be used"),
        (authority.cert, None, f"{authority.cert} cannot be used"),
        (empty, other.key, "empty.pem"),
        (missing, other.key, "No such file"),
    ):
        with pytest.raises(CertificateError) as caught:
            make_context(cert, key)
        assert words in str(caught.value)


def test_a_certificate_that_cannot_be_used_ends_the_server_with_one_line(tmp_path):
    status, out, err = run("--port", 0, "--cert", tmp_path / "missing.pem")
    assert (status, out, err.count("\n")) == (2, "", 1) and "missing.pem" in err
    status, out, err = run("--port", 0, "--key", tmp_path / "key.pem")
    assert (status, out, err.count("\n")) == (2, "", 1) and "--cert" in err


def test_a_client_that_leaves_in_the_middle_of_tls_is_no_error(secure, authority):
    for _ in range(5):
        tcp = socket.create_connection(("127.0.0.1", secure.port), timeout=WAIT_S)
        tcp.sendall(b"\x16\x03\x01\x02\x00\x01")
        tcp.close()
    while True:
        try:
            assert authority.serial(secure)
            break
        except (ssl.SSLError, ConnectionError):
            continue  # the places are not free yet
    assert "Traceback" not in secure.stderr
