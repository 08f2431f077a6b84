"""Types of the public names, for editors; boards don't install this file."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal, Protocol, TypedDict, TypeVar

_T = TypeVar("_T")
_Data = str | bytes | bytearray | memoryview
_Given = _T | Callable[[], _T] | Callable[[], Awaitable[_T]]
_Protocols = str | list[str] | tuple[str, ...] | None
_Ms = int | tuple[int, int]
_Handler = Callable[[Any], Any]

__version__: str

class _Link(Protocol):
    def is_up(self) -> bool: ...
    async def wait_up(self) -> Any: ...

class _HandlesEvents(Protocol):
    def handle_event(self, event: Any) -> Any: ...

class _Options(TypedDict, total=False):
    min_reconnection_delay: _Ms
    max_reconnection_delay: int
    reconnection_delay_grow_factor: float
    jitter: Literal["full", "equal", "none"]
    min_uptime: int
    connection_timeout: _Ms
    initial_spread_ms: int
    max_retries: int | None
    max_enqueued_messages: int | None
    queue_bytes: int
    overflow: Literal["drop-oldest", "drop-newest", "error"]
    receive_bytes: int
    max_message_bytes: int
    ping_interval_ms: int
    ping_timeout_ms: int
    start_closed: bool
    debug: bool
    debug_logger: Callable[[str], Any]
    retry_rules: Literal["by-cause", "always"]
    should_reconnect_on_close: Callable[[Any], bool] | None
    headers: _Given[Mapping[str, str]] | None
    ssl: Any
    hello: _Given[_Data | None] | None
    link: _Link | None
    connection_id: Literal["stable", "fresh"]
    resend: Literal["unconfirmed"] | None
    watchdog: Callable[[], Any] | None
    transport: Callable[[], Any] | None
    outbox: Any

DEVICE: _Options
PARTYSOCKET: _Options

class Error(Exception): ...

class HandshakeError(Error):
    status: int
    retry_after: int | None
    def __init__(self, message: str, status: int, retry_after: int | None = None) -> None: ...

class ProtocolError(Error):
    code: int
    def __init__(self, message: str, code: int) -> None: ...

class QueueFull(Error): ...

class WebSocket:
    CONNECTING: int
    OPEN: int
    CLOSING: int
    CLOSED: int
    onopen: _Handler | None
    onmessage: _Handler | None
    onclose: _Handler | None
    onerror: _Handler | None
    url: str
    protocol: str
    extensions: str
    binary_type: str
    should_reconnect: bool
    last_error: tuple[str, str] | None
    def __init__(
        self, url: _Given[str], protocols: _Given[_Protocols] = None, **options: Any
    ) -> None: ...
    @property
    def ready_state(self) -> int: ...
    @property
    def retry_count(self) -> int: ...
    @property
    def buffered_amount(self) -> int: ...
    def send(self, data: _Data) -> bool: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    def reconnect(self, code: int | None = None, reason: str | None = None) -> None: ...
    def drain_queued_messages(self) -> list[str | bytes]: ...
    def stats(self) -> dict[str, Any]: ...
    def add_event_listener(
        self, type: str, listener: _Handler | _HandlesEvents, once: bool = False
    ) -> None: ...
    def remove_event_listener(self, type: str, listener: _Handler | _HandlesEvents) -> None: ...
    async def send_chunks(
        self, chunks: _Data | Iterable[_Data] | AsyncIterable[_Data], text: bool = False
    ) -> bool: ...
    async def flush(self, timeout_ms: int | None = None) -> bool: ...
    async def recv(self) -> str | bytes | memoryview: ...
    def __aiter__(self) -> WebSocket: ...
    async def __anext__(self) -> str | bytes | memoryview: ...
    async def wait_open(self, timeout_ms: int | None = None) -> bool: ...
    async def wait_closed(self) -> None: ...
    async def __aenter__(self) -> WebSocket: ...
    async def __aexit__(self, *_: Any) -> None: ...

class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None: ...
    def text(self) -> str: ...
    def json(self) -> Any: ...

class PartySocket(WebSocket):
    id: str
    host: str
    room: str | None
    name: str
    path: str
    base_path: str | None
    room_url: str
    def __init__(
        self,
        host: str | None = None,
        room: str | None = None,
        *,
        id: str | None = None,
        party: str | None = None,
        base_path: str | None = None,
        prefix: str | None = None,
        path: str | None = None,
        protocol: Literal["ws", "wss"] | None = None,
        protocols: _Given[_Protocols] = None,
        query: _Given[Mapping[str, Any]] | None = None,
        disable_name_validation: bool = False,
        **options: Any,
    ) -> None: ...
    def update_properties(self, **changes: Any) -> None: ...
    @staticmethod
    async def fetch(host: str, room: str | None = None, **arguments: Any) -> Response: ...

class Hook:
    socket: Any
    def __init__(self, make: Any, place: tuple[str, ...], settings: dict[str, Any]) -> None: ...
    def update(self, **changes: Any) -> None: ...
    async def __aenter__(self) -> Hook: ...
    async def __aexit__(self, *_: Any) -> None: ...

def use_party_socket(**settings: Any) -> Hook: ...
def use_web_socket(
    url: _Given[str], protocols: _Given[_Protocols] = None, **settings: Any
) -> Hook: ...
