"""Masking, and the wait for a delayed ACK."""

from .clients import LIBRARIES, OURS, tree


def measure(bench):
    for size in (16, 1100):
        bench.row(
            f"50 echoes of {size} B, server without TCP_NODELAY",
            "ms",
            LIBRARIES,
            lambda client, size=size: bench.task("echoes", client, size, 50, nagle=True),
        )
    n = 20 if bench.is_quick else 100
    bench.row("masking, 1 KiB", "ns/B", LIBRARIES, lambda c: bench.task("mask", c, 1024, n))
    bench.row(
        "masking, 1 KiB, without native code",
        "ns/B",
        OURS,
        lambda c: bench.task("mask", c, 1024, n, tree=tree(c, "mpy", None)),
    )
    bench.note("Masking, chumicro-websockets: with the building of the frame.")
