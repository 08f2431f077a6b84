"""Bugs that the tests of this folder must find. Each changes one place in the library."""

from simulation.planted import changes

# They are found by arguments of run.py, for example "cuts 0 10 5".
BUGS = changes("""
outbox_flash.py, cuts 0 10 9: numbers are not reserved, and given twice
-        (self._number + ahead, 5),
+        (self._number, 5),

outbox_flash.py, claims claims_numbers: what was sent from a batch is not reserved
-            if self._number > self._reserved:
-                save(self)
+            pass

outbox_begin.py, cuts 0 10 9: the highest number is looked for in the newest segment alone
-        while found and not self._sealed:
+        for _ in found[:1]:

outbox_blocks.py, cuts 0 10 9: a segment goes before all in it is acknowledged
-                if record is not None and record[0] > self._acknowledged:
-                    return True
+                if record is not None and record[0] > self._acknowledged:
+                    break

outbox_flash.py, cuts 0 10 9: a slot is written anew before what it holds is done with
-        done = max(self._sealed, self._acknowledged)
-        slots = self._slots
+        done = self._number
+        slots = self._slots

outbox_blocks.py, cuts 0 10 9: the cursor passes over a chunk
-                self._where = (segment, i)
+                self._where = (segment, i + 1)

outbox_flash.py, cuts 0 20 2: an acknowledgement is never told to the flash
-    if not was_told:
-        save(self)
+    pass

outbox_seldom.py, cuts 0 10 9: of a slot that was sealed in part all is counted
-                more, payload = _left(read(slot_path(self, slot)), done)
+                more, payload = _left(read(slot_path(self, slot)), 0)

outbox_blocks.py, cuts 0 10 9: what is dropped is not counted
-                self._dropped += 1
+                pass

core/records.py, claims claims_torn: a torn record is taken
-        if _check(buf, buf[start:at], payload, crc32) == buf[end : end + 3]:
+        if True:

core/records.py, claims claims_torn: what is done with is not checked
-    check = crc32(payload, crc32(numbers, crc32(chunk[_DONE:HEAD_BYTES])))
+    check = crc32(payload, crc32(numbers, crc32(chunk[_FIRST:HEAD_BYTES])))

outbox_begin.py, claims claims_torn: a chunk is appended behind a torn one
-        if self._newest_bytes != len(read(segment_path(self, self._newest))):
+        if False:

outbox_courier.py, claims claims_backlog: it rewinds to where it was
-    self._sent_to = max(self._known_to, self._acknowledged)
+    pass

outbox_courier.py, room 0 4 1000: it rewinds too far
-    self._sent_to = max(self._known_to, self._acknowledged)
+    self._sent_to = 0

outbox_courier.py, claims claims_backlog: it takes what it has sent as acknowledged
-        self._acknowledge(number)
+        self._acknowledge(self._sent_to)

outbox_courier.py, claims claims_backlog: what is measured waits behind the backlog
-            say(self, item(self, self._measured_last, "}", '{"live":true,'))
+            pass

outbox_courier.py, claims claims_backlog: each acknowledgement ends its pace
-            wait = PACE_MS - ticks_diff(net.ticks_ms(), begun) if wait <= PACE_MS else 0
+            wait = 0

outbox_seldom.py, claims claims_backlog: flush() does not wait for the acknowledgement
-        while self._acknowledged < min(number, self._latest):
+        while self._sent_to < min(number, self._latest):
""")
