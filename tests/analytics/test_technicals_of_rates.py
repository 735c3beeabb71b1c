"""Technical indicators of instruments whose close is a level: yields and other rates."""

from __future__ import annotations

from analytics.markets.technicals import technicals
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table


def test_shares_of_the_level_of_a_rate_are_null(lake: Lake, db: Db) -> None:
    """Averages, ranges and oscillators of a level are sound; a share or ratio of it is not."""
    levels: dict[int, float | None] = {day: 0.5 + (day * 7) % 5 for day in range(20)}
    bars = [
        quotes(levels, symbol, asset_class=kind, high=None, low=None, dividend=None, open=None)
        for symbol, kind in (("x:RATE", "rate"), ("x:SHARE", "equity"))
    ]
    lake.upsert("prices", table(*bars))
    at = db.at(evening(20))
    shares = ["roc_3", "ulcer_3", "distance_3", "high_3_distance", "bollinger_3_2_width"]
    pairs = ["beta_3", "relative_strength", "outperformance_3"]
    words = ["sma_3", "rsi_3", "high_3", "bollinger_3_2", "roc_3", "ulcer_3", "distance_3", *pairs]
    sound = ["sma_3", "rsi_3", "high_3", "bollinger_3_2_upper"]

    def known(symbol: str, benchmark: str) -> set[str]:
        chosen = {"symbol": symbol, "benchmark": benchmark, "indicators": words}
        frame = technicals(at, **chosen).frame
        return {name for name in sound + shares + pairs if frame[name].count()}

    assert known("x:SHARE", "x:SHARE") == {*sound, *shares, *pairs}
    assert known("x:RATE", "x:SHARE") == {*sound}
    assert known("x:SHARE", "x:RATE") == {*sound, *shares}
