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
    "use_party_socket": "hooks",
    "use_web_socket": "hooks",
}


# Loaded one by one before "websocket", with a collection between: so a board that compiles the
# sources has done with the last one's parse tree, and the heap in one piece, before the next.
_PARTS = ("core.protocol", "core.lifecycle", "connection", "ending", "driver", "websocket")


def __getattr__(name):
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError("module 'partysocket' has no attribute %r" % name)
    if home in ("party", "websocket") and sys.implementation.name != "cpython":
        import gc

        for part in _PARTS:
            gc.collect()
            __import__("partysocket." + part)
        gc.collect()
    try:
        module = __import__("partysocket." + home, None, None, (name,))
    except ImportError as e:
        from .parts import absent

        raise absent(home, e)
    value = getattr(module, name)
    globals()[name] = value
    return value
