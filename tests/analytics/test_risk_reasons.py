"""Why an instrument has no beta, or is left out of a risk: the true reason, and no zero for it."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.book.risk import list_risk
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table


def test_no_beta_of_nothing_and_none_of_a_rate(lake: Lake, db: Db) -> None:
    """A share too young for a beta has none, not 0; the level of a rate is nobody's price."""
    swing = {day: 100.0 + 3 * (day % 2) for day in range(41)}
    level = {day: 1.0 + 0.5 * (day % 2) for day in range(41)}
    young = {day: close for day, close in swing.items() if day > 30}
    rate = quotes(level, "x:Y10", asset_class="rate")
    lake.upsert("prices", table(quotes(swing, "x:A"), quotes(young, "x:NEW"), rate))
    at = db.at(evening(40))

    def of(symbol: str, benchmark: str) -> tuple[dict[str, Any], dict[str, str]]:
        frame = list_risk(at, symbols=[symbol], benchmark=benchmark).frame
        left_out = dict(frame.filter(kind="left_out").select("symbol", "reason").iter_rows())
        return frame.filter(measure="beta").row(0, named=True), left_out

    beta, left_out = of("x:NEW", "x:A")
    assert (beta["value"], beta["beta"], beta["days"]) == (None, None, 0)
    assert beta["reason"] == "insufficient_history" and left_out == {"x:NEW": beta["reason"]}
    beta, left_out = of("x:A", "x:Y10")
    assert (beta["value"], beta["reason"], left_out) == (None, "no_return", {})
    beta, left_out = of("x:Y10", "x:A")
    assert beta["value"] is None and left_out == {"x:Y10": "no_return"}
    lake.upsert("prices", table(quotes(swing, "x:EUR", currency="EUR")))
    at = db.at(evening(40))
    beta, left_out = of("x:A", "x:EUR")  # no exchange rate is no short history
    assert (beta["value"], beta["reason"], left_out) == (None, "no price or rate", {})
    assert of("x:EUR", "x:A")[1] == {"x:EUR": "no price or rate"}
    assert of("x:A", "x:A")[0]["beta"] == pytest.approx(1.0)
