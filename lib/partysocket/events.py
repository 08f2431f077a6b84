"""Events and who hears of them: one slot a type, and listeners."""

import asyncio

from .net import platform as net

_MISTAKES = (Exception, asyncio.CancelledError)  # what a handler may raise to no effect
_SLOTS = {"open": "onopen", "message": "onmessage", "close": "onclose", "error": "onerror"}


class Event:
    """What happened: `type`, `target`, and by type

    message: `data`; close: `code`, `reason`, `was_clean`, `error`; error: `error`, `message`;
    open: `reconnected`; reconnecting: `delay_ms`, `retry_count`; discard: `count`; giveup:
    `error`. New each time: it may be kept.
    """

    def __init__(self, type, target):
        self.type = type
        self.target = target


class Emitter:
    """Dispatches events: the slot (`onopen`, `onmessage`, `onclose`, `onerror`) first, then
    listeners in their order.
    """

    onopen = onmessage = onclose = onerror = None

    def __init__(self):
        self._listeners = {}  # type -> a list of (listener, once)

    def add_event_listener(self, type, listener, once=False):
        """Call `listener(event)`, or `listener.handle_event(event)`, on each event of `type`. The
        same one twice is one.
        """
        if not callable(listener) and not hasattr(listener, "handle_event"):
            raise TypeError("a listener is a callable or has handle_event, not %r" % (listener,))
        listeners = self._listeners.get(type, ())
        for known, _ in listeners:
            if known == listener:
                return
        # A new list each time: one that is being gone through stays as it is.
        self._listeners[type] = list(listeners) + [(listener, once)]

    def remove_event_listener(self, type, listener):
        """Undo `add_event_listener`; unknown ones are ignored."""
        listeners = self._listeners.get(type, ())
        self._listeners[type] = [known for known in listeners if known[0] != listener]

    def _hears(self, type):
        """Whether anybody listens to `type`."""
        return (
            bool(self._listeners.get(type))
            or getattr(self, _SLOTS.get(type, ""), None) is not None
        )

    def _dispatch(self, event):
        """Call the handlers. Returns None, or a list of what async ones want awaited."""
        awaited = None
        slot = _SLOTS.get(event.type)
        slot = slot and getattr(self, slot)
        if slot is not None:
            awaited = self._call(slot, event, awaited)
        listeners = self._listeners.get(event.type, ())
        for known in listeners:
            now = self._listeners[event.type]
            if now is not listeners and known not in now:
                continue  # removed by one before it
            listener, once = known
            if once:
                self.remove_event_listener(event.type, listener)
            awaited = self._call(getattr(listener, "handle_event", listener), event, awaited)
        return awaited

    def _call(self, handler, event, awaited):
        try:
            result = handler(event)
        except _MISTAKES as e:
            self._report(e)
            return awaited
        if hasattr(result, "send"):  # a coroutine; on boards a generator
            if awaited is None:
                awaited = []
            awaited.append(result)
        return awaited

    async def _guard(self, awaitable):
        try:
            await awaitable
        except _MISTAKES as e:
            if isinstance(e, asyncio.CancelledError) and net.is_cancelled():
                raise
            self._report(e)

    def _report(self, error):
        """Tell of a handler that raised; nothing else changes."""
        import io
        import sys

        text = io.StringIO()
        if hasattr(sys, "print_exception"):
            sys.print_exception(error, text)
        else:
            import traceback

            traceback.print_exception(error, file=text)
        self._warn("a handler raised:\n" + text.getvalue())
