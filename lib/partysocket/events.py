"""Events and who hears of them: one slot a type, and listeners."""

import asyncio

from .net import platform as net

_MISTAKES = (Exception, asyncio.CancelledError)  # what a handler may raise to no effect


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

    def __init__(self, options):
        self.onopen = self.onmessage = self.onclose = self.onerror = None
        self._options = options
        self._listeners = {}  # type -> a list of (listener, once), which is never changed in place
        # (task, whether the next message waits for it) of async handlers that run by themselves.
        self._handlers = []
        self._waiters = []  # an Alarm for each task that waits for a change of the connection

    def add_event_listener(self, type, listener, once=False):
        """Call `listener(event)`, or `listener.handle_event(event)`, on each event of `type`. The
        same one twice is one.

        With a listener for "chunk", messages beyond the receive buffer come to it in pieces:
        `data` (a memoryview that holds until the handler returns), `offset`, `is_last`,
        `is_text`. They may be of any length, and take no memory.
        """
        if not callable(listener) and not hasattr(listener, "handle_event"):
            from .wrong import of_listener

            raise of_listener(listener)
        listeners = self._listeners.get(type, ())
        for known, _ in listeners:
            if known == listener:
                return
        self._listeners[type] = list(listeners) + [(listener, once)]

    def remove_event_listener(self, type, listener):
        """Undo `add_event_listener`; unknown ones are ignored."""
        listeners = self._listeners.get(type, ())
        self._listeners[type] = [known for known in listeners if known[0] != listener]

    def _dispatch(self, event):
        """Call the handlers. Returns None, or a list of what async ones want awaited."""
        type = event.type
        awaited = []
        slot = getattr(self, "on" + type, None)
        if slot is not None:
            awaited.append(self._call(slot, event))
        listeners = self._listeners.get(type, ())
        for known in listeners:
            now = self._listeners[type]
            if now is not listeners and known not in now:
                continue  # removed by one before it
            listener, once = known
            if once:
                self.remove_event_listener(type, listener)
            awaited.append(self._call(getattr(listener, "handle_event", listener), event))
        return [one for one in awaited if one is not None]

    def _call(self, handler, event):
        """Call one handler; what it wants awaited, or None."""
        try:
            result = handler(event)
            # A coroutine; on boards a generator.
            if result is not None and hasattr(result, "send"):
                return result
        except _MISTAKES as e:
            self._report(e)

    def _tell(self, event, in_order=True):
        """Dispatch; async handlers run as tasks of their own. `in_order`: no message is read
        before they return. What fails here, for want of memory, costs this event alone.
        """
        try:
            for awaited in self._dispatch(event):
                if net.running():
                    task = asyncio.create_task(self._run_alone(awaited))
                    self._handlers.append((task, in_order))
                else:
                    awaited.close()
        except Exception as e:
            self._report(e)

    async def _run_alone(self, awaited):
        try:
            await self._guard(awaited)
        finally:
            self._forget_handler(asyncio.current_task())

    def _forget_handler(self, task):
        for i in range(len(self._handlers)):
            if self._handlers[i][0] is task:
                self._handlers.pop(i)
                break
        self._wake()

    def _forget_ended_handlers(self):
        """A task that its loop's end has cancelled before it began did not forget itself."""
        for task, _ in tuple(self._handlers):
            if task.done():
                self._forget_handler(task)

    async def _guard(self, awaitable):
        """Await what an async handler wants awaited. What it raises changes nothing."""
        try:
            await awaitable
        except _MISTAKES as e:
            if isinstance(e, asyncio.CancelledError) and net.is_cancelled():
                raise
            self._report(e)

    # Whoever waits for a change of the connection.

    async def _change(self, ms):
        """Wait until the connection changes, at most `ms`."""
        waiter = net.Alarm()
        self._waiters.append(waiter)
        try:
            await waiter.wait(ms)
        finally:
            self._waiters.remove(waiter)

    def _wake(self):
        """Something has changed: whoever waits for that looks again."""
        for waiter in self._waiters:
            waiter.set()

    # What is told to the one who debugs.

    def _report(self, error):
        """Tell of a handler that raised; nothing else changes, even if there is no memory to tell
        it.
        """
        try:
            from .report import traceback_of

            self._warn(traceback_of(error))
        except Exception:
            pass

    def _warn(self, text):
        try:
            self._options["debug_logger"]("partysocket: " + text)
        except Exception:  # a serial line that is gone must not end the socket
            pass

    def _debug(self, text, *values):
        if self._options["debug"]:
            try:
                self._warn(text % values)
            except MemoryError:
                pass
