"""Every message in both directions: in order, complete, none twice, and none lost without being
counted.
"""


def filler(number, size):
    """The bytes after the number. They differ for each message."""
    return (b"abcdefghijk"[number % 11 : number % 11 + 1]) * size


class Ledger:
    def __init__(self, world):
        self.world = world
        # By the application: taken by send(), or discarded.
        self.sent = 0
        # Numbers that were taken back.
        self.drained = []
        # QueueFull errors.
        self.refused = 0
        # Messages may come more than once.
        self.resends = False
        # What was sent: (is_text, filler bytes).
        self._kinds = []
        # Numbers that the sockets took completely, in order, each once.
        self._first_taken = []
        self._is_taken = {}
        # The peers that took them last.
        self._takers = {}
        # Where a server certainly got them.
        self._arrived = {}
        self._last_peer = None
        # Number -> payload of a message sent by send_chunks.
        self._chunks = {}
        # The numbers of those that came completely.
        self.chunks_taken = []
        # Messages of the servers.
        self._said = 0
        # Number of a server's message -> its peer.
        self._peers = {}
        # By handlers, by readers.
        self.heard_last = [0, 0]

    def expect(self, is_so, what):
        if not is_so:
            self.world.fail("messages: " + what)

    # From the application.

    def body(self, is_text, size):
        number = self.sent
        body = b"%d:" % number + filler(number, size)
        return body.decode() if is_text else body

    def send(self, ws, is_text, size, queue_full):
        """One message, through `ws`."""
        was_open = ws.ready_state == 1
        data = self.body(is_text, size)
        discarded = ws.stats()["discarded"]
        self._kinds.append((is_text, size))
        try:
            accepted = ws.send(data)
        except (ValueError, queue_full):
            self.refused += 1
            self._kinds.pop()
            self.expect(ws.stats()["discarded"] == discarded, "refused and discarded")
            return
        self.sent += 1
        self.expect(not accepted or was_open, "send() is True while not open")

    def drain(self, ws):
        before = len(self.drained)
        for message in ws.drain_queued_messages():
            is_text = isinstance(message, str)
            number = self._check(message.encode() if is_text else message, is_text)
            # Messages on their way to the socket come back later, when its connection ends.
            known = self.drained[before:]
            self.expect(not known or number > known[-1], "drained out of order")
            self.expect(number not in self.drained, "drained twice")
            self.expect(self.resends or number not in self._is_taken, "drained and transmitted")
            self.drained.append(number)

    def chunks(self, size):
        """A long message for send_chunks: (number, payload)."""
        number = len(self._chunks)
        self._chunks[number] = b"c%d:" % number + filler(number, size)
        return number, self._chunks[number]

    def _check(self, payload, is_text):
        """The number of a message of the application. It must be as it was sent."""
        number = int(payload.split(b":")[0])
        self.expect(number < len(self._kinds), "a message that nobody sent")
        was_text, size = self._kinds[number]
        self.expect(was_text == is_text, "text for binary, or binary for text")
        self.expect(payload == b"%d:" % number + filler(number, size), "a message was changed")
        return number

    # To the server.

    def taken(self, peer, opcode, payload, in_fragments):
        """A socket took the last byte of a message."""
        if payload[:1] == b"h":
            self.expect(not peer.greeted and self._last_peer is not peer, "hello is not first")
            peer.greeted = True
            return
        self._last_peer = peer
        if payload[:1] == b"c":
            number = int(payload[1:].split(b":")[0])
            self.expect(payload == self._chunks[number], "a long message was changed")
            self.chunks_taken.append(number)
            return
        self.expect(not in_fragments, "a message of the ring in fragments")
        number = self._check(payload, opcode == 1)
        self.world.note("server: %d" % number)
        self.expect(number > peer.last_taken, "out of order, or twice on one connection")
        peer.last_taken = number
        self._takers[number] = peer
        if not peer.mute:
            self._arrived[number] = True
        if number in self._is_taken:
            self.expect(self.resends, "transmitted twice")
            return
        self._is_taken[number] = True
        self.expect(
            not self._first_taken or number > self._first_taken[-1], "transmitted out of order"
        )
        self._first_taken.append(number)

    def flushed(self, target, was_told):
        """A flush returned True for the messages below `target`. Losses below `was_told` had been
        reported before.
        """
        for number in range(was_told, target):
            peer = self._takers.get(number)
            is_there = number in self._arrived or number in self.drained
            # It has arrived.
            is_there = is_there or (peer is not None and not peer.mute)
            self.expect(is_there, "flush() is True, but %d did not arrive" % number)

    # From the servers.

    def next_from_server(self, size):
        self._said += 1
        return b"%d:" % self._said + filler(self._said, size)

    def on_wire(self, peer, number):
        peer.said.append(number)
        self._peers[number] = peer

    def heard(self, data, ear, may_skip):
        """The application has got a message, by its handlers (`ear` 0) or readers (1)."""
        payload = data.encode() if isinstance(data, str) else bytes(data)
        at = payload.find(b":") + 1
        number = int(payload[: at - 1])
        self.world.note("heard %d" % number)
        self.expect(payload[at:] == filler(number, len(payload) - at), "a message came changed")
        self.expect(number > self.heard_last[ear], "heard out of order, or twice")
        self.heard_last[ear] = number
        peer = self._peers.get(number)
        if peer is not None:
            self.expect(may_skip or peer.said[peer.heard[ear]] == number, "a message was skipped")
            peer.heard[ear] = peer.said.index(number) + 1

    # The final check.

    def close_books(self, ws):
        """At the end: each sent message is in exactly one place."""
        self.drain(ws)
        discarded = ws.stats()["discarded"]
        found = len(self._first_taken) + len(self.drained)
        if self.resends:
            found = len(self._arrived)
            found += len([number for number in self.drained if number not in self._arrived])
            self.expect(self.sent <= found + discarded, "a message never arrived")
        else:
            self.expect(
                self.sent == found + discarded,
                "%d sent, %d transmitted or drained, %d discarded" % (self.sent, found, discarded),
            )
        self.world.note("sum: %d %d %d" % (self.sent, found, discarded))
