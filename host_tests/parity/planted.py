"""Deviations from the npm package. Each changes one place in our library: see
simulation/planted.py.
"""

from simulation.planted import changes

DEVIATIONS = changes("""
websocket.py: retry_count is off by one
-        return self._life.retry_count
+        return self._life.retry_count + 1

websocket.py: close is told a turn later
-            self._tell(event, False)
+            import asyncio
+
+            async def later(event):
+                self._tell(event, False)
+
+            asyncio.create_task(later(event))

websocket.py: buffered_amount counts headers too
-        size = self._protocol.unwritten_bytes
+        size = self._protocol.unwritten_bytes + 6 * self._protocol.unwritten

core/backoff.py: the delay is not capped
-    return int(min(wait, most) + 0.01)
+    return int(wait + 0.01)

events.py: a listener added twice is called twice
-            if known == listener:
+            if known is None:

presets.py: the queue drops the oldest
-        "overflow": "drop-newest",
+        "overflow": "drop-oldest",

core/lifecycle.py: min_uptime proves nothing
             self._is_proven = True
-            self.retry_count = 0

core/lifecycle.py: every open proves
         self.opens += 1
+        self.retry_count = 0

websocket.py: the reason is lost
-            self._protocol.close(code, reason, self._protocol.pushed)
+            self._protocol.close(code, "", self._protocol.pushed)

driver.py: reconnect() waits out the back-off
-            life.begin(now, random)
+            if life.state != WAITING:
+                life.begin(now, random)

events.py: listeners run before the slot
+            setattr(self, "on" + type, None)
+            awaited = self._dispatch(event)
+            setattr(self, "on" + type, slot)
             awaited.append(self._call(slot, event))
+            return [one for one in awaited if one is not None]

core/backoff.py: the timeout is a millisecond late
-        return timeout
+        return timeout + 1

events.py: once is always
-            if once:
+            if once is None:

core/lifecycle.py: one retry too few
-        if most is not None and retries >= most:
+        if most is not None and retries >= most - 1:

dial.py: the url is asked for once
-    url = await asked(self._url)
+    url = self._url = await asked(self._url)
""")
