"""examples/mutual_tls.py, as it stands, with a server that asks for certificates."""

import os
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from needs import need_micropython
from strict_server import StrictServer, echo

ROOT = Path(__file__).resolve().parents[2]


def der_of(pem):
    return ssl.PEM_cert_to_DER_cert(pem.bytes().decode())


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def server(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("localhost").configure_cert(context)
    with StrictServer(echo, ssl=context) as server:
        yield server


def run(folder, authority, signer, server, until):
    """Run the example with a certificate of `signer`; its lines up to one that begins so."""
    device = signer.issue_cert("device-7.example.com")
    (folder / "ca.der").write_bytes(der_of(authority.cert_pem))
    (folder / "device.der").write_bytes(der_of(device.cert_chain_pems[0]))
    key = load_pem_private_key(device.private_key_pem.bytes(), None)
    form = (Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "device.key.der").write_bytes(key.private_bytes(*form))
    process = subprocess.Popen(
        [need_micropython(), ROOT / "examples/mutual_tls.py", f"localhost:{server.port}"],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'lib'}:.frozen"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    try:
        for line in process.stdout:
            lines.append(line.strip())
            if lines[-1].startswith(until):
                return lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    raise AssertionError(lines)


def test_a_device_of_the_authority_is_let_in(tmp_path, authority, server):
    assert run(tmp_path, authority, authority, server, "hello") == ["open", "hello"]


def test_a_device_of_another_authority_is_not(tmp_path, authority, server):
    lines = run(tmp_path, authority, trustme.CA(), server, "error")
    assert "open" not in lines
    assert not server.connections
