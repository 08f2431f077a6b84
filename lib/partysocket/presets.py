"""The two sets of defaults. Both are mappings: `PartySocket(host, room, **PARTYSOCKET)`."""

DEVICE = {
    "min_reconnection_delay": 5000,
    "max_reconnection_delay": 60000,
    "reconnection_delay_grow_factor": 2,
    "jitter": "full",
    "min_uptime": 5000,
    "connection_timeout": (15000, 30000),
    "initial_spread_ms": 0,
    "max_retries": None,
    "max_enqueued_messages": None,
    "queue_bytes": 4096,
    "overflow": "drop-oldest",
    "receive_bytes": 2048,
    "max_message_bytes": 16384,
    "ping_interval_ms": 20000,
    "ping_timeout_ms": 10000,
    "start_closed": False,
    "debug": False,
    "debug_logger": print,
    "retry_rules": "by-cause",
    "should_reconnect_on_close": None,
    "headers": None,
    "ssl": True,
    "hello": None,
    "link": None,
    "connection_id": "stable",
    "resend": None,
    "watchdog": None,
    "transport": None,
    "outbox": None,
}

# PartySocket's documented defaults.
PARTYSOCKET = dict(DEVICE)
PARTYSOCKET.update(
    {
        "min_reconnection_delay": (1000, 5000),
        "max_reconnection_delay": 10000,
        "reconnection_delay_grow_factor": 1.3,
        "jitter": "none",
        "connection_timeout": 4000,
        "overflow": "drop-newest",
        "max_message_bytes": 1048576,
        "ping_interval_ms": 0,
        "retry_rules": "always",
    }
)
