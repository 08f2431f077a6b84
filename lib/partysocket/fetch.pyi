"""Types of the public names, for editors; boards don't install this file."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeVar

from . import Response as Response

_T = TypeVar("_T")
_Given = _T | Callable[[], _T] | Callable[[], Awaitable[_T]]

async def fetch(
    host: str,
    room: str | None = None,
    *,
    method: str = "GET",
    headers: _Given[Mapping[str, str]] | None = None,
    body: str | bytes | bytearray | memoryview | None = None,
    ssl: Any = True,
    timeout_ms: int = 15000,
    max_body_bytes: int = 16384,
    party: str | None = None,
    base_path: str | None = None,
    prefix: str | None = None,
    path: str | None = None,
    protocol: Literal["http", "https", "ws", "wss"] | None = None,
    query: _Given[Mapping[str, Any]] | None = None,
    transport: Callable[[], Any] | None = None,
) -> Response: ...
