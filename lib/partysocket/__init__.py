"""PartySocket for microcontrollers: WebSockets that reconnect by themselves and join rooms.

    from partysocket import PartySocket

Each name is loaded when it is first used.
"""

import sys

__version__ = "0.1.0"

if sys.implementation.name == "cpython" and "micropython" not in sys.modules:
    # The one thing that the rules in `core` take from MicroPython.
    sys.modules["micropython"] = type(sys)("micropython", "MicroPython's `const`, for CPython.")
    sys.modules["micropython"].const = lambda value: value

_HOMES = {
    "PartySocket": "party",
    "WebSocket": "websocket",
    "Error": "core.errors",
    "HandshakeError": "core.errors",
    "ProtocolError": "core.errors",
    "QueueFull": "core.errors",
    "DEVICE": "presets",
    "PARTYSOCKET": "presets",
}


def __getattr__(name):
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError("module 'partysocket' has no attribute %r" % name)
    module = __import__("partysocket." + home, None, None, (name,))
    value = getattr(module, name)
    globals()[name] = value
    return value
