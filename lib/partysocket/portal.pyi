"""Types of the public names, for editors; boards don't install this file."""

from collections.abc import Callable
from typing import Any

from .wifi import WiFi

class Portal:
    is_open: bool
    count: int
    def __init__(
        self,
        wifi: WiFi,
        path: str = "secrets.py",
        password_path: str = "portal_password",
        log: Callable[[str], Any] = print,
        port: int = 80,
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
