"""Figures as their source gave them: period by rhythm, decimals by need, no cents on trillions."""

from __future__ import annotations

from datetime import date

import pytest

from pages.frame.figures import decimals, last_price, period_of, price_text, written


@pytest.mark.parametrize(
    ("frequency", "words"),
    [
        ("annual", "2024"),
        ("quarterly", "2024 Q4"),
        ("monthly", "Oct 2024"),
        ("daily", "01 Oct 2024"),
        ("weekly", "01 Oct 2024"),
        (None, "01 Oct 2024"),
    ],
)
def test_a_period_is_named_by_the_rhythm_of_its_series(frequency: str | None, words: str) -> None:
    assert period_of(date(2024, 10, 1), frequency) == words


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ([3.625], 3),  # a policy rate in eighths
        ([1.1522, 1.1444, 1.169], 4),
        ([4.6, 4.9, 5.0], 1),
        ([145128.0, 144952.0], 0),
        ([27360935000000.0, 4456081016705.96], 0),
        ([3.91092137452087, 8.66], 5),  # computed: six digits
        ([242.348, 241.855], 3),
        ([None, float("nan"), 0.0], 0),
        ([], 0),
        ([1e-9], 6),
    ],
)
def test_as_many_decimals_as_the_figures_have(values: list[float | None], digits: int) -> None:
    assert decimals(values) == digits


def test_a_figure_is_written_with_its_sign_and_thousands() -> None:
    assert written(-0.0078, 4, sign=True) == "−0.0078"
    assert written(27360935000000.0, 0) == "27,360,935,000,000"
    assert written(None, 2) == "–"
    assert written(-0.0001, 2, sign=True) == "+0.00"


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (130_000_000.0, "130,000,000.00"),  # a bitcoin in won
        (0.0000012, "0.0000012"),
        (-37.63, "−37.63"),
        (-0.375, "−0.375"),
        (4.25123, "4.25123"),
        (2.5, "2.5"),
        (0.0, "0"),
    ],
)
def test_a_price_is_never_written_as_a_power_of_ten(price: float, shown: str) -> None:
    assert price_text(price) == shown


def test_a_rate_is_in_percent_whatever_money_its_source_names() -> None:
    rate, share = {"asset_class": "rate", "close": 4.25, "currency": "USD"}, {"close": 4.25}
    assert last_price(rate) == {"value": 4.25, "unit": "%"}
    assert last_price(rate | {"asset_class": "index"}) == {"value": 4.25, "unit": "USD"}
    assert last_price(share) == {"value": 4.25, "unit": ""}
