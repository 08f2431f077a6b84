"""The dashboard's files, and nothing but them."""

import re
from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "static"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")  # one segment, no escape sequences, no dotfile
_TYPES = {  # the system's own table is not to be trusted with JavaScript
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",  # the page's address may carry the token
    "X-Content-Type-Options": "nosniff",
}
_MISSING = """The dashboard is not built.
Run `npm ci && npm run build` in tools/dashboard, then reload this page.
Rooms work without it: /parties/main/<room>
"""


def page(path, folder=_FOLDER):
    """Return the response for a path that is no room's, or None if there is no such file."""
    name = path[1:] or "index.html"
    if not _NAME.fullmatch(name) or Path(name).suffix not in _TYPES:
        return None
    if (folder / name).is_file():
        headers = {**_HEADERS, "Content-Type": _TYPES[Path(name).suffix]}
        return web.FileResponse(folder / name, headers=headers)
    return web.Response(status=503, text=_MISSING, headers=_HEADERS) if path == "/" else None
