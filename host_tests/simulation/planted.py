"""Bugs, each a change in one place of the library, and the copy of the library with one of them.

Only BUGS depends on the library's code. When the code changes, plant the bug again in the new
text. If a place is not there exactly once, the test fails.
"""

import shutil
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "lib"


class Change:
    """One entry of a table. It begins with a line `FILE: NAME` or `FILE, ARGUMENTS: NAME` (of
    run.py, which must find it). The change follows, as in `diff`.
    """

    def __init__(self, entry):
        head, *lines = entry.splitlines()
        place, self.name = head.split(": ", 1)
        self.file, _, found_by = place.partition(", ")
        self.found_by = found_by.split()
        self.right, self.wrong = (
            "".join(line[1:] + "\n" for line in lines if line[0] in kept) for kept in (" -", " +")
        )

    def plant(self, folder):
        """A copy of the library with this change, in `folder`."""
        copy = Path(folder, "lib")
        shutil.copytree(LIB, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / "partysocket" / self.file
        source = path.read_text(encoding="utf-8")
        count = source.count(self.right)
        assert count == 1, f"{self.name}: its place is there {count} times: plant it anew"
        path.write_text(source.replace(self.right, self.wrong), encoding="utf-8")
        return copy


def changes(table):
    return [Change(entry) for entry in table.strip().split("\n\n")]


# Found by: "lives 0 50" means that the first 50 lives find it.
BUGS = changes("""
core/outgoing.py, lives 0 50: the ring forgets the records that were flying
-            elif at <= self._out and not self._keeps:
+            elif not self._keeps:

core/outgoing.py, lives 0 50: what was written whole is sent again on the next connection
-            elif at <= self._out and not self._keeps:
+            elif False:

driver.py, lives 0 50: reconnect() leaves the old socket open
-        if self._transport is not None:
+        if self._transport is not None and self._phase == 'websocket':

websocket.py, lives 0 400: a lost wake-up: send() nudges nobody while a ping is under way
-        if is_open:
+        if is_open and not protocol._asked:
             self._outgoing.set()

connection.py, lives 0 200: a writer that ends wakes nobody
         self._written.set()
-        self._wake()

driver.py, lives 700 100: close() leaves the writer's task
-        if self._writer is not None:
+        if self._is_told:
+            self._writer = None
+        elif self._writer is not None:

connection.py, lives 200 100: whatever is written counts as life of the peer
             return _STUCK
+        self._life.heard(net.ticks_ms())

websocket.py, lives 0 50: discards are counted twice
-        self._discarded += 1
+        self._discarded += 1 if self._untold else 2

core/backoff.py, lives 0 50: jitter goes below the floor
-    return max(FLOOR_MS, least + share(width, chance))
+    return least + share(width, chance)

core/outgoing.py, lives 0 200: resend drops what was not confirmed
-        kept = self.kept
+        at = self._head
+        for kept in range(self.kept, 0, -1):
+            self.kept = kept - 1
+            self._set_head(self._body(self._head) + self._size)
+        kept = 0

driver.py, lives 0 100: close() from a back-off does not end it
-            life.stop()
+            if life.state != WAITING:
+                life.stop()

core/lifecycle.py, lives 0 50: the dial does not wait for its time once the loop is woken
-        if self._left_ms is None or self._left_ms > 0:
+        if self._left_ms is None or (self.state != WAITING and self._left_ms > 0):

core/ticks.py, lives 0 200: the clock's wrap is forgotten
-    return ((later - earlier + _HALF) & TICKS_MASK) - _HALF
+    return later - earlier

connection.py, lives 0 100: a message is handed out after the connection's close
         elif kind <= BINARY:
-            if not self._is_deaf:
+            if True:

driver.py, lives 0 200: reconnect() waits for a provider that hangs
-        elif reader is not net.current_task() and not reader.done():
+        elif self._phase != 'provider' and reader is not net.current_task() and not reader.done():

ending.py, lives 0 50: close before error
+    if close is not None:
+        self._tell(close)
     if failure is not None:
         self._tell(failure)
-    if close is not None:
-        self._tell(close)

websocket.py, lives 700 100: a cancelled recv() loses the message
+            except BaseException:
+                inbox.message = None
+                raise
             finally:

core/outgoing.py, lives 0 300: flush() does not wait for the pong
-                self._covered = self._settled()
+                self._covered = self.confirmed = self._settled()

net/cpython.py, lives 0 300: a wait that is cancelled leaves its timer
-            if timer is not None:
+            if timer is not None and self._event.is_set():

websocket.py, lives 0 300: a recv() that is cancelled is still in line
-            finally:
+            except Error:
                 inbox.stop_asking()
+                raise
+            inbox.stop_asking()

driver.py, weather plain lock 20 7: want of memory ends the life
                     await self._woken.wait(self._look())
-                except Exception as e:
+                except ValueError as e:

driver.py, weather plain lock 20 7: after want of memory it turns without end
                     net.collect()
+                    while True:
+                        await net.sleep_ms(0)

driver.py, weather plain lock 20 7: after want of memory it looks at the clock without end
                     net.collect()
+                    while True:
+                        net.ticks_ms()

websocket.py, late memory flush: a load that failed is not tried again
+        if self._is_told is None:
+            raise MemoryError("it has failed before")
+        self._is_told = None
         from .delivery import flush
+        self._is_told = False

ending.py, late memory losses: what follows an end is loaded when it is needed
 def tell_next(self, error):
+    from . import wifi

driver.py, lives 0 300: the end of the loop leaves the socket open
         finally:
-            self._let_go()
""")
