"""Events, and the handlers that get them: one slot for each type, and listeners."""

import asyncio

from .net import platform as net

# A handler that raises one of these changes nothing.
_MISTAKES = (Exception, asyncio.CancelledError)


class Event:
    """An event. All have `type` and `target`. The other attributes depend on the type:

    message: `data`; close: `code`, `reason`, `was_clean`, `error`; error: `error`, `message`;
    open: `reconnected`; reconnecting: `delay_ms`, `retry_count`; discard: `count`; giveup:
    `error`. Each event is a new object, so a handler may keep it.
    """

    def __init__(self, type, target):
        self.type = type
        self.target = target


class Emitter:
    """Dispatches events: first to the slot (`onopen`, `onmessage`, `onclose`, `onerror`), then to
    the listeners in the order in which they were added.
    """

    def __init__(self, options):
        self.onopen = self.onmessage = self.onclose = self.onerror = None
        self._options = options
        # type -> a list of (listener, once). The lists are replaced, never changed in place.
        self._listeners = {}
        # Async handlers that run as tasks of their own: (task, whether the next message waits for
        # it).
        self._handlers = []
        # An Alarm for each task that waits for a change of the connection.
        self._waiters = []

    def add_event_listener(self, type, listener, once=False):
        """Call `listener(event)`, or `listener.handle_event(event)`, on each event of `type`. A
        listener that is added twice is called once.

        A listener for "chunk" gets messages that are larger than the receive buffer, in pieces:
        `data` (a memoryview that is valid until the handler returns), `offset`, `is_last`,
        `is_text`. Such messages may have any length and take no memory.
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
        """Undo `add_event_listener`. Unknown listeners are ignored."""
        listeners = self._listeners.get(type, ())
        self._listeners[type] = [known for known in listeners if known[0] != listener]

    def _dispatch(self, event):
        """Call the handlers. Returns a list of the coroutines of async handlers."""
        type = event.type
        awaited = []
        slot = getattr(self, "on" + type, None)
        if slot is not None:
            awaited.append(self._call(slot, event))
        listeners = self._listeners.get(type, ())
        for known in listeners:
            now = self._listeners[type]
            if now is not listeners and known not in now:
                # An earlier listener has removed it.
                continue
            listener, once = known
            if once:
                self.remove_event_listener(type, listener)
            awaited.append(self._call(getattr(listener, "handle_event", listener), event))
        return [one for one in awaited if one is not None]

    def _call(self, handler, event):
        """Call one handler. Returns its coroutine if it is async, or None."""
        try:
            result = handler(event)
            # It is a coroutine; on boards a generator.
            if result is not None and hasattr(result, "send"):
                return result
        except _MISTAKES as e:
            self._report(e)

    def _tell(self, event, in_order=True):
        """Dispatch an event. Async handlers run as tasks of their own. `in_order`: no message is
        read before they return. If there is no memory for this, only this event is lost.
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
        """Remove handlers that have ended. A task that was cancelled before it began, at the end
        of its event loop, could not remove itself.
        """
        for task, _ in tuple(self._handlers):
            if task.done():
                self._forget_handler(task)

    async def _guard(self, awaitable):
        """Await the coroutine of an async handler. An error in it is reported, nothing else."""
        try:
            await awaitable
        except _MISTAKES as e:
            if isinstance(e, asyncio.CancelledError) and net.is_cancelled():
                raise
            self._report(e)

    # Tasks that wait for a change of the connection.

    async def _change(self, ms):
        """Wait until the connection changes, at most `ms`."""
        waiter = net.Alarm()
        self._waiters.append(waiter)
        try:
            await waiter.wait(ms)
        finally:
            self._waiters.remove(waiter)

    def _wake(self):
        """Something has changed. Wake the tasks that wait for that."""
        for waiter in self._waiters:
            waiter.set()

    # Messages to the developer.

    def _report(self, error):
        """Report the error of a handler. Raises nothing, even if there is no memory to report."""
        try:
            from .report import traceback_of

            self._warn(traceback_of(error))
        except Exception:
            pass

    def _warn(self, text):
        try:
            self._options["debug_logger"]("partysocket: " + text)
        except Exception:
            # A serial line that is gone must not end the socket.
            pass

    def _debug(self, text, *values):
        if self._options["debug"]:
            try:
                self._warn(text % values)
            except MemoryError:
                pass
