"""Where to find the peers that test_on_boards.py plays. "puppet" is told what to do by the first
byte it gets.  x: it sends "x" and waits;  d: it sends "x" and a FIN;  s: it never reads;  G, as a
WebSocket's GET: it hangs up.  "closed" refuses; "full" leaves SYNs without an answer.
"""

import socketpool
import uos

PORTS = dict([pair.split("=") for pair in uos.getenv("PEERS").split(",")])
is_esp32 = socketpool.BOARD == "esp32"


def address(peer):
    return ("127.0.0.1", int(PORTS[peer]))


def on(pico_w, esp32):
    """What this board is to say."""
    return esp32 if is_esp32 else pico_w


class Changed:
    """For a `with`: an object, some of whose attributes are others inside it."""

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
