"""The dashboard's files, and nothing but them."""

import hashlib
import re
from pathlib import Path

from aiohttp import web

from . import headers

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
_MISSING = """The dashboard is not built.
Run `npm ci && npm run build` in tools/dashboard, then reload this page.
Rooms work without it: /parties/main/<room>
"""


def page(path, host=None, known=None, folder=_FOLDER):
    """Return the response for a path that is no room's, or None if there is no such file.

    `host` is the request's Host header, `known` its If-None-Match.
    """
    name = path[1:] or "index.html"
    if not _NAME.fullmatch(name) or Path(name).suffix not in _TYPES:
        return None
    answer = headers.of_page(host)
    if (folder / name).is_file():
        # Not a FileResponse: those cannot be written under a time limit of ours.
        body = (folder / name).read_bytes()
        answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if known == answer["ETag"]:
            return web.Response(status=304, headers=answer)
        answer["Content-Type"] = _TYPES[Path(name).suffix]
        return web.Response(body=body, headers=answer)
    return web.Response(status=503, text=_MISSING, headers=answer) if path == "/" else None
