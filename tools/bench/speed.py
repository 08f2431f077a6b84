"""Time: CPU per echo, one-way rate, masking, and who waits for a delayed ACK."""

from .clients import ALL, HANDLER, LIBRARIES, PARTYSOCKET, RAW, tree

_SIZES = (16, 125, 1024, 16384)
_QUEUE_BYTES = 20000  # so that 16 KiB fit


def measure(bench):
    for size in _SIZES:
        cpu(bench, size)
    one_way(bench)
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
        [PARTYSOCKET],
        lambda c: bench.task("mask", c, 1024, n, tree=tree(c, "mpy", None)),
    )
    bench.note(
        "CPU: user and system time of the client's process, medians of interleaved runs, text; "
        "beside it the ratio to the raw stream, which carries the same payloads without frames. "
        "micropython-async-websocket-client looks every 5 ms whether something came, and waits "
        "for delayed ACKs. "
        "Masking, chumicro-websockets: with the building of the frame."
    )


def cpu(bench, size):
    def once(client):
        n = echoes(bench, client, size)
        more = [_QUEUE_BYTES] if client in (PARTYSOCKET, HANDLER) and size > 2000 else []
        return bench.cpu(client, size, n, *more)

    values = bench.rounds(
        f"CPU per echo, {size} B", [*ALL, HANDLER], once, 3 if bench.is_quick else 7
    )
    floor = values.get(RAW.name)

    def text(value):
        ratio = f" ({value / floor:.2f}x)" if isinstance(floor, float) and floor else ""
        return f"{value * 1e6:,.0f} us{ratio}"

    bench.medians(f"CPU per echo, {size} B (beside the raw stream)", ALL, values, text)
    handled = {PARTYSOCKET.name: values[HANDLER.name]}
    bench.medians("the same, by onmessage instead of recv()", [PARTYSOCKET], handled, text)


def echoes(bench, client, size):
    """How many to time: enough for some 50 ms of CPU, few for who sleeps or masks slowly."""
    if client.name == "async":  # it sleeps 10 ms an echo
        n = 40
    elif client in (PARTYSOCKET, HANDLER, RAW):
        n = 1500 if size < 10000 else 500
    else:
        n = 400 if size < 1000 else 100 if size < 10000 else 15
    if client.name == "chumicro" and size >= 1000:
        n = min(n, 30)  # 44 ms each, for want of TCP_NODELAY
    return max(10, n // 3) if bench.is_quick else n


def one_way(bench):
    def once(client):
        n = 5000 if client in (PARTYSOCKET, RAW) else 3000
        return bench.task("one_way", client, 1024, n // 5 if bench.is_quick else n, path="sink")

    libraries = [client for client in ALL if client is not RAW]
    what = "one-way send of 1 KiB"
    values = bench.rounds(what, libraries, once, 2 if bench.is_quick else 5)
    peers = [values[c.name] for c in libraries[1:] if isinstance(values.get(c.name), float)]

    def text(value):
        return f"{value:,.0f}/s" + (f" ({value / max(peers):.1f}x)" if peers else "")

    bench.medians(f"{what} (beside the best of the others)", libraries, values, text)
