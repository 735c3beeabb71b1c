"""The part of a move that the sector explains: as other libraries have it, else null."""

from __future__ import annotations

import math
import random
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from analytics.markets.market_cards import market_cards
from analytics.markets.movers import LEAST_SHARE, PATH, movers
from analytics.markets.sector_share import LEAST_OTHERS, sector_share
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.pages.world import rows

LAST = 99
OTHERS = [f"x:S{number}" for number in range(6)]


def described(lake: Lake, sectors: dict[str, str | None], country: str = "USA") -> None:
    """What each instrument belongs to, known from the first evening."""
    lake.upsert(
        "instruments",
        rows(
            "instruments",
            [
                {
                    "symbol": symbol,
                    "ticker": symbol[2:],
                    "name": symbol,
                    "asset_class": "equity",
                    "sector": sector,
                    "country": country,
                    "currency": "USD",
                    "known_at": evening(0),
                    "source": "exchange",
                }
                for symbol, sector in sectors.items()
            ],
        ),
    )


def closes_of(steps: list[float]) -> dict[int, float | None]:
    """Closes by day from log steps."""
    return {day: 100 * math.exp(sum(steps[: day + 1])) for day in range(len(steps))}


@pytest.fixture
def steps(lake: Lake, rng: random.Random) -> dict[str, list[float]]:
    """Six energy shares that move together, one that follows half of it, one on its own."""
    common = [rng.gauss(0, 0.02) for _ in range(LAST)] + [-0.05]
    made = {name: [move + rng.gauss(0, 0.004) for move in common] for name in OTHERS}
    made["x:HALF"] = [0.5 * move + rng.gauss(0, 0.002) for move in common[:-1]] + [-0.04]
    made["x:ALONE"] = [rng.gauss(0, 0.02) for _ in range(LAST)] + [-0.04]
    made["x:AGAINST"] = [move + rng.gauss(0, 0.004) for move in common[:-1]] + [0.03]
    made["x:LESS"] = [move + rng.gauss(0, 0.004) for move in common[:-1]] + [-0.01]
    bars = [quotes(closes_of(moves), name, dividend=None) for name, moves in made.items()]
    lake.upsert("prices", table(*bars))
    described(lake, dict.fromkeys(made, "Energy"))
    return made


def by_symbol(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["symbol"]: row for row in frame.iter_rows(named=True)}


@pytest.mark.parametrize("sessions", [1, 5])
def test_beta_and_share_are_those_of_statsmodels(
    steps: dict[str, list[float]], db: Db, sessions: int
) -> None:
    found = by_symbol(sector_share(db.at(evening(LAST)), sessions=sessions).frame)
    for symbol, own in steps.items():
        others = np.mean([move for name, move in steps.items() if name != symbol], axis=0)
        past = slice(LAST + 1 - sessions - 60, LAST + 1 - sessions)
        fit = sm.OLS(np.array(own[past]), sm.add_constant(others[past])).fit()
        row = found[symbol]
        assert row["beta"] == pytest.approx(fit.params[1], rel=1e-9)
        assert row["t"] == pytest.approx(fit.tvalues[1], rel=1e-9)
        assert row["sector_move"] == pytest.approx(others[-sessions:].sum())
        assert (row["pairs"], row["others"]) == (60, len(steps) - 1)
        share = fit.params[1] * others[-sessions:].sum() / sum(own[-sessions:])
        if fit.tvalues[1] >= 2 and 0 <= share <= 1:
            assert row["share"] == pytest.approx(share, rel=1e-9)
        else:
            assert row["share"] is None


def test_half_a_beta_and_a_move_of_four_give_a_share(lake: Lake, db: Db) -> None:
    """By hand: the others all move by 1 % up and down, HAND by half of it; on the last day they
    fall by 4 %, HAND by 5 %: 0.5 times 4 of 5 is 40 %."""
    turns = [0.01 if day % 2 else -0.01 for day in range(LAST)]
    bars = [quotes(closes_of([*turns, -0.04]), name, dividend=None) for name in OTHERS]
    half = [0.5 * move for move in turns]
    lake.upsert("prices", table(*bars, quotes(closes_of([*half, -0.05]), "x:HAND", dividend=None)))
    described(lake, dict.fromkeys([*OTHERS, "x:HAND"], "Energy"))
    row = by_symbol(sector_share(db.at(evening(LAST))).frame)["x:HAND"]
    assert (row["beta"], row["share"]) == (pytest.approx(0.5), pytest.approx(0.4))


