"""What an outbox does if the room answers with an error, or does not acknowledge.

Functions with `self` are methods of Outbox.
"""

from .base import net, ticks_diff
from .outbox_courier import PACE_MS, after, item, rewind, say, send, send_newest
from .outbox_flash import save

# The pause after the server could not store a reading.
_PAUSE_MS = 30000
# The room acknowledges a reading that it can read within this time.
_VERDICT_MS = 5000
_LOOK_MS = 1000
# Bytes of readings between two pings to a server that does not acknowledge.
_UNHEARD_BYTES = 1400


def hear_more(self, message):
    """Handle an acknowledgement that has more than a known number."""
    refused = message.get("refused")
    if refused:
        self._refused += len(refused)
        self._socket._warn("the room refused reading %d: %s" % tuple(refused[0]))
    number = message.get("n")
    if isinstance(number, int) and number > self._number:
        # The room has higher numbers than this log, so the log was restored from an old copy.
        # Begin a new epoch: otherwise the room would take new readings for old ones.
        from .outbox_begin import new_epoch

        self.epoch = new_epoch()
        save(self)
        self._socket._warn(
            "the room knows reading %d, and the outbox does not: it begins anew" % number
        )
        self._socket.reconnect()
    elif number is None:
        self._is_acknowledging = False
        if not self._has_warned:
            self._has_warned = True
            self._socket._warn("no reading is acknowledged: %s" % message.get("error"))
        self._wake_tasks()


def too_long(self):
    """The server has closed the connection because a message was too long for it (1009). Send the
    same readings one by one now. If one was sent alone already, it counts as refused.
    """
    if self._alone_to > self._known_to:
        _refuse(self, self._flying[0], "longer than the server takes")
    else:
        self._alone_to = self._sent_to


def _refuse(self, number, why):
    self._refused += 1
    self._socket._warn("the room refused reading %d: %s" % (number, why))
    self._acknowledge(number)


async def send_unacknowledged(self, serial):
    """Send readings one by one to a server that does not acknowledge. They are removed when a ping
    after them is answered. Then the server has read them; whether it stored them is not known.
    """
    found = () if self._latest <= self._sent_to else after(self, self._sent_to, _UNHEARD_BYTES)
    for record in found:
        while self._socket._protocol.unwritten:
            await net.sleep_ms(PACE_MS)
            if self._serial != serial:
                return 0
        say(self, item(self, record))
        await net.sleep_ms(PACE_MS)
    if not found:
        return _LOOK_MS
    if await self._socket.flush(_PAUSE_MS) and self._serial == serial:
        self._sent_to = found[-1][0]
        self._acknowledge(self._sent_to)
    return 0


async def send_carefully(self, serial):
    """The server has answered a message of readings with an error.

    If it could not store them, send them again after a while. If it could not read one of them, it
    can't say which, so send each alone. A reading that gets an error again, and no
    acknowledgement, counts as refused.
    """
    trouble = self._trouble
    status = trouble and trouble.get("status")
    if trouble and self._alone_to <= self._known_to:
        # The newest reading has to wait with the others now, so send its value ahead.
        send_newest(self)
    if isinstance(status, int) and status >= 500:
        await _pause(self, serial, _PAUSE_MS)
        self._trouble = None
        rewind(self)
    elif self._alone_to <= self._known_to:
        self._alone_to = self._sent_to
        self._trouble = None
        rewind(self)
    elif trouble and self._flying:
        number = self._flying[0]
        # The error may be the answer to another message. Then the acknowledgement still comes.
        await _pause(self, serial, _VERDICT_MS)
        if self._flying[:1] == [number] and self._serial == serial:
            _refuse(self, number, trouble.get("error"))
            rewind(self)
        self._trouble = None
    else:
        self._trouble = None
        return send(self, 1, 1)
    return 0


async def _pause(self, serial, ms):
    begun = net.ticks_ms()
    while self._serial == serial and ticks_diff(net.ticks_ms(), begun) < ms:
        await net.sleep_ms(_LOOK_MS)
