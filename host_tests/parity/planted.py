"""Deviations from the package, each a place in our library changed."""

from simulation.planted import Change

DEVIATIONS = [
    Change(
        "retry_count is off by one",
        "websocket.py",
        "        return self._engine.machine.retry_count",
        "        return self._engine.machine.retry_count + 1",
    ),
    Change(
        "close is told a turn later",
        "websocket.py",
        "            self._tell(self._new_close_event(code, reason, True, None), False)",
        "            import asyncio\n\n"
        "            async def later(event):\n"
        "                self._tell(event, False)\n\n"
        "            asyncio.create_task(later(self._new_close_event(code, reason, True, None)))",
    ),
    Change(
        "buffered_amount counts headers too",
        "websocket.py",
        "        return self._engine.ring.payload_bytes",
        "        return self._engine.ring.payload_bytes + 6 * self._engine.ring.count",
    ),
    Change(
        "the delay is not capped",
        "core/backoff.py",
        "    return int(min(wait, most) + 0.01)",
        "    return int(wait + 0.01)",
    ),
    Change(
        "a listener added twice is called twice",
        "events.py",
        "            if known == listener:",
        "            if known is None:",
    ),
    Change(
        "the queue drops the oldest",
        "presets.py",
        '        "overflow": "drop-newest",',
        '        "overflow": "drop-oldest",',
    ),
    Change(
        "min_uptime proves nothing",
        "core/connection.py",
        "            self._proven = True\n            self.retry_count = 0",
        "            self._proven = True",
    ),
    Change(
        "every open proves",
        "core/connection.py",
        "        self.opens += 1",
        "        self.opens += 1\n        self.retry_count = 0",
    ),
    Change(
        "the reason is lost",
        "link.py",
        "            self._close = close_payload(code, reason)",
        '            self._close = close_payload(code, "")',
    ),
    Change(
        "reconnect() waits out the back-off",
        "engine.py",
        "            self._let_go()\n            self.machine.begin(now, chance())",
        "            self._let_go()\n            if state != WAITING:\n"
        "                self.machine.begin(now, chance())",
    ),
    Change(
        "listeners run before the slot",
        "events.py",
        "        if slot is not None:\n            awaited = self._call(slot, event, awaited)",
        "        if slot is not None:\n"
        "            setattr(self, _SLOTS[event.type], None)\n"
        "            awaited = self._dispatch(event)\n"
        "            setattr(self, _SLOTS[event.type], slot)\n"
        "            return self._call(slot, event, awaited)",
    ),
    Change(
        "the timeout is a millisecond late",
        "core/backoff.py",
        "        return timeout\n",
        "        return timeout + 1\n",
    ),
    Change(
        "once is always",
        "events.py",
        "            if once:",
        "            if once is None:",
    ),
    Change(
        "one retry too few",
        "core/connection.py",
        "        if most is not None and self.retry_count >= most:",
        "        if most is not None and self.retry_count >= most - 1:",
    ),
    Change(
        "the url is asked for once",
        "face.py",
        "        url = await asked(self._url)",
        "        url = self._url = await asked(self._url)",
    ),
]
