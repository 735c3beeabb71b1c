"""Formulas in a correlation: against NumPy on raw prices, refusals by name, nothing later seen."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.core.catalogue import called, function_named
from analytics.markets.correlation import correlation
from analytics.markets.correlation_map import closing_hours, correlation_map, rolling_pair
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.analytics.test_formulas import described, month, prints
from tests.analytics.test_market import instruments, listed

DAYS = 260
METALS = ("GOLD", "SILVER", "OIL")
RATIO, SPREAD = "=GOLD/SILVER", '="s:DGS10" - "s:DGS2"'
GAPS = {17, 60, 61}  # days without a value of the yields


@pytest.fixture
def raw(rng: random.Random) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Daily levels by name: three prices and two yields that cross."""
    draw = np.random.default_rng(rng.randrange(1 << 30))
    walk = np.cumsum(draw.normal(0, 0.01, (DAYS, 5)), axis=0)
    prices = {name: 100 * np.exp(walk[:, n]) for n, name in enumerate(METALS)}
    return prices | {"DGS10": 0.1 + walk[:, 3], "DGS2": 0.1 + walk[:, 4]}


@pytest.fixture
def lively(lake: Lake, db: Db, raw: dict[str, np.ndarray[Any, np.dtype[np.float64]]]) -> Db:
    lake.upsert("instruments", instruments(*(listed(f"x:{n}", ticker=n, name=n) for n in METALS)))
    closes = [quotes(dict(enumerate(raw[n].tolist())), f"x:{n}") for n in METALS]
    lake.upsert("prices", table(*closes))
    kinds = [("DGS10", "daily"), ("DGS2", "daily"), ("CPI", "monthly"), ("POL", "irregular")]
    lines = [
        described(f"s:{name}", name, f"United States: {name}", frequency=frequency, unit="percent")
        for name, frequency in kinds
    ]
    lake.upsert("series", pl.DataFrame(lines, schema_overrides={"timezone": pl.String}))
    rows = []
    for name in ("DGS10", "DGS2"):
        # Each is known on the next day, and on a holiday there is none.
        values = {
            FIRST + timedelta(n): (None if n in GAPS else float(value), evening(n + 1))
            for n, value in enumerate(raw[name])
        }
        rows += prints(f"s:{name}", values, unit="percent")
    some = {month(2020, n): (float(n), datetime(2020, n + 1, 5, tzinfo=UTC)) for n in (1, 2, 3)}
    rows += prints("s:CPI", some, unit="percent") + prints("s:POL", some, unit="percent")
    lake.upsert("macro", pl.DataFrame(rows))
    return db


def pair(frame: pl.DataFrame, first: str, second: str) -> dict[str, Any]:
    return frame.filter(symbol=first, other=second).row(0, named=True)


def by_hand(raw: dict[str, Any], days: list[int]) -> dict[tuple[str, str], float]:
    """Correlation of oil, the metals' ratio and the yields' difference on these days."""
    kept = np.array(days)
    lines = {
        "x:OIL": np.log(raw["OIL"])[kept],
        RATIO: np.log(raw["GOLD"] / raw["SILVER"])[kept],
        SPREAD: (raw["DGS10"] - raw["DGS2"])[kept],
    }
    moves = np.diff(np.array(list(lines.values())), axis=1)
    matrix = np.corrcoef(moves)
    names = list(lines)
    return {(names[a], names[b]): matrix[a, b] for a in range(3) for b in range(3) if a != b}


