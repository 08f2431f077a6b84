"""The waits before dials, in exact ms."""

from partysocket.core import backoff
from partysocket.presets import DEVICE, PARTYSOCKET

CHANCES = (0, 1, 32767, 32768, 65534, 65535)
# The largest time that an option accepts: 6 hours.
MOST_MS = 21_600_000
# For longer differences ticks can't distinguish before and after.
HALF_PERIOD = 1 << 28
FACTOR = "reconnection_delay_grow_factor"


def options(**changes):
    return dict(DEVICE, **changes)


def plain(**changes):
    """PartySocket's defaults, which have no jitter."""
    return dict(PARTYSOCKET, **changes)


def waits(options, minimum, n):
    waits = [backoff.wait_ms(options, minimum, i + 1, 65535) for i in range(n)]
    assert all([isinstance(wait, int) for wait in waits])
    return waits


# Rows 6 to 8: the formula.


def test_delays_of_partysocket():
    # Row 8, as measured on npm's partysocket 1.3.0.
    assert backoff.wait_ms(plain(), 3000, 0, 0) == 0
    assert waits(plain(), 3000, 8) == [3000, 3900, 5070, 6591, 8568, 10000, 10000, 10000]
    # With its documented minimum.
    wanted = [1000, 1300, 1690, 2197, 2856, 3712, 4826, 6274, 8157, 10000, 10000]
    assert waits(plain(), 1000, 11) == wanted


def test_ceilings_of_a_device():
    ceilings = [backoff.ceiling_ms(DEVICE, 5000, i) for i in range(7)]
    assert ceilings == [0, 5000, 10000, 20000, 40000, 60000, 60000]


def test_minimum_above_the_maximum_gives_the_maximum():
    # row 6
    for most, wanted in (
        (500, [500, 500]),
        (2999, [2999, 2999]),
        (3000, [3000, 3000]),
        (3001, [3000, 3001]),
    ):
        assert waits(plain(max_reconnection_delay=most), 3000, 2) == wanted


def test_factors_of_every_kind():
    for factor, minimum, wanted in (
        (1, 3000, [3000, 3000, 3000, 3000]),
        (1.0, 3000, [3000, 3000, 3000, 3000]),
        (0.5, 3000, [3000, 1500, 750, 375]),
        (0, 3000, [3000, 0, 0, 0]),
        (1000, 1, [1, 1000, 10000, 10000]),
        (2, 1, [1, 2, 4, 8]),
        (1.3, 0, [0, 0, 0, 0]),
    ):
        assert waits(plain(**{FACTOR: factor}), minimum, 4) == wanted


def test_a_million_failures_stay_in_bounds_and_are_quick():
    # Row 26 of PAINS.md: 1.3**2710 overflows.
    for settings in (PARTYSOCKET, DEVICE, options(**{FACTOR: 1.3})):
        most = settings["max_reconnection_delay"]
        for retries in (339, 340, 2709, 2710, 10**4, 10**6, 10**9):
            assert backoff.ceiling_ms(settings, 3000, retries) == most
            assert 0 < backoff.wait_ms(settings, 3000, retries, 65535) <= most
            assert backoff.timeout_ms(settings, retries) in (4000, 30000)


def test_delay_that_cannot_grow_takes_no_loop_after_a_thousand_million_failures():
    # Without the check this would never end.
    for changes, minimum in (
        ({FACTOR: 1}, 3000),
        ({FACTOR: 0}, 3000),
        ({FACTOR: 0.5}, 3000),
        ({"max_reconnection_delay": 0}, 3000),
        ({}, 0),
    ):
        backoff.ceiling_ms(plain(**changes), minimum, 10**9)
    settings = options(connection_timeout=(0, 30000))
    assert 0 <= backoff.timeout_ms(settings, 10**9) <= 30000


# Jitter.


def test_jitter_in_exact_ms():
    for jitter, minimum, retries, chance, wait in (
        ("full", 5000, 1, 0, 100),
        ("full", 5000, 1, 32768, 2500),
        ("full", 5000, 1, 65535, 4999),
        ("full", 5000, 4, 65535, 39999),
        # The first wait under the full ceiling. Later ones are about half of it.
        ("full", 5000, 5, 0, 100),
        ("full", 5000, 5, 65535, 59999),
        ("full", 5000, 6, 0, 24000),
        ("full", 5000, 6, 32768, 30000),
        ("full", 5000, 99, 65535, 35999),
        ("full", 60000, 1, 65535, 59999),
        ("full", 60000, 2, 65535, 35999),
        ("equal", 5000, 99, 65535, 59999),
        ("equal", 5000, 1, 0, 2500),
        ("equal", 5000, 1, 32768, 3750),
        ("equal", 5000, 1, 65535, 4999),
        ("equal", 5001, 1, 0, 2500),
        ("equal", 5001, 1, 65535, 4999),
        ("none", 5000, 1, 65535, 5000),
        ("none", 1, 1, 0, 1),
    ):
        assert backoff.wait_ms(options(jitter=jitter), minimum, retries, chance) == wait


