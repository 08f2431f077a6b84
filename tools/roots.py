"""Makes lib/partysocket/roots.py: the few root certificates that usual rooms need.

    .venv/bin/python tools/roots.py                      writes it, from the certifi in .venv
    .venv/bin/python tools/roots.py --list               the set: sizes, keys, how long they last
    .venv/bin/python tools/roots.py --check HOST[:PORT]  what a server's chain ends in, and whether
                                                         a device with this set would accept it

Why these: rooms run on Cloudflare (partykit.dev, workers.dev, or your own domain there), or behind
Let's Encrypt. Cloudflare gets its certificates from Let's Encrypt, Google Trust Services and
SSL.com, and backup certificates from Sectigo
(developers.cloudflare.com/ssl/reference/certificate-authorities, a copy read on 2026-11-24; older
copies also name DigiCert). It sends ECDSA certificates to clients that accept them, as boards do.
So the ECDSA roots of SSL.com and Sectigo are enough. For an RSA certificate of theirs, pass its
root with `ssl`. Let's Encrypt's ECDSA chains end in ISRG Root X1 too. Its newer roots (YE, YR) are
signed by X2 and X1 until the lists contain them. Google's R4 is also signed by an old GlobalSign
root, which is not needed: a chain ends at the first known root.

The roots are checked by fingerprint: another certificate with the same name is refused.
"""

import argparse
import datetime
import hashlib
import socket
import ssl
import sys
from pathlib import Path

from library import version_of

TARGET = Path(__file__).resolve().parent.parent / "lib" / "partysocket" / "roots.py"
TIMEOUT_S = 15
COLUMNS = 99

# Common name: SHA-256 of the DER.
ROOTS = {
    "GTS Root R4": "349dfa4058c5e263123b398ae795573c4e1313c83fe68f93556cd5e8031b3c7d",
    "GTS Root R1": "d947432abde7b7fa90fc2e6b59101b1280e0e1c7e4e40fa3c6887fff57a7f4cf",
    "ISRG Root X2": "69729b8e15a86efc177a57afb7171dfc64add28c2fca8cf1507e34453ccb1470",
    "ISRG Root X1": "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6",
    "SSL.com TLS ECC Root CA 2022": (
        "c32ffd9f46f936d16c3673990959434b9ad60aafbb9e7cf33654f144cc1ba143"
    ),
    "Sectigo Public Server Authentication Root E46": (
        "c90f26f0fb1b4018b22227519b5ca2b53e2ca5b3be5cf18efe1bef47380c5383"
    ),
}

_HEADER = '''\
"""Root certificates for ssl=True. This is an optional part of the library.

Made by tools/roots.py {source}; don't edit.
"""

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("{version}+"):
    raise ImportError(
        "%s needs partysocket '{version}', not '%s': install both anew" % (__name__, __version__)
    )

# fmt: off


def certificates():
    """Yield the roots, DER, one by one."""
'''


class Stop(Exception):
    """This is not possible. The text says why."""


class Root:
    """One certificate in a list."""

    def __init__(self, certificate):
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509.oid import NameOID

        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        self.name = names[0].value if names else certificate.subject.rfc4514_string()
        self.der = certificate.public_bytes(Encoding.DER)
        self.fingerprint = hashlib.sha256(self.der).hexdigest()
        self.until = certificate.not_valid_after_utc
        self._key = certificate.public_key()

    @property
    def key(self):
        """The key as text, for example "RSA 4096" or "ECDSA 384"."""
        kind = "RSA" if type(self._key).__name__.startswith("RSA") else "ECDSA"
        return f"{kind} {self._key.key_size}"

    def expires_within_a_year(self, now=None):
        now = now or datetime.datetime.now(datetime.timezone.utc)
        return self.until - now < datetime.timedelta(days=365)

    def __str__(self):
        soon = "  EXPIRES WITHIN A YEAR" if self.expires_within_a_year() else ""
        until = self.until.date().isoformat()
        return f"{self.name:46} {self.key:10} {len(self.der):5} bytes  until {until}{soon}"


def certifi_bundle():
    """(path of certifi's list, its version). Stop if it is not installed."""
    try:
        import certifi
    except ImportError:
        raise Stop(
            "certifi is not installed: `make test` does it, then .venv/bin/python runs this"
        )
    return certifi.where(), certifi.__version__


def read(path):
    """The Roots in a PEM file."""
    try:
        from cryptography import x509
    except ImportError:
        raise Stop("cryptography is not installed: run this with .venv/bin/python")
    import warnings

    # There are warnings about old roots in certifi's list that we do not use.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [Root(one) for one in x509.load_pem_x509_certificates(Path(path).read_bytes())]


