"""Returns of a book against worked examples of others: a spreadsheet's manual and a textbook."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.book.performance import chained, money_weighted

EPOCH = date(1970, 1, 1)


def days(*given: date) -> np.ndarray:
    return np.array([(day - EPOCH).days for day in given], dtype=np.int32)


def rate_of(when: np.ndarray, flows: np.ndarray) -> float:
    found = money_weighted(when, flows)
    assert found is not None
    return float(np.expm1(found))


def test_the_example_of_the_spreadsheet_function_xirr() -> None:
    """Microsoft's page on XIRR gives 0.373362535, or 37.34 %."""
    when = days(
        date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)
    )
    flows = np.array([-10_000.0, 2_750.0, 4_250.0, 3_250.0, 2_750.0])
    assert rate_of(when, flows) == pytest.approx(0.373362535, abs=5e-9)


def test_the_two_returns_of_an_exercise_of_the_analysts_course() -> None:
    """Four shares at 50, two of them sold a year later at 50, the rest after another at 80, which
    pay 5 a share then. The solution of the CFA exercise: 20.52 % money-weighted, 30.38 %
    time-weighted a year."""
    years = np.array([0, 365, 730], dtype=np.int32)
    rate = rate_of(years, np.array([-200.0, 100.0, 160.0 + 10.0]))
    assert rate == pytest.approx(0.2052, abs=5e-5)
    value = np.array([200.0, 100.0, 0.0])
    paid_out = np.array([0.0, 100.0, 160.0 + 10.0])
    index = chained(value, np.array([200.0, 0.0, 0.0]), paid_out)
    assert index.tolist() == pytest.approx([1.0, 1.0, 1.7])
    assert index[-1] ** 0.5 - 1 == pytest.approx(0.3038, abs=5e-5)


def test_a_rate_that_is_not_the_only_one_is_none() -> None:
    """-100, 230, -132 is worth nothing at 10 % and at 20 %."""
    years = np.array([0, 365, 730], dtype=np.int32)
    assert money_weighted(years, np.array([-100.0, 230.0, -132.0])) is None
    assert money_weighted(years, np.array([-100.0, -1.0, -5.0])) is None
    assert money_weighted(years[:1], np.array([-100.0])) is None
    assert money_weighted(years, np.array([-100.0, np.nan, 5.0])) is None
    # Two changes of sign, and one rate all the same.
    assert rate_of(years, np.array([-100.0, 1.0, 108.9])) == pytest.approx(0.04856, abs=1e-5)


@given(
    st.floats(-0.9, 5.0),
    st.lists(st.floats(1.0, 1e6), min_size=1, max_size=8),
    st.lists(st.integers(1, 4_000), min_size=1, max_size=8, unique=True),
)
@settings(deadline=None)
def test_the_rate_that_was_put_in_comes_out(
    rate: float, amounts: list[float], when: list[int]
) -> None:
    """Money paid in on any days and taken out at the end with this interest."""
    size = min(len(amounts), len(when))
    at = np.array([0, *sorted(when[:size])], dtype=np.int32)
    flows = np.array([-1_000.0, *(-item for item in amounts[:size])])
    end = at[-1] + 100
    worth = float((-flows * (1 + rate) ** ((end - at) / 365)).sum())
    found = rate_of(np.append(at, end).astype(np.int32), np.append(flows, worth))
    assert found == pytest.approx(rate, abs=1e-9, rel=1e-9)


def test_a_day_without_a_value_ends_what_came_before() -> None:
    value = np.array([100.0, np.nan, 110.0, 121.0])
    paid = np.array([100.0, 0.0, 0.0, 0.0])
    index = chained(value, paid, np.zeros(4))
    assert np.isnan(index[:2]).all()
    assert index[2:].tolist() == pytest.approx([1.0, 1.1])
    assert np.isnan(chained(value[:2], paid[:2], np.zeros(2))).all()


def test_more_than_all_that_was_lost_has_no_return() -> None:
    """A short sale that costs more than the capital beside it."""
    index = chained(np.array([100.0, -5.0, 3.0]), np.array([100.0, 0, 0]), np.zeros(3))
    assert index[0] == 1.0
    assert np.isnan(index[1:]).all()


def test_days_without_capital_change_nothing() -> None:
    value = np.array([0.0, 100.0, 0.0, 0.0, 50.0])
    paid_in = np.array([0.0, 100.0, 0.0, 0.0, 50.0])
    paid_out = np.array([0.0, 0.0, 110.0, 2.0, 0.0])  # 2 is a dividend after the sale
    index = chained(value, paid_in, paid_out)
    assert index.tolist() == pytest.approx([1.0, 1.0, 1.1, 1.1, 1.1])
