"""Numbers as people write them: no power of ten, no digit of the whole part lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.core.plain_numbers import plain_number


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (21_734_567.0, 6, "21,734,567"),
        (130_000_000.4, 8, "130,000,000"),
        (0.0000012, 5, "0.0000012"),
        (-0.00000123456789, 4, "−0.000001235"),
        (2.10, 6, "2.1"),
        (0.1 + 0.2, 8, "0.3"),
        (0.0, 6, "0"),
        (-0.0, 6, "0"),
    ],
)
def test_by_hand(value: float, digits: int, shown: str) -> None:
    assert plain_number(value, digits) == shown


def test_a_sign_is_written_where_it_is_asked_for() -> None:
    assert plain_number(12_345.0, 4, sign=True) == "+12,345"
    assert plain_number(-5.0, 4, sign=True) == "−5"


@given(st.floats(-1e12, 1e12).filter(lambda value: not value or abs(value) > 1e-9))
def test_it_reads_back_as_the_number(value: float) -> None:
    shown = plain_number(value, 8)
    assert "e" not in shown
    read = float(shown.replace(",", "").replace("−", "-"))
    assert read == pytest.approx(value, rel=1e-6, abs=0)
