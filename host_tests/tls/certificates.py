"""Certificates for tests, made anew in each run: what can be right with a server's, and wrong."""

import datetime
import ssl
from ipaddress import ip_address

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)
_NOW = datetime.datetime.now(datetime.timezone.utc)


class Authority:
    """A name with a key: signs itself, and others."""

    def __init__(self, name, key=None):
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign(self)

    def sign(self, whom, hosts=(), is_ca=True, since=_NOW - _DAY, until=_NOW + 365 * _DAY):
        """A certificate for `whom`, valid for these hosts."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(whom.name)
            .issuer_name(self.name)
            .public_key(whom.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        names = [_alternative(host) for host in hosts]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def key_pem(self):
        form = PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(Encoding.PEM, form, NoEncryption())


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
    """What a server shows, and what a device that dials `host` trusts."""

    def __init__(self, host, trusted, chain, key_pem):
        self.host = host
        self.trusted = trusted  # the root, DER
        self.chain = chain  # PEM, the server's own first
        self.key_pem = key_pem

    def server_context(self, folder):
        """An SSLContext for the server; `folder` is for its files."""
        path = folder / "identity.pem"
        path.write_bytes(self.key_pem + self.chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def identities():
    """{name: Identity}: those of GOOD a device has to accept, those of REFUSED to refuse."""
    root = trustme.CA()
    trusted = x509.load_pem_x509_certificate(root.cert_pem.bytes())
    found = {}

    def add(name, host, leaf, trust=trusted):
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        found[name] = Identity(host, der(trust), chain, leaf.private_key_pem.bytes())

    def add_own(name, host, trust, owner, *chain):
        found[name] = Identity(host, der(trust), pem(*chain), owner.key_pem())

    add("good", "room.test", root.issue_cert("room.test"))
    rsa = trustme.CA(key_type=trustme.KeyType.RSA)
    rsa_root = x509.load_pem_x509_certificate(rsa.cert_pem.bytes())
    add("rsa", "room.test", rsa.issue_cert("room.test", key_type=trustme.KeyType.RSA), rsa_root)
    add("wildcard", "a.rooms.test", root.issue_cert("*.rooms.test"))
    add("address", "127.0.0.1", root.issue_cert("127.0.0.1"))
    child = root.create_child_ca()
    add("intermediate", "room.test", child.issue_cert("room.test"))
    middle = x509.load_pem_x509_certificate(child.cert_pem.bytes())
    add("pinned intermediate", "room.test", child.issue_cert("room.test"), middle)

    own, server = Authority("own root"), Authority("server")
    leaf = own.sign(server, ["room.test"], is_ca=False)
    pinned = server.sign(server, ["room.test"], is_ca=False)
    add_own("pinned", "room.test", pinned, server, pinned)
    # As Google's and Sectigo's roots come: signed by an older one, which the device need not know.
    older = Authority("older root")
    add_own("cross-signed", "room.test", own.certificate, server, leaf, older.sign(own))

    add("wrong host", "room.test", root.issue_cert("other.test"))
    add("wildcard for one label", "a.b.rooms.test", root.issue_cert("*.rooms.test"))
    add("wrong address", "127.0.0.1", root.issue_cert("127.0.0.2"))
    past = root.issue_cert("room.test", not_before=_NOW - 9 * _DAY, not_after=_NOW - _DAY)
    add("expired", "room.test", past)
    future = root.issue_cert("room.test", not_before=_NOW + _DAY, not_after=_NOW + 9 * _DAY)
    add("not yet valid", "room.test", future)
    add_own("self-signed", "room.test", trusted, server, pinned)
    add_own("other root", "room.test", trusted, server, leaf)
    # A server that names its own root, which is called like ours.
    double = Authority("own root")
    fake = double.sign(server, ["room.test"], is_ca=False)
    add_own("root of the same name", "room.test", own.certificate, server, fake)
    alone = child.issue_cert("room.test")
    found["intermediate missing"] = Identity(
        "room.test", der(trusted), alone.cert_chain_pems[0].bytes(), alone.private_key_pem.bytes()
    )
    # A certificate for one host must not make others.
    thief = Authority("thief")
    stolen = thief.sign(server, ["room.test"], is_ca=False)
    lawful = own.sign(thief, ["thief.test"], is_ca=False)
    add_own("signed by another host", "room.test", own.certificate, server, stolen, lawful)
    return found


GOOD = (
    "good",
    "rsa",
    "wildcard",
    "address",
    "intermediate",
    "pinned intermediate",
    "pinned",
    "cross-signed",
)
# What has to be in the error: on MicroPython, on CPython.
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
