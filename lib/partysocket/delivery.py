"""flush(): wait until the peer has received what was sent."""

import asyncio

from .core.ticks import ticks_diff
from .net import platform as net


class Flush:
    """One call of flush(). It knows whether a message before number `target` was lost."""

    def __init__(self, target):
        self.target = target
        self.has_lost = False

    def lose(self, first):
        """Messages from number `first` on were lost."""
        if first < self.target:
            self.has_lost = True


async def flush(self, timeout_ms):
    """See WebSocket.flush."""
    if self._courier is not None:
        # The outbox sends lost readings again, so earlier losses do not count.
        self._told_losses = self._losses
        return await self._courier.flush(timeout_ms, flush_ring)
    return await flush_ring(self, timeout_ms)


async def flush_ring(self, timeout_ms):
    """Wait until the peer has all messages that are in the ring now."""
    protocol = self._protocol
    losses = self._losses
    if self._is_ended or losses != self._told_losses:
        # Other tasks that call flush() in the same turn of the loop must learn of this loss too.
        await asyncio.sleep(0)
        self._told_losses = max(losses, self._told_losses)
        return False
    is_told = False
    mark = Flush(protocol.pushed)
    begun = net.ticks_ms()
    left = timeout_ms
    self._flushes.append(mark)
    try:
        protocol.want(mark.target)
        self._outgoing.set()
        while protocol.confirmed < mark.target and not mark.has_lost:
            if timeout_ms is not None:
                left = timeout_ms - ticks_diff(net.ticks_ms(), begun)
            if self._is_ended or (left is not None and left <= 0):
                return False
            await self._change(left)
        is_told = True
        return not mark.has_lost
    finally:
        self._flushes.remove(mark)
        # It was cancelled before it could return False, so the next flush() must report the loss.
        if mark.has_lost and not is_told:
            self._losses += 1
