"""CircuitPython's `ssl`, over that of MicroPython's unix port.

A new context trusts the roots in the firmware: here the PEM file in the environment variable
BUILT_IN, or none. `load_verify_locations` replaces them. An empty text turns verification off.
"""

import binascii
import io

import tls
from uselect import poll as new_poll

EAGAIN = 11
CERT_VERIFY_FAILED = -9984
# The error for a certificate that the firmware's roots refuse.
FATAL_ERROR = -12288
_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"

BUILT_IN = None


def create_default_context():
    return SSLContext()


class SSLContext:
    def __init__(self):
        self.check_hostname = True
        self._real = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        # The roots in the firmware.
        self._pem = None

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is not None or capath is not None:
            raise NotImplementedError("cafile")
        if not isinstance(cadata, str):
            raise TypeError("can't convert %s to str" % type(cadata).__name__)
        self._pem = cadata

    def wrap_socket(self, sock, *, server_side=False, server_hostname=None):
        if sock.type != 1:
            raise RuntimeError("Invalid socket for TLS")
        is_built_in = self._pem is None
        pem = self._pem
        if is_built_in:
            pem = ""
            if BUILT_IN:
                with open(BUILT_IN) as file:
                    pem = file.read()
        if pem or is_built_in:
            self._real.verify_mode = tls.CERT_REQUIRED
            for der in _ders(pem):
                self._real.load_verify_locations(der)
        else:
            self._real.verify_mode = tls.CERT_NONE
        real = self._real.wrap_socket(
            sock._raw,
            server_side=server_side,
            do_handshake_on_connect=False,
            server_hostname=server_hostname,
        )
        return SSLSocket(sock, real, FATAL_ERROR if is_built_in else CERT_VERIFY_FAILED)


def _ders(pem):
    """The certificates in `pem`. Raise mbedTLS's error if it is not PEM."""
    found = []
    lines = None
    for line in pem.split("\n"):
        line = line.strip()
        if line == _BEGIN:
            lines = []
        elif line == _END and lines is not None:
            found.append(binascii.a2b_base64("".join(lines)))
            lines = None
        elif lines is not None:
            lines.append(line)
    if pem and not found:
        raise ValueError("invalid cert")
    return found


class SSLSocket(io.IOBase):
    """The methods of a board's SSLSocket. The first call does the handshake."""

    def __init__(self, sock, real, refusal):
        self._sock = sock
        self._real = real
        self._refusal = refusal

    def settimeout(self, value):
        self._sock.settimeout(value)

    def close(self):
        self._real.close()
        self._sock.close()

    def recv_into(self, buffer, bufsize=0):
        n = self._call(self._real.readinto, memoryview(buffer)[: bufsize or len(buffer)])
        if n is None:
            raise OSError(EAGAIN)
        return n

    def send(self, data):
        n = self._call(self._real.write, data)
        if n is None:
            raise OSError(EAGAIN)
        return n

    def ioctl(self, request, flags):
        if request != 3:
            # There is no file number.
            return -1
        if self._sock._raw is None or self._sock.is_deaf():
            return 0
        poll = new_poll()
        poll.register(self._real, flags)
        ready = poll.poll(0)
        return ready[0][1] if ready else 0

    def _call(self, method, *args):
        if self._sock._raw is None:
            raise OSError(9)
        try:
            return method(*args)
        # The certificate was refused. MicroPython gives the reason.
        except ValueError:
            if self._refusal == FATAL_ERROR:
                raise OSError(FATAL_ERROR, "MBEDTLS_ERR_X509_FATAL_ERROR")
            raise OSError(CERT_VERIFY_FAILED, "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED")
