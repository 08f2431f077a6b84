"""Bugs, each a place in the library changed, and the copy of it that has one.

BUGS is the one table here that knows the library from inside: when its files change, each bug is
planted anew in the new text. A line that is not there once fails the test.
"""

import shutil
from pathlib import Path

LIB = Path(__file__).parents[2] / "lib"


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
        "core/ring.py",
        "            else:\n                self.flying -= 1\n        return gone",
        "            else:\n                self.flying -= 1\n                self.count -= 1\n"
        "                self.popped += 1\n                self._head = at\n"
        "                self.payload_bytes -= size\n        return gone",
        50,
    ),
    Bug(
        "what was written whole is sent again on the next connection",
        "core/ring.py",
        "            if at + self._record(at) > self.out:\n                break",
        "            if True:\n                break",
        50,
    ),
    Bug(
        "reconnect() leaves the old socket open",
        "link.py",
        "        if self._transport is not None:\n            self._transport.close()",
        "        if self._transport is not None and self.phase == 'websocket':\n"
        "            self._transport.close()",
        50,
    ),
    Bug(
        "a lost wake-up: send() nudges nobody while a ping is under way",
        "link.py",
        '        """The ring has something new."""\n        self._outgoing.set()',
        '        """The ring has something new."""\n        if self._ping_at is None:\n'
        "            self._outgoing.set()",
        400,
    ),
    Bug(
        "a writer that ends wakes nobody",
        "link.py",
        "            self._is_writing = False\n            self._has_ended_writing = True\n"
        "            self._pong_gone.set()\n            engine.wake()",
        "            self._is_writing = False\n            self._has_ended_writing = True\n"
        "            self._pong_gone.set()",
        200,
    ),
    Bug(
        "close() leaves the writer's task",
        "link.py",
        "        if self._writer is not None:\n            self._writer.cancel()",
        "        if self._writer is not None and not self.told:\n"
        "            self._writer.cancel()",
        400,
    ),
    Bug(
        "whatever is written counts as life of the peer",
        "link.py",
        "        self._engine.machine.stuck(None)\n",
        "        self._engine.machine.stuck(None)\n"
        "        self._engine.machine.heard(net.ticks_ms())\n",
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
        "core/ring.py",
        "            if self.kept:\n                self.kept -= 1\n",
        "            if self.kept:\n                self.kept -= 1\n"
        "                self.count -= 1\n                self.popped += 1\n"
        "                self._head = at\n                self.payload_bytes -= size\n",
        200,
    ),
    Bug(
        "close() from a back-off does not end it",
        "engine.py",
        "            self._let_go()\n            self.machine.stop()\n",
        "            self._let_go()\n            if self.machine.state != WAITING:\n"
        "                self.machine.stop()\n",
        100,
    ),
    Bug(
        "the dial does not wait for its time once the loop is woken",
        "core/connection.py",
        "        if state == IDLE or ticks_diff(now, self._since) < self._limit_ms:\n",
        "        if state == IDLE or (\n"
        "            state != WAITING and ticks_diff(now, self._since) < self._limit_ms\n"
        "        ):\n",
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
        "link.py",
        "                if self.told:\n                    pass",
        "                if False:\n                    pass",
        100,
    ),
    Bug(
        "reconnect() waits for a provider that hangs",
        "link.py",
        "        if not self.handling and not self._reader.done():\n",
        "        if self.phase != 'provider' and not self.handling and not self._reader.done():\n",
        200,
    ),
    Bug(
        "close before error",
        "face.py",
        "            self._tell(event)\n"
        "        if close is not None:\n            self._tell(close)\n",
        "            if close is not None:\n                self._tell(close)\n"
        "                close = None\n            self._tell(event)\n"
        "        if close is not None:\n            self._tell(close)\n",
        50,
    ),
    Bug(
        "a cancelled recv() loses the message",
        "inbox.py",
        "        finally:\n            self._is_asked = False",
        "        except BaseException:\n            self._message = None\n            raise\n"
        "        finally:\n            self._is_asked = False",
        2000,
    ),
    Bug(
        "flush() does not wait for the pong",
        "link.py",
        "                    self._covered = ring.done\n",
        "                    self._covered = ring.done\n"
        "                    engine.confirm(ring.done)\n",
        300,
    ),
    Bug(
        "a wait that is cancelled leaves its timer",
        "net/cpython.py",
        "        await event.wait()\n    finally:\n        timer.cancel()",
        "        await event.wait()\n        timer.cancel()\n    finally:\n        pass",
        None,
    ),
    Bug(
        "a recv() that is cancelled is still in line",
        "inbox.py",
        "        finally:\n            self._is_asked = False",
        "        except Error:\n            self._is_asked = False\n            raise\n"
        "        else:\n            self._is_asked = False",
        None,
    ),
    Bug(
        "the end of the loop leaves the socket open",
        "engine.py",
        "        finally:\n            self._let_go()\n            if self._upcoming",
        "        finally:\n            if self._upcoming",
        None,
    ),
]
