"""Waiting until the peer has what was sent."""

from .core.ticks import ticks_diff
from .net import platform as net


class Flush:
    """One caller of flush(): whether some of the records up to number `target` was lost."""

    def __init__(self, target):
        self.target = target
        self.has_lost = False


async def flush(socket, engine, timeout_ms):
    """See WebSocket.flush."""
    if engine.has_lost or socket._inbox.is_ended:
        engine.has_lost = False
        return False
    is_told = False
    mark = Flush(engine.ring.pushed)
    begun = net.ticks_ms()
    left = timeout_ms
    engine.flushes.append(mark)
    engine.wanted = mark.target
    try:
        while engine.confirmed < mark.target and not mark.has_lost:
            if timeout_ms is not None:
                left = timeout_ms - ticks_diff(net.ticks_ms(), begun)
            if socket._inbox.is_ended or (left is not None and left <= 0):
                return False
            if engine.is_open():
                engine.link.nudge()
            await socket._change(left)
        is_told = True
        return not mark.has_lost
    finally:
        engine.flushes.remove(mark)
        if mark.has_lost and not is_told:  # cancelled before it could say so
            engine.has_lost = True
