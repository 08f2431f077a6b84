"""The back-offs that are compared, as options of the library's Lifecycle."""

from partysocket import DEVICE, PARTYSOCKET

POLICIES = {
    "ours": DEVICE,
    "PARTYSOCKET": PARTYSOCKET,  # the documented defaults of PartySocket
    # What npm's partysocket 1.3.0 really does: every client begins with the same 3 s.
    "npm": dict(PARTYSOCKET, min_reconnection_delay=3000),
}
