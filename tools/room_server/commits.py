"""Decides when the store commits: before the messages of a turn leave, or once in a while."""

import asyncio


class Commits:
    """Commits the changes of the store, and wakes all that wait for the commit.

    Without a window, no message about a change leaves before the change is committed, and all
    changes in one turn of the loop share one commit. With a window, messages do not wait, and
    the changes of the last `window_s` are lost if the process dies.
    """

    def __init__(self, store, window_s=0):
        self._store = store
        self._window_s = window_s
        self._waiters = []
        self._listeners = []
        store.on_begin = self._schedule
        store.on_end = self._ended

    def listen(self, ended):
        """Call `ended(why)` after each transaction. `why`: None, or why all of it was lost."""
        self._listeners.append(ended)

    def settle(self):
        """Commit, unless there is a window. Must be called before anything is sent."""
        if not self._window_s:
            self._store.commit()

    async def done(self):
        """Wait until all changes so far are committed. Return None, or why they were lost."""
        if not self._store.has_uncommitted():
            return None
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return await waiter

    def _schedule(self):
        loop = asyncio.get_running_loop()
        if self._window_s:
            loop.call_later(self._window_s, self._store.commit)
        else:
            loop.call_soon(self._store.commit)

    def _ended(self, why):
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(why)
        for ended in self._listeners:
            ended(why)
