"""tools/room_server/commits.py: when what was saved is safe, seen by another connection."""

import asyncio
import sqlite3

import pytest

from room_server.commits import Commits
from room_server.device import Device
from room_server.store import Store


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rooms.db"


def stored(path):
    """Return what a server that is started now would find."""
    db = sqlite3.connect(path)
    found = [row[0] for row in db.execute("SELECT device FROM devices ORDER BY device")]
    db.close()
    return found


def save(store, name):
    store.save("main", "home", Device(name, 1))


async def test_before_something_leaves_all_is_committed(path):
    store = Store(path)
    commits = Commits(store)
    save(store, "a")
    save(store, "b")
    assert stored(path) == []
    commits.settle()
    assert stored(path) == ["a", "b"]
    store.close()


async def test_the_changes_of_a_turn_share_a_commit_though_nothing_leaves(path):
    store = Store(path)
    told = []
    store.on_commit = lambda saves, seconds: told.append(saves)
    commits = Commits(store)
    for name in "abc":
        save(store, name)
    await commits.done()
    assert (told, stored(path)) == ([3], ["a", "b", "c"])
    await commits.done()  # nothing waits: it returns
    assert told == [3]
    store.close()


async def test_with_a_window_messages_leave_at_once_and_commits_come_later(path):
    store = Store(path, window_ms=50)
    commits = Commits(store, 0.05)
    told = []
    store.on_commit = lambda saves, seconds: told.append(saves)
    save(store, "a")
    commits.settle()
    await asyncio.sleep(0)
    assert stored(path) == []
    waiting = [asyncio.create_task(commits.done()) for _ in range(2)]
    save(store, "b")
    await asyncio.gather(*waiting)
    assert stored(path) == ["a", "b"] and told == [2]
    store.close()


async def test_a_change_first_commits_what_is_older_than_the_window(path):
    store = Store(path, window_ms=50)
    Commits(store, 60)  # the loop is late
    for name, at in (("a", 1000), ("b", 1049), ("c", 1050), ("d", 1099)):
        store.save("main", "home", Device(name, at))
    assert stored(path) == ["a", "b"]
    store.save("main", "home", Device("e", 1100))
    assert stored(path) == ["a", "b", "c", "d"]
    store.close()
    assert stored(path) == ["a", "b", "c", "d", "e"]


async def test_who_waits_is_let_go_though_the_disk_fails(path):
    store = Store(path)
    commits = Commits(store)
    save(store, "a")
    waiting = asyncio.create_task(commits.done())
    await asyncio.sleep(0)
    store._db.execute("PRAGMA max_page_count = 1")
    store.save("main", "home", Device("b", 1, {"s": "x" * 100000}))
    await waiting
    assert stored(path) == ["a"]
    store.close()
