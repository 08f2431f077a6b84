"""The file in which the party server stores a room, and batches that fill it."""

import sqlite3
from contextlib import closing, contextmanager

from rooms.contract.outbox import batch, entry

# So many fit into one message.
_AT_ONCE = 200


@contextmanager
def opened(storage):
    """The database of the only room in this folder. What is changed is kept. No server runs."""
    paths = [path for path in storage.glob("main/*.sqlite") if "metadata" not in path.name]
    assert len(paths) == 1
    with closing(sqlite3.connect(paths[0])) as db:
        yield db
        db.commit()


def batches(readings, n=0):
    """Yield the messages for many readings (at, values), numbered from `n` + 1 on."""
    for start in range(0, len(readings), _AT_ONCE):
        some = readings[start : start + _AT_ONCE]
        after = n + start
        entries = [
            entry(after + i, at=at, values=values) for i, (at, values) in enumerate(some, 1)
        ]
        yield batch(after, *entries)
