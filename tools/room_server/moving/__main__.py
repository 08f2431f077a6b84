"""Moves rooms. The exit status is 0 when all are there, 1 if one is not, 2 for a bad argument."""

import sqlite3
import sys
import time
from contextlib import closing

from ..ages import Ages
from ..lock import locked
from ..schema import FAULTS, SCHEMA_VERSION, StoreError
from .pieces import Plan
from .rows import rooms_in
from .settings import parse_arguments
from .target import MoveError, Target

_KINDS = ("devices", "raw", "minutes", "hours", "changes", "layout", "alerts")


def main(arguments=None, prog="room_server.moving"):
    """Move the rooms. `prog`: its name in what it says."""
    settings = parse_arguments(arguments, prog)
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with (
            locked(settings.db, others="a copy of it with --db"),
            closing(_open(settings.db)) as db,
        ):
            _move(db, settings)
    except StoreError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        sys.exit(2)
    except MoveError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        sys.exit(1)
    except FAULTS as error:
        print(f"{prog}: {settings.db} cannot be read: {error}", file=sys.stderr)
        sys.exit(1)


def _move(db, settings):
    target = Target(settings)
    rooms = _chosen(rooms_in(db), settings)
    if settings.discard:
        _discard(target, rooms)
        return
    # All is checked before anything is sent.
    plans = [_plan(db, settings, target, *place) for place in rooms]
    for plan in plans:
        if plan.is_done:
            print(f"{plan.name}: it is there already, nothing was changed")
        else:
            _send(plan)


def _discard(target, rooms):
    brought = [place for place in rooms if _is_open(target.room(*place).status())]
    if not brought:
        raise MoveError("no import is open: there is nothing to discard")
    for party, room in brought:
        target.room(party, room).discard()
        print(f"{party}/{room}: what the move has brought is removed")


def _is_open(status):
    return status["import"] is not None and not status["import"]["isDone"]


def _plan(db, settings, target, party, room):
    there = target.room(party, room)
    status = there.status()
    before = status["import"]
    # A move that goes on draws the same line between what is moved and what is too old.
    now = before["now"] if before else int(time.time() * 1000)
    oldest = Ages(settings.keep).oldest(now)
    plan = Plan(db, (party, room), oldest, there, now, settings.piece_bytes)
    plan.check(status, settings.keep)
    return plan


def _send(plan):
    for number in plan.send():
        text = f"{plan.name}: {number} of {plan.pieces} pieces are there"
        _progress(text, number == plan.pieces)
    different = _compare(plan.name, *plan.sums())
    if different:
        raise MoveError(
            f"{plan.name}: {different} differs on both sides: the room there stays closed;"
            " remove it with --discard, and move it again"
        )
    plan.end()
    print(f"{plan.name}: moved")


def _compare(name, here, there):
    """Print a table of both sides. Return the first difference, or None."""
    print(f"{name:24} {'entries here':>14} {'there':>14}  SHA-256")
    for kind in _KINDS:
        keys = [key for key in here.keys() | there.keys() if key[0] == kind]
        ours, theirs = (sum(side[key][0] for key in keys if key in side) for side in (here, there))
        is_equal = all(here.get(key) == there.get(key) for key in keys)
        print(f"  {kind:22} {ours:>14} {theirs:>14}  {'equal' if is_equal else 'DIFFERENT'}")
    for key in sorted(here.keys() | there.keys(), key=str):
        if here.get(key) != there.get(key):
            return "/".join(str(part) for part in (*key[1:], key[0]) if part is not None)
    return None


def _progress(text, is_last):
    if sys.stderr.isatty():
        print(f"\r{text}", end="\n" if is_last else "", file=sys.stderr, flush=True)


def _chosen(found, settings):
    if settings.rooms is None:
        return found
    for place in settings.rooms:
        if place not in found:
            known = ", ".join("/".join(each) for each in found[:20]) or "none"
            text = f"--room: {'/'.join(place)} is not in {settings.db}: it has {known}"
            raise StoreError(text)
    return settings.rooms


def _open(path):
    """Return a connection that only reads, and sees one state of the file."""
    try:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA query_only = ON")
        db.execute("BEGIN")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        old = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'history'").fetchone()
    except FAULTS as error:
        raise StoreError(f"{path} cannot be read: {error}; give another file with --db") from None
    if version != SCHEMA_VERSION or old:
        raise StoreError(
            f"{path} has schema {version}, and this is for {SCHEMA_VERSION}: start the room server"
            " of this version with it once, until it says that all is converted"
        )
    return db


if __name__ == "__main__":
    main()
