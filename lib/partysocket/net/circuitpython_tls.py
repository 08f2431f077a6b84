"""Contexts on CircuitPython: it verifies by the roots in its firmware, or by PEM texts that take
their place, and has no other word for not verifying than an empty text.
"""

import binascii
import ssl

from .tls import trust_file

_BYTES_A_LINE = 48  # 64 characters


def context(trust):
    """The SSLContext for an `ssl` option that is none: see tls.context."""
    made = ssl.create_default_context()
    if trust is False:
        made.check_hostname = False
        made.load_verify_locations(cadata="")
    elif trust is not True:
        pem = _Pem()
        trust_file(pem, trust)
        made.load_verify_locations(cadata="".join(pem.lines))  # in one call: the last one counts
    return made


class _Pem:
    """Takes certificates as a context of MicroPython does, and keeps them as text."""

    def __init__(self):
        self.lines = []

    def load_verify_locations(self, cadata):
        if cadata[:1] != b"\x30":  # a SEQUENCE; the rest is looked at when it is connected
            raise ValueError("no DER")
        self.lines.append("-----BEGIN CERTIFICATE-----\n")
        for at in range(0, len(cadata), _BYTES_A_LINE):
            line = cadata[at : at + _BYTES_A_LINE]
            self.lines.append(binascii.b2a_base64(line).decode())
        self.lines.append("-----END CERTIFICATE-----\n")
