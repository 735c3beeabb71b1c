"""What moves together: one common sample, honest stars, a stable order, and closes far apart."""

from __future__ import annotations

import math
import random
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.markets import correlation_map as maps
from analytics.markets.correlation import correlation
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table
from tests.pages.world import rows

DAYS = 200


def moving(rng: random.Random, shares: dict[str, float], days: int = DAYS) -> list[Any]:
    """Closes that follow one hidden mover, each by its share; the rest is its own."""
    common = [rng.gauss(0, 0.01) for _ in range(days)]
    parts = []
    for name, share in shares.items():
        own = math.sqrt(1 - share * share)
        close, closes = 100.0, {}
        for day in range(days):
            close *= math.exp(share * common[day] + own * rng.gauss(0, 0.01))
            closes[day] = close
        parts.append(quotes(closes, f"x:{name}", dividend=None))
    return parts


def pair(frame: pl.DataFrame, first: str, second: str) -> dict[str, Any]:
    found = frame.filter(pl.col("symbol") == f"x:{first}", pl.col("other") == f"x:{second}")
    return found.row(0, named=True)


def test_it_agrees_with_the_plain_correlation_on_the_same_days(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    lake.upsert("prices", table(*moving(rng, {"A": 0.9, "B": 0.8, "C": 0.0})))
    at = db.at(evening(DAYS))
    names = ["x:A", "x:B", "x:C"]
    found = maps.correlation_map(at, symbols=names, sessions=120)
    since = evening(0).date() + timedelta(days=DAYS - 1 - 120)
    plain = correlation(at, symbols=names, since=since).frame
    both = found.frame.join(plain, on=["symbol", "other"], suffix="_plain")
    assert both.height == 9
    assert np.allclose(both["correlation"], both["correlation_plain"], atol=1e-12)
    assert np.allclose(both["low"].drop_nulls(), both["low_plain"].drop_nulls(), atol=1e-12)
    assert set(found.frame["returns"]) == {120}
    assert set(found.frame["returns_before"]) == {DAYS - 1 - 120}


def test_a_missing_day_is_missing_for_all_and_nothing_is_filled_in(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    first, second = moving(rng, {"A": 0.9, "B": 0.9})
    gone = {150, 151, 170}
    kept = [bar for number, bar in enumerate(second) if number not in gone]
    lake.upsert("prices", table(first, kept))
    found = pair(
        maps.correlation_map(db.at(evening(DAYS)), symbols=["x:A", "x:B"], sessions=190).frame,
        "A",
        "B",
    )
    left = [n for n in range(DAYS) if n not in gone][-191:]
    steps = [
        [
            math.log(bars[now]["close"] / bars[then]["close"])
            for then, now in zip(left, left[1:], strict=False)
        ]
        for bars in (first, second)
    ]
    assert found["returns"] == 190
    assert found["correlation"] == pytest.approx(np.corrcoef(*steps)[0, 1], abs=1e-12)


def test_one_that_is_too_young_is_null_and_takes_no_day_from_the_others(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    first, second, young = moving(rng, {"A": 0.9, "B": 0.9, "YOUNG": 0.9})
    lake.upsert("prices", table(first, second, young[-60:]))
    frame = maps.correlation_map(
        db.at(evening(DAYS)), symbols=["x:A", "x:B", "x:YOUNG"], sessions=120
    ).frame
    assert pair(frame, "A", "B")["returns"] == 120
    assert pair(frame, "A", "B")["correlation"] > 0.5
    for name in ("A", "B", "YOUNG"):
        found = pair(frame, "YOUNG", name)
        assert found["correlation"] is None
        assert not found["significant"]


def test_instruments_of_one_ticker_are_told_apart(lake: Lake, db: Db, rng: random.Random) -> None:
    lake.upsert("prices", table(*moving(rng, {"A": 0.9, "B": 0.9, "C": 0.9})))
    names = {"A": "SAME", "B": "SAME", "C": "OTHER"}
    lake.upsert(
        "instruments",
        rows(
            "instruments",
            [
                {
                    "symbol": f"x:{name}",
                    "ticker": ticker,
                    "name": name,
                    "asset_class": "equity",
                    "currency": "USD",
                    "known_at": evening(0),
                    "source": "exchange",
                }
                for name, ticker in names.items()
            ],
        ),
    )
    frame = maps.correlation_map(db.at(evening(DAYS)), symbols=["x:A", "x:B", "x:C"]).frame
    labels = dict(frame.select("symbol", "ticker").unique().iter_rows())
    assert labels == {"x:A": "x:A", "x:B": "x:B", "x:C": "OTHER"}
    assert frame.filter(pl.col("symbol") == "x:A")["other_ticker"].sort().to_list() == [
        "OTHER",
        "x:A",
        "x:B",
    ]


def test_of_several_sources_the_preferred_one_is_measured(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    first, second, third = moving(rng, {"A": 0.9, "B": 0.9, "C": 0.0})
    for bar in first:
        bar["source"] = "stooq"
    for bar in third:
        bar |= {"symbol": "x:A", "source": "marketstack"}
    lake.upsert("prices", table(first, second, third))
    frame = maps.correlation_map(db.at(evening(DAYS)), symbols=["x:A", "x:B"], sessions=120).frame
    assert abs(pair(frame, "A", "B")["correlation"]) < 0.3  # of marketstack, which is its own


def test_rates_count_by_the_change_of_their_level(lake: Lake, db: Db, rng: random.Random) -> None:
    level, rates, prices = 1.0, {}, {}
    for day in range(100):
        step = rng.gauss(0, 0.05)
        level += step
        rates[day] = level  # below zero at times, where a logarithm has no meaning
        prices[day] = 100 * math.exp(level)
    rate = quotes(rates, "x:RATE", asset_class="rate", dividend=None)
    lake.upsert("prices", table(rate, quotes(prices, "x:FUND", dividend=None)))
    frame = maps.correlation_map(
        db.at(evening(99)), symbols=["x:RATE", "x:FUND"], sessions=90
    ).frame
    assert pair(frame, "FUND", "RATE")["correlation"] == pytest.approx(1.0, abs=1e-9)


def test_like_stands_beside_like_whatever_the_order_of_asking(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    ours, theirs = moving(rng, {"A": 0.95, "C": 0.95}), moving(rng, {"B": 0.95, "D": 0.95})
    lake.upsert("prices", table(*ours, *theirs))
    at = db.at(evening(DAYS))
    orders = []
    for names in (["x:A", "x:B", "x:C", "x:D"], ["x:D", "x:C", "x:B", "x:A"]):
        frame = maps.correlation_map(at, symbols=names, sessions=120).frame
        ordered = frame.select("symbol", "place").unique().sort("place")["symbol"].to_list()
        orders.append("".join(name.removeprefix("x:") for name in ordered))
    assert orders[0] == orders[1]
    assert orders[0] in {"ACBD", "ACDB", "CABD", "CADB"}


def test_random_walks_earn_no_stars_and_a_true_pair_keeps_its_own(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    noise = {f"N{number:02}": 0.0 for number in range(18)}
    lake.upsert("prices", table(*moving(rng, {"A": 0.9, "B": 0.9} | noise)))
    names = [f"x:{name}" for name in ("A", "B", *noise)]
    frame = maps.correlation_map(db.at(evening(DAYS)), symbols=names, sessions=150).frame
    apart = frame.filter(pl.col("symbol") < pl.col("other"))
    outside = (pl.col("low") > 0) | (pl.col("high") < 0)
    assert apart.height == 190
    assert apart.filter(outside).height > 3  # one in twenty, each judged alone
    assert apart.filter("significant").select("symbol", "other").rows() == [("x:A", "x:B")]


def test_the_joint_judgement_is_the_published_rule() -> None:
    """Fifteen chances of Benjamini and Hochberg (1995), of which four pass at five percent."""
    from scipy.special import stdtrit

    chances = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0000,
    ]
    count, matrix = 100, np.eye(6)
    size = -stdtrit(count - 2, np.array(chances) / 2)
    matrix[np.triu_indices(6, k=1)] = size / np.sqrt(count - 2 + size**2)
    matrix = np.triu(matrix) + np.triu(matrix, 1).T
    # At ten percent the largest that passes is the ninth: 0.0459 <= 9 / 15 * 0.1.
    assert (
        maps.significant(matrix, count)[np.triu_indices(6, k=1)].tolist()
        == [True] * 9 + [False] * 6
    )


def test_shrinkage_is_the_published_formula_and_draws_towards_zero(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    parts = moving(rng, {name: 0.5 for name in "ABCDE"})
    lake.upsert("prices", table(*parts))
    names = [f"x:{name}" for name in "ABCDE"]
    asked = {"symbols": names, "sessions": 60}
    plain = maps.correlation_map(db.at(evening(DAYS)), **asked).frame
    shrunk = maps.correlation_map(db.at(evening(DAYS)), shrunk=True, **asked).frame
    steps = np.diff(np.log([[bar["close"] for bar in part] for part in parts]), axis=1)[:, -60:]
    x = (steps - steps.mean(axis=1, keepdims=True)) / steps.std(axis=1, keepdims=True)
    sample = x @ x.T / 60
    noise = sum(((np.outer(x[:, k], x[:, k]) - sample) ** 2).sum() for k in range(60)) / 60**2
    share = noise / ((sample - np.eye(5)) ** 2).sum()
    assert 0 < share < 1
    assert shrunk["shrinkage"][0] == pytest.approx(share)
    both = plain.join(shrunk, on=["symbol", "other"], suffix="_shrunk")
    apart, same = (
        both.filter(pl.col("symbol") != pl.col("other")),
        both.filter(pl.col("symbol") == pl.col("other")),
    )
    assert np.allclose(apart["correlation_shrunk"], apart["correlation"] * (1 - share))
    assert np.allclose(same["correlation_shrunk"], 1.0)
    assert apart["low"].equals(apart["low_shrunk"])


def test_weekly_moves_undo_what_closes_hours_apart_hide(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    """The later venue shows the news of a day on that day, the earlier one on the next."""
    days = 480
    news = [rng.gauss(0, 0.01) for _ in range(days + 1)]
    late, early = 100.0, 100.0
    closes: tuple[dict[int, float | None], dict[int, float | None]] = ({}, {})
    for day in range(days):
        late *= math.exp(news[day + 1])
        early *= math.exp(news[day])
        closes[0][day], closes[1][day] = late, early
    parts = [quotes(c, n, dividend=None) for c, n in zip(closes, ("x:NY", "x:TOKYO"), strict=True)]
    for bar in parts[1]:
        bar["known_at"] -= timedelta(hours=16)
    lake.upsert("prices", table(*parts))
    at = db.at(evening(days))
    names = ["x:NY", "x:TOKYO"]
    daily = pair(maps.correlation_map(at, symbols=names, sessions=240).frame, "NY", "TOKYO")
    weekly = pair(
        maps.correlation_map(at, symbols=names, sessions=240, weekly=True).frame, "NY", "TOKYO"
    )
    assert abs(daily["correlation"]) < 0.2
    assert weekly["correlation"] > 0.6
    assert weekly["returns"] == 240 // 5
    hours = maps.closing_hours(at, symbols=names).frame
    assert hours["hours"].to_list() == [22.0, 6.0]
    assert set(hours["apart"]) == {16.0}


def test_a_pair_over_time(lake: Lake, db: Db, rng: random.Random) -> None:
    parts = moving(rng, {"A": 0.8, "B": 0.8})
    lake.upsert("prices", table(*parts))
    at = db.at(evening(DAYS))
    found = maps.rolling_pair(at, symbol="x:A", other="x:B").frame
    steps = np.diff(np.log([[bar["close"] for bar in part] for part in parts]), axis=1)
    assert found.height == DAYS - 1 - maps.ROLLING + 1
    assert found["date"][-1] == parts[0][-1]["date"]
    assert found["correlation"][-1] == pytest.approx(np.corrcoef(steps[:, -60:])[0, 1], abs=1e-12)
    assert found["correlation"][0] == pytest.approx(np.corrcoef(steps[:, :60])[0, 1], abs=1e-12)
    assert maps.rolling_pair(at, symbol="x:A", other="x:NONE").frame.is_empty()
    assert maps.rolling_pair(at, symbol="x:A", other="x:B", window=250).frame.is_empty()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"symbols": ["x:A", "x:A"]}, "at least two different"),
        ({"symbols": ["x:A", "x:B"], "sessions": 29}, "expected 30 to 252"),
        ({"symbols": ["x:A", "x:B"], "sessions": 999}, "expected 30 to 252"),
    ],
)
def test_what_cannot_be_answered_is_refused(db: Db, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        maps.correlation_map(db.at(evening(1)), **asked)


def test_nothing_known_is_null_throughout(lake: Lake, db: Db) -> None:
    empty = maps.correlation_map(db.at(evening(1)), symbols=["x:A", "x:B"])
    assert empty.frame.is_empty()
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0}), quotes({0: 1.0, 1: 2.0}, "x:B")))
    frame = maps.correlation_map(db.at(evening(1)), symbols=["x:AAA", "x:B"]).frame
    assert frame["correlation"].null_count() == 4
    assert not frame["significant"].any()
