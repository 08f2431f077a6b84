"""Types of the public names, for editors; boards don't install this file."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from . import PartySocket

_Value = float | bool | str | None
_Obey = Callable[[Any], Any]
_F = TypeVar("_F", bound=_Obey)

class Device:
    name: str
    title: str | None
    units: Mapping[str, str] | None
    controls: list[dict[str, Any]] | None
    socket: PartySocket
    def __init__(
        self,
        host: str,
        room: str,
        name: str,
        *,
        title: str | None = None,
        units: Mapping[str, str] | None = None,
        controls: list[dict[str, Any]] | None = None,
        token: str | None = None,
        **options: Any,
    ) -> None: ...
    def send(self, values: Mapping[str, _Value] | None = None, **named: _Value) -> bool: ...
    @overload
    def on_command(self, name: str, handler: _F) -> _F: ...
    @overload
    def on_command(self, name: str, handler: None = None) -> Callable[[_F], _F]: ...
    def say_hello(self) -> None: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    async def flush(self, timeout_ms: int | None = None) -> bool: ...
    async def __aenter__(self) -> Device: ...
    async def __aexit__(self, *_: Any) -> None: ...
    def handle_event(self, event: Any) -> None: ...
