"""The table, and a line that shows the progress."""

import sys
import threading
from dataclasses import dataclass

from .cases import INSTANCES, ROOM

_COLUMNS = ["case", "what happens", "rules", "devices", "ideal", "t50", "t99", "x ideal"]
_COLUMNS += ["last", "peak", "tries", "before", "wasted", "100 ms"]
_KEY = """\
A server does 1,000 handshakes a second for 100,000 devices (ten times that where it says so), and
refuses what is beyond. ideal: what it needs to do each of them once. t50, t99, last: from the
servers' return until so many were back; x ideal: t99. peak: the most dials in any second, against
what the servers can do. tries, before: dials per device once they were back, and while they were
away. wasted: handshakes per device done for who had left. 100 ms: dials in the busiest 100 ms
against the mean of its 10 s: 1 is even, 100 is all at once."""
_PICTURE_S = 180


@dataclass
class Result:
    """A row: the summary of a Run."""

    case: str
    rules: str
    what: str
    devices: int
    ideal_s: float
    back_s: tuple  # of half of the devices, of 99 %, of all; None: not while it was watched
    peak: float
    tries: float
    tries_before: float
    wasted: float
    clumping: float
    per_second: list  # dials, against what the servers can do

    @classmethod
    def of(cls, case, rules, what, run, ideal_s):
        rate = run.devices / ideal_s
        return cls(
            case, rules, what, run.devices, ideal_s,
            tuple(run.back_s(share) for share in (0.5, 0.99, 1)),
            run.peak() / rate, run.tries, run.tries_before, run.wasted / run.devices,
            run.clumping(), [dials / rate for dials in run.per_second(_PICTURE_S)],
        )  # fmt: skip


def heading(chosen):
    rooms = chosen.devices // ROOM
    title = f"{chosen.devices:,} devices in {rooms:,} rooms on {INSTANCES} servers; "
    title += f"of one server, the rows before `all`, a tenth of them. seed {chosen.seed}"
    return "\n".join([title, "", _KEY, "", _line(_COLUMNS), _line("-" * len(c) for c in _COLUMNS)])


def row(result):
    t50, t99, last = result.back_s
    ratio = "-" if t99 is None else f"{t99 / result.ideal_s:.2f}"
    cells = [result.case, result.what, result.rules, f"{result.devices:,}"]
    cells += [_seconds(result.ideal_s), _seconds(t50), _seconds(t99), ratio, _seconds(last)]
    cells += [f"{result.peak:.2f}", f"{result.tries:.2f}", f"{result.tries_before:.1f}"]
    cells += [f"{result.wasted:.2f}", f"{result.clumping:.1f}"]
    return _line(cells)


def _seconds(took):
    return "never" if took is None else f"{took:.1f} s"


def _line(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


class Progress:
    """Shows the progress of the runs, on a terminal in one line."""

    def __init__(self, most):
        self._most = most
        # Run -> its progress.
        self._states = {}
        self._is_seen = sys.stderr.isatty()
        self._lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._show("")

    def listen(self, ticker):
        """Follow the messages that the runs put into a queue."""
        threading.Thread(target=self._follow, args=(ticker,), daemon=True).start()

    def print(self, line):
        with self._lock:
            self._show("")
            print(line, flush=True)

    def _follow(self, ticker):
        try:
            while True:
                label, text = ticker.get()
                with self._lock:
                    if text is None:
                        self._states.pop(label, None)
                    else:
                        self._states[label] = text
                    going = list(self._states.items())[: self._most]
                    self._show("; ".join(f"{label}: {text}" for label, text in going))
        except (EOFError, OSError):
            # The runs are over.
            pass

    def _show(self, text):
        if self._is_seen:
            sys.stderr.write(f"\r\x1b[K{text[:150]}")
            sys.stderr.flush()
