"""TLS with certificate files, on loopback, with the test's own certificate authority."""

import asyncio
import signal
import ssl
from contextlib import ExitStack, contextmanager, suppress

import pytest
import trustme
import websockets

from room_server.tls import CertificateError, make_context
from rooms.clients import WAIT_S, connect, get, path_of, read_all, read_answer, upgrade, upgraded
from rooms.server_process import RoomServer


class Authority:
    """A certificate authority, and the files of a server's certificate."""

    def __init__(self, folder):
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        self._authority = trustme.CA()
        self.renew()

    def renew(self):
        issued = self._authority.issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(self.cert)
        issued.private_key_pem.write_to_path(self.key)

    def client(self):
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    @contextmanager
    def connect(self, server):
        """A TLS connection after the handshake, with a checked certificate."""
        with connect(server) as tcp:
            with self.client().wrap_socket(tcp, server_hostname="localhost") as tls:
                yield tls

    def serial(self, server):
        """Return the serial number of the server's current certificate."""
        with self.connect(server) as tls:
            return tls.getpeercert()["serialNumber"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secure(authority):
    arguments = ("--cert", authority.cert, "--key", authority.key)
    with RoomServer(*arguments, "--request-timeout", "2", "--max-connections", "3") as running:
        yield running


async def test_wss_joins_a_room_with_the_certificate_checked(secure, authority):
    url = f"wss://localhost:{secure.port}/parties/main/r"
    options = {"ssl": authority.client(), "proxy": None, "compression": None}
    async with websockets.connect(url, **options) as a, websockets.connect(url, **options) as b:
        await a.send("x" * 16000)
        assert await asyncio.wait_for(b.recv(), WAIT_S) == "x" * 16000
        assert a.transport.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")


def test_who_sends_on_after_its_fault_can_read_what_it_was(secure, authority):
    with authority.connect(secure) as tls:
        upgraded(tls, path_of("r"))
        tls.sendall(b"\x82\xff" + (4 << 20).to_bytes(8, "big") + bytes(4))
        for _ in range(64):
            tls.sendall(bytes(65536))
        assert tls.recv(4)[2:] == (1009).to_bytes(2, "big")


def test_a_page_of_the_server_s_own_is_known_by_its_origin(secure, authority):
    own = f"localhost:{secure.port}"
    for origin, status in ((own, 101), (f"evil.example:{secure.port}", 403)):
        request = upgrade(path_of("r"), f"Origin: https://{origin}")
        with authority.connect(secure) as tls:
            tls.sendall(request.replace(b"Host: a", f"Host: {own}".encode()))
            assert read_answer(tls)[0] == status


def test_old_versions_of_tls_are_refused(secure):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with connect(secure) as tcp, pytest.raises((ssl.SSLError, ConnectionError)) as caught:
        context.wrap_socket(tcp, server_hostname="localhost")
    # The server refused it, not the client's own library.
    assert "NO_PROTOCOLS" not in str(caught.value)


def test_plain_http_gets_no_answer_and_half_a_handshake_no_patience(secure, authority):
    with connect(secure) as tcp:
        tcp.sendall(get("/"))
        assert b"HTTP" not in read_all(tcp)
    with ExitStack() as stack:
        half = [stack.enter_context(connect(secure)) for _ in range(3)]
        with connect(secure) as fourth:
            # Connections are already counted before TLS.
            assert read_all(fourth) == b""
        # They are closed after --request-timeout.
        assert [read_all(tcp) for tcp in half] == [b""] * 3
    assert authority.serial(secure)


def test_a_renewed_certificate_is_read_at_sighup_and_a_bad_one_is_not(start, tmp_path):
    authority = Authority(tmp_path)
    server = start("--verbose", "--cert", authority.cert, "--key", authority.key)
    first = authority.serial(server)
    authority.renew()
    assert authority.serial(server) == first
    server.signal(signal.SIGHUP)
    while (second := authority.serial(server)) == first:
        pass
    authority.cert.write_text("no certificate")
    server.signal(signal.SIGHUP)
    while "the old certificate stays" not in server.stderr:
        pass
    assert authority.serial(server) == second
    assert server.stop() == 0


def test_files_that_are_no_pair_are_named(authority, tmp_path):
    other, empty = Authority(tmp_path), tmp_path / "empty.pem"
    empty.write_text("")
    for cert, key, words in (
        (authority.cert, other.key, f"{authority.cert} and {other.key} cannot be used"),
        (authority.cert, None, f"{authority.cert} cannot be used"),
        (empty, other.key, "empty.pem"),
        (tmp_path / "missing.pem", other.key, "No such file"),
    ):
        with pytest.raises(CertificateError) as caught:
            make_context(cert, key)
        assert words in str(caught.value)


def test_a_client_that_leaves_in_the_middle_of_tls_is_no_error(secure, authority):
    for _ in range(5):
        with connect(secure) as tcp:
            tcp.sendall(b"\x16\x03\x01\x02\x00\x01")
    is_in = False
    while not is_in:
        # The places may not be free yet.
        with suppress(ssl.SSLError, ConnectionError):
            is_in = bool(authority.serial(secure))
    assert "Traceback" not in secure.stderr
