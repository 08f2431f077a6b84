"""The network below a socket that has a `link`: no dial while it is down, and a redial at once
when it comes back. Functions with `self` are methods of Driver.
"""

import asyncio

from .core.retry import SOON
from .core.lifecycle import IDLE, WAITING
from .ending import tell_next, text_of
from .net import chance
from .net import platform as net


def is_up(self):
    """Whether the network is up. If not, a task waits for it, and then wakes the life."""
    network = self._options["link"]
    if self._has_come_up:
        return True
    if self._upcoming is None:
        try:
            if network.is_up():
                return True
        except Exception as e:
            self._report(e)
        self._upcoming = asyncio.create_task(_wait_up(self, network))
    return False


async def _wait_up(self, network):
    life = self._life
    try:
        await network.wait_up()
        self._has_come_up = True
        life.hurry(net.ticks_ms(), chance())
    except Exception as e:
        text = text_of(e)
        self.last_error = ("link", text)
        if life.state == WAITING:
            life.lost(net.ticks_ms(), SOON, 0, chance())
            self._debug("the link below failed: %s. Next dial in %d ms", text, life.delay_ms)
            if life.state == IDLE:
                self._is_ended = True
            orders = self._orders
            self._tell(self._new_event("error", error=e, message=text))
            if orders == self._orders:
                tell_next(self, e)
    finally:
        if self._upcoming is net.current_task():
            self._upcoming = None
        self._wake()
