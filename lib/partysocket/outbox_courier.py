"""What takes an outbox's readings to the room of its socket.

The room gets them in order, several in one message, and says up to which number it has stored
them: only then they are done with. While older ones wait, what is measured now goes ahead of them
without a number, so that the room's last value is right; the same reading follows in its turn.
tools/room_server/ROOMS.md, "Readings that are acknowledged", is the protocol.

One task for each connection sends (`run`), and the room's answers come by `hear_word`. What is on
its way is told by numbers alone: the readings stay in the log until they are acknowledged, and to
send them again is to go back to a lower number. The functions are the outbox's, in a file of
their own.
"""

import json

from micropython import const

from .base import net, ticks_diff
from .outbox_flash import after

PACE_MS = 50  # between two messages: other messages get through, and servers count them
_GREETING_MS = const(2000)  # within which a server says that it acknowledges
_WINDOW = const(8)  # messages that may be on their way unacknowledged
_PATIENCE_MS = const(20000)  # without an acknowledgement: then they are sent again


def is_reading(text):
    """Whether a text is the JSON of a reading."""
    try:
        message = '"reading"' in text and json.loads(text)
        return message["type"] == "reading" and bool(message["values"].keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def hear_word(self, text):
    """What may be the room's word to the outbox has come. True: it was that."""
    try:
        message = json.loads(text)
    except (ValueError, RuntimeError):  # nested too deeply
        return False
    if not isinstance(message, dict):
        return False
    kind = message.get("type")
    if kind == "error" and self._flying:
        self._trouble = message
    if kind != "ack" or message.get("epoch") != self.epoch:
        return False
    if not self._is_open:
        return True
    number = message.get("n")
    is_plain = isinstance(number, int) and 0 <= number <= self._number
    if not is_plain or "refused" in message:
        from .outbox_trouble import hear_more

        hear_more(self, message)
    if is_plain:
        is_news = self._is_acknowledging is None or number > self._known_to
        self._is_acknowledging = True
        self._known_to = number
        self._word_at = net.ticks_ms()
        self._flying = [last for last in self._flying if last > number]
        self._acknowledge(number)
        if not is_news and self._flying:
            rewind(self)  # something on its way was not stored, and nothing behind it is
        self._sent_to = max(self._sent_to, number)
    return True


def rewind(self):
    """Send again what is not acknowledged."""
    self._flying = []
    self._sent_to = max(self._known_to, self._acknowledged)


async def run(self, serial):
    """The task of one connection, the one with this number."""
    self._word_at = net.ticks_ms()
    if self._latest > self._sent_to + 1:
        send_newest(self)
    while self._serial == serial:
        wait = PACE_MS
        try:
            if not self._is_acknowledging:
                if self._is_acknowledging is None:
                    left = _GREETING_MS - ticks_diff(net.ticks_ms(), self._word_at)
                    # A greeting that is late comes before the answer to a ping.
                    if left > 0:
                        wait = left
                    elif await self._socket.flush(_PATIENCE_MS):
                        self._is_acknowledging = self._is_acknowledging or False
                else:
                    from .outbox_trouble import send_unacknowledged

                    wait = await send_unacknowledged(self, serial)
            elif self._trouble or self._alone_to > self._known_to:
                from .outbox_trouble import send_carefully

                wait = await send_carefully(self, serial)
            else:
                wait = send(self, _WINDOW, self._batch_bytes)
        except ValueError as e:  # a message that is too long for the ring
            self._trouble = {"error": e}
        except Exception as e:  # of the flash, or want of memory: it may be read again
            self._last_error = e
            wait = _PATIENCE_MS
        begun = net.ticks_ms()
        while wait > 0 and self._serial == serial:
            await self._alarms[1].wait(wait)
            # The pace is kept, whatever comes meanwhile: servers count messages.
            wait = PACE_MS - ticks_diff(net.ticks_ms(), begun) if wait <= PACE_MS else 0


def send(self, window, most_bytes):
    """Send one message of readings, if that may be now; returns how many ms to wait then."""
    patience = _PATIENCE_MS
    if self._flying:
        patience -= ticks_diff(net.ticks_ms(), self._word_at)
        if patience <= 0:
            rewind(self)
    if len(self._flying) >= window or self._latest <= self._sent_to:
        return patience
    # With nothing else in it, the ring has room, and nobody's message is dropped.
    if not self._socket._protocol.unwritten:
        records = after(self, self._sent_to, most_bytes)
        if not records:  # it had to go
            self._latest = self._sent_to
        else:
            if not self._flying:
                self._word_at = net.ticks_ms()
            items = [item(self, record, ',"n":%d}' % record[0]) for record in records]
            end = ',"epoch":"%s","after":%d}' % (
                self.epoch,
                self._sent_to if self._flying else self._known_to,
            )
            self._sent_to = records[-1][0]
            self._flying.append(self._sent_to)
            if len(items) > 1:
                say(self, '{"type":"batch","readings":[' + ",".join(items) + "]" + end)
            else:
                say(self, items[0][:-1] + end)
    return PACE_MS


def send_newest(self):
    """What was measured last, ahead of what waits."""
    if self._measured_last is not None:
        try:
            say(self, item(self, self._measured_last, "}", '{"live":true,'))
        except Exception:  # no room in the ring, or no memory: it comes in its turn
            pass


def say(self, text):
    """Have the socket send a text."""
    self._is_sending = True
    try:
        self._socket.send(text)
    finally:
        self._is_sending = False


def item(self, record, end="}", begin="{"):
    """A reading's JSON, with its time before what it says, and something behind: of two fields of
    one name the last counts.
    """
    at = self._at_of(record[1])
    if at is not None:
        begin += '"at":%d,' % at
    return begin + str(record[2], "utf-8")[1:-1] + end
