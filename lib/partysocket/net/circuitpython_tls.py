"""SSLContexts on CircuitPython. It trusts the roots in its firmware, or PEM texts instead of them.
With an empty text it verifies nothing; there is no other way to turn verification off.
"""

import binascii
import ssl

from .tls import trust_file

_BYTES_A_LINE = 48  # 64 characters in base64


def context(trust):
    """Make the SSLContext for an `ssl` option that is not an SSLContext: see `tls.context`."""
    made = ssl.create_default_context()
    if trust is False:
        made.check_hostname = False
        made.load_verify_locations(cadata="")
    elif trust is not True:
        pem = _Pem()
        trust_file(pem, trust)
        # All in one call, because only the last call counts.
        made.load_verify_locations(cadata="".join(pem.lines))
    return made


class _Pem:
    """Takes DER certificates as a MicroPython SSLContext does, and keeps them as PEM text."""

    def __init__(self):
        self.lines = []

    def load_verify_locations(self, cadata):
        # DER begins with a SEQUENCE. CircuitPython checks the rest when it connects.
        if cadata[:1] != b"\x30":
            raise ValueError("no DER")
        self.lines.append("-----BEGIN CERTIFICATE-----\n")
        for at in range(0, len(cadata), _BYTES_A_LINE):
            line = cadata[at : at + _BYTES_A_LINE]
            self.lines.append(binascii.b2a_base64(line).decode())
        self.lines.append("-----END CERTIFICATE-----\n")
