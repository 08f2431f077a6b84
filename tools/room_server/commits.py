"""When the store commits: before anything of a turn of the loop leaves, or once in a while."""

import asyncio


class Commits:
    """Commits what the store took, for all who wait.

    Without a window nothing that tells of a change leaves before the change is committed, and all
    changes of a turn of the loop share one commit. With one, messages do not wait, and what came
    in the last `window_s` can be lost with the process.
    """

    def __init__(self, store, window_s=0):
        self._store = store
        self._window_s = window_s
        self._waiters = []
        self._listeners = []
        store.on_begin = self._schedule
        store.on_end = self._ended

    def listen(self, ended):
        """Have `ended(why)` called after each transaction: None, or why all of it was lost."""
        self._listeners.append(ended)

    def settle(self):
        """To be called before something leaves: commit, unless a window lets it wait."""
        if not self._window_s:
            self._store.commit()

    async def done(self):
        """Wait until all that was saved so far is committed. Return None, or why it was lost."""
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
