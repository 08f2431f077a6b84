"""Writing a connection: what the protocol has to send goes to the transport. The functions are the
driver's, in a file of their own.
"""

import asyncio

from micropython import const

from .net import platform as net
from .net import poll

_MOST_TURNS = const(15)  # writes in a row, before other tasks have theirs
_WAIT_MS = const(1000)  # a hint for transports that must wake from time to time
_STUCK = const(-1)  # what `flush` says: the transport is full


async def write(self):
    """The writer's task: writes what there is, then waits for more."""
    life = self._life
    protocol = self._protocol
    outgoing = self._outgoing
    try:
        wait = getattr(self._transport, "wait", None) or poll
        while not self._is_over:
            left = flush(self)
            if left == _STUCK:
                # The lifecycle says for how long at most.
                if life.stuck(net.ticks_ms()):
                    self._woken.set()
                await wait(False, True, _WAIT_MS)
            elif left:
                await asyncio.sleep(0)
            elif protocol.is_close_sent:
                if protocol.is_closed:
                    self._end(None)
                return
            else:
                outgoing.clear()
                await outgoing.wait()
    except Exception as e:
        protocol.shut()
        if protocol.is_closed or isinstance(e, MemoryError):
            self._end(e)
        else:
            # The peer's last words may still wait to be read.
            self._note(e)
            life.close(net.ticks_ms(), None)
    finally:
        self._writer = None
        self._written.set()
        self._wake()


def flush(self):
    """Write what the transport takes now, in a bounded number of writes. Returns 0: nothing is
    left; _STUCK: the transport takes no more; else other tasks should have their turn. The
    reader may call it too, since what is under way lies in the protocol.
    """
    protocol = self._protocol
    turns = 0
    view = protocol.to_send()
    while view is not None:
        turns += 1
        if turns > _MOST_TURNS:
            return turns
        n = self._transport.send(view)
        if not n:
            return _STUCK
        if self._life.stuck_since is not None:
            self._life.stuck(None)
            self._woken.set()
        if protocol.sent(n):
            self._life.pinged(net.ticks_ms())
            self._woken.set()
        if self._wants_write:
            self._wants_write = False
            self._written.set()
        view = protocol.to_send()
    return 0
