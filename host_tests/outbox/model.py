"""What an outbox has promised, told by plain lists. It knows readings by the count `i` in them,
and learns their numbers as a room does: when they are sent.
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
        self.keys = keys  # of its values: "latest" keeps one of each
        self.payload = text.encode()
        self.at = at  # the true time
        self.is_dated = is_dated  # the clock was set then
        self.number = None  # once it was seen
        self.is_proven = False  # it was seen when all was on flash


class Model:
    def __init__(self):
        self.given = []  # each Reading that was ever given
        self.kept = []  # those that are on flash for sure, and not acknowledged
        self.fresh = []  # those that may be
        self.by_number = {}
        self.highest = 0  # the highest number that was ever seen
        self.acknowledged = 0  # by the last acknowledgement ...
        self.gone_to = 0  # ... and by the one before it
        self.dropped = 0  # as the outbox has told, since its start
        self.done = 0  # so many were acknowledged since all was checked
        self.policies = set()  # what it did when there was no place, since all was checked

    def next(self):
        return len(self.given)

    # What happens.

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
        """The room's word, which the outbox has taken."""
        if number > self.acknowledged:
            self.gone_to, self.acknowledged = self.acknowledged, number
            before = len(self.kept) + len(self.fresh)
            self.kept = self._left(self.kept)
            self.fresh = self._left(self.fresh)
            self.done += before - len(self.kept) - len(self.fresh)

    def _left(self, readings):
        return [one for one in readings if one.number is None or one.number > self.acknowledged]

    # What was read.

    def readings_of(self, records, at_of, is_probe=False):
        """The Readings that records are; each of them as it was given."""
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
        """(of those that were kept, of the fresh) that are not in `found`."""
        there = set([one.i for one in found])
        return [[one for one in part if one.i not in there] for part in (self.kept, self.fresh)]

    def check_dropped(self, lost, found):
        """That the policy lets go of these, of which some were on flash."""
        lost = [one for one in lost if one.is_proven]
        left = [one for one in found if one.is_proven]
        if not lost:
            return
        if self.policies == {"thin"}:
            # What came since is among those of which every second one stays.
            expect(not found or found[-1].i > lost[-1].i, "the newest is gone")
        elif self.policies == {"latest"}:
            last = dict([(one.keys, one.i) for one in found])
            size = sum([len(one.payload) for one in found])
            # More than that may not fit where there is place for little.
            gone = [one.i for one in lost if size < 1500 and last.get(one.keys, -1) < one.i]
            expect(not gone, "of their names %s were the last" % gone)
        elif not self.policies & {"thin", "latest"}:
            expect(not left or lost[-1].i < left[0].i, "%d went before %d" % (
                lost[-1].i, left[0].i if left else 0
            ))  # fmt: skip

    def settle(self, found, dropped, full):
        """Nothing is under way: what there is, is exact."""
        kept, fresh = self.missing(found)
        count = len(kept) + len(fresh)
        told = dropped - self.dropped
        # One that was sent, then dropped, and then acknowledged counts as dropped too.
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
        """After a cut. What was not on flash for sure may be gone; of the rest only what the
        policy may have dropped. `dropped`: since the new start; `acknowledged`: what is known.
        """
        self.heard(acknowledged)
        lost = [one.i for one in self.missing(found)[0] if one.is_proven]
        expect(may_drop or not lost, "%d are lost: %s" % (len(lost), lost[:20]))
        self.check_gone(found)
        # The rest of the batch never comes. What the last acknowledgement named may be back.
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
