"""Values in notes: no more digits than say something, and no exponents."""

from __future__ import annotations

import pytest

from analytics.claims.wording import number, with_unit


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (4.4, "4.4"),
        (1.11299, "1.11299"),
        (1_914.14, "1,914.14"),
        (382_000.0, "382,000"),
        (-1.203852327, "-1.204"),
        (2.9500001234, "2.95"),
        (0.7434391495, "0.74344"),
        (7_190_987_776.0, "7.191 billion"),
        (-26_170_000_000.0, "-26.17 billion"),
        (27_360_935_000_000.0, "27.361 trillion"),
        (1_000_000_000.0, "1 billion"),
        (999_999_999.0, "999,999,999"),
    ],
)
def test_numbers(value: float, written: str) -> None:
    assert number(value) == written


def test_units_stand_behind() -> None:
    assert with_unit(2.5, "%") == "2.5%"
    assert with_unit(7_190_987_776.0, "USD") == "7.191 billion USD"
    assert with_unit(50.0, "") == "50"
