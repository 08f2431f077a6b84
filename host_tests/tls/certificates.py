"""Certificates for tests, made in each run: valid ones, and ones with each kind of fault."""

import datetime
import ssl
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)
_NOW = datetime.datetime.now(datetime.timezone.utc)


class Authority:
    """A name with a key. It signs itself, and others."""

    def __init__(self, name, key=None, kind=NameOID.COMMON_NAME):
        self.name = x509.Name([x509.NameAttribute(kind, name)])
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign(self)

    def sign(self, whom, host=None, since=_NOW - _DAY, until=_NOW + 365 * _DAY):
        """A certificate for `whom`: for the server `host`, or else for an authority."""
        constraints = x509.BasicConstraints(ca=host is None, path_length=None)
        builder = (
            x509.CertificateBuilder()
            .subject_name(whom.name)
            .issuer_name(self.name)
            .public_key(whom.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(constraints, critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([_alternative(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _alternative(host):
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def pem(*certificates):
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


class Identity:
    """What a server sends, and what a device that dials `host` trusts."""

    def __init__(self, server, host, trusted, *chain):
        form = PrivateFormat.TraditionalOpenSSL
        self.host = host
        self.trusted = der(trusted)
        # The server's own comes first.
        self.chain = pem(*chain)
        self.key_pem = server.key.private_bytes(Encoding.PEM, form, NoEncryption())

    def write_to(self, folder):
        """Write `context` for the server and `root` for the device into `folder`."""
        (folder / "identity.pem").write_bytes(self.key_pem + self.chain)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "identity.pem")
        (folder / "root.der").write_bytes(self.trusted)
        self.root = str(folder / "root.der")


def identities():
    """{name: Identity}. A device must accept those in GOOD, and refuse those in REFUSED."""
    # Some of certifi's have no common name, like this one.
    kind = NameOID.ORGANIZATION_NAME
    authority, double = Authority("root", kind=kind), Authority("root", kind=kind)
    server, child, older, thief = map(Authority, ("server", "child", "older root", "thief"))
    root, intermediate = authority.certificate, authority.sign(child)
    leaf = authority.sign(server, "room.test")
    below = child.sign(server, "room.test")
    pinned = server.sign(server, "room.test")
    rooms = authority.sign(server, "*.rooms.test")
    past = authority.sign(server, "room.test", _NOW - 9 * _DAY, _NOW - _DAY)
    future = authority.sign(server, "room.test", _NOW + _DAY, _NOW + 9 * _DAY)
    # A certificate for a host must not be able to sign others.
    stolen, lawful = thief.sign(server, "room.test"), authority.sign(thief, "thief.test")
    # The dialled host, what is trusted, what is sent.
    rows = {
        "good": ("room.test", root, leaf),
        "wildcard": ("a.rooms.test", root, rooms),
        "address": ("127.0.0.1", root, authority.sign(server, "127.0.0.1")),
        "intermediate": ("room.test", root, below, intermediate),
        "pinned intermediate": ("room.test", intermediate, below, intermediate),
        "pinned": ("room.test", pinned, pinned),
        # Google's and Sectigo's roots come like this: signed by one that the device does not know.
        "cross-signed": ("room.test", root, leaf, older.sign(authority)),
        "wrong host": ("room.test", root, authority.sign(server, "other.test")),
        "wildcard for one label": ("a.b.rooms.test", root, rooms),
        "wrong address": ("127.0.0.1", root, authority.sign(server, "127.0.0.2")),
        "expired": ("room.test", root, past),
        "not yet valid": ("room.test", root, future),
        "self-signed": ("room.test", root, pinned),
        "other root": ("room.test", older.certificate, leaf),
        # A server that sends its own root, which has the same name as ours.
        "root of the same name": ("room.test", root, double.sign(server, "room.test")),
        "intermediate missing": ("room.test", root, below),
        "signed by another host": ("room.test", root, stolen, lawful),
    }
    found = {name: Identity(server, *row) for name, row in rows.items()}
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
    rsa_root, rsa_server = Authority("RSA root", keys[0]), Authority("RSA server", keys[1])
    leaf = rsa_root.sign(rsa_server, "room.test")
    found["rsa"] = Identity(rsa_server, "room.test", rsa_root.certificate, leaf)
    return found


GOOD = ["good", "rsa", "wildcard", "address", "intermediate", "pinned intermediate"]
GOOD += ["pinned", "cross-signed"]
# The text of the error: on MicroPython, on CPython.
_NAME = ("Common Name (CN) does not match", "ertificate is not valid for")
_TRUST = "not correctly signed by the trusted CA"
REFUSED = {
    "wrong host": _NAME,
    "wildcard for one label": _NAME,
    "wrong address": _NAME,
    "expired": ("validity has expired", "certificate has expired"),
    "not yet valid": ("validity starts in the future", "certificate is not yet valid"),
    "self-signed": (_TRUST, "self-signed certificate"),
    "other root": (_TRUST, "unable to get local issuer certificate"),
    "root of the same name": (_TRUST, "certificate signature failure"),
    "intermediate missing": (_TRUST, "unable to get local issuer certificate"),
    "signed by another host": (_TRUST, "invalid CA certificate"),
}
