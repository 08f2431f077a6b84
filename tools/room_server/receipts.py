"""What senders are told of their readings: an `ack` once they are on disk, an error if not."""

import asyncio
from collections import Counter

from . import messages
from .numbered import News

_ACK_MESSAGES = 16  # an ack comes with that many messages,
_ACK_S = 0.25  # or so long after the first: it costs the device as much as a message
_MOST_REFUSED = 4  # in one ack, which a device with little memory has to read
_NOTHING = News(0, [], [], 0)
_NO_DATABASE = "this server has no database (--db): it keeps readings in memory"
_NOT_STORED = 507  # HTTP's Insufficient Storage


class Receipts:
    """Waits for the end of the transaction in which readings are, and tells their senders.

    A sender is a Member; None stands for a POST, which is told by its answer.
    """

    def __init__(self, store, counts, later=None):
        """`later(seconds, call)` is the loop's call_later, if none is given."""
        self._store = store
        self._counts = counts
        self._later = later
        self._unsafe = Counter()  # sender: readings in the open transaction
        self._owed = {}  # member: _Owed

    def greet(self, member, log):
        """Say how far the log of readings (party, room, device, epoch) is."""
        if self._store.is_memory:
            self._send(member, {"n": None, "error": _NO_DATABASE})
            return
        n = self._store.highest_on_disk(*log)
        self._send(member, {"n": n} if n is not None else {"n": n, "error": self._store.failure})

    def wrote(self, sender, readings, why=None):
        """Take note of readings that have no number, or that could not be stored: `why`."""
        if why is None:
            self._unsafe[sender] += readings
        else:
            self._lost(sender, readings, why)

    def took(self, member, log, n, news=_NOTHING):
        """Take note of a numbered message, after which `n` is the highest number."""
        self._counts.known += news.known
        if news.readings or news.refused:
            self._unsafe[member] += len(news.readings)
        if self._store.is_memory:
            return
        owed = self._owed.get(member)
        if owed is None:
            owed = self._owed[member] = _Owed(log)
            later = self._later or asyncio.get_running_loop().call_later
            later(_ACK_S, lambda: self._due(member, owed))
        owed.taken.append((n, news))
        if len(owed.taken) >= _ACK_MESSAGES:
            self._due(member, owed)

    def ended(self, why):
        """A transaction has ended: `why` says why all of it was lost, or is None."""
        unsafe, self._unsafe = self._unsafe, Counter()
        if why is not None:
            for sender, readings in unsafe.items():
                self._lost(sender, readings, why)
            self._forget_lost()
        for member, owed in list(self._owed.items()):
            if owed.is_due:
                self._acknowledge(member)

    def _lost(self, sender, readings, why):
        self._counts.not_stored += readings
        if sender is not None:
            sender.send(messages.error(f"not stored: {why}", _NOT_STORED), True)

    def _forget_lost(self):
        """Owe nothing for what was lost: an error has told of it."""
        for member, owed in list(self._owed.items()):
            n = self._store.highest_on_disk(*owed.log) or 0
            owed.taken = [taken for taken in owed.taken if taken[0] <= n]
            if not owed.taken:
                del self._owed[member]

    def _due(self, member, owed):
        if self._owed.get(member) is not owed:
            return  # it was sent before
        owed.is_due = True
        if not self._store.has_uncommitted():
            self._acknowledge(member)

    def _acknowledge(self, member):
        owed = self._owed.pop(member)
        n = self._store.highest_on_disk(*owed.log)
        if n is None:
            return  # it cannot be read; the device will ask by sending again
        done = [news for highest, news in owed.taken if highest <= n]
        refused = [each for news in done for each in news.refused]
        self._counts.acknowledged += sum(len(news.readings) for news in done)
        self._counts.refused += len(refused)
        while len(refused) > _MOST_REFUSED:
            some, refused = refused[:_MOST_REFUSED], refused[_MOST_REFUSED:]
            self._send(member, {"n": some[-1][0], "refused": some})
        self._send(member, {"n": n, "refused": refused} if refused else {"n": n})

    def _send(self, member, fields):
        ack = {"type": "ack", "epoch": member.epoch, **fields}
        member.send(messages.encode(ack), True)


class _Owed:
    """What a member has sent since its last ack."""

    def __init__(self, log):
        self.log = log  # party, room, device, epoch
        self.taken = []  # (highest number after it, News) of each message
        self.is_due = False  # goes as soon as nothing of it can be lost
