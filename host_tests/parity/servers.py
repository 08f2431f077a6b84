"""The servers of a script, as the transports of our library see them."""

import binascii

from simulation import network
from simulation import peer as wire
from simulation.clock import clock
from simulation.peer import BINARY, CLOSE, END, TEXT, frame


class Peer(wire.Peer):
    """One dial, and what passed on its wire."""

    at = closed_at = close_seen = None

    def _frame(self, opcode, fin, payload):
        if opcode == CLOSE and self.sent_close is None:
            code = int.from_bytes(payload[:2], "big")
            self.close_seen = [clock.now(), code, payload[2:].decode()]
        super()._frame(opcode, fin, payload)

    def close(self):
        if self.is_open:
            self.closed_at = clock.now()
        super().close()

    def told(self):
        request = self.request.decode().split("\r\n")
        target = request[0].split(" ")[1] if self.request else "/" + self.url.split("/", 3)[3]
        offered = [line[24:].split(", ") for line in request if line.startswith(_OFFERED)]
        return {
            "at": self.at,
            "target": target,
            "offered": offered[0] if offered else [],
            "sent": self.sent,
            "close": self.close_seen,
            "ended": self.closed_at,
        }


_OFFERED = "Sec-WebSocket-Protocol: "


class Plan(network.Plan):
    """What one dial meets, from a plan of the script."""

    def __init__(self, given, servers):
        super().__init__()
        self.then = given.get("then", (0,))
        self.servers = servers
        if "refuse" in given and not given.get("status"):
            self.connect_ms = given["refuse"]
            self.failing = "step"
            self.error = OSError(111, "ECONNREFUSED")
        elif "refuse" in given:
            self.answer_ms = given["refuse"]
            self.answer = b"HTTP/1.1 %d Status\r\n\r\n" % given["status"]
        elif given.get("hangs"):
            self.connect_ms = network.NEVER
        else:
            self.answer_ms = given.get("accept", 0)
        self.answer = given.get("answer", self.answer)
        if "protocol" in given:
            self.headers = (_OFFERED + given["protocol"]).encode() + b"\r\n"
        greetings = b"".join([frame(TEXT, text.encode()) for text in given.get("greets", ())])
        self.tail = lambda peer: greetings
        # None: never.
        self.latency_ms = given.get("answersClose", 0)
        self.auto_close = self.latency_ms is not None

    def reply(self, peer):
        super().reply(peer)
        ms, *what = self.then
        if what and peer.answered:
            clock.later(ms, self.servers.serve_then, peer, what)


class Servers:
    """The servers of one script, which also are the world for their peers."""

    def __init__(self, plans, dialled):
        self.network = self.ledger = self
        self.plans = plans
        # Called with the URL of each dial.
        self.dialled = dialled
        # One for each dial.
        self.peers = []
        self.open_now = 0
        # Forbidden calls of the driver to a transport.
        self.faults = []

    def transport(self):
        """The `transport=` option."""
        n = len(self.peers)
        plan = self.plans[min(n, len(self.plans) - 1)] if self.plans else {}
        peer = Peer(self, Plan(plan, self))
        peer.url = self.dialled()
        peer.sent = []
        self.peers.append(peer)
        return peer

    def serve(self, what, *args):
        """The server of the newest connection does something."""
        peer = self.peers[-1] if self.peers else None
        if peer is None or not peer.is_alive() or peer.got_close or peer.sent_close is not None:
            return
        if what == "message":
            peer.say(frame(TEXT, args[0].encode()))
        elif what == "binary":
            peer.say(frame(BINARY, binascii.unhexlify(args[0])))
        elif what == "close":
            code, reason = (args + ("",))[:2] if args else (1005, "")
            payload = bytes([code >> 8, code & 0xFF]) + reason.encode()
            peer.sent_close = code
            peer.say(frame(CLOSE, payload if args else b""))
        elif what == "fin":
            peer.say(END)
        elif what == "rst":
            peer.reset(OSError(104, "ECONNRESET"))
        else:
            raise ValueError(what)

    def serve_then(self, peer, what):
        if self.peers[-1] is peer:
            self.serve(*what)

    # Calls by peers.

    def on_start(self, peer, host):
        peer.at = clock.now()

    def taken(self, peer, opcode, data, is_chunked):
        text = data.decode() if opcode == TEXT else {"hex": binascii.hexlify(data).decode()}
        peer.sent.append([clock.now(), text])

    def fail(self, what):
        self.faults.append(what)

    def note(self, text):
        pass
