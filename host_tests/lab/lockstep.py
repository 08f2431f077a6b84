"""Real sockets and real processes, with a clock that takes no real time.

The event loop here and the device's (see lockstep_clock.py) take turns. While a device runs, this
process waits. The device stops when it has looked at its sockets, found nothing and wants to wait,
and says how long. Then this side does all that it can. Time passes only when both have nothing
left to do, and for both of them: up to the earlier of their next timers.

    async def main(loop): ...
    run(main)

So the same seed takes the same path. This needs a loopback that delivers bytes before `send`
returns. If a kernel delays that, a side may see time pass too early. So there is a short real wait
before any five seconds of virtual time, and `late` counts what came only then. It is 0 where
loopback delivers at once. Elsewhere runs differ, and waits of less than five seconds may end
early.
"""

import asyncio
import math
import selectors

# There is a real wait of _GRACE_S for each _GRACE_MS of virtual time.
_GRACE_S = 0.0003
_GRACE_MS = 5000
# At one instant.
_MOST_TURNS = 20_000
_START_MS = 1_000_000


class Stalled(Exception):
    """Nothing is ready and no timer runs, on both sides."""


class _Selector(selectors.SelectSelector):  # not epoll, whose waits are whole milliseconds
    def __init__(self):
        super().__init__()
        self.ms = _START_MS
        self.late = 0
        # Turns since time passed.
        self._turns = 0
        # Virtual time since there was a real wait.
        self._hurried_ms = 0
        self.device = None
        # Time that has passed, but that the device does not know of yet.
        self._owed_ms = 0
        # This side has done something since the device last looked.
        self._has_acted = False

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            ready = self._let_others(timeout)
        self._has_acted = self._has_acted or bool(ready) or timeout == 0
        return ready

    def _let_others(self, timeout):
        """Nothing is left to do here: let the device look again, or let time pass."""
        device = self.device
        if device is not None and self._has_acted:
            self._turns += 1
            if self._turns > _MOST_TURNS:
                raise Stalled(f"there is no end to {self.ms - _START_MS} ms")
            self._run_device()
            return super().select(0)
        ours = None if timeout is None else math.ceil(timeout * 1000 - 1e-3)
        theirs = None if device is None else device.wanted_ms
        if ours is None and theirs is None:
            raise Stalled(f"nothing can happen any more at {self.ms - _START_MS} ms")
        step = min(ms for ms in (ours, theirs) if ms is not None)
        self._hurried_ms += step
        if self._hurried_ms >= _GRACE_MS:
            self._hurried_ms = 0
            if ready := super().select(_GRACE_S):
                self.late += 1
                return ready
        self.ms += step
        self._turns = 0
        if device is None:
            return []
        self._owed_ms += step
        if theirs is not None and theirs == step:
            self._run_device()
        # Our timer comes first. The device learns of it when we have done what is due.
        else:
            if theirs is not None:
                device.wanted_ms -= step
            self._has_acted = True
        return super().select(0)

    def _run_device(self):
        owed, self._owed_ms = self._owed_ms, 0
        self._has_acted = False
        self.device.go_on(owed)


class LockstepLoop(asyncio.SelectorEventLoop):
    """Set `device` to a LockstepDevice when it runs, and to None when it has ended."""

    def __init__(self):
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self):
        # So that whole milliseconds stay whole when they are truncated.
        return self._clock.ms / 1000 + 1e-7

    @property
    def ms(self):
        return self._clock.ms - _START_MS

    @property
    def late(self):
        return self._clock.late

    @property
    def device(self):
        return self._clock.device

    @device.setter
    def device(self, device):
        self._clock.device = device


def run(main):
    """`asyncio.run(main(loop))` with a LockstepLoop."""
    loop = LockstepLoop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.device = None
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()
