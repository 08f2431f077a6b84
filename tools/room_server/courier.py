"""Sends the notifications that wait, of all rooms: each target of a room one after the other."""

import asyncio
import math
import random

from . import logs
from .deliver import deliver, new_session
from .notices import failed, next_of

# To one target at the same time, so that a slow one holds up no other.
_MOST_TRIES = 4
_NO_TARGET = "the operator has removed the target"
# The longest sleep, so that a clock that was set does not matter for long.
_LOOK_S = 60


class Courier:
    """Sends what waits in an Alerts to `targets`, {name: Target}."""

    def __init__(self, alerts, targets, committed):
        """`committed()` waits until all changes so far are on disk, and returns None or why they
        are lost.
        """
        self._alerts = alerts
        self._targets = targets
        self._committed = committed
        self._wake = asyncio.Event()
        self._tries = set()  # tasks
        self._last = {}  # (place, target): the time of the last try on the loop's clock
        self._flying = set()  # the same keys
        self._warnings = logs.Warnings()
        alerts.on_notices = self._wake.set

    async def run(self):
        """Send until it is cancelled. What was under way then is sent again after a restart."""
        loop = asyncio.get_running_loop()
        async with new_session() as session:
            try:
                while True:
                    self._wake.clear()
                    # Not wait_for(): in Python 3.11 it may take a cancel for itself.
                    timer = loop.call_later(self._begin(session), self._wake.set)
                    await self._wake.wait()
                    timer.cancel()
            finally:
                for task in self._tries:
                    task.cancel()
                await asyncio.gather(*self._tries, return_exceptions=True)

    def _begin(self, session):
        """Begin what is due. Return for how long to sleep."""
        wait_s = _LOOK_S
        for alerts in self._alerts.with_notices():
            for name in {notice["target"] for notice in alerts.notices.values()}:
                wait_s = min(wait_s, self._begin_one(session, alerts, name))
        return wait_s

    def _begin_one(self, session, alerts, name):
        """Begin the next notification of one target, or return in how many seconds to look."""
        target, key = self._targets.get(name), (alerts.party, alerts.name, name)
        tries = sum(1 for flying in self._flying if flying[2] == name)
        if key in self._flying or tries >= _MOST_TRIES:
            return math.inf
        now, clock = self._alerts.clock(), asyncio.get_running_loop().time()
        waiting = [one for one in alerts.notices.values() if one["target"] == name]
        if target is None:
            for notice in waiting:
                alerts.failed(notice, None)
                self._tell(key, _NO_TARGET, True)
            return math.inf
        notice, due = next_of(waiting, now)
        if notice is None:
            return max(0, due - now) / 1000
        early_s = self._last.get(key, -math.inf) + target.every_s - clock
        if early_s > 0:
            return early_s
        self._flying.add(key)
        alerts.begin(notice)
        task = asyncio.create_task(self._try(session, alerts, target, notice, key))
        self._tries.add(task)
        task.add_done_callback(self._tries.discard)
        return math.inf

    async def _try(self, session, alerts, target, notice, key):
        try:
            if await self._committed() is not None:
                # It is gone with the reading.
                return
            why = await deliver(session, target, notice, key[:2])
            now = self._alerts.clock()
            if why is None:
                alerts.sent(notice, now)
                self._warnings.over(key)
            else:
                after = failed(notice, why, 1000 * target.every_s, random.random(), now)
                alerts.failed(notice, after)
                self._tell(key, why, after is None)
        except Exception as failure:
            logs.error("fault", "a notification failed", failure)
        finally:
            self._last[key] = asyncio.get_running_loop().time()
            self._flying.discard(key)
            alerts.end(notice)
            self._wake.set()

    def _tell(self, key, why, is_dropped):
        party, room, target = key
        facts = {"party": party, "room": room, "target": target, "reason": why}
        where = f"{party}/{room}: target {target!r}"
        if is_dropped:
            text = f"{where}: a notification was dropped: {why}"
            logs.warning("alert-dropped", text, **facts)
        else:
            # Once, until it works again, or until the reason is another.
            text = f"{where}: a notification was not taken: {why}"
            self._warnings.warning(key, "alert-failed", text, **facts)
