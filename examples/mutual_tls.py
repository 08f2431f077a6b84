"""A room that lets in only devices with a certificate of their own (mutual TLS).

    micropython mutual_tls.py [HOST]

You'll see `open` and messages, or `error:` and which side does not trust the other. Copy ca.der,
device.der and device.key.der beside it. MicroPython reads DER (`openssl x509 -in device.pem
-outform der -out device.der`, and `openssl pkcs8 -topk8 -nocrypt -outform der` for the key);
CPython's load_cert_chain needs PEM.
"""

import asyncio
import ssl
import sys

from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "party.example.com"


def context():
    """Trusts one authority, and sends our own certificate to servers that ask for it."""
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
