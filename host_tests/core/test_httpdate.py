"""RFC 9110 5.6.7: the time between two dates. The board's clock does not matter."""

from partysocket.core.httpdate import seconds_between

MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
START = b"Sat, 01 Jan 2000 00:00:00 GMT"


def test_seconds_minutes_hours_and_days():
    for later, seconds in (
        (START, 0),
        (b"Sat, 01 Jan 2000 00:00:01 GMT", 1),
        (b"Sat, 01 Jan 2000 00:01:00 GMT", 60),
        (b"Sat, 01 Jan 2000 01:00:00 GMT", 3600),
        (b"Sun, 02 Jan 2000 00:00:00 GMT", 86400),
        # A leap second.
        (b"Sat, 01 Jan 2000 23:59:60 GMT", 86400),
    ):
        assert seconds_between(START, later) == seconds, later
        # It has passed.
        assert seconds_between(later, START) == 0


def test_first_of_every_month_follows_the_last_of_the_one_before():
    for year in range(2000, 2100):
        lengths = [31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for i in range(12 if year < 2099 else 11):
            last = b"Mon, %02d %s %d 23:59:59 GMT" % (lengths[i], MONTHS[i], year)
            next_month = MONTHS[(i + 1) % 12], year + (i + 1) // 12
            first = b"Mon, 01 %s %d 00:00:00 GMT" % next_month
            assert seconds_between(last, first) == 1, (last, first)


def test_what_is_no_date_is_none():
    for date in (
        b"",
        b"soon",
        b"-1",
        b"Wed, 21 Oct 2015 07:28:00",
        b"Wed, 21 Oct 2015 07:28 GMT",
        b"Wed, 21 Oct 2015 07:28:00:00 GMT",
        b"Wed, 21 Foo 2015 07:28:00 GMT",
        # It overlaps the names of two months.
        b"Wed, 21 anf 2015 07:28:00 GMT",
        b"Wed, 21 janfeb 2015 07:28:00 GMT",
        b"Wed, x Oct 2015 07:28:00 GMT",
        b"Wed, 21 Oct x 07:28:00 GMT",
        b"Wed, 21 Oct 2015 a:b:c GMT",
        b"Wed, 21 Oct 1999 07:28:00 GMT",
        # 5.6.7: obsolete forms, which are not understood.
        b"Wednesday, 21-Oct-15 07:28:00 GMT",
        b"Wed Oct 21 07:28:00 2015",
        b"\xff \xff \xff \xff \xff \xff",
    ):
        assert seconds_between(START, date) is None, date
        assert seconds_between(date, START) is None, date
