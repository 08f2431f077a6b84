"""Heap: the smallest that is enough, and what each message takes."""

from .clients import ALL, OURS, RAW, rom, tree
from .devices import Missing

_LEAST_KIB = 4
_MOST_KIB = 512
# With a heap that is too small the client may wait for ever.
_LIMIT_S = 8


def measure(bench):
    for form in ("mpy", "py"):
        bench.row(
            f"smallest heap, .{form}: import, connect, 200 echoes of 125 B",
            "KiB",
            ALL,
            lambda client, form=form: smallest(bench, client, form),
        )
        bench.row(
            f"the same over wss, .{form}, verified by one root",
            "KiB",
            OURS,
            lambda client, form=form: smallest(bench, client, form, "tls"),
        )
    bench.row(
        "smallest heap, .mpy: import, connect, 200 reconnects, an echo of 125 B over each",
        "KiB",
        OURS,
        lambda client: smallest(bench, client, "mpy", what="reconnects"),
    )
    for what in ("echoes", "reconnects"):
        bench.row(
            f"smallest heap, from ROMFS: 200 {what}",
            "KiB",
            OURS,
            lambda client, what=what: smallest(bench, client, "rom", what=what),
        )
    n = 50 if bench.is_quick else 200
    for size in (64, 1024):
        bench.row(
            f"heap per sent binary message of {size} B",
            "B",
            ALL,
            lambda client, size=size: bench.task("heap_send", client, size, n, path="sink"),
        )
    for size in (64, 1024):
        bench.row(
            f"heap per received binary message of {size} B",
            "B",
            ALL,
            lambda client, size=size: bench.task("heap_receive", client, size, n, path="push"),
        )
        bench.row(
            f'the same, {size} B, with binary_type "memoryview"',
            "B",
            OURS,
            lambda client, size=size: bench.task("heap_receive", client, size, n, 1, path="push"),
        )
    bench.row("the call of send() under heap_lock", "", ALL, lambda client: locked(bench, client))
    bench.note(
        "Heap per message: collector off, each message sent or received alone (a millisecond "
        "apart), so that each costs its own wake-up; a received payload is in the figure. "
        f"Smallest heap: tries of each size: {bench.tries()}; the adapter is in it, which gives "
        "our own the options queue_bytes and max_retries; and for time "
        "alone micropython-async-websocket-client runs it with TCP_NODELAY and without its sleep. "
        "Over wss the unix port's mbedTLS takes its memory, some 40 KB, from outside this heap. "
        "From ROMFS: the library alone; its image, which on a board lies in the flash, lies in "
        "the heap here, and comes on top of the figure with its share of the collector's tables."
    )


def smallest(bench, client, form, path="echo", what="echoes"):
    """The smallest heap in KiB with which every try succeeds. `form`: "mpy", "py" or "rom"."""

    def fits(kib):
        for _ in range(bench.tries()):
            try:
                once(bench, client, kib, form, path, what)
            except Missing as error:
                if kib == _MOST_KIB:
                    raise error
                return False
        return True

    # This raises if the heap is not the reason.
    fits(_MOST_KIB)
    # The answer is above `low` and at most `high`.
    low, high = _LEAST_KIB, _MOST_KIB
    # Most answers are near 40.
    guess = 40
    while high - low > 1:
        middle = guess if low < guess < high else (low + high) // 2
        if fits(middle):
            high = middle
            guess = middle - max(1, (middle - low) // 3)
        else:
            low = middle
            guess = middle + max(1, middle // 4)
    return high


def once(bench, client, kib, form, path="echo", what="echoes", limit_s=_LIMIT_S):
    """Run it with a heap of `kib`. Raise Missing, with its last output, if it fails."""
    arch = bench.micropython.arch
    folder, image = rom(client, arch) if form == "rom" else (tree(client, form, arch), None)
    words = [client.adapter, bench.port(client, path), what]
    if path == "tls":
        words.append(bench.root)
    heap = kib * 1024 + (_room_for(image.stat().st_size) if image else 0)
    bench.micropython.run("smallest", words, [folder], heap, limit_s, image)


def _room_for(size):
    """The heap that `size` bytes take: blocks of 32 bytes, each with three bits in the tables."""
    blocks = -(-size // 32)
    return blocks * 32 + -(-blocks * 3 // 8)


def locked(bench, client):
    allocates = not bench.task("heap_lock", client, path="sink")
    if client is RAW:
        return "allocates (write)" if allocates else "allocates nothing (write)"
    return "allocates" if allocates else "allocates nothing"
