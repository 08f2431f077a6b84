"""Serves the dashboard's files, and no others."""

import hashlib
import re
from pathlib import Path

from aiohttp import web

from . import headers

_FOLDER = Path(__file__).parent / "static"
# One segment, without escape sequences, and no hidden file.
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
# The system's own table may have a wrong type for JavaScript.
_TYPES = {
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
_MISSING = """The dashboard is not built.
Run `npm ci && npm run build` in tools/dashboard, then reload this page.
Rooms work without it: /parties/main/<room>
"""


def page(path, host=None, known=None, folder=_FOLDER):
    """Return the response for a path that is not a room's, or None if there is no such file.

    `host` is the request's Host header, `known` its If-None-Match.
    """
    name = path[1:] or "index.html"
    if not _NAME.fullmatch(name) or Path(name).suffix not in _TYPES:
        return None
    answer = headers.of_page(host)
    if (folder / name).is_file():
        # Not a FileResponse, because it can't be written under our time limit.
        body = (folder / name).read_bytes()
        answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if known == answer["ETag"]:
            return web.Response(status=304, headers=answer)
        answer["Content-Type"] = _TYPES[Path(name).suffix]
        return web.Response(body=body, headers=answer)
    return web.Response(status=503, text=_MISSING, headers=answer) if path == "/" else None
