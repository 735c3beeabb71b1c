"""Value at risk and its parts, by hand on numbers whose quantiles are seen at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.book.losses import beta, deviation_parts, shortfall_parts, value_at_risk


def test_value_at_risk_by_hand() -> None:
    """Five percent of -15 to 15 lie half way from -14 to -13, and below it -15 and -14."""
    gains = np.arange(-15.0, 16.0)
    assert value_at_risk(gains[::-1].copy(), 0.95) == (pytest.approx(-13.5), pytest.approx(-14.5))
    hundred = np.arange(1.0, 101.0)
    assert value_at_risk(hundred, 0.99) == (pytest.approx(1.99), pytest.approx(1.0))


def test_a_tail_without_a_day_is_none() -> None:
    assert value_at_risk(np.arange(99.0), 0.99) is None
    assert value_at_risk(np.arange(29.0), 0.95) is None
    assert shortfall_parts(np.ones((99, 2)), 0.99) is None
    assert deviation_parts(np.ones((40, 2))) is None


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(30, 300))
@settings(deadline=None)
def test_contributions_add_up(seed: int, width: int, days: int) -> None:
    parts = np.random.default_rng(seed).standard_t(3, (days, width)) * np.arange(1, width + 1)
    gains = parts.sum(axis=1)
    added, tail = deviation_parts(parts), shortfall_parts(parts, 0.95)
    assert added is not None and tail is not None
    assert added.sum() == pytest.approx(gains.std(ddof=1))
    found = value_at_risk(gains, 0.95)
    assert found is not None
    assert tail.sum() == pytest.approx(found[1])
    assert found[1] <= found[0]


def test_two_that_hedge_each_other_have_one_risk() -> None:
    """By hand: 2x and -x make x, so that they add 2 and -1 times its deviation."""
    moves = np.tile([-1.0, 1.0], 20)
    added = deviation_parts(np.stack([2 * moves, -moves], axis=1))
    assert added is not None
    deviation = moves.std(ddof=1)
    assert added.tolist() == pytest.approx([2 * deviation, -deviation])


def test_beta_is_the_slope_of_the_regression() -> None:
    drawn = np.random.default_rng(3).normal(size=(80, 2))
    slope = stats.linregress(drawn[:, 1], drawn[:, 0] + 0.7 * drawn[:, 1]).slope
    assert beta(drawn[:, 0] + 0.7 * drawn[:, 1], drawn[:, 1]) == pytest.approx(slope)
    assert beta(drawn[:, 0], np.full(80, 0.01)) is None
    assert beta(drawn[:20, 0], drawn[:20, 1]) is None
