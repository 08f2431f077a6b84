"""Whose back-off is compared: options, as the library's Lifecycle takes them."""

from partysocket import DEVICE, PARTYSOCKET

# What npm's partysocket 1.3.0 really does: every client begins with the same 3 s.
NPM_PARTYSOCKET = dict(PARTYSOCKET, min_reconnection_delay=3000)

POLICIES = {
    "PartySocket 1.3.0 (npm)": NPM_PARTYSOCKET,
    "its documented defaults (PARTYSOCKET)": PARTYSOCKET,
    "ours (DEVICE)": DEVICE,
}
