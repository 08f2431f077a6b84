"""The server for the measured clients. It has as little code as possible, and is a process of its
own, so that its cost and its garbage collector are not in the clients' figures.

    python server.py ROOT     prints the ports of six servers, and serves until its stdin closes

The path says what a WebSocket connection does. /echo sends back every message. /sink counts them
and answers b"end" with the count. /push sends SIZE bytes COUNT times, a millisecond apart, for
each text "COUNT SIZE text|binary". /mute sends nothing after the handshake. The servers:
WebSocket; plain bytes, sent back; WebSocket without TCP_NODELAY; plain bytes that are not read;
plain bytes that are pushed; and WebSocket over TLS, for localhost. Its root certificate is written
into the file ROOT.
"""

import asyncio
import base64
import hashlib
import socket
import ssl
import sys

import trustme

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PAUSE_S = 0.001


def frame(opcode, payload):
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


def unmask(payload, key):
    size = len(payload)
    keys = key * (size // 4 + 1)
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys[:size], "big")).to_bytes(
        size, "big"
    )


class Raw(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        set_nodelay(transport, True)

    def data_received(self, data):
        self.transport.write(data)


class RawSink(Raw):
    """Counts nothing: senders of plain bytes need no answer here."""

    def data_received(self, data):
        pass


class RawPush(Raw):
    """Answers a line "COUNT SIZE binary" in the same way as /push."""

    def data_received(self, data):
        count, size, _ = data.split()
        push(self.transport, int(count), b"x" * int(size))


class WebSocket(asyncio.Protocol):
    nodelay = True

    def connection_made(self, transport):
        self.transport = transport
        self.buf = bytearray()
        self.path = None
        self.count = 0
        set_nodelay(transport, self.nodelay)

    def data_received(self, data):
        self.buf += data
        if self.path is None and not self.shake_hands():
            return
        while self.take_frame():
            pass

    def shake_hands(self):
        head, end, rest = bytes(self.buf).partition(b"\r\n\r\n")
        if not end:
            return False
        lines = head.split(b"\r\n")
        self.path = lines[0].split()[1].split(b"?")[0].decode().rpartition("/")[2]
        fields = dict(
            line.lower().split(b":", 1)[:1] + line.split(b":", 1)[1:] for line in lines[1:]
        )
        key = fields[b"sec-websocket-key"].strip()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.buf = bytearray(rest)
        return True

    def take_frame(self):
        buf = self.buf
        if len(buf) < 6:
            return False
        size = buf[1] & 0x7F
        at = 2
        if size > 125:
            at = 4 if size == 126 else 10
            if len(buf) < at:
                return False
            size = int.from_bytes(buf[2:at], "big")
        if len(buf) < at + 4 + size:
            return False
        payload = unmask(bytes(buf[at + 4 : at + 4 + size]), bytes(buf[at : at + 4]))
        opcode = buf[0] & 0x0F
        del buf[: at + 4 + size]
        self.on_frame(opcode, payload)
        return True

    def on_frame(self, opcode, payload):
        if opcode == 8:
            self.transport.write(frame(8, payload[:2]))
            self.transport.close()
        elif self.path == "mute" or opcode > 8:
            pass
        elif self.path == "sink":
            if payload == b"end":
                self.transport.write(frame(1, b"%d" % self.count))
                self.count = 0
            else:
                self.count += 1
        elif self.path == "push":
            count, size, kind = payload.decode().split()
            data = frame(1 if kind == "text" else 2, b"x" * int(size))
            push(self.transport, int(count), data)
        else:
            self.transport.write(frame(opcode, payload))


class Nagle(WebSocket):
    nodelay = False


def push(transport, count, data):
    if count and not transport.is_closing():
        transport.write(data)
        asyncio.get_running_loop().call_later(_PAUSE_S, push, transport, count - 1, data)


def set_nodelay(transport, on):
    """Set TCP_NODELAY, which asyncio turns on by default."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1 if on else 0)


def tls_context(root):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(root)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


async def main():
    loop = asyncio.get_running_loop()
    kinds = (WebSocket, Raw, Nagle, RawSink, RawPush)
    servers = [await loop.create_server(kind, "127.0.0.1", 0) for kind in kinds]
    context = tls_context(sys.argv[1])
    servers.append(await loop.create_server(WebSocket, "127.0.0.1", 0, ssl=context))
    print(*[server.sockets[0].getsockname()[1] for server in servers], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
