"""What the engine asks of a socket and tells it: providers in, events out."""

import asyncio

from .core.connection import IDLE
from .events import Emitter, Event
from .net import platform as net


class Face(Emitter):
    """The side of a WebSocket that its engine sees."""

    async def _ask_providers(self, link):
        url = await asked(self._url)
        if not isinstance(url, str):
            raise TypeError("Invalid URL: %s is not str" % type(url).__name__)
        if link.gone:  # the provider has called close() or reconnect(): ask nobody else
            return url, (), {}
        protocols = protocols_of(await asked(self._protocols))
        return url, protocols, await asked(self._options["headers"]) or {}

    def _on_chunk(self, frames):
        """Hand a piece of a long message on."""
        event = Event("chunk", self)
        event.data = frames.payload
        event.offset = frames.offset
        event.is_last = frames.is_last
        event.is_text = frames.is_text
        return self._dispatch(event)

    def _is_renewable(self):
        """Whether a provider may bring other credentials with the next dial."""
        return callable(self._url) or callable(self._options["headers"])

    def _on_dial(self, url):
        self.url = url
        self._debug("dial %d: %s", self._engine.machine.attempts, url.split("?", 1)[0])

    def _on_open(self, link):
        self.protocol = link.protocol
        self._debug("open")
        self._pulse()
        event = Event("open", self)
        event.reconnected = self._engine.machine.opens > 1
        return self._dispatch(event)

    def _on_message(self, data):
        """Hand a message (str, or a view of the receive buffer) on. Returns what async handlers
        want awaited.
        """
        if self._binary_type == "bytes" and not isinstance(data, str):
            data = bytes(data)
        awaited = None
        is_heard = self._hears("message")
        if is_heard:
            event = Event("message", self)
            event.data = data
            awaited = self._dispatch(event)
        if self._inbox.is_used or not is_heard:
            self._inbox.put(data)
        return awaited

    def _on_end(self, link, is_decided):
        """Tell how a link ended. `is_decided`: the application has said what comes next."""
        machine = self._engine.machine
        orders = self._orders
        error = link.error
        close = None
        if link.has_begun() and not link.told:
            close = self._new_close_event(link.code, link.reason, error is None, error)
            if not is_decided and not self._wants_more(close) and orders == self._orders:
                machine.stop()
        if machine.state == IDLE:
            self._inbox.end(False)
        self._debug("ended in phase %s: %s", link.phase, error or link.code)
        self._pulse()
        if error is not None and not link.told:
            event = Event("error", self)
            event.error = error
            event.message = str(error)
            self._tell(event)
        if close is not None:
            self._tell(close)
        if not is_decided and orders == self._orders:
            self._tell_next(error)

    def _on_failure(self, error):
        """Tell that there could be no dial."""
        self._debug("the link below failed: %s", error)
        if self._engine.machine.state == IDLE:
            self._inbox.end(False)
        self._pulse()
        event = Event("error", self)
        event.error = error
        event.message = str(error)
        orders = self._orders
        self._tell(event)
        if orders == self._orders:
            self._tell_next(error)

    def _tell_next(self, error):
        machine = self._engine.machine
        if machine.state == IDLE:
            event = Event("giveup", self)
            event.error = error
        else:
            event = Event("reconnecting", self)
            event.delay_ms = machine.delay_ms
            event.retry_count = machine.retry_count
            self._debug("next dial in %d ms", machine.delay_ms)
        self._tell(event)

    def _wants_more(self, close):
        """Ask the application whether to go on after this end."""
        predicate = self._options["should_reconnect_on_close"]
        if predicate is None:
            return True
        orders = self._orders
        try:
            wanted = bool(predicate(close))
        except Exception as e:
            self._report(e)
            return True
        if orders == self._orders:  # else close() or reconnect(), called in there, has said it
            self._should_reconnect = wanted
        return wanted

    def _tell_discards(self):
        if self._untold:
            event = Event("discard", self)
            event.count = self._untold
            self._untold = 0
            self._tell(event)

    def _at_rest(self):
        self._pulse()

    # Inside.

    def _new_close_event(self, code, reason, was_clean, error):
        event = Event("close", self)
        event.code = code
        event.reason = reason
        event.was_clean = was_clean
        event.error = error
        return event

    def _tell(self, event, in_order=True):
        """Dispatch; async handlers run as tasks of their own. `in_order`: no message is read
        before they return.
        """
        for awaited in self._dispatch(event) or ():
            if net.running():
                task = asyncio.create_task(self._run_alone(awaited))
                self._handlers.append(task)
                if in_order:
                    self._ordered.append(task)
            else:
                awaited.close()

    async def _run_alone(self, awaited):
        try:
            await self._guard(awaited)
        finally:
            task = asyncio.current_task()
            self._handlers.remove(task)
            if task in self._ordered:
                self._ordered.remove(task)
            self._pulse()

    def _is_handling(self):
        """Whether async handlers run that the next message has to wait for."""
        return bool(self._ordered) or self._engine.handling > 0

    async def _change(self, ms):
        """Wait until the connection changes, at most `ms`."""
        waiter = asyncio.Event()
        self._waiters.append(waiter)
        try:
            await net.wait_event(waiter, ms)
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _pulse(self):
        waiters = self._waiters
        self._waiters = []
        for waiter in waiters:
            waiter.set()

    def _debug(self, text, *values):
        if self._options["debug"]:
            self._warn(text % values if values else text)

    def _warn(self, text):
        try:
            self._options["debug_logger"]("partysocket: " + text)
        except Exception:  # a serial line that is gone must not end the socket
            pass


async def asked(source):
    """`source`, or what it gives if it can be called."""
    if callable(source):
        source = source()
        if hasattr(source, "send"):
            source = await source
    return source


def protocols_of(protocols):
    if not protocols:
        return ()
    from .options import protocol_list

    return protocol_list(protocols)
