"""What ROOMS.md says of the history, computed from all readings ever sent."""

from collections import defaultdict
from fractions import Fraction

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
KEEP = {"raw": 3 * DAY, "minutes": 30 * DAY, "hours": 730 * DAY}
_UNITS = {"raw": 1, "minutes": MINUTE, "hours": HOUR}
_LENGTHS = [n * unit for unit in (SECOND, MINUTE) for n in (1, 2, 5, 10, 15, 30)]
_LENGTHS += [n * HOUR for n in (1, 2, 3, 6, 12)] + [n * DAY for n in range(1, 3000)]


def means(readings, length):
    """{start: [mean, min, max, count]} of readings [(at, value)], by their lengths.

    A mean is a fraction, so that it is exact for any numbers.
    """
    found = defaultdict(list)
    for at, value in readings:
        found[at // length * length].append(value)
    return {
        start: [
            Fraction(sum(map(Fraction, values)), len(values)),
            min(values),
            max(values),
            len(values),
        ]
        for start, values in sorted(found.items())
    }


def assert_points(found, expected, unsure=0):
    """Compare the points of an answer. Those before `unsure` may be of more or fewer readings.

    Only a mean may be rounded, and not out of the range of its values.
    """
    assert [each[0] for each in found] == [each[0] for each in expected]
    for one, other in zip(found, expected):
        if one[0] < unsure:
            continue
        assert one[2:] == other[2:], (one, other)
        if len(one) == 2:
            assert one[1] == other[1], (one, other)
            continue
        least, greatest, _ = one[2:]
        rounded = Fraction(max(abs(least), abs(greatest))) / 10**12
        assert least <= one[1] <= greatest, (one, other)
        assert abs(Fraction(one[1]) - Fraction(other[1])) <= rounded, (one, other)


def part(readings, now, since, until, points, keep=KEEP):
    """Return (the points of an answer, the time before which it may have more or less of them).

    `readings`: [(at, value)] of one series, in the order in which they came.
    """
    kept = {tier: [at for at, _ in readings if at >= now - keep[tier]] for tier in keep}
    ends = {}
    for tier, unit in _UNITS.items():
        begin = -(-max(since, now - keep[tier]) // unit) * unit
        starts = [at // unit * unit for at in kept[tier]]
        starts = [start for start in starts if begin <= start < until]
        if starts:
            ends[tier] = min(starts), max(starts) + unit
    if not ends:
        return [], 0
    never = (1 << 62, -(1 << 62))
    raw, minutes, hours = (ends.get(tier, never) for tier in _UNITS)
    fine = min(raw[0], minutes[0]), max(raw[1], minutes[1])
    if raw[0] // MINUTE <= minutes[0] // MINUTE and raw[0] // HOUR <= hours[0] // HOUR:
        first, end, least = *raw, SECOND
        found = sorted(
            (each for each in readings if first <= each[0] < end), key=lambda each: each[0]
        )
        if len(found) <= points:
            return [list(each) for each in found], 0
    elif fine[0] // HOUR <= hours[0] // HOUR:
        first, end, least = *fine, MINUTE
    else:
        first, end, least = min(fine[0], hours[0]), max(fine[1], hours[1]), HOUR
    length = next(
        length
        for length in _LENGTHS
        if length >= least and (end - 1) // length - first // length < points
    )
    every = means(readings, length)
    unsure = now - keep["raw" if length < MINUTE else "minutes" if length < HOUR else "hours"]
    wanted = range(first // length * length, end, length)
    return [[start, *every[start]] for start in wanted if start in every], unsure
