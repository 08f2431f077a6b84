"""The table, and a line on what goes on while it is worked out."""

import sys
import time

_COLUMNS = ["policy", "C", "D", "peak /s", "t50", "t99", "tries", "100 ms"]
_KEY = """\
C: handshakes a second that the server can do. D: how long it was away. peak: most dials begun in
any second after its return. t50, t99: from its return until so many devices were back. tries:
dials per device. 100 ms: dials in the busiest 100 ms against the mean of its 10 s."""
_WASTED = "wasted"
_EVERY_S = 0.5


def heading(chosen):
    if chosen.queue is None:
        server = "The server refuses what exceeds C (token bucket of 100 ms)."
    else:
        server = f"The server queues what exceeds C, up to {chosen.queue:g} s deep."
    columns = _COLUMNS + ([] if chosen.queue is None else [_WASTED])
    key = _KEY if chosen.queue is None else _KEY[:-1] + ",\nwasted: handshakes for who had left."
    title = f"{chosen.devices} devices lose their link at once. {server} seed {chosen.seed}"
    return "\n".join([title, "", key, "", _line(columns), _line("-" * len(c) for c in columns)])


def row(name, rate, down_s, run, chosen):
    cells = [name, rate, f"{down_s:g} s", run.peak()]
    cells += [_seconds(run, share, chosen.for_s) for share in (0.5, 0.99)]
    cells += [f"{run.tries:.1f}", f"{run.clumping():.1f} x"]
    return _line(cells + ([] if chosen.queue is None else [run.wasted]))


def _seconds(run, share, for_s):
    took = run.back_s(share)
    return f"> {for_s:g} s" if took is None else f"{took:.1f} s"


def _line(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


class Progress:
    """A watcher for Fleet.run. On a terminal one line that is written over, else nothing."""

    def __init__(self, what, until_s):
        self._what = what
        self._until_s = until_s
        self._shown = 0
        self._is_seen = sys.stderr.isatty()

    def __enter__(self):
        return self._watch

    def __exit__(self, *exc_info):
        self._show("")

    def _watch(self, now, fleet):
        if time.monotonic() - self._shown >= _EVERY_S:
            self._shown = time.monotonic()
            back = f"{len(fleet.back)} of {fleet.devices} back"
            self._show(f"{self._what}: {back} after {now // 1000} s of {self._until_s:g}")

    def _show(self, text):
        if self._is_seen:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
