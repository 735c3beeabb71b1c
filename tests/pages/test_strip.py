"""A cell of the market strip: the unit of its change, and numbers of any size."""

from __future__ import annotations

from typing import Any

import pytest

from pages.home.strip import change_words, price_words


def change(value: float, **more: Any) -> str:
    row = {"kind": "series", "frequency": "daily", "is_rate": True, "change": value}
    return change_words(row | more)


def test_a_yield_moves_in_basis_points_and_other_percent_in_points() -> None:
    assert "▼ −0.3 bp" in change(-0.003)
    assert "▲ +12 bp" in change(0.12)
    assert "▲ +12 bp" in change(0.12, kind="instrument", frequency=None)
    assert "▲ +0.10 pp" in change(0.1, frequency="monthly")
    assert "▼ −0.25 pp" in change(-0.25, frequency=None)


def test_no_change_points_nowhere() -> None:
    assert "■ +0 bp" in change(0.0)
    assert "■ +0.00 %" in change(-1e-7, is_rate=False)
    assert "▼ −1.01 %" in change(-0.01007, is_rate=False)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00001234, "0.000012"), (0.0731, "0.0731"), (1.0837, "1.0837"), (5123.4, "5,123.40")],
)
def test_a_small_price_is_not_zero(value: float, shown: str) -> None:
    assert price_words(value, is_rate=False) == shown
