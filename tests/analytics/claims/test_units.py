"""Unit texts of the lake and of drafts as what they count and by how much."""

from __future__ import annotations

import pytest

from analytics.claims.judging.units import readings, unit_of
from analytics.claims.statement import Quantity


@pytest.mark.parametrize(
    ("text", "measure", "factor"),
    [
        ("percent", "%", 1),
        ("percent, year on year", "%", 1),
        ("percent per year", "%", 1),
        ("percent change at annual rate, compounded", "%", 1),
        ("percent of GDP", "% of GDP", 1),
        ("basis points", "%", 0.01),
        ("thousand persons", "persons", 1e3),
        ("million persons", "persons", 1e6),
        ("Thousands of Persons", "persons", 1e3),
        ("billion US dollars", "USD", 1e9),
        ("Billions of Dollars", "USD", 1e9),
        ("billion USD", "USD", 1e9),
        ("GBp", "GBP", 0.01),
        ("USD per share", "USD", 1),
        ("index, 2015 = 100", "index", 1),
        ("diffusion index", "index", 1),
        ("years", "years", 1),
    ],
)
def test_units_of_the_lake(text: str, measure: str, factor: float) -> None:
    found = unit_of(text)
    assert (found.measure, found.factor) == (measure, factor)


def test_a_national_currency_is_that_of_the_country() -> None:
    text = "billion units of national currency at 2015 prices"
    euros = Quantity(0, 1, 1e9, 0.5, 1e9, "EUR")
    dollars = Quantity(0, 1, 1e9, 0.5, 1e9, "USD")
    assert readings(euros, unit_of(text, "EUR")) == [1e9]
    assert readings(dollars, unit_of(text, "EUR")) == []


def test_a_share_of_gdp_may_be_written_as_a_percentage_and_not_the_other_way() -> None:
    plain = Quantity(0, 1, 2.0, 0.05, unit="%")
    share = Quantity(0, 1, 2.0, 0.05, unit="%", share_of="GDP")
    assert readings(plain, unit_of("percent of GDP")) == [1.0]
    assert readings(share, unit_of("percent of GDP")) == [1.0]
    assert readings(share, unit_of("percent")) == []
