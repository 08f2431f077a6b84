"""The servers of a script, as the transports of our library see them."""

import asyncio

from engine.virtual import (
    CLOSE,
    TEXT,
    Accept,
    Refuse,
    ScriptedTransport,
    Server,
    frame,
    text_frame,
)


class Peer(ScriptedTransport):
    """A server that may be slow to answer a Close, or never do it (None)."""

    answers_close = 0

    def _joined(self, opcode, fin, payload):
        if opcode == CLOSE and self.answers_close:
            loop = asyncio.get_running_loop()
            loop.call_later(self.answers_close / 1000, self._answer_close, payload[:2])
        return super()._joined(opcode, fin, payload)

    def _answer_close(self, code):
        self.raw(frame(CLOSE, code))
        self.end()


class Network(Server):
    """The servers of one script."""

    def __init__(self, plans, dialled):
        super().__init__()
        self.given = plans
        self.dialled = dialled  # gives the URL of the dial
        self.by_server = {}  # peer -> whether it was the server that closed

    def transport(self):
        n = len(self.peers)
        plan = {} if not self.given else self.given[min(n, len(self.given) - 1)]
        self.plan = self._planned(plan)
        peer = Peer(self, self.plan)
        peer.answers_close = plan.get("answersClose", 0)
        peer.auto_close = peer.answers_close == 0
        peer.url = self.dialled()
        self.peers.append(peer)
        return peer

    def _planned(self, plan):
        if "refuse" in plan:
            if plan.get("status"):
                return Accept(answer=plan["status"], answer_ms=plan["refuse"])
            return Refuse(ms=plan["refuse"])
        if plan.get("hangs"):
            return Accept(connect_ms=None)
        headers = ["Sec-WebSocket-Protocol: " + plan["protocol"]] if "protocol" in plan else []
        tail = b"".join(text_frame(text) for text in plan.get("greets", ()))
        ms, *what = plan.get("then", (0,))

        def then(peer):
            if what and peer.answered:
                loop = asyncio.get_running_loop()
                loop.call_later(ms / 1000, lambda: self.last is peer and self.serve(*what))

        return Accept(answer_ms=plan.get("accept", 0), headers=headers, tail=tail, then=then)

    def serve(self, what, *args):
        if not self.peers or not self.last.answered or self.last.closed:
            return
        peer = self.last
        if peer.count(CLOSE):
            return
        if what == "message":
            peer.text(args[0])
        elif what == "binary":
            peer.binary(bytes.fromhex(args[0]))
        elif what == "close":
            self.by_server[peer] = True
            peer.say_close(*(args or [None]))
        elif what == "fin":
            peer.end()
        elif what == "rst":
            peer.reset()
        else:
            raise ValueError(what)

    def dials(self, begun):
        return [self._told(peer, begun) for peer in self.peers]

    def _told(self, peer, begun):
        """What the wire saw of one dial."""
        request = peer.request.decode().split("\r\n")
        offered = peer.header("Sec-WebSocket-Protocol") if peer.request else None
        sent = []
        close = None
        for (opcode, data), at in zip(peer.frames, peer.frame_times):
            if opcode == CLOSE and not self.by_server.get(peer):
                close = [at - begun, int.from_bytes(data[:2], "big"), data[2:].decode()]
            elif opcode < CLOSE:
                text = data.decode() if opcode == TEXT else {"hex": data.hex()}
                sent.append([at - begun, text])
        return {
            "at": peer.started_at - begun,
            "target": request[0].split(" ")[1]
            if peer.request
            else "/" + peer.url.split("/", 3)[3],
            "offered": offered.split(", ") if offered else [],
            "sent": sent,
            "close": close,
            "ended": None if peer.closed_at is None else peer.closed_at - begun,
        }
