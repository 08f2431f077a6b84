"""What everything else is loaded over, by one name. The parts that are installed apart take what
they use of the library from here, from `urls` and from `tls`: in the form for boards each of these
is one file, and the modules that it consists of are not there.
"""

from .net import asked, chance, wait_of  # noqa: F401 (others take all of this from here)
from .net import platform as net

# One by one, with a collection between: so a board that compiles the sources has done with the
# last one's parse tree, and the heap in one piece, before the next.
for part in ("core.protocol", "core.lifecycle", "connection", "ending", "driver", "websocket"):
    net.collect()
    __import__("partysocket." + part)
net.collect()

from .core.backoff import wait_ms  # noqa: E402, F401
from .core.errors import Error, HandshakeError, ProtocolError, QueueFull  # noqa: E402, F401
from .core.ticks import ticks_diff  # noqa: E402, F401
from .party import PartySocket  # noqa: E402, F401
from .websocket import WebSocket  # noqa: E402, F401
