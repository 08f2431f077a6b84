"""The headers that tell a browser how little an answer may do."""

import re

_HOST = re.compile(r"[A-Za-z0-9.\[\]:_-]{1,255}")
_COMMON = {
    "Server": "room_server",  # and no versions
    "Referrer-Policy": "no-referrer",  # the page's address may carry the token
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def of_page(host):
    """Return the headers of the dashboard's files; `host` is the request's Host, or None."""
    # Not every browser counts a WebSocket of the same host as 'self'.
    sockets = f" ws://{host} wss://{host}" if host and _HOST.fullmatch(host) else ""
    policy = (
        f"default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {**_COMMON, "Cache-Control": "no-cache", "Content-Security-Policy": policy}


def of_answer():
    """Return the headers of everything else: JSON that is no page and nobody keeps."""
    policy = "default-src 'none'; frame-ancestors 'none'"
    return {**_COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy}
