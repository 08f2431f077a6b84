"""The addresses of the peers of test_on_boards.py. "puppet" obeys the first byte that it gets. x:
it sends "x" and waits; d: it sends "x" and a FIN; s: it never reads; G, as in a WebSocket's GET:
it closes. "closed" refuses. "full" does not answer SYNs.
"""

import socketpool
import uos

PORTS = dict([pair.split("=") for pair in uos.getenv("PEERS").split(",")])
is_esp32 = socketpool.BOARD == "esp32"


def address(peer):
    return ("127.0.0.1", int(PORTS[peer]))


def on(pico_w, esp32):
    """Return the value for this board."""
    return esp32 if is_esp32 else pico_w


class Changed:
    """For `with`: an object with other values of some attributes."""

    def __init__(self, what, **names):
        self._what = what
        self._others = names

    def __enter__(self):
        for name in self._others:
            kept = getattr(self._what, name)
            setattr(self._what, name, self._others[name])
            self._others[name] = kept

    def __exit__(self, *exc_info):
        self.__enter__()
