"""Changes of the database: each whole or not at all, many in one commit, and what was lost."""

import sqlite3
import time
from contextlib import contextmanager

from . import logs
from .schema import BUSY_MS, FAULTS
from .space import Full

_MOST_CHANGES = 1000  # in one commit
_TELL_AGAIN_S = 60  # that the file is full of last values


class Outdated(Exception):
    """What a change builds on is not there any more: it was lost."""


class Transactions:
    """The changes of a database `db`, whose Space is `space`.

    What is changed can be read at once, and lasts from the next commit() on. No method raises for
    the disk's sake: rooms go on, a warning says that they are not stored, and another when they
    are again.
    """

    def __init__(self, db, space, window_ms=0):
        """A change first commits what is `window_ms` old, 0: never."""
        self.on_begin = None  # called when there is something to commit
        self.on_end = None  # called with None after a commit, or with why all of it was lost
        self.on_commit = None  # called with (changes, seconds) after a commit
        self.on_failing = None  # called when `failure` has become another
        self.failure = None  # why the last change or commit failed, or None; it was warned of
        self._window_ms = window_ms
        self._changes = []  # what was done since the last commit
        self._begun_at = None  # the time of the first of them that has one
        self._tell_full_at = 0.0
        self._db = db
        self._space = space

    def has_uncommitted(self):
        """True if something was changed since the last commit."""
        return self._db.in_transaction

    def commit(self):
        """Make what was changed last; without any change, do nothing.

        Returns None, or why all changes since the commit before are lost.
        """
        try:
            self._commit()
        except sqlite3.Error as error:
            return self._fail(error)
        return None

    def change(self, work, at=None):
        """Do `work`, in the transaction that the next commit() ends. Return None; or, with nothing
        of it done, why.
        """
        if self._is_due(at):
            self.commit()
        try:
            try:
                self._do(work)
            except sqlite3.OperationalError as error:
                if "full" not in str(error):
                    raise
                self._redo(work)
        except Full as error:
            self._tell_full(error)
            return str(error)
        except Outdated as error:
            return str(error)
        except FAULTS as error:
            return self._fail(error)
        self._changes.append(work)
        self._begun_at = at if self._begun_at is None else self._begun_at
        return None

    def make_much_place(self):
        """Called in a change, when the file is full: drop what may go."""

    def check_file(self):
        """Called before a commit: raise sqlite3.Error if it would not last."""

    @contextmanager
    def attempt(self):
        """A block that reads: if that fails, it ends there, and the disk is said to fail."""
        try:
            yield
        except FAULTS as error:
            self._fail(error)

    def _commit(self):
        if not self._db.in_transaction:
            return
        begun = time.perf_counter()
        try:
            self.check_file()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._lose(error)
            raise
        changes, self._changes = len(self._changes), []
        if self.on_commit:
            self.on_commit(changes, time.perf_counter() - begun)
        if self.failure is not None and changes:
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            logs.warning("stored-again", "readings are stored again")
            self._set_failure(None)
        self._end(None)

    def _redo(self, work):
        """Make place in a full file, and do anew what SQLite has undone."""
        undone = [] if self._db.in_transaction else self._changes
        try:
            for each in (self.make_much_place, *undone):
                self._do(each)
        except (Full, Outdated, sqlite3.Error) as error:
            if undone:
                self._lose(error)
            raise
        self._commit()  # so that `work` can undo none of it
        self._do(work)

    def _do(self, work):
        self._begin()
        self._db.execute("SAVEPOINT change")
        try:
            work()
        except BaseException:
            if self._db.in_transaction:  # a full disk may have ended it
                self._db.execute("ROLLBACK TO change")
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE change")

    def _is_due(self, at):
        """True if the loop was late, and a commit is due before a change at `at`."""
        if len(self._changes) >= _MOST_CHANGES:
            return True
        if not self._window_ms or at is None or self._begun_at is None:
            return False
        return at - self._begun_at >= self._window_ms

    def _begin(self):
        if self._db.in_transaction:
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._begun_at = None
        self._space.refresh()
        if self.on_begin:
            self.on_begin()

    def _fail(self, error):
        """Take note that the disk fails, and return why."""
        self._space.is_stale = True  # more than one change may be undone
        if not self._db.in_transaction and self._changes:
            self._lose(error)  # SQLite has ended the transaction by itself
        if self.failure is None:
            self._db.execute("PRAGMA busy_timeout = 0")  # a lock that lasts holds nobody up
            text = f"readings are not stored: {error}; rooms go on without"
            logs.warning("not-stored", text, reason=str(error))
            self._set_failure(str(error))
        return str(error)

    def _lose(self, error):
        """End a transaction of which nothing is kept."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._space.is_stale = True
        self._changes = []
        self._end(str(error))

    def _end(self, why):
        if self.on_end:
            self.on_end(why)

    def _set_failure(self, why):
        self.failure = why
        if self.on_failing:
            self.on_failing()

    def _tell_full(self, error):
        now = time.monotonic()
        if now >= self._tell_full_at:
            self._tell_full_at = now + _TELL_AGAIN_S
            logs.warning("full", f"some readings are not stored: {error}", reason=str(error))
