"""SSLContexts for wss:// and https://. They verify the server, unless `ssl` is False."""

import binascii
import ssl
import sys
import time

from ..core.errors import Error

_NO_ROOTS = (
    "wss:// and https:// are verified, and there are no roots to verify by: install partysocket"
    ".roots (%s), or give ssl=SSLContext, or the path or bytes of a root certificate; ssl=False "
    "does not verify"
)
_UNSET = (
    " (the clock says %d, so it is not set: see partysocket.clock.sync_clock; a certificate's "
    "dates can't be checked without)"
)
# A clock that shows an earlier year has not been set.
_OLDEST_YEAR = 2025
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"


def context(trust):
    """Make the SSLContext for an `ssl` option. `trust` is an SSLContext; True: trust the roots of
    the platform, or of `partysocket.roots`; False: verify nothing; or the certificates to trust,
    as the path or the bytes of a PEM or DER file.
    """
    if hasattr(trust, "wrap_socket"):
        return trust
    if not hasattr(ssl, "CERT_NONE"):
        from .circuitpython_tls import context as made_there

        return made_there(trust)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust is False:
        if hasattr(made, "check_hostname"):
            made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    # MicroPython's default is not to verify.
    made.verify_mode = ssl.CERT_REQUIRED
    if trust is True:
        if not _has_platform_roots(made):
            _trust_own_roots(made)
    else:
        trust_file(made, trust)
    # CPython: a pinned certificate does not have to be a root.
    if hasattr(ssl, "VERIFY_X509_PARTIAL_CHAIN"):
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return made


def trust_file(made, trust):
    """Make the context `made` trust the certificates of a file. `trust`: its path or its bytes."""
    if isinstance(trust, str):
        try:
            with open(trust, "rb") as f:
                found = _load(made, f)
        except OSError as e:
            raise Error("ssl=%r can't be read: %s" % (trust, e))
        if not found:
            raise Error("ssl=%r holds no certificate, neither PEM nor DER" % trust)
    elif not _load(made, _Lines(trust)):
        raise Error("ssl holds no certificate, neither PEM nor DER")


def explained(error):
    """Return the error of a TLS handshake. If the certificate was refused, return an Error that
    says why.
    """
    # A refused certificate is a ValueError: on MicroPython a bare one, on CPython an
    # SSLCertVerificationError.
    if not isinstance(error, ValueError):
        return error
    reason = getattr(error, "verify_message", None) or str(error).strip()
    year = time.localtime()[0]
    return Error(
        "the server's certificate was refused: "
        + reason
        + (_UNSET % year if year < _OLDEST_YEAR else "")
    )


def _has_platform_roots(made):
    if sys.implementation.name != "cpython":
        return False
    made.load_default_certs()
    paths = ssl.get_default_verify_paths()
    return paths.capath is not None or made.cert_store_stats()["x509_ca"] > 0


def _trust_own_roots(made):
    try:
        from ..roots import certificates
    except ImportError as e:
        if "needs" in str(e):
            raise
        from ..wrong import line

        raise Error(_NO_ROOTS % line("roots"))
    for der in certificates():
        made.load_verify_locations(cadata=der)


def _load(made, file):
    """Trust the certificates in `file`, and return how many there were. They are added one by one,
    as DER: MicroPython takes nothing else.
    """
    count = 0
    line = file.readline()
    # DER begins with a SEQUENCE.
    if line[:1] == b"\x30":
        _add(made, line + file.read())
        return 1
    der = None
    while line:
        line = line.strip()
        if line == _BEGIN:
            der = bytearray()
        elif line == _END and der is not None:
            _add(made, bytes(der))
            der = None
            count += 1
        elif der is not None:
            try:
                der.extend(binascii.a2b_base64(line))
            except ValueError:
                raise Error("ssl holds a certificate that is no PEM: %r" % line[:20])
        line = file.readline()
    if der is not None:
        raise Error("ssl holds a certificate that is cut off")
    return count


def _add(made, der):
    try:
        made.load_verify_locations(cadata=der)
    except (ValueError, OSError) as e:
        raise Error("ssl holds a certificate that can't be read: %s" % e)


class _Lines:
    """Reads bytes as a file, without a second copy of all of them."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def readline(self):
        at = self._at
        end = self._data.find(b"\n", at)
        self._at = len(self._data) if end < 0 else end + 1
        return bytes(self._data[at : self._at])

    def read(self):
        at = self._at
        self._at = len(self._data)
        return bytes(self._data[at:])
