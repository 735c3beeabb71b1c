"""Revenue by currency by hand, and the moves of a share against statsmodels."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm

from analytics.companies.macro_impact import macro_impact_places
from analytics.companies.market_exposure import (
    company_currencies,
    newey_west,
    share_sensitivity,
)
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_facts import about
from tests.analytics.companies.test_macro_impact import countries, placed
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.pages.world import rows

WEEKS = 130
LAST = 7 * WEEKS + 6  # a Tuesday, so that the last week is not over
KINDS = {"x:SHARE": "equity", "x:EURUSD": "fx", "x:GBPJPY": "fx", "x:OIL": "commodity"}
Steps = dict[str, list[float]]


def drawn(rng: random.Random, days: int = LAST) -> Steps:
    """Daily log steps: the share follows oil by half and the euro by a third."""
    found = {name: [rng.gauss(0, 0.01) for _ in range(days + 1)] for name in KINDS}
    found["x:SHARE"] = [
        0.5 * oil + euro / 3 + 0.3 * own
        for oil, euro, own in zip(found["x:OIL"], found["x:EURUSD"], found["x:SHARE"], strict=True)
    ]
    return found


def put(lake: Lake, steps: Steps, **kinds: str) -> None:
    bars = [
        quotes(
            {day: 50 * math.exp(sum(line[: day + 1])) for day in range(len(line))},
            name,
            asset_class=(KINDS | kinds)[name],
        )
        for name, line in steps.items()
    ]
    lake.upsert("prices", table(*bars))
    described = [
        {
            "symbol": name,
            "ticker": name[2:],
            "name": name[2:].title(),
            "asset_class": (KINDS | kinds)[name],
            "currency": "JPY" if name.endswith("JPY") else "USD",
            "company": "x:co" if name == "x:SHARE" else None,
            "known_at": evening(0),
            "source": "exchange",
        }
        for name in steps
    ]
    lake.upsert("instruments", rows("instruments", described))


@pytest.fixture
def steps(lake: Lake, rng: random.Random) -> Steps:
    found = drawn(rng)
    put(lake, found)
    return found


def weekly(steps: Steps, name: str, since: int) -> Any:
    """Log returns from Wednesday to Wednesday; 1 January 2020, day 0, was one."""
    level = np.cumsum(steps[name])
    return np.diff(level[since : LAST + 1 : 7])


def by_name(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in frame.to_dicts()}


@pytest.mark.parametrize("weeks", [104, 120])
def test_slopes_and_intervals_are_those_of_statsmodels(
    lake: Lake, steps: Steps, db: Db, weeks: int
) -> None:
    found = by_name(share_sensitivity(db.at(evening(LAST)), company="x:co", weeks=weeks).frame)
    assert set(found) == {"EUR/USD", "Oil"}  # GBP/JPY has no dollar
    first = 7 * (WEEKS - weeks)
    own = weekly(steps, "x:SHARE", first)
    for name, symbol in (("EUR/USD", "x:EURUSD"), ("Oil", "x:OIL")):
        lags = {"maxlags": 4, "use_correction": True}
        model = sm.OLS(own, sm.add_constant(weekly(steps, symbol, first)))
        fit = model.fit(cov_type="HAC", cov_kwds=lags)
        row = found[name]
        assert row["weeks"] == weeks == len(own)
        assert row["beta"] == pytest.approx(fit.params[1], rel=1e-9)
        assert row["t"] == pytest.approx(fit.tvalues[1], rel=1e-9)
        assert row["low"] == pytest.approx(fit.params[1] - 1.96 * fit.bse[1], rel=1e-9)
        assert row["r2"] == pytest.approx(fit.rsquared, rel=1e-9)
        assert row["until"] == FIRST + timedelta(days=7 * WEEKS)
        assert row["significant"] is True


def test_beside_a_market_the_slope_is_that_of_both(lake: Lake, steps: Steps, db: Db) -> None:
    at = db.at(evening(LAST))
    found = share_sensitivity(at, company="x:co", weeks=120, market="x:OIL")
    row = by_name(found.frame)["EUR/USD"]
    since = 7 * (WEEKS - 120)
    both = np.column_stack([weekly(steps, name, since) for name in ("x:EURUSD", "x:OIL")])
    fit = sm.OLS(weekly(steps, "x:SHARE", since), sm.add_constant(both)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True}
    )
    assert row["beta"] == pytest.approx(fit.params[1], rel=1e-9)
    assert row["high"] == pytest.approx(fit.params[1] + 1.96 * fit.bse[1], rel=1e-9)
    assert by_name(found.frame)["Oil"]["reason"] == "flat"  # itself beside itself says nothing


def test_nothing_of_after_the_clock_counts(lake: Lake, steps: Steps, db: Db) -> None:
    clock = evening(LAST - 70)
    before = share_sensitivity(db.at(clock), company="x:co").frame
    later = {name: [9.0] for name in steps}
    bars = [
        quotes({LAST - 69: 50.0}, name, asset_class=KINDS[name], known_at=evening(LAST))
        for name in later
    ]
    lake.upsert("prices", table(*bars))
    assert share_sensitivity(db.at(clock), company="x:co").frame.equals(before)


def test_why_there_is_no_figure(lake: Lake, db: Db, rng: random.Random) -> None:
    steps = drawn(rng, days=7 * 80)
    steps["x:FLAT"] = [0.0] * len(steps["x:OIL"])
    put(lake, steps, **{"x:FLAT": "commodity"})
    lake.upsert("companies", about())
    lake.upsert("countries", countries())
    lake.upsert("exposures", placed(date(2020, 12, 31), DEU=40.0, JPN=60.0))
    short = by_name(share_sensitivity(db.at(evening(7 * 80)), company="x:co").frame)
    assert {row["reason"] for row in short.values()} == {"few_weeks"}
    assert short["EUR/USD"]["weeks"] == 80
    assert short["EUR/USD"]["beta"] is None
    gone = share_sensitivity(db.at(evening(7 * 80 + 30)), company="x:co").frame
    assert set(gone["reason"]) == {"no_share"}
    with pytest.raises(ConfigError, match="weeks=52"):
        share_sensitivity(db.at(evening(10)), company="x:co", weeks=52)


def test_a_currency_without_a_pair_is_said(lake: Lake, steps: Steps, db: Db) -> None:
    known = datetime(2000, 1, 1, tzinfo=UTC)
    japan = {"country": "JPN", "name": "Japan", "currency": "JPY", "known_at": known}
    japan |= {"vintage_grade": "native", "source": "office"}
    lake.upsert("countries", pl.concat([countries(), pl.DataFrame([japan])]))
    lake.upsert("exposures", placed(date(2020, 12, 31), DEU=40.0, JPN=60.0))
    found = by_name(share_sensitivity(db.at(evening(LAST)), company="x:co").frame)
    assert found["JPY"]["reason"] == "no_pair"
    assert found["JPY"]["revenue_share"] == pytest.approx(0.6)
    assert found["EUR/USD"]["revenue_share"] == pytest.approx(0.4)


def test_revenue_by_currency_adds_up(lake: Lake, db: Db) -> None:
    lake.upsert("countries", countries())
    lake.upsert("exposures", placed())
    frame = company_currencies(db.at(datetime(2024, 4, 1, tzinfo=UTC)), company="x:co").frame
    assert frame.select("kind", "currency", "places", "revenue", "share").rows() == [
        ("country", "USD", ["USA"], 500.0, 0.5),
        ("country", "EUR", ["DEU"], 300.0, 0.3),
        ("region", None, ["Rest of Asia"], 150.0, 0.15),
        ("undisclosed", None, ["undisclosed"], 50.0, 0.05),
    ]
    assert set(frame["reported"]) == {"USD"}


def test_parts_of_no_revenue_are_not_nought(lake: Lake, db: Db) -> None:
    lake.upsert("countries", countries())
    lake.upsert("exposures", placed(USA=0.0, DEU=0.0))
    frame = company_currencies(db.at(datetime(2024, 4, 1, tzinfo=UTC)), company="x:co").frame
    assert frame["revenue"].to_list() == [0.0, 0.0]
    assert frame["share"].null_count() == 2


@pytest.mark.needs("shared")
def test_real_stocks_against_oil_and_the_euro(lake: Lake, db: Db, shared: Path) -> None:
    """The S&P 500 as a share, oil and the euro of 2006 to 2009: pandas aligns, statsmodels fits."""
    files = {
        "x:SHARE": ("sp500_daily_1999_2009.csv", "Close"),
        "x:OIL": ("wti_daily_1986_2012.csv", "Price"),
        "x:EURUSD": ("fx_ecb_1999_2012.csv", "USD"),
    }
    real = {
        symbol: pd.read_csv(shared / "real" / name, index_col="Date", parse_dates=True)[column]
        .dropna()
        .loc["2006-01-01":"2009-10-30"]
        for symbol, (name, column) in files.items()
    }
    bars = [
        {
            "symbol": symbol,
            "asset_class": KINDS[symbol],
            "date": day.date(),
            "close": float(close),
            "currency": "USD",
            "known_at": datetime(day.year, day.month, day.day, 22, tzinfo=UTC),
            "vintage_grade": "native",
            "source": "exchange",
        }
        for symbol, line in real.items()
        for day, close in line.items()
    ]
    lake.upsert("prices", pl.DataFrame(bars))
    described = [
        {"symbol": name, "ticker": name[2:], "name": name[2:].title(), "asset_class": KINDS[name]}
        | {"currency": "USD", "company": "x:co" if name == "x:SHARE" else None}
        | {"known_at": datetime(2006, 1, 1, tzinfo=UTC), "source": "exchange"}
        for name in real
    ]
    lake.upsert("instruments", rows("instruments", described))
    at = db.at(datetime(2009, 10, 31, tzinfo=UTC))  # a Saturday: the week to 4 November is not over
    found = by_name(share_sensitivity(at, company="x:co").frame)
    for name, symbol in (("Oil", "x:OIL"), ("EUR/USD", "x:EURUSD")):
        both = pd.concat([real["x:SHARE"], real[symbol]], axis=1, join="inner")
        ends = both.resample("W-WED").last().dropna().loc[:"2009-10-28"].iloc[-157:]
        moves = np.log(ends).diff().dropna().to_numpy()
        fit = sm.OLS(moves[:, 0], sm.add_constant(moves[:, 1])).fit(
            cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True}
        )
        row = found[name]
        assert row["weeks"] == 156
        assert row["until"] == date(2009, 10, 28)
        assert row["beta"] == pytest.approx(fit.params[1], rel=1e-9)
        assert row["low"] == pytest.approx(fit.params[1] - 1.96 * fit.bse[1], rel=1e-9)


def test_revenue_of_apple_in_2023_as_filed(lake: Lake, db: Db) -> None:
    """In millions of dollars: the United States, China, and all other countries together."""
    lake.upsert("countries", countries("CNY", "CHN"))
    filed = {"USA": 138573.0, "CHN": 72559.0, "Other Countries": 172153.0}
    lake.upsert("exposures", placed(date(2023, 9, 30), **filed))
    at = db.at(datetime(2024, 4, 1, tzinfo=UTC))
    frame = company_currencies(at, company="x:co").frame
    shares = {row["currency"] or row["kind"]: row["share"] for row in frame.to_dicts()}
    whole = 383285.0
    assert shares == pytest.approx(
        {"USD": 138573 / whole, "CNY": 72559 / whole, "region": 172153 / whole}, rel=1e-12
    )
    places = macro_impact_places(at, company="x:co", demand="CHN:-10", currencies="CNY:-8").frame
    assert places["contribution"].sum() == pytest.approx(72559 * (0.9 * 0.92 - 1), rel=1e-12)


def test_a_flat_line_has_no_slope() -> None:
    rng = np.random.default_rng(1)
    own = rng.normal(size=150)
    assert newey_west(own, np.full((150, 1), 0.01)) is None
    assert newey_west(np.zeros(150), own[:, None]) is None