def test_a_share_with_more_holidays_meets_the_others_on_all_its_sessions(
    lake: Lake, steps: dict[str, list[float]], db: Db, rng: random.Random
) -> None:
    """Its last 61 sessions reach back 76 days, the last 61 of the others only as many days."""
    closes = closes_of([move + rng.gauss(0, 0.002) for move in steps["x:S0"]])
    held = {day: close for day, close in closes.items() if day % 5 or day == 0}
    lake.upsert("prices", table(quotes(held, "x:FEW", dividend=None)))
    described(lake, {"x:FEW": "Energy"})
    row = by_symbol(sector_share(db.at(evening(LAST))).frame)["x:FEW"]
    days = sorted(held)[-62:]
    own = np.diff([math.log(held[day] or 1.0) for day in days])[:60]
    others = [np.mean([moves[day] for moves in steps.values()]) for day in days[1:-1]]
    assert row["pairs"] == 60
    assert row["beta"] == pytest.approx(np.cov(own, others)[0, 1] / np.var(others, ddof=1))


def test_what_the_sector_does_not_explain_is_null(steps: dict[str, list[float]], db: Db) -> None:
    found = by_symbol(sector_share(db.at(evening(LAST))).frame)
    assert found["x:HALF"]["share"] is not None
    assert found["x:AGAINST"]["share"] is None  # it rose while its sector fell
    assert found["x:LESS"]["share"] is None  # its beta says more than it moved
    assert found["x:ALONE"]["t"] < 2
    assert found["x:ALONE"]["share"] is None


def test_a_sector_of_few_explains_nothing(lake: Lake, db: Db, rng: random.Random) -> None:
    common = [rng.gauss(0, 0.02) for _ in range(LAST + 1)]
    names = [f"x:F{number}" for number in range(LEAST_OTHERS)]
    bars = [
        quotes(closes_of([move + rng.gauss(0, 0.001) for move in common]), name, dividend=None)
        for name in [*names, "x:NONE"]
    ]
    lake.upsert("prices", table(*bars))
    described(lake, dict.fromkeys(names, "Utilities") | {"x:NONE": None})
    found = sector_share(db.at(evening(LAST))).frame
    assert found["symbol"].to_list() == names
    assert found["others"].to_list() == [LEAST_OTHERS - 1] * len(names)
    assert found["share"].null_count() == found["beta"].null_count() == len(names)


def test_without_shares_there_are_no_rows(lake: Lake, db: Db) -> None:
    bars = quotes({day: 5.0 + day for day in range(70)}, "x:OIL", asset_class="commodity")
    lake.upsert("prices", table(bars))
    assert sector_share(db.at(evening(69))).frame.is_empty()


def test_movers_name_the_sector_else_what_happened_else_nothing(
    lake: Lake, steps: dict[str, list[float]], db: Db
) -> None:
    def reasons() -> dict[str, tuple[str | None, str | None]]:
        found = movers(db.at(evening(LAST))).frame
        return {row["symbol"]: (row["reason"], row["title"]) for row in found.to_dicts()}

    before = reasons()
    assert before["x:HALF"] == ("sector", None)
    assert before["x:ALONE"] == (None, None)
    shares = movers(db.at(evening(LAST))).frame.filter(reason="sector")["sector_share"]
    assert (shares >= LEAST_SHARE).all()
    release(lake, "small", importance=2)
    release(lake, "elsewhere", country="DEU")
    release(lake, "still to come", actual=None, status="scheduled")
    release(lake, "of the world", country=None)
    release(lake, "known later", known_at=evening(LAST + 1))
    assert reasons() == before
    release(lake, "CPI")
    assert reasons()["x:ALONE"] == ("release", "CPI")
    assert reasons()["x:HALF"] == ("sector", "CPI")


def release(lake: Lake, title: str, **other: Any) -> None:
    """A release at noon of the last day, known a minute later."""
    moment = datetime.combine(FIRST + timedelta(days=LAST), time(12), tzinfo=evening(0).tzinfo)
    row = {
        "series_id": f"x:{title}",
        "period": FIRST,
        "year": moment.year,
        "country": "USA",
        "title": title,
        "scheduled_at": moment,
        "precision": "minute",
        "status": "released",
        "importance": 3,
        "actual": 2.0,
        "unit": "percent",
        "known_at": moment + timedelta(minutes=1),
        "source": "test",
    }
    lake.upsert("releases", rows("releases", [row | other]))


def test_an_id_that_became_another_kind_has_a_row_of_each(
    lake: Lake, steps: dict[str, list[float]], db: Db
) -> None:
    symbol, *_ = steps
    was = quotes({day: 50.0 + day for day in range(-9, 0)}, symbol, asset_class="etf")
    lake.upsert("prices", table(was))
    at = db.at(evening(5))
    shown = market_cards(at).frame.filter(symbol=symbol).sort("asset_class")
    assert shown["asset_class"].to_list() == ["equity", "etf"]
    assert shown["path"][1].to_list() == [50.0 + day for day in range(-9, 0)]
    assert sector_share(at).frame.filter(symbol=symbol).height == 1
    was = quotes({day: 50.0 + day for day in range(80)}, "x:OTHER", asset_class="etf")
    lake.upsert("prices", table(was, quotes({day: 1.0 + day for day in range(80, 86)}, "x:OTHER")))
    moved = movers(db.at(evening(85))).frame.filter(symbol="x:OTHER")
    assert [len(path) for path in moved["path"]] == [PATH]
