"""Bugs, each a place in the library changed, and the copy of it that has one.

BUGS is the one table here that knows the library from inside: when its files change, each bug is
planted anew in the new text. A line that is not there once fails the test.
"""

import shutil
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "lib"


class Change:
    """In `file`, `right` (which occurs once) becomes `wrong`."""

    def __init__(self, name, file, right, wrong):
        self.name = name
        self.file = file
        self.right = right
        self.wrong = wrong

    def plant(self, folder):
        """A copy of the library with this change, in `folder`."""
        copy = Path(folder, "lib")
        shutil.copytree(LIB, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / "partysocket" / self.file
        source = path.read_text(encoding="utf-8")
        count = source.count(self.right)
        assert count == 1, f"{self.name}: its line is there {count} times: plant it anew"
        path.write_text(source.replace(self.right, self.wrong), encoding="utf-8")
        return copy


class Bug(Change):
    """The first `within` lives have to find it, or, if that is None, the life that is cancelled
    everywhere.
    """

    def __init__(self, name, file, right, wrong, within):
        super().__init__(name, file, right, wrong)
        self.within = within


BUGS = [
    Bug(
        "the ring forgets the records that were flying",
        "core/outgoing.py",
        "elif at <= self._out and not self._keeps:",
        "elif not self._keeps:",
        50,
    ),
    Bug(
        "what was written whole is sent again on the next connection",
        "core/outgoing.py",
        "elif at <= self._out and not self._keeps:",
        "elif False:",
        50,
    ),
    Bug(
        "reconnect() leaves the old socket open",
        "driver.py",
        "        if self._transport is not None:\n",
        "        if self._transport is not None and self._phase == 'websocket':\n",
        50,
    ),
    Bug(
        "a lost wake-up: send() nudges nobody while a ping is under way",
        "websocket.py",
        "        if is_open:\n            self._outgoing.set()",
        "        if is_open and not protocol._asked:\n            self._outgoing.set()",
        400,
    ),
    Bug(
        "a writer that ends wakes nobody",
        "connection.py",
        "        self._writer = None\n        self._written.set()\n        self._wake()\n",
        "        self._writer = None\n        self._written.set()\n",
        200,
    ),
    Bug(
        "close() leaves the writer's task",
        "driver.py",
        "        if self._writer is not None:\n            self._writer.cancel()",
        "        if self._is_told:\n            self._writer = None\n"
        "        elif self._writer is not None:\n            self._writer.cancel()",
        400,
    ),
    Bug(
        "whatever is written counts as life of the peer",
        "connection.py",
        "            return _STUCK\n",
        "            return _STUCK\n        self._life.heard(net.ticks_ms())\n",
        400,
    ),
    Bug(
        "discards are counted twice",
        "websocket.py",
        "        self._discarded += 1\n",
        "        self._discarded += 1 if self._untold else 2\n",
        50,
    ),
    Bug(
        "jitter goes below the floor",
        "core/backoff.py",
        "    return max(FLOOR_MS, half + share(ceiling - half, chance))",
        "    return half + share(ceiling - half, chance)",
        50,
    ),
    Bug(
        "resend drops what was not confirmed",
        "core/outgoing.py",
        "        kept = self.kept\n        at = self._head\n",
        "        at = self._head\n        for kept in range(self.kept, 0, -1):\n"
        "            self.kept = kept - 1\n"
        "            self._set_head(self._body(self._head) + self._size)\n"
        "        kept = 0\n        at = self._head\n",
        200,
    ),
    Bug(
        "close() from a back-off does not end it",
        "driver.py",
        "            life.stop()\n",
        "            if life.state != WAITING:\n                life.stop()\n",
        100,
    ),
    Bug(
        "the dial does not wait for its time once the loop is woken",
        "core/lifecycle.py",
        "        if self._left_ms is None or self._left_ms > 0:\n",
        "        if self._left_ms is None or (self.state != WAITING and self._left_ms > 0):\n",
        50,
    ),
    Bug(
        "the clock's wrap is forgotten",
        "core/ticks.py",
        "    return ((later - earlier + _HALF) & TICKS_MASK) - _HALF",
        "    return later - earlier",
        200,
    ),
    Bug(
        "a message is handed out after the connection's close",
        "connection.py",
        "        elif kind <= BINARY:\n            if not self._is_deaf:\n",
        "        elif kind <= BINARY:\n            if True:\n",
        100,
    ),
    Bug(
        "reconnect() waits for a provider that hangs",
        "driver.py",
        "        elif reader is not net.current_task()",
        "        elif self._phase != 'provider' and reader is not net.current_task()",
        200,
    ),
    Bug(
        "close before error",
        "ending.py",
        "    if failure is not None:\n        self._tell(failure)\n"
        "    if close is not None:\n        self._tell(close)\n",
        "    if close is not None:\n        self._tell(close)\n"
        "    if failure is not None:\n        self._tell(failure)\n",
        50,
    ),
    Bug(
        "a cancelled recv() loses the message",
        "websocket.py",
        "            finally:\n                inbox.stop_asking()\n",
        "            except BaseException:\n                inbox.message = None\n"
        "                raise\n"
        "            finally:\n                inbox.stop_asking()\n",
        2000,
    ),
    Bug(
        "flush() does not wait for the pong",
        "core/outgoing.py",
        "                self._covered = self._settled()\n",
        "                self._covered = self.confirmed = self._settled()\n",
        300,
    ),
    Bug(
        "a wait that is cancelled leaves its timer",
        "net/cpython.py",
        "        finally:\n            if timer is not None:\n",
        "        finally:\n            if timer is not None and self._event.is_set():\n",
        None,
    ),
    Bug(
        "a recv() that is cancelled is still in line",
        "websocket.py",
        "            finally:\n                inbox.stop_asking()\n",
        "            except Error:\n                inbox.stop_asking()\n                raise\n"
        "            inbox.stop_asking()\n",
        None,
    ),
    Bug(
        "the end of the loop leaves the socket open",
        "driver.py",
        "        finally:\n            self._let_go()\n",
        "        finally:\n",
        None,
    ),
]
