"""What follows the end of a dial or a connection. The next dial is decided first, then the
application is told. The module is loaded before the first dial, because a lack of memory may be
the end.

These functions are methods of the driver.
"""

import asyncio

from .connection import receive
from .core import retry
from .core.errors import Error, HandshakeError, ProtocolError
from .core.lifecycle import IDLE
from .net import chance
from .net import platform as net


def text_of(error):
    """Return str(error), or the name of its type if that raises: an application's exception
    may.
    """
    try:
        return str(error)
    except Exception:
        return type(error).__name__


async def fail(self, error):
    """The reader has failed. A peer that broke the protocol is told so in a Close frame, and
    gets a moment to read it (7.1.7): if a transport is closed while bytes are unread, the
    connection is reset, and our Close is lost.
    """
    if self._phase == "dns":
        # The transport knows how far it came.
        self._phase = getattr(self._transport, "phase", "dns")
    if self._phase == "tls":
        from .net.tls import explained

        error = explained(error)
        self._is_refused = isinstance(error, Error)
    if self._phase == "websocket" and isinstance(error, ProtocolError) and not self._is_over:
        self._note(error)
        self._protocol.reject(error)
        self._life.close(net.ticks_ms(), None)
        self._wake()
        try:
            while not self._is_over:
                self._protocol.clear()
                await receive(self)
                # A peer that floods us must not keep other tasks waiting.
                await asyncio.sleep(0)
        except Exception:
            # The peer has gone. We waited for that.
            pass
    self._end(error)


def settle(self):
    """Close what has ended, and decide what comes next. May be called again if it failed."""
    life = self._life
    protocol = self._protocol
    error = self._error
    phase = self._phase
    self._let_go()
    if self._inbox.has_view():
        # recv() returned a view, or will. It must stay valid while the next connection is read.
        self._is_view_out = True
        self._inbox.keep_view()
    first_lost = protocol.rewind()
    protocol.clear()
    if first_lost >= 0:
        self._lose(first_lost, protocol.done)
    now = net.ticks_ms()
    if error is not None:
        self.last_error = (phase, text_of(error))
    if phase != "websocket" and self._address is not None:
        self._address = _doubted(self, error, phase, now)
    is_decided = life.is_decided()
    if is_decided:
        life.closed(now)
    else:
        retry_class = retry.SOON
        after = spread = 0
        if self._options["retry_rules"] != "always":
            # A provider may give other credentials for the next dial. A room's URL is always made
            # by us; only the query in it comes from the application.
            is_renewable = callable(getattr(self, "_query", self._url))
            is_renewable = is_renewable or callable(self._options["headers"])
            retry_class = retry.after_end(error, protocol.code, self._is_refused, is_renewable)
            if "=" in protocol.reason or hasattr(error, "retry_after"):
                try:
                    # The server may have said when to come back.
                    from .core.refusal import asked_by

                    after, spread = asked_by(error, protocol.reason)
                except Exception:
                    # There was no memory, or no file. The next dial follows our own back-off.
                    pass
        life.lost(now, retry_class, after, chance(), spread)
    self._is_settled = True
    self._is_decided = is_decided
    self._has_to_tell = True


def _doubted(self, error, phase, now):
    """Return the remembered address after a dial that failed: see `dial`."""
    host, address, looked_up, is_trusted = self._address
    if host != self._host or isinstance(error, HandshakeError):
        # A server that answers is the right one.
        return self._address
    if self._was_known:
        is_trusted = False
    elif phase == "dns":
        # The look-up has failed: the old address is tried again.
        is_trusted = address is not None
        looked_up = now
    return (host, address, looked_up, is_trusted)


def tell_end(self):
    """Tell the application how it ended, and what comes next. Only making the first events
    needs memory. If there is none, this is called again.
    """
    life = self._life
    protocol = self._protocol
    error = self._error
    orders = self._orders
    is_decided = self._is_decided
    failure = close = None
    if error is not None and not self._is_told:
        failure = self._new_event("error", error=error, message=text_of(error))
    if self._has_begun() and not self._is_told:
        close = self._new_close_event(protocol.code, protocol.reason, error is None, error)
    self._has_to_tell = False
    if close is not None and not is_decided:
        wants_more = _wants_more(self, close)
        if not wants_more and orders == self._orders:
            life.stop()
    if life.state == IDLE:
        self._is_ended = True
    is_first = failure and self._phase != "websocket" and self._row != life.opens
    if is_first or self._options["debug"]:
        if is_first:
            self._row = life.opens
        try:
            from .causes import tell

            tell(self, failure, is_first)
        except Exception:
            # There was no memory, or no file. Tell only the error.
            if is_first:
                self._warn(failure.message)
    self._wake()
    if failure is not None:
        self._tell(failure)
    if close is not None:
        self._tell(close)
    if not is_decided and orders == self._orders:
        tell_next(self, error)


def tell_next(self, error):
    """Tell when the next dial is, or that there is none."""
    life = self._life
    if life.state == IDLE:
        self._tell(self._new_event("giveup", error=error))
    else:
        self._tell(
            self._new_event("reconnecting", delay_ms=life.delay_ms, retry_count=life.retry_count)
        )


def tell_discards(self):
    """Tell how many messages were discarded since the last such event."""
    event = self._new_event("discard", count=self._untold)
    self._untold = 0
    self._tell(event)


def _wants_more(self, close):
    """Ask the application whether to go on after this end."""
    predicate = self._options["should_reconnect_on_close"]
    wanted = True
    if predicate is not None:
        orders = self._orders
        try:
            wanted = bool(predicate(close))
            if orders == self._orders:
                # Otherwise the predicate itself called close() or reconnect(), which decides.
                self.should_reconnect = wanted
        except Exception as e:
            self._report(e)
    return wanted