def test_a_ratio_moves_by_its_log_and_yields_by_their_difference(
    lively: Db, raw: dict[str, Any]
) -> None:
    at, names = lively.at(evening(DAYS)), ["x:OIL", RATIO, SPREAD]
    days = [n for n in range(DAYS) if n not in GAPS]
    found = correlation_map(at, symbols=names, sessions=90).frame
    assert found.height == 9
    assert found["problem"].null_count() == 9
    for (first, second), wanted in by_hand(raw, days[-91:]).items():
        assert pair(found, first, second)["correlation"] == pytest.approx(wanted, abs=1e-12)
    assert set(found["returns"]) == {90}
    whole = correlation(at, symbols=names).frame
    for (first, second), wanted in by_hand(raw, days).items():
        assert pair(whole, first, second)["correlation"] == pytest.approx(wanted, abs=1e-12)
    alone = correlation(at, symbols=[RATIO, SPREAD]).frame
    wanted = by_hand(raw, days)[RATIO, SPREAD]
    assert pair(alone, RATIO, SPREAD)["correlation"] == pytest.approx(wanted, abs=1e-12)
    tickers = dict(found.select("symbol", "ticker").iter_rows())
    assert tickers == {"x:OIL": "OIL", RATIO: "GOLD/SILVER", SPREAD: SPREAD[1:]}


def test_a_formula_called_like_an_instrument_keeps_its_sign(lively: Db) -> None:
    frame = correlation_map(lively.at(evening(DAYS)), symbols=["x:GOLD", "=GOLD"]).frame
    tickers = dict(frame.select("symbol", "ticker").iter_rows())
    assert tickers == {"x:GOLD": "x:GOLD", "=GOLD": "=GOLD"}
    assert pair(frame, "x:GOLD", "=GOLD")["correlation"] == pytest.approx(1.0)


def test_the_course_of_a_pair_is_that_of_its_moves(lively: Db, raw: dict[str, Any]) -> None:
    at = lively.at(evening(DAYS))
    found = rolling_pair(at, symbol=RATIO, other="x:OIL", window=60).frame
    for number in (0, 17, 59):
        wanted = by_hand(raw, list(range(number, number + 61)))[RATIO, "x:OIL"]
        assert found["date"][number] == FIRST + timedelta(number + 60)
        assert found["correlation"][number] == pytest.approx(wanted, abs=1e-12)
    assert found.height == DAYS - 60
    turned = rolling_pair(at, symbol="x:OIL", other=RATIO, window=60).frame
    assert turned["correlation"].to_list() == pytest.approx(found["correlation"].to_list())


