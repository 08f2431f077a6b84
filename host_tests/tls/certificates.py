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

    def write_to(self, folder):
        """Put `context` for the server and `root`, for the device, into `folder`."""
        (folder / "identity.pem").write_bytes(self.key_pem + self.chain)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "identity.pem")
        (folder / "root.der").write_bytes(self.trusted)
        self.root = str(folder / "root.der")


def identities():
    """{name: Identity}: those of GOOD a device has to accept, those of REFUSED to refuse."""
    found = {}
    root, rsa = trustme.CA(), trustme.CA(key_type=trustme.KeyType.RSA)
    child = root.create_child_ca()

    def add(name, leaf, host="room.test", trust=root, chain=None):
        blobs = leaf.cert_chain_pems[:chain]
        trusted = x509.load_pem_x509_certificate(trust.cert_pem.bytes())
        shown = b"".join(blob.bytes() for blob in blobs)
        found[name] = Identity(host, der(trusted), shown, leaf.private_key_pem.bytes())

    add("good", root.issue_cert("room.test"))
    add("rsa", rsa.issue_cert("room.test", key_type=trustme.KeyType.RSA), trust=rsa)
    add("wildcard", root.issue_cert("*.rooms.test"), "a.rooms.test")
    add("address", root.issue_cert("127.0.0.1"), "127.0.0.1")
    add("intermediate", child.issue_cert("room.test"))
    add("pinned intermediate", child.issue_cert("room.test"), trust=child)
    add("wrong host", root.issue_cert("other.test"))
    add("wildcard for one label", root.issue_cert("*.rooms.test"), "a.b.rooms.test")
    add("wrong address", root.issue_cert("127.0.0.2"), "127.0.0.1")
    past = root.issue_cert("room.test", not_before=_NOW - 9 * _DAY, not_after=_NOW - _DAY)
    add("expired", past)
    future = root.issue_cert("room.test", not_before=_NOW + _DAY, not_after=_NOW + 9 * _DAY)
    add("not yet valid", future)
    add("intermediate missing", child.issue_cert("room.test"), chain=1)

    own, server, older = Authority("own root"), Authority("server"), Authority("older root")
    double, thief = Authority("own root"), Authority("thief")
    leaf = own.sign(server, ["room.test"], is_ca=False)
    pinned = server.sign(server, ["room.test"], is_ca=False)
    good = x509.load_pem_x509_certificate(root.cert_pem.bytes())

    def add_own(name, trust, *chain):
        found[name] = Identity("room.test", der(trust), pem(*chain), server.key_pem())

    add_own("pinned", pinned, pinned)
    # As Google's and Sectigo's roots come: signed by an older one, which the device need not know.
    add_own("cross-signed", own.certificate, leaf, older.sign(own))
    add_own("self-signed", good, pinned)
    add_own("other root", good, leaf)
    # A server that names its own root, which is called like ours.
    fake = double.sign(server, ["room.test"], is_ca=False)
    add_own("root of the same name", own.certificate, fake)
    # A certificate for one host must not make others.
    stolen = thief.sign(server, ["room.test"], is_ca=False)
    lawful = own.sign(thief, ["thief.test"], is_ca=False)
    add_own("signed by another host", own.certificate, stolen, lawful)
    return found


GOOD = ["good", "rsa", "wildcard", "address", "intermediate", "pinned intermediate"]
GOOD += ["pinned", "cross-signed"]
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
