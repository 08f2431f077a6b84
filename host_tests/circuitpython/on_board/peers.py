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
