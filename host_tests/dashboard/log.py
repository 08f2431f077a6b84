"""Plays a device that keeps its readings until they are stored."""

import time

EPOCH = "9f0c2ab1d4e65c37"
HOUR = 3600 * 1000
# Readings in a message that is not too long.
BATCH = 40


def now():
    return int(time.time() * 1000)


class Log:
    """Numbers the readings of a device that joined with EPOCH."""

    def __init__(self, device):
        self.device = device
        # The number of the last reading sent.
        self._n = 0

    def batch(self, *readings):
        """Send a batch of (at, values). `at` is None if the time is not known."""
        after, numbered = self._n, []
        for at, values in readings:
            self._n += 1
            numbered.append({"n": self._n, "values": values, **({} if at is None else {"at": at})})
        self.device.send(type="batch", epoch=EPOCH, after=after, readings=numbered)

    def many(self, readings):
        """Send these in batches, and wait until they are stored."""
        for first in range(0, len(readings), BATCH):
            self.batch(*readings[first : first + BATCH])
        self.wait()

    def wait(self):
        """Wait until all is stored."""
        self.device.wait_for_ack(self._n)

    def one(self, at, **values):
        """Send a single numbered reading."""
        self._n += 1
        self.device.send(
            type="reading", epoch=EPOCH, n=self._n, after=self._n - 1, at=at, values=values
        )

    def live(self, at, **values):
        """Send a live value, ahead of the backlog."""
        self.device.send(type="reading", live=True, at=at, values=values)
