"""What lives leave out because the library does not stand it yet. A line that is mended goes."""

LEFT_OUT = (
    "views",  # a memoryview that waits for recv() is overwritten by the next dial
    "late pings",  # with ping_timeout_ms over ping_interval_ms, pings come once a timeout
    "cancelled chunks",  # send_chunks() cancelled in its first piece leaves the connection open
    "drops in flight",  # flush() is True once what waits behind a record half written is dropped
    "last discards",  # reconnect() in a handler of `discard` that comes as the life ends is lost
    "crossing pings",  # a ping sent before the last one's pong, and flush() is never True again
    "unbegun handlers",  # an async handler whose task the loop's end cancels before it began
    "closes that raise",  # of a transport: the engine's task dies of it
    "late words",  # close() in ready_state 2, after a write failed, and messages still come
)