def chosen(available, wanted):
    """The Roots that `wanted` names, in its order. Stop if one is missing or different."""
    found = []
    for name, fingerprint in wanted.items():
        same = [root for root in available if root.name == name]
        if not same:
            raise Stop(f"the list has no {name!r} any more: find out why before it is left out")
        if same[0].fingerprint != fingerprint or len(same) > 1:
            raise Stop(f"the list's {name!r} is not the one that is known: {same[0].fingerprint}")
        found.append(same[0])
    return found


def ours():
    """(the Roots of the set, certifi's version)"""
    path, version = certifi_bundle()
    return chosen(read(path), ROOTS), version


def module(roots, source):
    """The text of roots.py. `roots`: (name, more text about it, DER); `source`: "from ..."."""
    text = _HEADER.format(source=source, version=version_of())
    for name, about, der in roots:
        text += f"    # {name}{about}\n    yield (\n"
        for line in literals(der, COLUMNS - 8):
            text += f"        {line}\n"
        text += "    )\n"
    return text


def written():
    """The wanted text of roots.py, with the installed certifi."""
    roots, version = ours()
    listed = [(r.name, f": {r.key}, until {r.until.date()}", r.der) for r in roots]
    return module(listed, f"from certifi {version} (Mozilla's list)")


_SHORT = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\"}


def literals(data, columns):
    """`data` as bytes literals in ASCII, each with at most `columns` characters."""
    line = ""
    for byte in data:
        one = _SHORT.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
        if len(line) + len(one) > columns - 3:
            yield f'b"{line}"'
            line = ""
        line += one
    if line:
        yield f'b"{line}"'


def connected(host, port, context):
    """Open a TLS connection. Stop says why it failed."""
    where = f"{host}:{port}"
    try:
        with socket.create_connection((host, port), TIMEOUT_S) as sock:
            return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as e:
        raise Refused(e.verify_message)
    except socket.gaierror as e:
        raise Stop(f"{host} could not be looked up ({e.strerror}): is this computer online?")
    except TimeoutError:
        raise Stop(f"{where} did not answer within {TIMEOUT_S} s")
    except ssl.SSLError as e:
        raise Stop(f"{where} does not speak TLS as it should: {e.reason or e}")
    except OSError as e:
        raise Stop(f"no connection to {where}: {e.strerror or e}")


class Refused(Exception):
    """The server's certificate was refused. The text says why."""


def last_of_chain(host, port, bundle):
    """The root, DER, in which the server's chain ends, by the list in `bundle`."""
    # Not create_default_context: since Python 3.13 that asks more of a chain than any device does.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=bundle)
    with connected(host, port, context) as sock:
        # Python 3.13 and later.
        if hasattr(sock, "get_verified_chain"):
            return sock.get_verified_chain()[-1]
        chain = sock._sslobj.get_verified_chain()
        return ssl.PEM_cert_to_DER_cert(chain[-1].public_bytes())


def accepts(host, port, roots):
    """None if a device with these roots accepts the server, otherwise the reason."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for root in roots:
        context.load_verify_locations(cadata=root.der)
    try:
        connected(host, port, context).close()
    except Refused as e:
        return str(e)
    return None


def check(host, port, roots, bundle, say=print):
    """Print the end of the server's chain. Returns whether a device with `roots` accepts it."""
    where = f"{host}:{port}"
    try:
        der = last_of_chain(host, port, bundle)
    except Refused as e:
        say(f"{where}: refused even with all of certifi's roots: {e}")
        return False
    fingerprint = hashlib.sha256(der).hexdigest()
    names = {root.fingerprint: str(root) for root in read(bundle)}
    say(f"{where} ends in:  {names.get(fingerprint, fingerprint)}")
    why_not = accepts(host, port, roots)
    if why_not is None:
        say("A device with partysocket.roots accepts it.")
    else:
        say(f"A device with partysocket.roots refuses it: {why_not}.")
        say("Give the device that root instead: ssl= takes its path or bytes, PEM or DER.")
    for root in roots:
        if root.expires_within_a_year():
            say(f"Soon to be replaced: {root}")
    return why_not is None


def place(text):
    """Split HOST[:PORT], [IPV6]:PORT or a URL into (host, port)."""
    text = text.split("://")[-1].split("/")[0]
    host, colon, port = text.rpartition(":")
    if not colon or "]" in port:
        host, port = text, "443"
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Stop(f"{text!r} is no HOST[:PORT]")
    return host.strip("[]"), int(port)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--list", action="store_true", help="print the set")
    group.add_argument("--check", metavar="HOST[:PORT]", help="what a server's chain ends in")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            host, port = place(options.check)
            return 0 if check(host, port, ours()[0], certifi_bundle()[0]) else 1
        if options.list:
            roots, version = ours()
            for root in roots:
                print(root)
            print(f"{sum(len(root.der) for root in roots)} bytes in all, of certifi {version}")
            return 0
        TARGET.write_text(written(), encoding="ascii")
    except Stop as e:
        print(f"roots: {e}", file=sys.stderr)
        return 1
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
