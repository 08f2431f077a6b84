"""Each edge of the lifecycle, and each deadline to the millisecond, also across the clock's
wrap.
"""

from seeds import Chance

from partysocket.core.keepalive import NOTHING, SEND_PING, SILENT
from partysocket.core.lifecycle import (
    CLOSE_TIMEOUT_MS,
    CLOSING,
    DIAL,
    DIALING,
    EXPIRED,
    IDLE,
    OPEN,
    WAITING,
    Lifecycle,
)
from partysocket.core.retry import GROWN, PATIENT, SOON
from partysocket.core.ticks import TICKS_MASK
from partysocket.presets import DEVICE, PARTYSOCKET

WRAP = 1 << 29
# Where the clock starts: anywhere, and so that each deadline falls before, at or after the wrap.
STARTS = (0, 12345, WRAP - 1, WRAP - 2, WRAP - 1000, WRAP - 5000, WRAP - 15000, WRAP - 30000)
STARTS += (WRAP // 2 - 1, WRAP // 2)
# Row 8.
DELAYS = (3000, 3900, 5070, 6591, 8568, 10000, 10000)


def after(start, ms):
    return start + ms & TICKS_MASK


def made(state, now=0, minimum=3000, **changes):
    """A Lifecycle in `state`, with PartySocket's defaults: no jitter, no keepalive."""
    life = Lifecycle(dict(PARTYSOCKET, **changes), minimum)
    if state >= WAITING:
        life.begin(now, 0)
    if state >= DIALING:
        life.dial(now)
    if state >= OPEN:
        life.opened(now)
    if state >= CLOSING:
        life.close(now, None)
    assert life.state == state
    return life


def failed(retries, now=0, **changes):
    """A Lifecycle that dials after so many failures."""
    life = made(DIALING, now, **changes)
    for _ in range(retries):
        life.lost(now, SOON, 0, 0)
        life.dial(now)
    return life


def due_at(life, start, ms, due):
    """Check that nothing is due until `ms` after `start`, that `due` is due then, and that wait_ms
    says so.
    """
    if ms:
        for passed in (0, ms // 2, ms - 1):
            assert life.wait_ms(after(start, passed)) == ms - passed
            assert life.tick(after(start, passed)) == NOTHING
    assert life.wait_ms(after(start, ms)) == life.wait_ms(after(start, ms + 7)) == 0
    assert life.tick(after(start, ms)) == due


# The edges.


def test_life_of_a_connection_in_order():
    life = made(OPEN)
    assert (life.attempts, life.opens, life.drops) == (1, 1, 0)
    life.close(60, None)
    life.lost(70, SOON, 0, 0)
    assert (life.state, life.retry_count, life.delay_ms, life.drops) == (WAITING, 1, 3000, 1)
    life.dial(3070)
    assert (life.state, life.attempts) == (DIALING, 2)
    life.lost(3080, SOON, 0, 0)
    assert (life.state, life.retry_count, life.delay_ms, life.drops) == (WAITING, 2, 3900, 1)


def test_first_dial_is_due_at_once_and_begin_ends_any_wait():
    # Row 2, and rows 10 and 26: reconnect() during the back-off.
    for start in STARTS:
        for state in (IDLE, WAITING, DIALING):
            life = made(state, start)
            life.begin(start, 65535)
            assert (life.state, life.retry_count) == (WAITING, 0)
            due_at(life, start, 0, DIAL)


def test_begin_ends_a_running_wait():
    for start in STARTS:
        life = made(DIALING, start)
        life.lost(start, SOON, 0, 0)
        assert life.tick(after(start, 100)) == NOTHING
        life.begin(after(start, 100), 0)
        due_at(life, after(start, 100), 0, DIAL)


def test_lost_leads_to_waiting_and_stop_to_idle():
    for state in (DIALING, OPEN, CLOSING):
        life = made(state)
        life.lost(10, SOON, 0, 0)
        assert life.state == WAITING and life.drops == (state > DIALING)
        due_at(life, 10, 3000, DIAL)
    for state in (IDLE, WAITING, DIALING, OPEN, CLOSING):
        life = made(state)
        life.stop()
        assert life.state == IDLE and life.wait_ms(5) is None and not life.is_decided()
        assert life.tick(5) == life.tick(WRAP // 3) == NOTHING


def test_last_decision_counts():
    for decisions, again in (
        ((True,), True),
        ((False,), False),
        ((True, False), False),
        ((False, True), True),
        ((None, True), True),
        ((True, None), True),
        ((None, False, None), False),
    ):
        life = made(OPEN)
        for decision in decisions:
            life.close(10, decision)
        assert life.is_decided()
        life.closed(20)
        assert life.state == (WAITING if again else IDLE), decisions
        assert not life.is_decided() and life.drops == 1
        if again:
            due_at(life, 20, 0, DIAL)
            # Then it is forgotten.
            life.dial(20)
            life.opened(20)
            life.close(30, None)
            assert not life.is_decided()


def test_closed_for_a_new_dial_counts_from_zero():
    life = failed(4)
    life.opened(0)
    assert life.retry_count == 4
    life.close(0, True)
    life.closed(0)
    assert life.retry_count == life.delay_ms == 0


def test_first_dial_alone_is_spread():
    for start in STARTS:
        for chance, wait in ((0, 0), (32768, 5000), (65535, 9999)):
            life = made(IDLE, initial_spread_ms=10000)
            life.begin(start, chance)
            assert life.delay_ms == wait
            due_at(life, start, wait, DIAL)
            life.dial(start)
            life.stop()
            life.begin(start, chance)
            due_at(life, start, 0, DIAL)


# Deadlines and waits.


def test_dial_expires_at_its_timeout_which_grows_with_the_failures():
    for start in STARTS:
        for timeout in (1, 4000, 15000):
            life = made(DIALING, start, connection_timeout=timeout)
            due_at(life, start, timeout, EXPIRED)
            assert life.tick(after(start, timeout + 1)) == EXPIRED and life.state == DIALING
        for retries, timeout in ((0, 15000), (1, 22500), (2, 30000), (3, 30000)):
            life = failed(retries, start, connection_timeout=(15000, 30000))
            due_at(life, start, timeout, EXPIRED)


def test_server_that_has_taken_the_dial_has_longer_from_the_second_failure_on():
    for start in STARTS:
        for retries, timeout in ((0, 15000), (1, 22500), (2, 90000), (3, 120_000), (9, 180_000)):
            life = failed(retries, start, connection_timeout=(15000, 30000))
            # Calling it twice is the same as once.
            for _ in range(2):
                life.taken()
                due_at(life, start, timeout, EXPIRED)
            life.opened(start)
            life.lost(after(start, 5000), SOON, 0, 0)
            life.dial(after(start, 8000))
            life.taken()
            due_at(life, after(start, 8000), 22500, EXPIRED)
        life = failed(9, start, connection_timeout=4000)
        life.taken()
        due_at(life, start, 4000, EXPIRED)


def test_closing_expires_after_two_seconds_whatever_comes_on_top():
    # The whole closing takes at most 2 s.
    assert CLOSE_TIMEOUT_MS == 2000
    for start in STARTS:
        life = made(CLOSING, start)
        due_at(life, start, 2000, EXPIRED)
        life.close(after(start, 1500), False)
        life.close(after(start, 1900), True)
        due_at(life, after(start, 1900), 100, EXPIRED)


def test_waits_follow_partysocket():
    for start in STARTS:
        life = made(DIALING, start)
        now = start
        for wait in DELAYS:
            life.lost(now, SOON, 0, 0)
            assert life.delay_ms == wait
            due_at(life, now, wait, DIAL)
            now = after(now, wait)
            life.dial(now)


def test_wait_goes_by_chance_by_cause_and_by_what_the_server_asks():
    for start in STARTS:
        for options, retry_class, asked, chance, wait in (
            (DEVICE, SOON, 0, 0, 100),
            (DEVICE, SOON, 0, 32768, 1500),
            (DEVICE, SOON, 0, 65535, 2999),
            (PARTYSOCKET, SOON, 30000, 0, 30000),
            (PARTYSOCKET, SOON, 999_999_000, 0, 50000),
            (PARTYSOCKET, SOON, 1, 0, 3000),
            (PARTYSOCKET, GROWN, 0, 0, 3000),
            (PARTYSOCKET, PATIENT, 0, 0, 50000),
            (PARTYSOCKET, PATIENT, 1000, 0, 50000),
        ):
            life = made(DIALING, start, **options)
            life.lost(start, retry_class, asked, chance)
            assert (life.retry_count, life.delay_ms) == (1, wait)
            due_at(life, start, wait, DIAL)


def test_announced_stop_is_kept_in_mind_until_the_server_should_be_back():
    for start in STARTS:
        # 600 s are longer than the longest wait (300 s). So there is a dial in between, and it
        # fails.
        life = made(OPEN, start, **DEVICE)
        life.lost(start, SOON, 600_000, 32768, 10_000)
        due_at(life, start, 305_000, DIAL)
        now = after(start, 305_000)
        life.dial(now)
        now = after(now, 50)
        life.lost(now, SOON, 0, 32768)
        due_at(life, now, 294_950 + 5000, DIAL)
        now = after(now, 294_950 + 5000)
        life.dial(now)
        # The time is over. The next wait is our own back-off.
        life.lost(now, SOON, 0, 65535)
        assert life.delay_ms == 11_999


def test_announced_stop_is_over_with_a_connection_or_by_the_applications_will():
    for end in ("opened", "begin"):
        life = made(OPEN, **DEVICE)
        life.lost(0, SOON, 600_000, 0, 10_000)
        if end == "opened":
            life.dial(300_000)
            life.opened(300_000)
            life.lost(300_001, SOON, 0, 65535)
        else:
            life.begin(100, 0)
            life.dial(100)
            life.lost(101, SOON, 0, 65535)
        assert life.delay_ms < 10_000, end


def test_announced_stop_holds_when_the_network_below_fails_meanwhile():
    life = made(OPEN, **DEVICE)
    life.lost(0, SOON, 60_000, 0, 10_000)
    # It begins a new wait.
    life.lost(20_000, SOON, 0, 0)
    due_at(life, 20_000, 40_000, DIAL)


def test_longest_waits_of_all_pass():
    # The largest time that an option accepts.
    most = 21_600_000
    for start in STARTS:
        for retry_class, asked in ((SOON, 0), (GROWN, 0), (PATIENT, 0), (SOON, (1 << 19) * 1000)):
            options = dict(DEVICE, max_reconnection_delay=most)
            life = made(DIALING, start, most, **options)
            life.lost(start, retry_class, asked, 65535)
            due_at(life, start, life.delay_ms, DIAL)


def test_growth_goes_on_after_patience():
    life = made(DIALING)
    for wait, retry_class in ((50000, PATIENT), (3900, SOON), (50000, PATIENT), (6591, SOON)):
        life.lost(0, retry_class, 0, 0)
        assert life.delay_ms == wait
        life.dial(0)


# min_uptime: row 9.


def test_connection_is_proven_by_min_uptime():
    for start in STARTS:
        for ms, retry_class, retries, wait in (
            (4999, SOON, 4, 6591),
            (5000, SOON, 1, 3000),
            (5000, PATIENT, 1, 50000),
            # 1002, 1007, 4000 ...: the back-off keeps its growth, however long the connection
            # lasted.
            (0, GROWN, 4, 6591),
            (4999, GROWN, 4, 6591),
            (5000, GROWN, 4, 6591),
            (10**6, GROWN, 4, 6591),
        ):
            for how in ("ticked", "not looked at", "closed"):
                life = failed(3, start)
                life.opened(start)
                now = after(start, ms)
                if how == "ticked":
                    assert life.tick(now) == NOTHING
                    assert life.retry_count == (3 if ms < 5000 else 0)
                elif how == "closed":
                    life.close(now, None)
                life.lost(now, retry_class, 0, 0)
                assert (life.retry_count, life.delay_ms) == (retries, wait), (ms, how)


def test_min_uptime_has_to_be_looked_at():
    for start in STARTS:
        life = made(OPEN, start)
        life.hold(start)
        due_at(life, start, 5000, NOTHING)
        assert life.wait_ms(after(start, 5000)) is None


def test_growth_goes_on_from_connection_to_connection():
    for ms, retry_class in ((4999, SOON), (60000, GROWN)):
        life = made(DIALING)
        for wait in DELAYS:
            life.opened(0)
            life.tick(ms)
            life.lost(ms, retry_class, 0, 0)
            assert life.delay_ms == wait
            life.dial(0)


def test_grown_failure_of_a_dial_takes_nothing_from_the_last_connection():
    # Given a back-off that grew to 4, then a connection that lasted and ended well.
    life = failed(4)
    life.opened(0)
    life.lost(5000, SOON, 0, 0)
    # When the next dial fails with GROWN, then it is the second failure.
    life.dial(0)
    life.lost(0, GROWN, 0, 0)
    assert (life.retry_count, life.delay_ms) == (2, 3900)


# max_retries: row 11.


def test_max_retries_n_means_n_plus_one_attempts():
    for most in (0, 1, 2, 7):
        # For dials that fail, and for connections that did not last, or that end like this.
        for ms, retry_class in ((None, SOON), (4999, SOON), (60000, GROWN), (0, PATIENT)):
            life = made(WAITING, max_retries=most)
            while life.state == WAITING:
                life.dial(0)
                if ms is not None:
                    life.opened(0)
                    life.tick(ms)
                life.lost(ms or 0, retry_class, 0, 0)
            assert (life.state, life.attempts, life.retry_count) == (IDLE, most + 1, most)
            life.begin(9, 0)
            assert life.retry_count == 0
            due_at(life, 9, 0, DIAL)


def test_max_retries_counts_anew_after_a_proven_connection():
    life = made(WAITING, max_retries=1)
    for _ in range(5):
        life.dial(0)
        life.opened(0)
        life.lost(5000, SOON, 0, 0)
        assert life.state == WAITING
    life.dial(0)
    life.lost(0, SOON, 0, 0)
    assert life.state == IDLE


# Keepalive.

PAIRS = [(i, t) for i in (1, 500, 10000, 20000, 60000) for t in (1, 300, 10000, 45000)]


def kept_alive(start, interval, timeout):
    life = made(OPEN, start, min_uptime=0, ping_interval_ms=interval, ping_timeout_ms=timeout)
    life.tick(start)
    return life


def test_ping_is_due_after_the_interval_and_silence_after_the_timeout():
    for start in STARTS:
        for interval, timeout in PAIRS:
            # The ping waits so long to be written.
            for late in (0, 777):
                life = kept_alive(start, interval, timeout)
                due_at(life, start, interval, SEND_PING)
                asked = after(start, interval + late)
                assert life.wait_ms(asked) is None and life.tick(asked) == NOTHING
                life.pinged(asked)
                due_at(life, asked, timeout, SILENT)


def test_any_byte_is_life_and_begins_the_interval_anew():
    for start in STARTS:
        for interval, timeout in PAIRS:
            life = kept_alive(start, interval, timeout)
            # A byte comes just before the ping is due.
            heard = after(start, interval - 1)
            assert life.heard(heard) is False
            due_at(life, heard, interval, SEND_PING)
            # A byte comes just before the timeout, pong or not. The result says that the next look
            # changes.
            asked = after(heard, interval)
            life.pinged(asked)
            heard = after(asked, timeout - 1)
            assert life.tick(heard) == NOTHING
            assert life.heard(heard) is True
            due_at(life, heard, interval, SEND_PING)


def test_pings_go_on_for_ever_with_a_peer_that_answers():
    for start in STARTS:
        life = kept_alive(start, 20000, 10000)
        now = start
        for _ in range(50):
            now = after(now, 20000)
            assert life.tick(now) == SEND_PING
            life.pinged(now)
            now = after(now, 40)
            assert life.heard(now)
            life.answered(now)
            assert life.rtt_ms == 40


def test_ping_is_asked_for_only_once_and_a_byte_before_it_was_written_is_no_answer():
    life = kept_alive(0, 1000, 500)
    assert life.tick(1000) == SEND_PING
    for now in (1000, 1001, 5000):
        assert life.tick(now) == NOTHING and life.wait_ms(now) is None
    assert life.heard(5000) is False
    life.pinged(5000)
    due_at(life, 5000, 500, SILENT)


def test_second_ping_does_not_put_off_the_timeout_of_the_first():
    # Given a ping of flush(), long before the interval is over.
    for start in STARTS:
        life = kept_alive(start, 20000, 10000)
        life.pinged(after(start, 100))
        life.pinged(after(start, 9000))
        due_at(life, after(start, 9000), 1100, SILENT)
        life.heard(after(start, 9200))
        due_at(life, after(start, 9200), 20000, SEND_PING)


def test_keepalive_begins_anew_with_each_connection():
    for start in STARTS:
        for is_written in (True, False):
            life = kept_alive(start, 1000, 500)
            assert life.tick(after(start, 1000)) == SEND_PING
            if is_written:
                life.pinged(after(start, 1000))
                life.stuck(after(start, 1000))
                life.hold(after(start, 1100))
                assert life.tick(after(start, 2500)) == SILENT
            life.lost(after(start, 2500), SOON, 0, 0)
            life.dial(after(start, 9000))
            life.opened(after(start, 9000))
            life.tick(after(start, 9000))
            due_at(life, after(start, 9000), 1000, SEND_PING)


def test_ping_is_due_before_min_uptime_if_it_is_sooner():
    assert made(OPEN, ping_interval_ms=1000).wait_ms(0) == 1000
    life = made(OPEN, ping_interval_ms=9000)
    assert life.wait_ms(0) == 5000
    assert life.tick(5000) == NOTHING
    assert life.wait_ms(5000) == 4000


# The application keeps us from reading.


def test_silence_goes_on_after_a_hold_as_if_no_time_had_passed():
    for start in STARTS:
        for held in (0, 1, 399, 400, 599, 600, 601, 100_000):
            for has_pinged in (False, True):
                life = kept_alive(start, 1000, 500)
                begun = after(start, 400)
                if has_pinged:
                    assert life.tick(after(start, 1000)) == SEND_PING
                    life.pinged(after(start, 1000))
                    begun = after(start, 1100)
                assert life.release(begun) is False
                life.hold(begun)
                is_seen = held > 500
                if is_seen:
                    assert life.wait_ms(begun) is None
                    assert life.tick(after(begun, held)) == NOTHING
                # If wait_ms was called meanwhile, it must be called again.
                assert life.release(after(begun, held)) is is_seen
                left, due = (400, SILENT) if has_pinged else (600, SEND_PING)
                due_at(life, after(begun, held), left, due)


def test_ping_written_during_a_hold_has_its_whole_timeout_afterwards():
    life = kept_alive(0, 1000, 500)
    assert life.tick(1000) == SEND_PING
    life.hold(1000)
    life.pinged(1300)
    life.release(2000)
    # Then the 700 ms after it, in which nothing was read, do not count.
    due_at(life, 2000, 500, SILENT)


# A transport that takes no byte (row 17 of PAINS.md).


def test_stuck_transport_is_given_up_after_interval_and_timeout():
    for start in STARTS:
        for interval, timeout in ((0, 10000), (300, 10000), (60000, 300)):
            life = kept_alive(start, interval, timeout)
            # So that no ping is due.
            life.hold(start)
            begun = after(start, 50)
            assert life.stuck(begun) is True
            # It counts from its beginning.
            assert life.stuck(after(begun, 200)) is False
            due_at(life, begun, interval + timeout, SILENT)
            # A transport that takes a byte is not stuck.
            assert life.stuck(None) is True
            assert life.wait_ms(begun) is None and life.tick(after(begun, 70000)) == NOTHING


def test_ping_that_cannot_be_written_ends_as_stuck_whatever_is_heard():
    life = kept_alive(0, 1000, 500)
    life.stuck(0)
    assert life.tick(1000) == SEND_PING
    life.heard(1200)
    due_at(life, 1000, 500, SILENT)


# Options are read again at each use (row 5).


def test_options_take_effect_at_their_next_use():
    options = dict(PARTYSOCKET)
    life = Lifecycle(options, 3000)
    life.begin(0, 0)
    options["connection_timeout"] = 123
    life.dial(0)
    assert life.wait_ms(0) == 123
    options["max_reconnection_delay"] = 777
    life.lost(0, SOON, 0, 0)
    assert life.delay_ms == 777
    options["min_reconnection_delay"] = 55
    life.redraw(0)
    life.begin(0, 0)
    life.dial(0)
    life.lost(0, SOON, 0, 0)
    assert life.delay_ms == 55
    life.dial(0)
    life.opened(0)
    options.update({"min_uptime": 0, "ping_interval_ms": 1000})
    life.tick(0)
    assert life.wait_ms(100) == 900
    options["ping_interval_ms"] = 50
    assert life.wait_ms(100) == 0 and life.tick(100) == SEND_PING
    life.pinged(100)
    options["ping_timeout_ms"] = 70
    due_at(life, 100, 70, SILENT)
    options["max_retries"] = 0
    life.lost(0, SOON, 0, 0)
    assert life.state == IDLE


# The network below comes back, lateness, uptime.


def test_hurry_ends_a_wait_of_our_own_but_keeps_the_floor_and_never_lengthens():
    for start in STARTS:
        for minimum, passed, left in ((3000, 1000, 0), (3000, 0, 100), (50, 0, 50)):
            life = made(DIALING, start, minimum)
            life.lost(start, SOON, 0, 0)
            life.hurry(after(start, passed), 0)
            due_at(life, after(start, passed), left, DIAL)
    life = made(DIALING, initial_spread_ms=2000)
    life.lost(0, SOON, 0, 0)
    life.hurry(500, 1 << 15)
    # The dials of a fleet are spread.
    assert life.wait_ms(500) == 1000


def test_hurry_leaves_what_a_server_asked_for_and_other_states():
    for retry_class, asked in ((SOON, 20000), (PATIENT, 0), (GROWN, 0)):
        life = made(DIALING)
        life.lost(0, retry_class, asked, 0)
        wait = life.wait_ms(1000)
        life.hurry(1000, 0)
        assert life.wait_ms(1000) == wait > 1000
    first = made(IDLE, initial_spread_ms=1000)
    first.begin(0, 65535)
    for life in [first] + [made(state) for state in (DIALING, OPEN, CLOSING, IDLE)]:
        before = life.state, life.wait_ms(0)
        life.hurry(0, 0)
        assert (life.state, life.wait_ms(0)) == before


def test_a_state_is_overdue_after_its_limit():
    for start in STARTS:
        life = made(DIALING, start, connection_timeout=4000)
        assert life.overdue_ms(after(start, 3999)) == -1
        assert life.overdue_ms(after(start, 6500)) == 2500
        for state in (OPEN, IDLE):
            assert made(state, start).overdue_ms(after(start, 100000)) == 0


def test_uptime_outlasts_the_clocks_period():
    for start in STARTS:
        life = made(OPEN, start)
        for days in range(1, 20):
            assert life.uptime_ms(after(start, days * 86_400_000)) == days * 86_400_000
        life.close(start, None)
        assert life.uptime_ms(start) == 0


# A random walk.


def test_random_walk_keeps_the_invariants():
    chance = Chance("lifecycle")
    for _ in range(4):
        walk_along(chance, chance.one_of(STARTS), 2500)


DUE = {
    IDLE: (NOTHING,),
    WAITING: (NOTHING, DIAL),
    DIALING: (NOTHING, EXPIRED),
    OPEN: (NOTHING, SEND_PING, SILENT),
    CLOSING: (NOTHING, EXPIRED),
}


def walk_along(chance, now, steps):
    """Call what a driver may call, and check what must always hold."""
    options = dict(DEVICE)
    life = Lifecycle(options, 5000)
    held = asked_for_ping = False
    for _ in range(steps):
        now = after(now, chance.one_of((0, 1, 7, 99, 1000, 4999, 30000)))
        state, attempts, retries, opens = life.state, life.attempts, life.retry_count, life.opens
        kind = chance.below(12)
        retry_class = chance.one_of((SOON, GROWN, PATIENT))
        if kind == 0:
            options["ping_interval_ms"] = chance.one_of((0, 1, 300, 20000))
            options["ping_timeout_ms"] = chance.one_of((1, 500, 10000))
            options["max_retries"] = chance.one_of((None, None, 0, 3))
            options["jitter"] = chance.one_of(("none", "full", "equal"))
            options["min_uptime"] = chance.one_of((0, 1, 5000))
        elif state == IDLE:
            life.begin(now, chance.below(65536))
            assert life.state == WAITING and life.retry_count == 0
        elif kind == 1:
            life.stop()
        elif state == WAITING:
            if kind == 2:
                life.begin(now, chance.below(65536))
            elif kind == 3:
                life.hurry(now, chance.below(65536))
            elif life.tick(now) == DIAL:
                life.dial(now)
                assert life.state == DIALING and life.attempts == attempts + 1
        elif state == DIALING:
            if kind < 5:
                life.lost(now, retry_class, chance.one_of((0, 0, 5000)), chance.below(65536))
                assert life.state == IDLE or life.retry_count == retries + 1
            elif kind < 10:
                life.opened(now)
                held = asked_for_ping = False
                assert life.state == OPEN and life.opens == opens + 1
        elif life.is_decided():
            life.closed(now)
            assert life.state == IDLE or (life.state == WAITING and life.wait_ms(now) == 0)
        elif kind == 2:
            life.lost(now, retry_class, 0, chance.below(65536))
            assert life.state == IDLE or (life.state == WAITING and life.retry_count >= 1)
        elif kind == 3:
            life.close(now, chance.one_of((None, True, False)))
            assert life.state == CLOSING
        elif state == OPEN:
            if kind == 4 and not held:
                life.hold(now)
                held = True
            elif kind == 5 and held:
                life.release(now)
                held = False
            elif kind == 6:
                life.stuck(chance.one_of((now, None)))
            elif kind == 7 and asked_for_ping:
                life.pinged(now)
                asked_for_ping = False
            elif kind > 7 and not held:
                life.heard(now)
        # These must always hold.
        state = life.state
        wait = life.wait_ms(now)
        due = life.tick(now)
        assert life.state == state, "a tick changes no state"
        assert due in DUE[state]
        assert wait is None or wait >= 0
        if due != NOTHING:
            assert wait == 0, "what is due now was foreseen"
        else:
            again = life.wait_ms(now)
            assert again is None or again > 0, "a driver that obeys does not spin"
        if state != OPEN:
            assert (wait is None) == (state == IDLE), "only an open one may wait for ever"
        if due == SEND_PING:
            assert not asked_for_ping, "one ping at a time"
            asked_for_ping = True
        assert life.retry_count >= 0 and 0 <= life.delay_ms <= 360_000
        assert 0 <= life.drops <= life.opens <= life.attempts
