"""The driver: the one task that lives the life which `core.connection` decides, link by link.

A connection ends in one place: whoever sees its end notes it on the link and wakes this task,
which lets go of the socket, settles the next dial, and only then tells the application.
"""

import asyncio

from micropython import const

from .chance import Keys, chance, drawn
from .core import connection, retry
from .core.connection import CLOSING, IDLE, OPEN, WAITING, Connection
from .core.errors import Error, HandshakeError, ProtocolError
from .core.frames import FrameReader
from .core.ring import Ring
from .link import Link
from .net import platform as net

_LONGEST_MS = const(86400000)  # without a look: the uptime is counted within the half period
_MOST_RETRY_AFTER_S = 1 << 19  # what still is a small int in ms; the back-off clamps it further


class Engine:
    """Owns the state machine, the buffers and the current link of one WebSocket; `face` is told
    what happens.
    """

    def __init__(self, face, options):
        self.face = face
        self.options = options
        self.link = None  # the current dial or connection, or the last one
        self.ring = Ring(options["queue_bytes"])
        self.machine = Connection(options, drawn(options["min_reconnection_delay"]))
        self.frames = FrameReader(options["receive_bytes"], options["max_message_bytes"])
        self.keys = Keys()
        self.drops = self.sent = self.received = self.bytes_in = self.bytes_out = 0
        self.rtt_ms = None
        self.last_error = None  # (phase, text)
        self._task = None
        self._woken = asyncio.Event()

    # What the face asks for. Nothing here waits.

    def begin(self):
        """Dial as soon as may be, from any state. What is open is closed in order first."""
        state = self.machine.state
        now = net.ticks_ms()
        if state == OPEN or state == CLOSING:
            self.machine.close(now, True)
        else:
            self._let_go()
            self.machine.begin(now, chance())
        if self._task is None:
            self._task = asyncio.create_task(self._live())
        self.wake()

    def end(self):
        """Rest, from any state. What is open is closed in order first."""
        if self.machine.state == OPEN or self.machine.state == CLOSING:
            self.machine.close(net.ticks_ms(), False)
        else:
            self._let_go()
            self.machine.stop()
        self.wake()

    def wake(self):
        """Something happened that the life has to see."""
        self._woken.set()

    def is_open(self):
        return self.machine.state == OPEN and not self.link.over

    def is_at_rest(self):
        """Whether nothing runs any more."""
        return self._task is None

    # The life.

    async def _live(self):
        machine = self.machine
        doubted = False  # the peer seems silent, and the reader has had another turn
        try:
            while machine.state != IDLE or self._is_busy():
                link = self.link
                if link is not None and link.over and not link.gone:
                    self._settle(link)
                    continue
                now = net.ticks_ms()
                due = machine.tick(now)
                if due == connection.DIAL and not self._is_busy():
                    machine.dial(now)
                    self.link = Link(self)
                elif due == connection.SEND_PING:
                    link.send_ping()
                elif due == connection.SILENT:
                    if not doubted:  # something blocked the loop: its answer may lie there unread
                        doubted = True
                        await asyncio.sleep(0)
                        await asyncio.sleep(0)
                    else:
                        link.end(Error("no sign of life from the peer"))
                    continue
                elif due == connection.EXPIRED:
                    link.end(Error("TIMEOUT"))
                    continue
                doubted = False
                self.face._tell_discards()
                wait = machine.wait_ms(now)
                if due == connection.DIAL and machine.state == WAITING:  # for the last link to go
                    wait = _LONGEST_MS
                await net.wait_event(self._woken, _LONGEST_MS if wait is None else wait)
                self._woken.clear()
            self.face._tell_discards()
        finally:
            self._let_go()
            self._task = None
            self.face._at_rest()

    def _is_busy(self):
        """Whether the last link's tasks still run: the next dial waits until they have let go of
        the buffers.
        """
        return self.link is not None and self.link.is_busy()

    def _let_go(self):
        if self.link is not None and not self.link.gone:
            self.link.let_go()
            self.frames.reset()
            self.sent += self.ring.land()

    def _settle(self, link):
        """A link has ended: let go of it, settle what comes next, then tell the application."""
        machine = self.machine
        self._let_go()
        now = net.ticks_ms()
        if link.phase == "websocket":
            self.drops += 1
        if link.error is not None:
            self.last_error = (link.phase, str(link.error))
        if machine.is_decided:  # the application knows, unless the peer was first
            machine.closed(now)
            self.face._on_end(link, True)
            return
        asked = getattr(link.error, "retry_after", None) or 0
        machine.lost(now, self._hope(link), min(asked, _MOST_RETRY_AFTER_S) * 1000, chance())
        self.face._on_end(link, False)

    def _hope(self, link):
        """How soon another dial makes sense."""
        error = link.error
        renewable = self.face._is_renewable()
        if isinstance(error, HandshakeError):
            return retry.after_status(error.status, renewable)
        if error is None or isinstance(error, ProtocolError):
            return retry.after_close(link.code, renewable)
        if link.phase == "tls" and isinstance(error, ValueError):
            return retry.PATIENT  # a certificate that was refused, or nothing to check it with
        return retry.SOON
