"""On MicroPython: the library's socket layer over a radio that may be away. Meanwhile sent bytes
are lost, received bytes are not seen, and no error is reported.
"""

import asyncio

from partysocket.base import net as platform

_LOOK_S = 0.5
_Wired = platform.Transport


def spread(radio):
    """Every socket made from now on uses this radio."""

    class OverTheAir(_Wired):
        def start(self, *arguments):
            if not radio.isconnected():
                raise OSError(113, "no route")
            super().start(*arguments)
            # It has missed bytes. TCP would not notice that earlier than we do.
            self._missed = False

        def step(self):
            return radio.isconnected() and super().step()

        def send(self, view):
            self._look()
            return len(view) if self._missed else super().send(view)

        def recv_into(self, view):
            self._look()
            return None if self._missed else super().recv_into(view)

        async def wait(self, read, write, ms):
            self._look()
            while self._missed or not radio.isconnected():
                await asyncio.sleep(_LOOK_S)
            await super().wait(read, write, ms)

        def _look(self):
            self._missed = self._missed or not radio.isconnected()

    platform.Transport = OverTheAir
