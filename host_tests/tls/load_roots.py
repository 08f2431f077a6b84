"""Loads each of the library's roots into a context of its own, then all into one; tells of each.

Runs on MicroPython and CPython; the one argument, a file of JSON, is empty.
"""

import binascii
import hashlib
import json
import ssl

from partysocket.net import tls
from partysocket.roots import certificates

for der in certificates():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=der)
    digest = binascii.hexlify(hashlib.sha256(der).digest()).decode()
    print(json.dumps({"sha256": digest, "bytes": len(der)}))

tls._has_platform_roots = lambda made: False
print(json.dumps({"verifies": tls.context(True).verify_mode == ssl.CERT_REQUIRED}))
