"""A room that lets in only devices with a certificate of their own (mutual TLS).

    micropython mutual_tls.py [HOST]

You'll see `open` and what is said; or `error:`, and who does not trust whom. Copy ca.der,
device.der and device.key.der beside it. MicroPython reads DER (`openssl x509 -in device.pem
-outform der -out device.der`, and `openssl pkcs8 -topk8 -nocrypt -outform der` for the key);
CPython's load_cert_chain wants PEM.
"""

import asyncio
import ssl
import sys

from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "party.example.com"


def context():
    """Trusts one authority, and shows our own certificate to who asks for it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.verify_mode = ssl.CERT_REQUIRED
    with open("ca.der", "rb") as f:
        made.load_verify_locations(cadata=f.read())
    made.load_cert_chain("device.der", "device.key.der")
    return made


async def main():
    socket = PartySocket(HOST, "greenhouse", protocol="wss", ssl=context())
    socket.onerror = lambda event: print("error:", event.message)
    socket.onmessage = lambda event: print(event.data)
    await socket.wait_open()
    print("open")
    socket.send("hello")
    await socket.wait_closed()


asyncio.run(main())
