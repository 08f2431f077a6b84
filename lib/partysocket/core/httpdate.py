"""Dates in HTTP headers (RFC 9110 5.6.7), for a Retry-After that names one."""

_MONTHS = b"janfebmaraprmayjunjulaugsepoctnovdec"
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def seconds_between(earlier, later):
    """Seconds from one `Wed, 21 Oct 2015 07:28:00 GMT` to another, at least 0; None if it's none."""
    a = _seconds(earlier)
    b = _seconds(later)
    return None if a is None or b is None else max(0, b - a)


def _seconds(date):
    """Seconds since 2000, or None."""
    words = date.split()
    if len(words) != 6:
        return None
    month = _MONTHS.find(words[2].lower())
    try:
        day, year = int(words[1]), int(words[3]) - 2000
        hour, minute, second = [int(n) for n in words[4].split(b":")]
    except ValueError:
        return None
    if month % 3 or len(words[2]) != 3 or not 0 <= year < 100:
        return None
    month //= 3
    leap_days = (year + 3) // 4 + (1 if month > 1 and year % 4 == 0 else 0)
    days = year * 365 + leap_days + _DAYS_BEFORE[month] + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60 + second
