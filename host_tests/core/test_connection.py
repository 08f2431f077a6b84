"""Each edge of the state machine; each deadline to the millisecond, also across the wrap."""

from seeds import Chance

from partysocket.core.connection import (
    CLOSE_TIMEOUT_MS,
    CLOSING,
    DIAL,
    DIALING,
    EXPIRED,
    IDLE,
    NOTHING,
    OPEN,
    SEND_PING,
    SILENT,
    WAITING,
    Connection,
)
from partysocket.core.retry import GROWN, PATIENT, SOON
from partysocket.core.ticks import TICKS_MASK
from partysocket.presets import DEVICE, PARTYSOCKET

WRAP = 1 << 29
# Where clocks start: anywhere, and so that each deadline falls before, on or behind the wrap.
STARTS = (0, 12345, WRAP - 1, WRAP - 2, WRAP - 1000, WRAP - 5000, WRAP - 15000, WRAP - 30000)
STARTS += (WRAP // 2 - 1, WRAP // 2)


def after(start, ms):
    return start + ms & TICKS_MASK


def machine(minimum=3000, **changes):
    """One with PartySocket's defaults: no jitter, no keepalive."""
    return Connection(dict(PARTYSOCKET, **changes), minimum)


def waiting(now=0, minimum=3000, **changes):
    m = machine(minimum, **changes)
    m.begin(now, 0)
    return m


def dialing(now=0, minimum=3000, **changes):
    m = waiting(now, minimum, **changes)
    m.dial(now)
    return m


def opened(now=0, minimum=3000, **changes):
    m = dialing(now, minimum, **changes)
    m.opened(now)
    return m


def closing(now=0, again=None, **changes):
    m = opened(now, **changes)
    m.close(now, again)
    return m


def in_state(state, now=0):
    return {IDLE: machine, WAITING: waiting, DIALING: dialing, OPEN: opened, CLOSING: closing}[
        state
    ](*(() if state == IDLE else (now,)))


def due_at(m, start, ms, due):
    """Claim: nothing is due until `ms` after `start`, when it is `due`; and wait_ms says so."""
    if ms:
        assert m.wait_ms(start) == ms
        assert m.tick(start) == NOTHING
        middle = after(start, ms // 2)
        assert m.wait_ms(middle) == ms - ms // 2
        assert m.tick(middle) == NOTHING
        last = after(start, ms - 1)
        assert m.wait_ms(last) == 1
        assert m.tick(last) == NOTHING
    assert m.wait_ms(after(start, ms)) == 0
    assert m.wait_ms(after(start, ms + 7)) == 0
    assert m.tick(after(start, ms)) == due


# The edges.


def test_first_dial_is_due_at_once():
    # row 2
    for start in STARTS:
        m = machine()
        assert m.state == IDLE
        m.begin(start, 65535)
        assert m.state == WAITING
        due_at(m, start, 0, DIAL)


def test_life_of_a_connection_in_order():
    m = machine()
    m.begin(0, 0)
    m.dial(0)
    assert (m.state, m.attempts, m.opens) == (DIALING, 1, 0)
    m.opened(50)
    assert (m.state, m.attempts, m.opens) == (OPEN, 1, 1)
    m.close(60, None)
    assert m.state == CLOSING
    m.lost(70, SOON, 0, 0)
    assert (m.state, m.retry_count, m.delay_ms) == (WAITING, 1, 3000)
    m.dial(3070)
    assert (m.state, m.attempts) == (DIALING, 2)
    m.lost(3080, SOON, 0, 0)
    assert (m.state, m.retry_count, m.delay_ms) == (WAITING, 2, 3900)
    m.stop()
    assert m.state == IDLE


def test_lost_leads_to_waiting_from_dialing_open_and_closing():
    for state in (DIALING, OPEN, CLOSING):
        m = in_state(state)
        m.lost(10, SOON, 0, 0)
        assert m.state == WAITING
        due_at(m, 10, 3000, DIAL)


def test_stop_leads_to_idle_from_every_state():
    for state in (IDLE, WAITING, DIALING, OPEN, CLOSING):
        m = in_state(state)
        m.stop()
        assert m.state == IDLE
        assert m.wait_ms(5) is None
        assert m.tick(5) == NOTHING
        assert m.tick(WRAP // 3) == NOTHING
        assert not m.is_decided


def test_begin_leads_to_waiting_from_every_state_without_a_socket():
    for state in (IDLE, WAITING, DIALING):
        m = in_state(state)
        m.begin(77, 0)
        assert m.state == WAITING
        assert m.retry_count == 0
        due_at(m, 77, 0, DIAL)


def test_begin_ends_a_running_wait():
    # mends rows 10 and 26: reconnect() during the back-off
    for start in STARTS:
        m = dialing(start)
        m.lost(start, SOON, 0, 0)
        assert m.tick(after(start, 100)) == NOTHING
        m.begin(after(start, 100), 0)
        due_at(m, after(start, 100), 0, DIAL)


def test_closed_does_what_the_application_decided():
    m = closing(0, True)
    m.closed(100)
    assert m.state == WAITING
    due_at(m, 100, 0, DIAL)
    m = closing(0, False)
    m.closed(100)
    assert m.state == IDLE


def test_last_decision_counts():
    for decisions, again in (
        ((True,), True),
        ((False,), False),
        ((True, False), False),
        ((False, True), True),
        ((None, True), True),
        ((True, None), True),
        ((False, None), False),
        ((None, False, None), False),
    ):
        m = opened(0)
        for decision in decisions:
            m.close(10, decision)
        assert m.state == CLOSING and m.is_decided
        m.closed(20)
        assert m.state == (WAITING if again else IDLE), decisions


def test_decision_of_the_last_closing_is_forgotten():
    m = closing(0, True)
    m.closed(10)
    m.dial(10)
    m.opened(20)
    m.close(30, None)
    assert not m.is_decided


def test_is_decided_only_while_closing():
    for state in (IDLE, WAITING, DIALING, OPEN):
        assert not in_state(state).is_decided
    assert not closing(0, None).is_decided
    assert closing(0, True).is_decided
    assert closing(0, False).is_decided
    m = closing(0, True)
    m.closed(5)
    assert not m.is_decided


def test_closed_for_a_new_dial_counts_from_zero():
    m = dialing(0)
    for _ in range(4):
        m.lost(0, SOON, 0, 0)
        m.dial(0)
    m.opened(0)
    assert m.retry_count == 4
    m.close(0, True)
    m.closed(0)
    assert m.retry_count == 0
    assert m.delay_ms == 0


def test_counters_count_every_dial_and_every_connection():
    m = machine()
    for i in range(5):
        m.begin(0, 0)
        m.dial(0)
        if i % 2:
            m.opened(0)
        m.stop()
    assert (m.attempts, m.opens) == (5, 2)


# The spread of the first dial.


def test_first_dial_is_spread():
    for start in STARTS:
        for chance, wait in ((0, 0), (32768, 5000), (65535, 9999)):
            m = machine(initial_spread_ms=10000)
            m.begin(start, chance)
            assert m.delay_ms == wait
            due_at(m, start, wait, DIAL)


def test_only_the_very_first_dial_is_spread():
    m = machine(initial_spread_ms=10000)
    m.begin(0, 65535)
    m.dial(9999)
    m.stop()
    m.begin(10000, 65535)
    due_at(m, 10000, 0, DIAL)


# The deadlines of dialing and closing.


def test_dial_expires_at_its_timeout():
    for start in STARTS:
        for timeout in (1, 4000, 15000):
            m = dialing(start, connection_timeout=timeout)
            due_at(m, start, timeout, EXPIRED)
            assert m.tick(after(start, timeout + 1)) == EXPIRED
            assert m.state == DIALING


def test_timeout_of_the_dial_grows_with_the_failures():
    for start in STARTS:
        m = dialing(start, connection_timeout=(15000, 30000))
        for timeout in (15000, 22500, 30000, 30000):
            due_at(m, start, timeout, EXPIRED)
            m.lost(start, SOON, 0, 0)
            m.dial(start)


def test_closing_expires_after_two_seconds():
    # API section 5: all of it is bounded by 2 s
    assert CLOSE_TIMEOUT_MS == 2000
    for start in STARTS:
        for again in (None, True, False):
            due_at(closing(start, again), start, 2000, EXPIRED)


def test_second_close_does_not_lengthen_the_first():
    for start in STARTS:
        m = closing(start, None)
        m.close(after(start, 1500), False)
        m.close(after(start, 1900), True)
        due_at(m, after(start, 1900), 100, EXPIRED)


# The waits.


def test_waits_follow_partysocket():
    # row 8: 3000, 3900, 5070, 6591, 8568, 10000 ...
    for start in STARTS:
        m = dialing(start)
        now = start
        for wait in (3000, 3900, 5070, 6591, 8568, 10000, 10000):
            m.lost(now, SOON, 0, 0)
            assert m.delay_ms == wait
            due_at(m, now, wait, DIAL)
            now = after(now, wait)
            m.dial(now)


def test_wait_is_jittered_by_chance():
    for start in STARTS:
        for chance, wait in ((0, 100), (32768, 2500), (65535, 4999)):
            m = Connection(DEVICE, 5000)
            m.begin(start, 0)
            m.dial(start)
            m.lost(start, SOON, 0, chance)
            due_at(m, start, wait, DIAL)


def test_retry_after_is_obeyed():
    for start in STARTS:
        m = dialing(start)
        m.lost(start, SOON, 30000, 0)
        assert m.retry_count == 1
        due_at(m, start, 30000, DIAL)
        m.dial(start)
        m.lost(start, SOON, 999_999_000, 0)
        due_at(m, start, 50000, DIAL)


def test_patience_is_long():
    for start in STARTS:
        m = dialing(start)
        m.lost(start, PATIENT, 0, 0)
        assert m.retry_count == 1
        due_at(m, start, 50000, DIAL)


def test_longest_waits_of_all_pass():
    # given the longest delay that an option takes
    for start in STARTS:
        for hope in (SOON, GROWN, PATIENT):
            m = Connection(dict(DEVICE, max_reconnection_delay=21_600_000), 21_600_000)
            m.begin(start, 0)
            m.dial(start)
            m.lost(start, hope, 0, 65535)
            due_at(m, start, m.delay_ms, DIAL)


def test_longest_wait_for_retry_after_passes():
    for start in STARTS:
        m = Connection(dict(DEVICE, max_reconnection_delay=21_600_000), 21_600_000)
        m.begin(start, 0)
        m.dial(start)
        m.lost(start, SOON, (1 << 19) * 1000, 65535)
        due_at(m, start, m.delay_ms, DIAL)


# min_uptime: row 9.


def lasted(start, ms, ticked, hope=SOON, retries=3):
    """A machine that failed `retries` times, then was open for `ms`, and ended with `hope`."""
    m = dialing(start)
    for _ in range(retries):
        m.lost(start, SOON, 0, 0)
        m.dial(start)
    m.opened(start)
    if ticked:
        m.tick(after(start, ms))
    m.lost(after(start, ms), hope, 0, 0)
    return m


def test_connection_is_proven_by_min_uptime():
    for start in STARTS:
        m = lasted(start, 4999, True)
        assert (m.retry_count, m.delay_ms) == (4, 6591)
        m = lasted(start, 5000, True)
        assert (m.retry_count, m.delay_ms) == (1, 3000)


def test_machine_asks_to_be_ticked_when_min_uptime_has_passed():
    for start in STARTS:
        m = opened(start)
        assert m.wait_ms(start) == 5000
        assert m.wait_ms(after(start, 4999)) == 1
        assert m.tick(after(start, 5000)) == NOTHING
        assert m.wait_ms(after(start, 5000)) is None


def test_proven_connection_shows_no_retries():
    m = dialing(0)
    m.lost(0, SOON, 0, 0)
    m.dial(0)
    m.opened(0)
    assert m.retry_count == 1
    m.tick(4999)
    assert m.retry_count == 1
    m.tick(5000)
    assert m.retry_count == 0


def test_short_sessions_keep_the_growth_across_opens():
    m = dialing(0)
    for wait in (3000, 3900, 5070, 6591):
        m.opened(0)
        m.tick(4999)
        m.lost(4999, SOON, 0, 0)
        assert m.delay_ms == wait
        m.dial(0)


def test_grown_ends_keep_the_growth_however_long_the_connection_lasted():
    # API section 6: 1002, 1007, 4000 ...
    for ms in (0, 4999, 5000, 10**6):
        for start in STARTS:
            m = lasted(start, ms, True, GROWN)
            assert (m.retry_count, m.delay_ms) == (4, 6591), ms


def test_grown_ends_grow_on_from_connection_to_connection():
    m = dialing(0)
    for wait in (3000, 3900, 5070, 6591, 8568, 10000, 10000):
        m.opened(0)
        assert m.tick(60000) == NOTHING
        m.lost(60000, GROWN, 0, 0)
        assert m.delay_ms == wait
        m.dial(0)


def test_grown_ends_after_the_close_handshake_too():
    m = lasted(0, 0, False)
    m.dial(0)
    m.opened(0)
    m.tick(6000)
    m.close(6000, None)
    m.lost(6010, GROWN, 0, 0)
    assert m.retry_count == 5


def test_grown_failure_of_a_dial_takes_nothing_from_the_last_connection():
    # given one that grew to 4, then one that was proven and ended well
    m = lasted(0, 5000, True, SOON, 4)
    assert m.retry_count == 1
    # when the next dial fails with GROWN
    m.dial(0)
    m.lost(0, GROWN, 0, 0)
    # then it is the second failure
    assert (m.retry_count, m.delay_ms) == (2, 3900)


def test_patient_ends_of_a_proven_connection_count_from_one():
    m = lasted(0, 5000, True, PATIENT)
    assert m.retry_count == 1
    assert m.delay_ms == 50000


def test_growth_goes_on_after_patience():
    m = dialing(0)
    for wait, hope in ((50000, PATIENT), (3900, SOON), (50000, PATIENT), (6591, SOON)):
        m.lost(0, hope, 0, 0)
        assert m.delay_ms == wait
        m.dial(0)


def test_patience_outlasts_retry_after():
    m = dialing(0)
    m.lost(0, PATIENT, 1000, 0)
    assert m.delay_ms == 50000


# max_retries: row 11.


def test_max_retries_n_means_n_plus_one_attempts():
    for most in (0, 1, 2, 7):
        m = machine(max_retries=most)
        m.begin(0, 0)
        while m.state == WAITING:
            m.dial(0)
            m.lost(0, SOON, 0, 0)
        assert m.state == IDLE
        assert m.attempts == most + 1
        assert m.retry_count == most


def test_retries_are_endless_without_a_limit():
    m = dialing(0)
    for _ in range(3000):
        m.lost(0, SOON, 0, 0)
        m.dial(0)
    assert (m.attempts, m.retry_count) == (3001, 3000)
    m.lost(0, SOON, 0, 0)
    assert m.delay_ms == 10000


def test_max_retries_counts_anew_after_a_proven_connection():
    m = machine(max_retries=1)
    m.begin(0, 0)
    for _ in range(5):
        m.dial(0)
        m.opened(0)
        m.tick(5000)
        m.lost(5000, SOON, 0, 0)
        assert m.state == WAITING
    m.dial(0)
    m.lost(0, SOON, 0, 0)
    assert m.state == IDLE


def test_max_retries_counts_unproven_connections_and_grown_ends():
    for ms, hope in ((4999, SOON), (60000, GROWN), (0, PATIENT)):
        m = machine(max_retries=2)
        m.begin(0, 0)
        dials = 0
        while m.state == WAITING:
            m.dial(0)
            dials += 1
            m.opened(0)
            m.tick(ms)
            m.lost(ms, hope, 0, 0)
        assert dials == 3, hope


def test_giving_up_can_be_revived():
    m = machine(max_retries=0)
    m.begin(0, 0)
    m.dial(0)
    m.lost(0, SOON, 0, 0)
    assert m.state == IDLE
    m.begin(9, 0)
    assert m.state == WAITING and m.retry_count == 0
    due_at(m, 9, 0, DIAL)


# Keepalive.

PAIRS = [(i, t) for i in (1, 500, 10000, 20000, 60000) for t in (1, 300, 10000, 45000)]


def kept_alive(start, interval, timeout, **changes):
    return opened(
        start, min_uptime=0, ping_interval_ms=interval, ping_timeout_ms=timeout, **changes
    )


def test_ping_is_due_after_the_interval_and_silence_after_the_timeout():
    for start in STARTS:
        for interval, timeout in PAIRS:
            m = kept_alive(start, interval, timeout)
            m.tick(start)
            due_at(m, start, interval, SEND_PING)
            asked = after(start, interval)
            assert m.wait_ms(asked) is None  # until it is written
            assert m.tick(asked) == NOTHING
            m.pinged(asked)
            due_at(m, asked, timeout, SILENT)


def test_timeout_counts_from_when_the_ping_was_written():
    for start in STARTS:
        for interval, timeout in PAIRS:
            m = kept_alive(start, interval, timeout)
            m.tick(start)
            assert m.tick(after(start, interval)) == SEND_PING
            late = after(start, interval + 777)
            assert m.tick(late) == NOTHING
            m.pinged(late)
            due_at(m, late, timeout, SILENT)


def test_any_byte_is_life_and_begins_the_interval_anew():
    for start in STARTS:
        for interval, timeout in PAIRS:
            m = kept_alive(start, interval, timeout)
            m.tick(start)
            # a byte just before the ping is due
            heard = after(start, interval - 1)
            m.heard(heard)
            due_at(m, heard, interval, SEND_PING)
            # and one just before the timeout, pong or not
            asked = after(heard, interval)
            m.pinged(asked)
            heard = after(asked, timeout - 1)
            assert m.tick(heard) == NOTHING
            m.heard(heard)
            due_at(m, heard, interval, SEND_PING)


def test_pings_go_on_for_ever_with_a_peer_that_answers():
    for start in STARTS:
        for interval, timeout in ((20000, 10000), (300, 10000)):
            m = kept_alive(start, interval, timeout)
            now = start
            m.tick(now)
            for _ in range(50):
                now = after(now, interval)
                assert m.tick(now) == SEND_PING
                m.pinged(now)
                now = after(now, 40)
                m.heard(now)


def test_ping_is_asked_for_only_once():
    m = kept_alive(0, 1000, 500)
    assert m.tick(1000) == SEND_PING
    for now in (1000, 1001, 5000):
        assert m.tick(now) == NOTHING
        assert m.wait_ms(now) is None
    m.pinged(5000)
    assert m.tick(5001) == NOTHING
    assert m.tick(5500) == SILENT


def test_byte_heard_before_a_late_ping_is_written_still_needs_an_answer_to_it():
    m = kept_alive(0, 1000, 500)
    assert m.tick(1000) == SEND_PING
    m.heard(1200)
    assert m.wait_ms(1200) is None
    m.pinged(3000)
    due_at(m, 3000, 500, SILENT)


def test_ping_of_the_applications_own_counts():
    # given one that flush() sent, long before the interval is over
    for start in STARTS:
        m = kept_alive(start, 20000, 10000)
        m.tick(start)
        m.pinged(after(start, 100))
        due_at(m, after(start, 100), 10000, SILENT)
        m.heard(after(start, 200))
        due_at(m, after(start, 200), 20000, SEND_PING)


def test_second_ping_does_not_put_off_the_timeout_of_the_first():
    m = kept_alive(0, 20000, 10000)
    m.tick(0)
    m.pinged(100)
    m.pinged(9000)
    due_at(m, 9000, 1100, SILENT)


def test_keepalive_may_be_off():
    for start in STARTS:
        m = kept_alive(start, 0, 10000)
        assert m.tick(start) == NOTHING
        assert m.wait_ms(start) is None
        for days in (1, 2, 3):
            assert m.tick(after(start, days * 86_400_000)) == NOTHING
        assert m.wait_ms(after(start, 86_400_000)) is None


def test_keepalive_options_take_effect_at_once():
    options = dict(PARTYSOCKET, min_uptime=0)
    m = Connection(options, 3000)
    m.begin(0, 0)
    m.dial(0)
    m.opened(0)
    m.tick(0)
    assert m.wait_ms(100) is None
    options["ping_interval_ms"] = 1000
    assert m.wait_ms(100) == 900
    options["ping_interval_ms"] = 50
    assert m.wait_ms(100) == 0
    assert m.tick(100) == SEND_PING
    m.pinged(100)
    options["ping_timeout_ms"] = 70
    due_at(m, 100, 70, SILENT)


def test_keepalive_begins_anew_with_each_connection():
    for start in STARTS:
        m = kept_alive(start, 1000, 500)
        assert m.tick(after(start, 1000)) == SEND_PING
        m.pinged(after(start, 1000))
        m.stuck(after(start, 1000))
        m.hold(after(start, 1100))
        assert m.tick(after(start, 2500)) == SILENT
        m.lost(after(start, 2500), SOON, 0, 0)
        m.dial(after(start, 9000))
        m.opened(after(start, 9000))
        m.tick(after(start, 9000))
        due_at(m, after(start, 9000), 1000, SEND_PING)


def test_ping_that_was_never_written_is_forgotten_with_its_connection():
    for start in STARTS:
        m = kept_alive(start, 1000, 500)
        assert m.tick(after(start, 1000)) == SEND_PING
        m.lost(after(start, 1001), SOON, 0, 0)
        m.dial(after(start, 9000))
        m.opened(after(start, 9000))
        m.tick(after(start, 9000))
        due_at(m, after(start, 9000), 1000, SEND_PING)


def test_ping_is_due_before_min_uptime_if_it_is_sooner():
    m = opened(0, ping_interval_ms=1000)
    assert m.wait_ms(0) == 1000
    m = opened(0, ping_interval_ms=9000)
    assert m.wait_ms(0) == 5000
    assert m.tick(5000) == NOTHING
    assert m.wait_ms(5000) == 4000


# Held by the application.


def test_nothing_is_silent_while_the_application_is_busy():
    for start in STARTS:
        m = kept_alive(start, 1000, 500)
        m.tick(start)
        m.hold(after(start, 400))
        for ms in (400, 1000, 100_000):
            assert m.wait_ms(after(start, ms)) is None
            assert m.tick(after(start, ms)) == NOTHING


def test_silence_goes_on_after_the_hold_as_if_no_time_had_passed():
    for start in STARTS:
        for held in (0, 1, 599, 600, 601, 100_000):
            m = kept_alive(start, 1000, 500)
            m.tick(start)
            m.hold(after(start, 400))
            m.release(after(start, 400 + held))
            due_at(m, after(start, 400 + held), 600, SEND_PING)


def test_hold_between_ping_and_pong_does_not_count():
    for start in STARTS:
        for held in (0, 1, 499, 500, 100_000):
            m = kept_alive(start, 1000, 500)
            assert m.tick(after(start, 1000)) == SEND_PING
            m.pinged(after(start, 1000))
            m.hold(after(start, 1100))
            assert m.tick(after(start, 1100 + held)) == NOTHING
            m.release(after(start, 1100 + held))
            due_at(m, after(start, 1100 + held), 400, SILENT)


def test_ping_written_during_a_hold_has_its_whole_timeout_afterwards():
    # given a ping that was asked for before the hold, and written 300 ms into it
    m = kept_alive(0, 1000, 500)
    assert m.tick(1000) == SEND_PING
    m.hold(1000)
    m.pinged(1300)
    m.release(2000)
    # then the 700 ms after it, in which nothing was read, do not count
    assert m.tick(2499) == NOTHING
    left = m.wait_ms(2000)
    assert 500 <= left <= 1300
    assert m.tick(2000 + left) == SILENT


def test_several_holds_add_up():
    m = kept_alive(0, 1000, 500)
    m.tick(0)
    now = 0
    for _ in range(9):
        now += 100
        m.hold(now)
        now += 5000
        m.release(now)
    due_at(m, now, 100, SEND_PING)


def test_min_uptime_passes_while_held():
    m = dialing(0)
    m.lost(0, SOON, 0, 0)
    m.dial(0)
    m.opened(0)
    m.hold(10)
    assert m.wait_ms(10) == 4990
    m.tick(5000)
    assert m.retry_count == 0
    assert m.wait_ms(5000) is None


# A socket that takes no byte: pains 17.


def test_stuck_socket_is_given_up_after_interval_and_timeout():
    for start in STARTS:
        for interval, timeout in ((0, 10000), (300, 10000), (60000, 300)):
            m = kept_alive(start, interval, timeout)
            m.tick(start)
            m.hold(start)  # so that no ping is due
            m.stuck(after(start, 50))
            due_at(m, after(start, 50), interval + timeout, SILENT)


def test_stuck_counts_from_its_beginning():
    for start in STARTS:
        m = kept_alive(start, 0, 10000)
        m.tick(start)
        for ms in (0, 1000, 9000):
            m.stuck(after(start, ms))
        due_at(m, after(start, 9000), 1000, SILENT)


def test_socket_that_takes_a_byte_is_not_stuck():
    for start in STARTS:
        m = kept_alive(start, 0, 10000)
        m.tick(start)
        m.stuck(start)
        m.stuck(None)
        assert m.wait_ms(after(start, 9000)) is None
        assert m.tick(after(start, 10000)) == NOTHING
        m.stuck(after(start, 10000))
        due_at(m, after(start, 10000), 10000, SILENT)


def test_ping_that_cannot_be_written_ends_as_stuck():
    m = kept_alive(0, 1000, 500)
    m.tick(0)
    m.stuck(0)
    assert m.tick(1000) == SEND_PING
    assert m.wait_ms(1000) == 500
    assert m.tick(1499) == NOTHING
    assert m.tick(1500) == SILENT


def test_bytes_heard_do_not_save_a_stuck_socket():
    m = kept_alive(0, 1000, 500)
    m.stuck(0)
    for now in (500, 1000, 1400):
        m.heard(now)
        assert m.tick(now) == NOTHING
    assert m.tick(1500) == SILENT


# Options are read anew at each use: row 5.


def test_options_take_effect_at_their_next_use():
    options = dict(PARTYSOCKET)
    m = Connection(options, 3000)
    m.begin(0, 0)
    options["connection_timeout"] = 123
    m.dial(0)
    assert m.wait_ms(0) == 123
    options["max_reconnection_delay"] = 777
    m.lost(0, SOON, 0, 0)
    assert m.delay_ms == 777
    options["max_retries"] = 1
    m.dial(0)
    m.lost(0, SOON, 0, 0)
    assert m.state == IDLE


# A random walk.


def test_random_walk_keeps_the_invariants():
    chance = Chance("connection")
    for walk in range(4):
        walk_along(chance, chance.one_of(STARTS), 2500)


def walk_along(chance, now, steps):
    """Call what a driver may call, and claim what must hold whatever came before."""
    options = dict(DEVICE)
    m = Connection(options, 5000)
    held = asked_for_ping = False
    for _ in range(steps):
        now = after(now, chance.one_of((0, 1, 7, 99, 1000, 4999, 30000)))
        state = m.state
        attempts = m.attempts
        retries = m.retry_count
        kind = chance.below(12)
        hope = chance.one_of((SOON, GROWN, PATIENT))
        if kind == 0:
            options["ping_interval_ms"] = chance.one_of((0, 1, 300, 20000))
            options["ping_timeout_ms"] = chance.one_of((1, 500, 10000))
            options["max_retries"] = chance.one_of((None, None, 0, 3))
            options["jitter"] = chance.one_of(("none", "full", "equal"))
            options["min_uptime"] = chance.one_of((0, 1, 5000))
        elif state == IDLE:
            m.begin(now, chance.below(65536))
            assert m.state == WAITING and m.retry_count == 0
        elif kind == 1:
            m.stop()
            assert m.state == IDLE
        elif state == WAITING:
            if kind == 2:
                m.begin(now, chance.below(65536))
            elif m.tick(now) == DIAL:
                m.dial(now)
                assert m.state == DIALING and m.attempts == attempts + 1
        elif state == DIALING:
            if kind < 5:
                m.lost(now, hope, chance.one_of((0, 0, 5000)), chance.below(65536))
                assert m.state == IDLE or (m.state == WAITING and m.retry_count == retries + 1)
            elif kind < 10:
                opens = m.opens
                m.opened(now)
                held = asked_for_ping = False
                assert m.state == OPEN and m.opens == opens + 1
        elif state == CLOSING and m.is_decided:
            m.closed(now)
            assert m.state in (WAITING, IDLE)
            assert m.state == IDLE or m.wait_ms(now) == 0
        elif kind == 2:
            m.lost(now, hope, 0, chance.below(65536))
            assert m.state in (WAITING, IDLE)
            if m.state == WAITING:
                assert m.retry_count >= 1
        elif kind == 3:
            m.close(now, chance.one_of((None, True, False)))
            assert m.state == CLOSING
        elif state == OPEN:
            if kind == 4 and not held:
                m.hold(now)
                held = True
            elif kind == 5 and held:
                m.release(now)
                held = False
            elif kind == 6:
                m.stuck(chance.one_of((now, None)))
            elif kind == 7 and asked_for_ping:
                m.pinged(now)
                asked_for_ping = False
            elif kind > 7 and not held:
                m.heard(now)
        # What always holds.
        state = m.state
        wait = m.wait_ms(now)
        due = m.tick(now)
        assert m.state == state, "a tick changes no state"
        assert (
            due
            in {
                IDLE: (NOTHING,),
                WAITING: (NOTHING, DIAL),
                DIALING: (NOTHING, EXPIRED),
                OPEN: (NOTHING, SEND_PING, SILENT),
                CLOSING: (NOTHING, EXPIRED),
            }[state]
        )
        assert wait is None or wait >= 0
        if due != NOTHING:
            assert wait == 0, "what is due now was foreseen"
        else:
            again = m.wait_ms(now)
            assert again is None or again > 0, "a driver that obeys does not spin"
        if state == IDLE:
            assert wait is None
        elif state != OPEN:
            assert wait is not None, "only an open or idle connection may wait for ever"
        if due == SEND_PING:
            assert not asked_for_ping, "one ping at a time"
            asked_for_ping = True
        assert m.retry_count >= 0
        assert 0 <= m.delay_ms <= 360_000
        assert m.is_decided in (True, False)


# The network below comes back, and lateness.


def test_a_wait_of_our_own_ends_when_the_network_is_back():
    for start in STARTS:
        m = dialing(start)
        m.lost(start, SOON, 0, 0)
        assert m.wait_ms(start) == 3000
        m.hurry(after(start, 1000), 0)
        assert m.tick(after(start, 1000)) == DIAL


def test_hurry_keeps_the_floor_and_never_lengthens():
    for start in STARTS:
        m = dialing(start)
        m.lost(start, SOON, 0, 0)
        m.hurry(start, 0)
        assert m.wait_ms(start) == 100
        m = dialing(start, 50)
        m.lost(start, SOON, 0, 0)
        m.hurry(start, 0)
        assert m.wait_ms(start) == 50


def test_hurry_spreads_a_fleet():
    m = dialing(initial_spread_ms=2000)
    m.lost(0, SOON, 0, 0)
    m.hurry(500, 1 << 15)
    assert m.wait_ms(500) == 1000


def test_hurry_leaves_what_a_server_asked_for():
    for hope, asked in ((SOON, 20000), (PATIENT, 0), (GROWN, 0)):
        m = dialing()
        m.lost(0, hope, asked, 0)
        wait = m.wait_ms(1000)
        m.hurry(1000, 0)
        assert m.wait_ms(1000) == wait > 1000


def test_hurry_leaves_the_first_dials_spread_and_other_states():
    m = waiting(initial_spread_ms=1000)
    wait = m.wait_ms(0)
    m.hurry(0, 0)
    assert m.wait_ms(0) == wait
    for m in (dialing(), opened(), closing(), machine()):
        state, wait = m.state, m.wait_ms(0)
        m.hurry(0, 0)
        assert (m.state, m.wait_ms(0)) == (state, wait)


def test_a_state_is_overdue_after_its_limit():
    for start in STARTS:
        m = dialing(start, connection_timeout=4000)
        assert m.overdue_ms(after(start, 3999)) == -1
        assert m.overdue_ms(after(start, 6500)) == 2500
        assert opened(start).overdue_ms(after(start, 100000)) == 0
        assert machine().overdue_ms(start) == 0
