"""Ticks wrap at 2**29. Their differences are right across the wrap."""

from seeds import Chance

from partysocket.core.ticks import TICKS_MASK, ticks_diff

PERIOD = 1 << 29


def test_difference_is_signed_and_right_up_to_half_the_period():
    assert TICKS_MASK == PERIOD - 1  # CircuitPython's
    half = PERIOD // 2
    for start in (0, 1, half - 1, half, PERIOD - 1):
        for ms in (0, 5, -5, half - 1, -half):
            assert ticks_diff(start + ms & TICKS_MASK, start) == ms
        assert ticks_diff(start + half & TICKS_MASK, start) == -half


def test_difference_undoes_addition():
    chance = Chance("ticks")
    for _ in range(500):
        start = chance.below(PERIOD)
        ms = chance.below(1 << 28)
        assert ticks_diff(start + ms & TICKS_MASK, start) == ms
        assert ticks_diff(start - ms & TICKS_MASK, start) == -ms


def test_no_difference_leaves_31_bits_on_the_way():
    # A board's small ints end at 2**30, so sums must stay below that before the mask.
    assert PERIOD - 1 + (1 << 28) < 1 << 30
