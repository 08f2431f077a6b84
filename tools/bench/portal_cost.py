"""The RAM that a portal takes, closed and open."""

from . import sizes
from .clients import PARTYSOCKET

MOST_OPEN = 6144
# On a 32-bit heap: each of these steps is measured after the ones before it.
_STEPS = (
    "portal_stages.closed( )",
    "portal_stages.opened( )",
    "portal_stages.visited( )",
    "portal_stages.answered( )",
    "portal_stages.closed_again( )",
)
CLOSED, OPEN, VISITED, ANSWERED, CLOSED_AGAIN = range(1, 6)
_NAMES = {
    CLOSED: "closed",
    OPEN: "open, ten networks found",
    VISITED: "in the middle of a request",
    ANSWERED: "in the middle of an answer",
    CLOSED_AGAIN: "closed again, after it was open three times",
}


def measure(bench):
    for step, name in _NAMES.items():
        what = f"RAM of a portal, 32-bit: {name}"
        bench.row(what, "B", [PARTYSOCKET], lambda c, s=step: ram_32(bench, c, s))
    bench.note(
        "Portal: over what a dial and Wi-Fi load. 32-bit: MicroPython in WebAssembly, with stubs "
        "for radio and sockets, so without what these take. A request: the longest line that is "
        "read. An answer: its first piece."
    )


def ram_32(bench, client, step):
    """Bytes of a 32-bit heap that all steps up to this one keep."""
    names = [name for name in sizes.modules(bench, client) if not name.endswith(".native")]
    names.append("partysocket.wifi")
    before = [*names, "import portal_stages", "portal_stages.prepare( )"]
    return sizes.import_32(client, _STEPS[:step], before)
