"""Headers that restrict what a browser may do with an answer."""

import re

_HOST = re.compile(r"[A-Za-z0-9.\[\]:_-]{1,255}")
_COMMON = {
    # Without versions, which would help an attacker.
    "Server": "room_server",
    # The page's address may contain the token.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def of_page(host):
    """Return the headers for the dashboard's files. `host` is the request's Host, or None."""
    # Some browsers do not count a WebSocket of the same host as 'self'.
    sockets = f" ws://{host} wss://{host}" if host and _HOST.fullmatch(host) else ""
    policy = (
        f"default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {**_COMMON, "Cache-Control": "no-cache", "Content-Security-Policy": policy}


def of_answer():
    """Return the headers for everything else: JSON that is not a page and that no cache keeps."""
    policy = "default-src 'none'; frame-ancestors 'none'"
    return {**_COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy}
