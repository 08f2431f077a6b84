"""Deviations from the package, each a place in our library changed."""

from simulation.planted import Change

DEVIATIONS = [
    Change(
        "retry_count is off by one",
        "websocket.py",
        "        return self._life.retry_count",
        "        return self._life.retry_count + 1",
    ),
    Change(
        "close is told a turn later",
        "websocket.py",
        "            self._tell(event, False)",
        "            import asyncio\n\n"
        "            async def later(event):\n"
        "                self._tell(event, False)\n\n"
        "            asyncio.create_task(later(event))",
    ),
    Change(
        "buffered_amount counts headers too",
        "websocket.py",
        "        return self._protocol.unwritten_bytes",
        "        return self._protocol.unwritten_bytes + 6 * self._protocol.unwritten",
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
        "core/lifecycle.py",
        "            self._is_proven = True\n            self.retry_count = 0",
        "            self._is_proven = True",
    ),
    Change(
        "every open proves",
        "core/lifecycle.py",
        "        self.opens += 1",
        "        self.opens += 1\n        self.retry_count = 0",
    ),
    Change(
        "the reason is lost",
        "websocket.py",
        "            self._protocol.close(code, reason, self._protocol.pushed)",
        '            self._protocol.close(code, "", self._protocol.pushed)',
    ),
    Change(
        "reconnect() waits out the back-off",
        "driver.py",
        "            life.begin(now, random)",
        "            if life.state != WAITING:\n                life.begin(now, random)",
    ),
    Change(
        "listeners run before the slot",
        "events.py",
        "            awaited.append(self._call(slot, event))\n        listeners",
        '            setattr(self, "on" + type, None)\n'
        "            awaited = self._dispatch(event)\n"
        '            setattr(self, "on" + type, slot)\n'
        "            awaited.append(self._call(slot, event))\n"
        "            return [one for one in awaited if one is not None]\n        listeners",
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
        "core/lifecycle.py",
        "        if most is not None and retries >= most:",
        "        if most is not None and retries >= most - 1:",
    ),
    Change(
        "the url is asked for once",
        "dial.py",
        "    url = await asked(self._url)",
        "    url = self._url = await asked(self._url)",
    ),
]
