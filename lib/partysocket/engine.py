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
from .names import Names
from .net import platform as net

_LONGEST_MS = const(86400000)  # without a look: the uptime is counted within the half period
_FEED_MS = const(500)  # between two feedings of the watchdog
_LATE_MS = const(2000)  # over its limit, and the watchdog starves
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
        self.confirmed = 0  # the peer has shown that it has the ring's records up to this number
        self.wanted = 0  # and shall be asked whether it has those up to this one
        self.flushes = []  # those that wait for it
        self.has_lost = False  # something was, and no flush has told of it
        self.handling = 0  # readers that are in the application's code
        self.names = Names()
        self._context = None  # the SSLContext, for all dials ...
        self._trust = None  # ... made of this `ssl` option
        self._task = None
        self._upcoming = None  # the task that waits for the network below
        self._has_come_up = False  # it has done so
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

    def context(self):
        """The SSLContext to dial with; Error if there is nothing to verify by."""
        trust = self.options["ssl"]
        if self._context is None or trust is not self._trust:
            from .net import tls

            self._context = tls.context(trust)
            self._trust = trust
            if trust is False:
                self.face._warn("ssl=False: anybody can pose as the server")
        return self._context

    def is_at_rest(self):
        """Whether nothing runs any more."""
        return self._task is None

    # The life.

    async def _live(self):
        machine = self.machine
        doubted = False  # the peer seems silent, and the reader has had another turn
        try:
            while machine.state != IDLE or self._is_busy() or self.handling:
                link = self.link
                if link is not None and link.over and not link.gone:
                    self._settle(link)
                    continue
                if link is not None and link.gone:
                    link.reap()
                now = net.ticks_ms()
                due = machine.tick(now)
                is_up = machine.state != WAITING or self._look_below()
                if due == connection.DIAL and is_up and not self._is_busy():
                    self._has_come_up = False
                    self.link = None  # with its TLS socket
                    net.collect()
                    machine.dial(now)
                    self.link = Link(self)
                elif due == connection.DIAL and not is_up:
                    self.last_error = ("link", "the network link is down")
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
                if wait is None or (due == connection.DIAL and machine.state == WAITING):
                    wait = _LONGEST_MS  # for the last link to go, or the network to come
                if self.options["watchdog"] is not None:
                    if is_up is False or machine.overdue_ms(now) < _LATE_MS:
                        self.feed()
                    wait = min(wait, _FEED_MS)
                await net.wait_event(self._woken, wait)
                self._woken.clear()
            self.face._tell_discards()
        finally:
            self._let_go()
            if self._upcoming is not None:
                self._upcoming.cancel()
            self._task = None
            self.face._at_rest()

    def feed(self):
        """Tell the watchdog that all is on time."""
        watchdog = self.options["watchdog"]
        if watchdog is not None:
            try:
                watchdog()
            except Exception as e:
                self.face._report(e)

    def _is_busy(self):
        """Whether the last link's tasks still need the buffers: the next dial waits for that."""
        return self.link is not None and self.link.is_busy()

    def _let_go(self):
        link = self.link
        if link is None or link.gone:
            return
        link.let_go()
        self.frames.reset()
        lost = self.confirmed
        self.sent += self.ring.land()
        self.confirmed = self.ring.done
        if lost < self.confirmed:
            self.lose(lost, self.confirmed)

    # The network below.

    def _look_below(self):
        """Whether the network below is up; if not, a task waits for it, and wakes this one."""
        network = self.options["link"]
        if network is None or self._has_come_up:
            return True
        if self._upcoming is None:
            try:
                if network.is_up():
                    return True
            except Exception as e:
                self.face._report(e)
            self._upcoming = asyncio.create_task(self._wait_below(network))
        return False

    async def _wait_below(self, network):
        try:
            await network.wait_up()
            self._has_come_up = True
            self.machine.hurry(net.ticks_ms(), chance())
        except Exception as e:
            self.last_error = ("link", str(e))
            if self.machine.state == WAITING:
                self.machine.lost(net.ticks_ms(), retry.SOON, 0, chance())
                self.face._on_failure(e)
        finally:
            self._upcoming = None
            self.wake()

    # Whether what was sent has arrived.

    def confirm(self, done):
        """A pong shows that the peer has the ring's records up to number `done`."""
        self.confirmed = done
        self.ring.confirm(done)
        if self.flushes:
            self.face._pulse()

    def drop_oldest(self):
        """Drop the oldest message that waits; False if there is none."""
        ring = self.ring
        record = ring.done + ring.flying
        is_settled = self.confirmed == ring.done
        if not ring.drop_oldest():
            return False
        if is_settled:
            self.confirmed = ring.done
        self.lose(record, record + 1)
        return True

    def drain(self):
        """Take out all messages that wait."""
        ring = self.ring
        record = ring.done + ring.flying
        is_settled = self.confirmed == ring.done
        messages = ring.drain()
        if is_settled:
            self.confirmed = ring.done
        if messages and self.flushes:
            had_lost = self.has_lost
            self.lose(record, record)
            self.has_lost = had_lost  # what was taken back is not lost for who flushes later
        return messages

    def lose(self, first, end):
        """The records from number `first` up to `end` will not arrive, as far as can be known."""
        is_told = False
        for flush in self.flushes:
            if first < flush.target:
                flush.has_lost = True
                is_told = is_told or end <= flush.target
        if not is_told:
            self.has_lost = True
        if self.flushes:
            self.face._pulse()

    def _settle(self, link):
        """A link has ended: let go of it, settle what comes next, then tell the application."""
        machine = self.machine
        self._let_go()
        now = net.ticks_ms()
        if link.phase == "websocket":
            self.drops += 1
        elif link.host is not None:
            self.names.failed(link.host, link.was_known, link.phase, link.error)
        if link.error is not None:
            self.last_error = (link.phase, str(link.error))
        if machine.is_decided:  # the application knows, unless the peer was first
            machine.closed(now)
            self.face._on_end(link, True)
            return
        hope = retry.SOON
        asked = 0
        if self.options["retry_rules"] != "always":
            hope = self._hope(link)
            asked = getattr(link.error, "retry_after", None) or 0
        machine.lost(now, hope, min(asked, _MOST_RETRY_AFTER_S) * 1000, chance())
        self.face._on_end(link, False)

    def _hope(self, link):
        """How soon another dial makes sense."""
        error = link.error
        renewable = self.face._is_renewable()
        if isinstance(error, HandshakeError):
            return retry.after_status(error.status, renewable)
        if error is None or isinstance(error, ProtocolError):
            return retry.after_close(link.code, renewable)
        return retry.PATIENT if link.is_refused else retry.SOON
