"""Returns by state as a table: prices in percent, a rate in points."""

from __future__ import annotations

import polars as pl

from pages.macro.shading import RETURNS, returns_table


def cells(*, is_rate: bool) -> str:
    row = {
        "quadrant": "reflation",
        "sessions": 40,
        "spells": 2,
        "mean": 0.25,
        "low": -0.125,
        "high": 0.5,
        "volatility": 0.75,
        "worst_fall": None if is_rate else -0.25,
        "is_rate": is_rate,
    }
    return returns_table(pl.DataFrame([row]), RETURNS, caption="Returns")


def test_a_price_is_in_percent() -> None:
    shown = cells(is_rate=False)
    assert "mean a year, %" in shown
    assert "+25.0" in shown and ">75.0<" in shown


def test_a_rate_is_in_points() -> None:
    shown = cells(is_rate=True)
    assert "mean a year, pp" in shown and "%<" not in shown
    assert "+0.2" in shown and ">0.8<" in shown and "+25" not in shown