def test_jittered_waits_have_a_floor_even_with_delays_of_zero():
    # Except with "none", no wait is under 100 ms, whatever the options are (row 16 of PAINS.md).
    for jitter in ("full", "equal"):
        for chance in CHANCES:
            for minimum in (0, 1, 50, 99, 100, 101):
                wait = backoff.wait_ms(options(jitter=jitter), minimum, 1, chance)
                assert 100 <= wait <= 101, (jitter, minimum, chance)
            settings = options(jitter=jitter, max_reconnection_delay=0)
            assert backoff.wait_ms(settings, 5000, 3, chance) == 100
            assert backoff.patient_ms(settings, chance) == 100


def test_jitter_never_leaves_its_bounds():
    for jitter in ("full", "equal"):
        for minimum in (100, 3000, 60000):
            for retries in range(1, 12):
                ceiling = backoff.ceiling_ms(options(), minimum, retries)
                waits = [
                    backoff.wait_ms(options(jitter=jitter), minimum, retries, chance)
                    for chance in CHANCES
                ]
                low = 100 if jitter == "full" else max(100, ceiling // 2)
                assert low <= waits[0] and waits[-1] <= max(100, ceiling)
                assert waits == sorted(waits)


def test_share_is_uniform_from_zero_to_below_the_most():
    for most, chance, share in (
        (0, 65535, 0),
        (1, 65535, 0),
        (65536, 0, 0),
        (60000, 65535, 59999),
    ):
        assert backoff.share(most, chance) == share
    for most in (1, 2, 3, 7, 100):
        counts = [0] * most
        for chance in range(0, 65536, 16):
            counts[backoff.share(most, chance)] += 1
        assert max(counts) - min(counts) <= 1


def test_option_that_is_a_pair_is_drawn_between_its_ends():
    assert [backoff.drawn(3000, chance) for chance in CHANCES] == [3000] * 6
    found = {backoff.drawn((10, 13), chance) for chance in range(0, 65536, 16)}
    assert found == {10, 11, 12, 13}
    assert backoff.drawn((1000, 5000), 0) == 1000 and backoff.drawn((1000, 5000), 65535) == 5000


# Patient waits, and waits that a server asks for.


def test_patient_wait_is_five_times_the_longest_and_a_fifth_more_or_less():
    for chance, wait in ((0, 240000), (32768, 300000), (65535, 359998)):
        assert backoff.patient_ms(plain(), chance) == 50000
        for jitter in ("full", "equal"):
            assert backoff.patient_ms(options(jitter=jitter), chance) == wait


def test_wait_that_a_server_asks_for_is_obeyed_with_chance_on_top_and_clamped():
    for settings, after, spread, chance, wait in (
        (DEVICE, 30000, 30000, 0, 30000),
        (DEVICE, 30000, 30000, 32768, 45000),
        (DEVICE, 30000, 30000, 65535, 59999),
        (DEVICE, 30000, 4000, 65535, 33999),
        (DEVICE, 30000, 0, 65535, 30000),
        (DEVICE, 1, 10**9, 32768, 150_001),
        (PARTYSOCKET, 30000, 30000, 65535, 30000),
        (DEVICE, 299_999, 0, 0, 299_999),
        (DEVICE, 300_001, 0, 0, 300_000),
        (DEVICE, 10**9, 10**9, 65535, 599_995),
        (options(jitter="none"), 10**9, 10**9, 65535, 300_000),
    ):
        assert backoff.asked_ms(settings, after, spread, chance) == wait


def test_no_wait_outlasts_half_the_clocks_period():
    # ticks_diff could not measure a longer wait, and the device would never dial again.
    for jitter in ("full", "equal", "none"):
        settings = options(max_reconnection_delay=MOST_MS, jitter=jitter)
        assert backoff.wait_ms(settings, MOST_MS, 9, 65535) < HALF_PERIOD
        assert backoff.patient_ms(settings, 65535) < HALF_PERIOD
        assert backoff.asked_ms(settings, (1 << 19) * 1000, 1 << 28, 65535) < HALF_PERIOD


# The timeout of a dial.


def test_timeout_grows_by_half_with_each_failure_up_to_its_second():
    for timeout, wanted in (
        (4000, [4000] * 7),
        ((15000, 30000), [15000, 22500, 30000, 30000, 30000, 30000, 30000]),
        ((4000, 100_000), [4000, 6000, 9000, 13500, 20250, 30375, 45563]),
        ((7000, 7000), [7000] * 7),
        ((1, 10), [1, 2, 3, 5, 8, 10, 10]),
    ):
        settings = options(connection_timeout=timeout)
        assert [backoff.timeout_ms(settings, i) for i in range(7)] == wanted


def test_server_that_has_taken_a_dial_is_given_longer_with_each_failure():
    seconds = [backoff.turn_ms(DEVICE, retries) // 1000 for retries in (2, 3, 4, 5, 6, 1 << 29)]
    assert seconds == [90, 120, 150, 180, 180, 180]
    # Its timeout is fixed.
    assert backoff.turn_ms(PARTYSOCKET, 9) == 0
