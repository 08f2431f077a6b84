"""The promises of an outbox, as plain lists. The model knows readings by the count `i` in them. It
learns their numbers as a room does: when they are sent.
"""

import json


class Broken(AssertionError):
    """A promise was not kept."""


def expect(is_so, what):
    if not is_so:
        raise Broken(what)


class Reading:
    def __init__(self, i, keys, text, at, is_dated):
        self.i = i
        # The names of its values: "latest" keeps one of each set.
        self.keys = keys
        self.payload = text.encode()
        # The true time.
        self.at = at
        # The clock was set then.
        self.is_dated = is_dated
        # Known after it was seen.
        self.number = None
        # It was seen when all was on flash.
        self.is_proven = False


class Model:
    def __init__(self):
        # Each Reading that was ever given.
        self.given = []
        # Readings that are on flash for sure, and not acknowledged.
        self.kept = []
        # Readings that may be on flash.
        self.fresh = []
        self.by_number = {}
        # The highest number that was ever seen.
        self.highest = 0
        # The number of the last acknowledgement,
        self.acknowledged = 0
        # and of the one before it.
        self.gone_to = 0
        # The outbox's count, since its start.
        self.dropped = 0
        # Acknowledged since all was checked.
        self.done = 0
        # What it did without space, since all was checked.
        self.policies = set()

    def next(self):
        return len(self.given)

    # Actions.

    def give(self, keys, text, at, is_dated):
        reading = Reading(len(self.given), keys, text, at, is_dated)
        self.given.append(reading)
        self.fresh.append(reading)

    def refuse(self):
        """append() has said that it dropped one."""
        self.dropped += 1

    def synced(self):
        self.kept += self.fresh
        self.fresh = []

    def heard(self, number):
        """An acknowledgement of the room that the outbox has taken."""
        if number > self.acknowledged:
            self.gone_to, self.acknowledged = self.acknowledged, number
            before = len(self.kept) + len(self.fresh)
            self.kept = self._left(self.kept)
            self.fresh = self._left(self.fresh)
            self.done += before - len(self.kept) - len(self.fresh)

    def _left(self, readings):
        return [one for one in readings if one.number is None or one.number > self.acknowledged]

    # Records that were read.

    def readings_of(self, records, at_of, is_probe=False):
        """The Readings of these records. Each must be as it was given."""
        found = []
        last = 0
        for number, time, payload in records:
            i = json.loads(payload)["values"]["i"]
            expect(i < len(self.given), "a reading that nobody gave: %r" % payload)
            one = self.given[i]
            expect(payload == one.payload, "%r became %r" % (one.payload, payload))
            at = at_of(time)
            is_right = at == one.at or (at is None and not one.is_dated)
            expect(is_right, "reading %d of %d is dated %s" % (i, one.at, at))
            other = self.by_number.get(number, one)
            expect(other is one, "number %d was given to %d and to %d" % (number, other.i, i))
            expect(one.number in (None, number), "%d: number %s, now %d" % (i, one.number, number))
            if not is_probe:
                one.number = number
                self.by_number[number] = one
                self.highest = max(self.highest, number)
            if found:
                is_later = i > found[-1].i and number > last
                expect(is_later, "%d (%d) comes after %d (%d)" % (i, number, found[-1].i, last))
            last = number
            found.append(one)
        return found

    def check_gone(self, found):
        for one in found:
            number = one.number or 0
            expect(not 0 < number <= self.gone_to, "number %d is done with, and back" % number)

    def missing(self, found):
        """(kept readings, fresh readings) that are not in `found`."""
        there = set([one.i for one in found])
        return [[one for one in part if one.i not in there] for part in (self.kept, self.fresh)]

    def check_dropped(self, lost, found):
        """Check that the policy may drop these, of which some were on flash."""
        lost = [one for one in lost if one.is_proven]
        left = [one for one in found if one.is_proven]
        if not lost:
            return
        if self.policies == {"thin"}:
            # Later readings are among those of which every second one is kept.
            expect(not found or found[-1].i > lost[-1].i, "the newest is gone")
        elif self.policies == {"latest"}:
            last = dict([(one.keys, one.i) for one in found])
            size = sum([len(one.payload) for one in found])
            # With little space, no more than that may fit.
            gone = [one.i for one in lost if size < 1500 and last.get(one.keys, -1) < one.i]
            expect(not gone, "of their names %s were the last" % gone)
        elif not self.policies & {"thin", "latest"}:
            expect(not left or lost[-1].i < left[0].i, "%d went before %d" % (
                lost[-1].i, left[0].i if left else 0
            ))  # fmt: skip

    def settle(self, found, dropped, full):
        """Nothing is under way, so all counts are exact."""
        kept, fresh = self.missing(found)
        count = len(kept) + len(fresh)
        told = dropped - self.dropped
        # A reading that was sent, then dropped, and then acknowledged counts as dropped too.
        expect(count <= told <= count + self.done, "%d dropped, and %d missing: %s %s" % (
            told, count, [one.i for one in kept][:20], [one.i for one in fresh][:20]
        ))  # fmt: skip
        self.check_dropped(kept, found)
        self.check_gone(found)
        self._take(found)
        self.dropped = dropped
        self.policies = {full}
        self.done = 0

    def restart(self, found, dropped, acknowledged, full, may_drop):
        """After a cut. Readings that were not on flash for sure may be gone; of the others only
        those that the policy may have dropped. `dropped`: since the new start; `acknowledged`: the
        known number.
        """
        self.heard(acknowledged)
        lost = [one.i for one in self.missing(found)[0] if one.is_proven]
        expect(may_drop or not lost, "%d are lost: %s" % (len(lost), lost[:20]))
        self.check_gone(found)
        # The rest of the batch never comes. Readings of the last acknowledgement may be back.
        self.fresh = []
        self.kept = found
        self._take(found)
        self.acknowledged = self.gone_to = acknowledged
        self.dropped = dropped
        self.policies = {full}
        self.done = 0

    def _take(self, found):
        there = set([one.i for one in found])
        self.kept = [one for one in self.kept if one.i in there]
        self.fresh = [one for one in self.fresh if one.i in there]
        for one in found:
            one.is_proven = True
