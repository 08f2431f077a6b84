"""Tells senders about their readings: an `ack` when they are on disk, else an error."""

import asyncio
from collections import Counter

from . import messages
from .numbered import News

# An ack is sent after so many messages,
_ACK_MESSAGES = 16
# or so long after the first. An ack costs the device as much as a message.
_ACK_S = 0.25
# In one ack, because a device with little memory must read it.
_MOST_REFUSED = 4
_NOTHING = News(0, [], [], 0)
_NO_DATABASE = "this server has no database: start it without --memory"
_NOT_READ = "the server cannot read its database: its log says why"
_NOT_STORED = 507  # HTTP's Insufficient Storage


class Receipts:
    """Waits for the end of the transaction that contains the readings, and tells their senders.

    A sender is a Member. None means a POST, whose answer says it.
    """

    def __init__(self, store, counts, later=None):
        """`later(seconds, call)`: the default is the loop's call_later."""
        self._store = store
        self._counts = counts
        self._later = later
        self._unsafe = Counter()  # sender: readings in the open transaction
        self._owed = {}  # member: _Owed

    def greet(self, member, log):
        """Send the highest number of the log of readings (party, room, device, epoch)."""
        if self._store.is_memory:
            self._send(member, {"n": None, "error": _NO_DATABASE})
            return
        n = self._store.highest_on_disk(*log)
        self._send(member, {"n": n} if n is not None else {"n": n, "error": _NOT_READ})

    def wrote(self, sender, readings, why=None):
        """Note readings without a number, or readings that were not stored, with `why`."""
        if why is None:
            self._unsafe[sender] += readings
        else:
            self._lost(sender, readings, why)

    def took(self, member, log, n, news=_NOTHING):
        """Note a numbered message. `n` is the highest number after it."""
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
        """Handle the end of a transaction. `why`: why all of it was lost, or None."""
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
        """Forget the acks for readings that were lost. Their senders got an error."""
        for member, owed in list(self._owed.items()):
            n = self._store.highest_on_disk(*owed.log) or 0
            owed.taken = [taken for taken in owed.taken if taken[0] <= n]
            if not owed.taken:
                del self._owed[member]

    def _due(self, member, owed):
        if self._owed.get(member) is not owed:
            # It was already sent.
            return
        owed.is_due = True
        if not self._store.has_uncommitted():
            self._acknowledge(member)

    def _acknowledge(self, member):
        owed = self._owed.pop(member)
        n = self._store.highest_on_disk(*owed.log)
        if n is None:
            # It can't be read. The device will send again, and so ask for the ack.
            return
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
        # (highest number after it, News) of each message.
        self.taken = []
        # True when it must be sent as soon as nothing of it can be lost.
        self.is_due = False
