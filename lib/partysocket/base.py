"""Collects the names of the library that parts use. Parts are installed separately. They import
only from here, from `urls` and from `tls`, because in the form for boards each of these three is
one file, and the modules in it do not exist.
"""

from .net import asked, chance, wait_of  # noqa: F401 (others take all of this from here)
from .net import platform as net

# Import one by one, with a collection after each. So a board that compiles the sources has freed
# the last parse tree, and has large free pieces of memory, before the next module.
for part in ("core.protocol", "core.lifecycle", "connection", "ending", "driver", "websocket"):
    net.collect()
    __import__("partysocket." + part)
net.collect()

from .core.backoff import wait_ms  # noqa: E402, F401
from .core.errors import Error, HandshakeError, ProtocolError, QueueFull  # noqa: E402, F401
from .core.ticks import ticks_diff  # noqa: E402, F401
from .party import PartySocket  # noqa: E402, F401
from .websocket import WebSocket  # noqa: E402, F401
