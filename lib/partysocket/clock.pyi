"""Types of the public names, for editors; boards don't install this file."""

from collections.abc import Callable
from typing import Any

async def sync_clock(
    host: str = "pool.ntp.org",
    port: int = 123,
    timeout_ms: int = 5000,
    set_clock: Callable[[int], Any] | None = None,
) -> int: ...
