"""Sends an outbox's readings to the room.

The room gets the readings in order, several in one message. It answers with the number up to which
it has stored them. Only then are they removed. While older readings wait, a new one is also sent
ahead of them, without a number, so that the room's last value is right. The same reading is sent
again in its place. tools/room_server/ROOMS.md, "Readings that are acknowledged", has the protocol.

Each connection has one task that sends (`run`). The room's answers come to `hear_word`. The outbox
remembers only the numbers of what it has sent: the readings stay in the log until they are
acknowledged. To send readings again, it goes back to a lower number.

Functions with `self` are methods of Outbox.
"""

import json

from micropython import const

from .base import net, ticks_diff
from .outbox_flash import after

# The pause between two messages. It leaves room for other messages, and servers limit the rate.
PACE_MS = 50
# A server that acknowledges says so within this time.
_GREETING_MS = const(2000)
# The most messages that may be on their way without an acknowledgement.
_WINDOW = const(8)
# Without an acknowledgement for so long, readings are sent again.
_PATIENCE_MS = const(20000)


def is_reading(text):
    """Whether `text` is the JSON of a reading."""
    try:
        message = '"reading"' in text and json.loads(text)
        return message["type"] == "reading" and bool(message["values"].keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def hear_word(self, text):
    """A message has come that may be the room's answer to the outbox. Returns True if it is."""
    try:
        message = json.loads(text)
    # RuntimeError: it is nested too deeply.
    except (ValueError, RuntimeError):
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
            # The room did not store something that was sent, so it stores nothing after it.
            rewind(self)
        self._sent_to = max(self._sent_to, number)
    return True


def rewind(self):
    """Go back, so that all readings without an acknowledgement are sent again."""
    self._flying = []
    self._sent_to = max(self._known_to, self._acknowledged)


async def run(self, serial):
    """The sending task of one connection. It ends when `_serial` is no longer `serial`."""
    self._word_at = net.ticks_ms()
    if self._latest > self._sent_to + 1:
        send_newest(self)
    while self._serial == serial:
        wait = PACE_MS
        try:
            if not self._is_acknowledging:
                if self._is_acknowledging is None:
                    left = _GREETING_MS - ticks_diff(net.ticks_ms(), self._word_at)
                    # A late greeting comes before the answer to a ping. So flush(), which sends a
                    # ping, waits long enough.
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
        # The message was too long for the ring.
        except ValueError as e:
            self._trouble = {"error": e}
        # The flash failed, or there was no memory: try again later.
        except Exception as e:
            self._last_error = e
            wait = _PATIENCE_MS
        begun = net.ticks_ms()
        while wait > 0 and self._serial == serial:
            await self._alarms[1].wait(wait)
            # Keep the pace even if the alarm is set: servers limit the rate of messages.
            wait = PACE_MS - ticks_diff(net.ticks_ms(), begun) if wait <= PACE_MS else 0


def send(self, window, most_bytes):
    """Send one message of readings, if one may be sent now. Returns how many ms to wait."""
    patience = _PATIENCE_MS
    if self._flying:
        patience -= ticks_diff(net.ticks_ms(), self._word_at)
        if patience <= 0:
            rewind(self)
    if len(self._flying) >= window or self._latest <= self._sent_to:
        return patience
    # Only send if the ring is empty. Then there is room, and no other message is dropped.
    if not self._socket._protocol.unwritten:
        records = after(self, self._sent_to, most_bytes)
        if not records:
            # They were dropped meanwhile.
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
    """Send the last reading ahead of those that wait."""
    if self._measured_last is not None:
        try:
            say(self, item(self, self._measured_last, "}", '{"live":true,'))
        # There is no room in the ring, or no memory. It is sent later with the others.
        except Exception:
            pass


def say(self, text):
    """Send a text by the socket."""
    self._is_sending = True
    try:
        self._socket.send(text)
    finally:
        self._is_sending = False


def item(self, record, end="}", begin="{"):
    """Return a reading's JSON with its time at the front and `end` at the end. If the reading has
    its own "at", that counts, because the last of two fields with one name counts.
    """
    at = self._at_of(record[1])
    if at is not None:
        begin += '"at":%d,' % at
    return begin + str(record[2], "utf-8")[1:-1] + end
