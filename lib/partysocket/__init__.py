"""PartySocket for microcontrollers: WebSockets that reconnect by themselves and join rooms.

    from partysocket import PartySocket

Each name is loaded when it is first used.
"""

import sys

__version__ = "0.2.0"  # `make manifest` writes it; the joined form adds its build's id

if sys.implementation.name == "cpython" and "micropython" not in sys.modules:
    # The one thing that the rules in `core` take from MicroPython.
    sys.modules["micropython"] = type(sys)("micropython", "MicroPython's `const`, for CPython.")
    sys.modules["micropython"].const = lambda value: value

# `mip` deletes nothing. Files of another version or form would run together with these files, or
# instead of them. All forms except the joined one have `presets` as a file; `chance` was in 0.1.0.
try:
    __import__("partysocket.presets" if "+" in __version__ else "partysocket.chance")
except ImportError:
    pass
else:
    from .wrong import of_files

    raise of_files(__path__)


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    home = "hooks" if name.startswith("use_") else "options" if name.isupper() else "base"
    try:
        module = __import__("partysocket." + home, None, None, (name,))
    except ImportError as e:
        from .wrong import absent

        raise absent("hooks", e)  # if it is not that part, the error as it is
    return getattr(module, name)
