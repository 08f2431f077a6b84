"""One room's move: what is sent in which piece, whether it fits, and both sides' sums."""

import hashlib
import json
import math

from ..ages import DAY_MS
from .rows import TIERS, Room
from .sums import Tally
from .target import MoveError

# What an entry takes there, about.
_BYTES = {"raw": 16, "minutes": 40, "hours": 40, "changes": 120}


class Plan:
    """The move of a room. To make it reads all of the room once."""

    def __init__(self, db, place, oldest, there, now, piece_bytes):
        """`there`: the target's Room; `now`: when the move began, in ms since 1970."""
        self.name = "/".join(place)
        self.pieces = 0
        self.is_done = False
        self._room = Room(db, *place, oldest, piece_bytes)
        self._there = there
        self._now = now
        self._piece_bytes = piece_bytes
        self._next = 0
        tally, total = Tally(), hashlib.sha256()
        for rows in self._pieces(tally.noted(self._room.rows())):
            total.update("\n".join(rows).encode())
            total.update(b"\n\n")
            self.pieces += 1
        self._id = total.hexdigest()
        self._sums = tally.shown()

    def check(self, status, keep):
        """Look at the status of the room there. Raises MoveError if it can't take this one."""
        before = status["import"]
        if before and before["id"] == self._id:
            self.is_done, self._next = before["isDone"], before["next"]
        elif before and not before["isDone"]:
            self._refuse(
                "another move is open there, of other data or other --keep options:"
                " go on with those, or remove it with --discard"
            )
        elif not status["isEmpty"]:
            self._refuse(
                f"the room there is not empty, it has {status['devices']} devices:"
                " remove what it has, or give another server"
            )
        elif status["clients"]:
            self._refuse(f"{status['clients']} clients are in the room there: close them first")
        self._check_limits(status["limits"], keep)
        if missing := self._room.targets() - set(status["targets"]):
            name = min(missing)
            self._refuse(f"its alerts go to {name!r}, which is no target there: set ALERT_TARGETS")

    def send(self):
        """Send what is missing. Yield how many pieces are there, after each."""
        self._there.begin(self._id, self._now, self.pieces)
        for number, rows in enumerate(self._pieces(self._room.rows())):
            if number >= self._next:
                self._there.put(self._id, number, rows)
                yield number + 1

    def sums(self):
        """Return the sums here and there."""
        return self._sums, self._there.sums(self._id, self._room.before)

    def end(self):
        self._there.end(self._id)

    def _pieces(self, rows):
        """Yield the pieces: lists of rows as JSON."""
        piece, size = [], 0
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            if piece and size + len(text) > self._piece_bytes:
                yield piece
                piece, size = [], 0
            piece.append(text)
            size += len(text)
        if piece:
            yield piece

    def _check_limits(self, limits, keep):
        for tier in TIERS:
            ours, theirs = (each / DAY_MS for each in (getattr(keep, tier), limits["keep"][tier]))
            if ours > theirs:
                name = f"KEEP_{tier.upper()}"
                self._refuse(
                    f"{ours:g} days of {tier} do not fit, {theirs:g} are kept there:"
                    f" set {name}={math.ceil(ours)} there, or move less with --keep-{tier}"
                )
        devices, size = self._room.count_devices(), self._bytes()
        if devices > limits["maxDevices"]:
            self._refuse(
                f"{devices} devices do not fit, {limits['maxDevices']} do: raise MAX_DEVICES there"
            )
        if size > limits["maxDbBytes"]:
            self._refuse(
                f"about {size} bytes do not fit, {limits['maxDbBytes']} do:"
                " raise MAX_DB_BYTES there"
            )

    def _bytes(self):
        return sum(_BYTES.get(kind, 0) * each[0] for (kind, _, _), each in self._sums.items())

    def _refuse(self, why):
        raise MoveError(f"{self.name}: {why}")