def test_weekly_moves_go_from_wednesday_to_wednesday(lively: Db, raw: dict[str, Any]) -> None:
    days = [n for n in range(DAYS) if n not in GAPS]
    weeks = {(FIRST - date(1970, 1, 1)).days + n: n for n in days}
    ends = {number // 7: n for number, n in weeks.items()}  # day 0 was a Thursday
    names = ["x:OIL", RATIO, SPREAD]
    found = correlation(lively.at(evening(DAYS)), symbols=names, weekly=True).frame
    assert set(found["returns"]) == {len(ends) - 1}
    for (first, second), wanted in by_hand(raw, list(ends.values())).items():
        assert pair(found, first, second)["correlation"] == pytest.approx(wanted, abs=1e-12)


def test_one_that_cannot_be_a_member_says_why_and_the_others_remain(
    lively: Db, raw: dict[str, Any]
) -> None:
    bad = {
        "=nobody/GOLD": "'nobody' at character 1 is no instrument or series",
        "=GOLD +": "character",
        '=GOLD + "s:DGS2"': "GOLD is in USD and s:DGS2 in percent",
        '="s:CPI"': "it is monthly, and moves are daily or weekly; expected a formula of",
        '="s:POL"': "it has no fixed frequency",
        "=lag(GOLD, 900)": None,  # a date, and never a value
    }
    at = lively.at(evening(DAYS))
    found = correlation_map(at, symbols=["x:OIL", RATIO, *bad], sessions=90).frame
    plain = correlation_map(at, symbols=["x:OIL", RATIO], sessions=90).frame
    wanted = pair(plain, "x:OIL", RATIO)["correlation"]
    for name, problem in bad.items():
        row = pair(found, name, "x:OIL")
        assert row["correlation"] is None
        assert (row["problem"] is None) == (problem is None)
        assert problem is None or problem in row["problem"]
    # The one without a value is long enough: it leaves no common move, as such an instrument does.
    without = [name for name in bad if bad[name]]
    found = correlation_map(at, symbols=["x:OIL", RATIO, *without], sessions=90).frame
    assert pair(found, "x:OIL", RATIO)["correlation"] == pytest.approx(wanted, abs=1e-12)
    for call in (
        lambda: rolling_pair(at, symbol="=nobody/GOLD", other="x:OIL"),
        lambda: correlation(at, symbols=["=nobody/GOLD", "x:OIL"]),
    ):
        with pytest.raises(ConfigError, match="'nobody' at character 1"):
            call()


def test_one_that_ended_long_ago_ends_the_sample_of_no_other(lake: Lake, lively: Db) -> None:
    at = lively.at(evening(DAYS + 12))
    found = correlation_map(at, symbols=["x:OIL", RATIO, SPREAD], sessions=90).frame
    ended = FIRST + timedelta(DAYS - 1)
    for name in (RATIO, SPREAD):
        problem = pair(found, name, "x:OIL")["problem"]
        assert problem.startswith(f"its last value is of {ended}; expected one within 10 days")


def test_more_than_a_correlation_bears_is_refused(lively: Db) -> None:
    names = ["x:OIL", *(f"=GOLD*{n}" for n in range(1, 52))]
    for analytic in (correlation, correlation_map):
        with pytest.raises(ConfigError, match="51 formulas: expected at most 50"):
            analytic(lively.at(evening(DAYS)), symbols=names)


def test_what_comes_later_changes_nothing_of_an_earlier_clock(lake: Lake, lively: Db) -> None:
    asked: dict[str, Any] = {"symbols": ["x:OIL", RATIO, SPREAD], "sessions": 60}
    clock = evening(DAYS - 20)
    before = correlation_map(lively.at(clock), **asked).frame
    assert before["correlation"].null_count() == 0
    late = {"known_at": evening(DAYS + 30)}
    day = FIRST + timedelta(DAYS - 30)
    lake.upsert("prices", table(quotes({DAYS - 30: 1.0}, "x:SILVER", **late)))
    lake.upsert(
        "macro",
        pl.DataFrame(prints("s:DGS2", {day: (9.0, evening(DAYS + 30))}, unit="percent")),
    )
    db = Db(lake.root, threads=1)
    assert correlation_map(db.at(clock), **asked).frame.equals(before)
    # The positive control: a clock after both sees them.
    lake.upsert("prices", table(*(quotes({DAYS + 29: 1.0}, f"x:{n}") for n in METALS)))
    sees = correlation(db.at(evening(DAYS + 31)), symbols=["x:OIL", RATIO]).frame
    blind = correlation(db.at(evening(DAYS + 29)), symbols=["x:OIL", RATIO]).frame
    assert abs(pair(sees, "x:OIL", RATIO)["correlation"]) < 0.1
    assert pair(sees, "x:OIL", RATIO) != pair(blind, "x:OIL", RATIO)
    db.close()


@pytest.mark.parametrize("names", [["x:OIL", RATIO, SPREAD], [RATIO, SPREAD], ["x:OIL", "=x"]])
def test_the_receipt_runs_again(lake: Lake, lively: Db, names: list[str]) -> None:
    answer = called(correlation_map, lively.at(evening(DAYS)), symbols=names, sessions=90)
    receipt = make_receipt(answer)
    assert receipt["kind"] == "SQL and function"
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


def test_closing_hours_are_those_of_the_instruments_inside(lively: Db) -> None:
    at = lively.at(evening(DAYS))
    alone = closing_hours(at, symbols=["x:GOLD", "x:SILVER"]).frame
    inside = closing_hours(at, symbols=[RATIO, "=nobody", "x:GOLD"]).frame
    assert inside.equals(alone)
    assert alone.height == 2
