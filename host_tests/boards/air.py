"""On MicroPython: the library's socket layer, over a radio that may be away. What is sent then is
lost, what was received is not seen, and nobody tells.
"""

import asyncio

from partysocket.base import net as platform

_LOOK_S = 0.5
_Wired = platform.Transport


def spread(radio):
    """From here on every socket goes over this radio."""

    class OverTheAir(_Wired):
        def start(self, *arguments):
            if not radio.isconnected():
                raise OSError(113, "no route")
            super().start(*arguments)
            self._missed = False  # something: TCP would notice no sooner than we

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
