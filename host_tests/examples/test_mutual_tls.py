"""examples/mutual_tls.py, unchanged, with a server that asks for certificates."""

import ssl

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from strict_server import StrictServer, echo

from .boards import Board


def certified(folder, authority, signer, server):
    """The example with a certificate of `signer`. It trusts `authority`."""

    def der(pem):
        return ssl.PEM_cert_to_DER_cert(pem.bytes().decode())

    device = signer.issue_cert("device-7.example.com")
    key = load_pem_private_key(device.private_key_pem.bytes(), None)
    form = (Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    folder.mkdir()
    (folder / "ca.der").write_bytes(der(authority.cert_pem))
    (folder / "device.der").write_bytes(der(device.cert_chain_pems[0]))
    (folder / "device.key.der").write_bytes(key.private_bytes(*form))
    return Board("mutual_tls.py", folder, f"localhost:{server.port}", heap="1M")


def test_a_device_of_the_authority_is_let_in_and_no_other(tmp_path):
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("localhost").configure_cert(context)
    with StrictServer(echo, ssl=context) as server:
        with certified(tmp_path / "other", authority, trustme.CA(), server) as board:
            board.wait_start("error")
            assert "open" not in board.lines
            assert not server.connections
        with certified(tmp_path / "board", authority, authority, server) as board:
            board.wait_line("hello")
            assert board.lines == ["open", "hello"]
