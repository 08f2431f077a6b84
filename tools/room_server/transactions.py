"""Changes of the database. Each is made completely or not at all, and many share one commit."""

import sqlite3
import time
from contextlib import contextmanager

from . import logs
from .schema import BUSY_MS, FAULTS
from .space import Full

# In one commit.
_MOST_CHANGES = 1000
# For a change that does not fit.
_MOST_TRIES = 8
# The time until the warning that last values fill the file is repeated.
_TELL_AGAIN_S = 60


class Outdated(Exception):
    """A change needs an earlier one that was lost."""


class Transactions:
    """The changes of a database `db`, whose Space is `space`.

    A change can be read at once, and is safe after the next commit(). No method raises because of
    the disk. Rooms go on; one warning says that they are not stored, another that they are stored
    again. What cannot be read is another matter: the log is told once, and changes go on.
    """

    def __init__(self, db, space, window_ms=0):
        """A change first commits changes that are `window_ms` old; 0: never."""
        # Called when there is something to commit.
        self.on_begin = None
        # Called with None after a commit, or with why all of it was lost.
        self.on_end = None
        # Called with (changes, seconds) after a commit.
        self.on_commit = None
        # Called when `failure` has changed.
        self.on_failing = None
        # Why the last change or commit failed, or None. The log has a warning about it.
        self.failure = None
        self._window_ms = window_ms
        # The changes since the last commit.
        self._changes = []
        # The time of the first of them that has a time.
        self._begun_at = None
        self._tell_full_at = 0.0
        # About what cannot be read.
        self._warnings = logs.Warnings()
        self._db = db
        self._space = space

    def has_uncommitted(self):
        """True if something was changed since the last commit."""
        return self._db.in_transaction

    def commit(self):
        """Make the changes permanent. Without any change, do nothing.

        Returns None, or why all changes since the last commit are lost.
        """
        try:
            self._commit()
        except sqlite3.Error as error:
            return self._fail(error)
        return None

    def change(self, work, at=None):
        """Call `work` in the transaction that the next commit() ends. Return None; or why nothing
        of it was done.
        """
        if self._is_due(at):
            self.commit()
        try:
            try:
                self._do(work)
            except sqlite3.OperationalError as error:
                self._redo(work, error)
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
        """Drop what may be dropped. Called during a change, when the file is full."""

    def check_file(self):
        """Called before a commit: raise sqlite3.Error if it would not last."""

    @contextmanager
    def attempt(self):
        """A block that reads. If that fails, the block ends, and the log is told."""
        try:
            yield
        except FAULTS as error:
            self._not_read(error)

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

    def _redo(self, work, error):
        """If the file is full, make space in it, and repeat the changes that SQLite has undone."""
        for _ in range(_MOST_TRIES):
            if "full" not in str(error):
                break
            undone = [] if self._db.in_transaction else self._changes
            self._space.is_stale |= bool(undone)
            try:
                for each in (self.make_much_place, *undone):
                    self._do(each)
            except (Full, Outdated, sqlite3.Error) as failure:
                if undone:
                    self._lose(failure)
                raise
            # So a failure of `work` can't undo any of it.
            self._commit()
            try:
                return self._do(work)
            except sqlite3.OperationalError as again:
                error = again
        raise error

    def _do(self, work):
        self._begin()
        self._db.execute("SAVEPOINT change")
        try:
            work()
        except BaseException:
            # A full disk may have ended the transaction.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO change")
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE change")

    def _is_due(self, at):
        """True if a commit is due before a change at `at`, because the loop was late."""
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

    def _not_read(self, error):
        """Note that something cannot be read, and return why. This is no `failure`: damaged rows
        stay damaged, and the next commit of other rows does not mend them.
        """
        self._check_transaction(error)
        why = str(error)
        self._warnings.warning(why, "not-read", f"some readings cannot be read: {why}", reason=why)
        return why

    def _fail(self, error):
        """Note that the disk fails, and return why."""
        # More than one change may be undone.
        self._space.is_stale = True
        self._check_transaction(error)
        if self.failure is None:
            # From now on do not wait for a lock, because waiting stops all rooms.
            self._db.execute("PRAGMA busy_timeout = 0")
            text = f"readings are not stored: {error}; rooms go on without"
            logs.warning("not-stored", text, reason=str(error))
            self._set_failure(str(error))
        return str(error)

    def _check_transaction(self, error):
        if not self._db.in_transaction and self._changes:
            # SQLite has ended the transaction by itself.
            self._lose(error)

    def _lose(self, error):
        """End a transaction; all its changes are lost."""
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
