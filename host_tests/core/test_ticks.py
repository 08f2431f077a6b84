"""Ticks wrap at 2**29; their differences don't."""

from seeds import Chance

from partysocket.core.ticks import TICKS_MASK, ticks_diff

PERIOD = 1 << 29


def test_period_is_circuitpythons():
    assert TICKS_MASK == PERIOD - 1


def test_difference_is_exact_and_signed():
    assert ticks_diff(5, 5) == 0
    assert ticks_diff(7, 5) == 2
    assert ticks_diff(5, 7) == -2


def test_difference_is_short_across_the_wrap():
    assert ticks_diff(3, 0x1FFFFFFE) == 5
    assert ticks_diff(0x1FFFFFFE, 3) == -5
    assert ticks_diff(0, PERIOD - 1) == 1


def test_difference_is_right_up_to_half_the_period():
    half = PERIOD // 2
    for start in (0, 1, half - 1, half, PERIOD - 1):
        assert ticks_diff(start + half - 1 & TICKS_MASK, start) == half - 1
        assert ticks_diff(start + half & TICKS_MASK, start) == -half
        assert ticks_diff(start - half & TICKS_MASK, start) == -half


def test_difference_undoes_addition():
    chance = Chance("ticks")
    for _ in range(500):
        start = chance.below(PERIOD)
        ms = chance.below(1 << 28)
        assert ticks_diff(start + ms & TICKS_MASK, start) == ms
        assert ticks_diff(start - ms & TICKS_MASK, start) == -ms


def test_no_difference_leaves_31_bits_on_the_way():
    # a board's small ints end at 2**30: what is added before the mask must stay below
    assert PERIOD - 1 + (1 << 28) < 1 << 30
