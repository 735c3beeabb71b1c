"""Formulas beside a price: by hand on raw prices, as known at each session, refusals by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.core.catalogue import called, find, function_named
from analytics.core.entries import split_outside
from analytics.formulas.moves import moves_by_difference
from analytics.formulas.text import parse_formula
from analytics.formulas.units import FormulaUnit
from analytics.formulas.values import entries_of, entries_text
from analytics.markets.comparison import AT_100, compared
from analytics.markets.instrument import rebased
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.analytics.test_formulas import described, month, prints
from tests.analytics.test_market import instruments, listed

GOLD = {0: 100.0, 1: 110.0, 2: 60.0, 3: 66.0}  # one for two on day 2
SILVER = {1: 10.0, 2: 8.0, 3: 12.0}
OIL = {0: 20.0, 1: 25.0, 2: 30.0, 3: 15.0}
MAIN, RATIO, YEARLY = "x:OIL", "=GOLD/SILVER", "=yoy(USA CPI)"


def noon(number: int) -> datetime:
    return datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=number)


@pytest.fixture
def metals(lake: Lake, db: Db) -> Db:
    names = ("GOLD", "SILVER", "OIL", "SAP")
    lake.upsert("instruments", instruments(*(listed(f"x:{n}", ticker=n, name=n) for n in names)))
    lake.upsert(
        "prices",
        table(
            quotes(GOLD, "x:GOLD", splits={2: 2.0}),
            quotes(SILVER, "x:SILVER"),
            quotes(OIL, MAIN),
            quotes({0: 1.0, 3: 1.0}, "x:SAP", currency="EUR"),
            quotes({0: 1.5, 2: 2.0, 3: 1.75}, "x:Y10", asset_class="rate"),
        ),
    )
    lake.upsert(
        "series",
        pl.DataFrame(
            [described("s:CPI", "CPI", "United States: Consumer price index")],
            schema_overrides={"timezone": pl.String},
        ),
    )
    # Of November on the second day, of December on the fourth; November revised much later.
    known = {month(2018, 11): (100.0, noon(-300)), month(2018, 12): (100.0, noon(-299))}
    later = {month(2019, 11): (103.0, noon(1)), month(2019, 12): (105.0, noon(3))}
    revised = {month(2019, 11): (150.0, noon(30))}
    rows = [row for part in (known, later, revised) for row in prints("s:CPI", part)]
    lake.upsert("macro", pl.DataFrame(rows))
    return db


def values(frame: pl.DataFrame, name: str) -> dict[int, float | None]:
    rows = frame.filter(pl.col("symbol") == name, pl.col("date").is_not_null())
    return {(day - FIRST).days: value for day, value in rows.select("date", "value").iter_rows()}


def test_a_ratio_begins_at_a_hundred_where_all_have_a_session(metals: Db) -> None:
    frame = compared(metals.at(evening(9)), symbol=MAIN, others=["x:GOLD", RATIO]).frame
    assert frame["symbol"].unique(maintain_order=True).to_list() == [MAIN, "x:GOLD", RATIO]
    assert set(frame["moves"]) == {"ratio"} and set(frame["unit"]) == {AT_100}
    # By hand in shares of today: gold 50, 55, 60, 66 over silver; day 1 is the first that all have.
    ratio = {1: 55 / 10, 2: 60 / 8, 3: 66 / 12}
    wanted = {n: 100 * value / ratio[1] for n, value in ratio.items()}
    assert values(frame, RATIO) == pytest.approx(wanted)
    assert values(frame, MAIN) == pytest.approx({n: 100 * v / OIL[1] for n, v in OIL.items()})
    assert values(frame, "x:GOLD") == pytest.approx({0: 100 / 1.1, 1: 100, 2: 600 / 5.5, 3: 120})


def test_without_formulas_it_is_what_rebased_gives(metals: Db) -> None:
    at, names = metals.at(evening(9)), ["x:GOLD", "x:SILVER"]
    mine = compared(at, symbol=MAIN, others=names, since=FIRST).frame
    theirs = rebased(at, symbols=[MAIN, *names], since=FIRST, common=True).frame
    for name in (MAIN, *names):
        assert values(mine, name) == pytest.approx(values(theirs, name))


def test_a_series_counts_at_each_session_with_what_was_known_at_its_close(metals: Db) -> None:
    frame = compared(metals.at(evening(60)), symbol=MAIN, others=[YEARLY]).frame
    assert values(frame, YEARLY) == pytest.approx({1: 3.0, 2: 3.0, 3: 5.0})
    row = frame.filter(symbol=YEARLY).row(0, named=True)
    assert (row["unit"], row["moves"], row["late"]) == ("percent", "difference", None)
    assert values(frame, MAIN)[0] == 100  # a level in its own unit takes no session from prices


def test_what_comes_later_changes_nothing_of_an_earlier_clock(lake: Lake, metals: Db) -> None:
    asked = {"symbol": MAIN, "others": [YEARLY, RATIO, "=index(USA CPI)"]}
    before = [compared(metals.at(evening(n)), **asked).frame for n in range(4)]
    assert [len(values(frame, YEARLY)) for frame in before] == [0, 1, 2, 3]
    lake.upsert("macro", pl.DataFrame(prints("s:CPI", {month(2019, 12): (900.0, noon(40))})))
    lake.upsert("prices", table(quotes({3: 99.0}, "x:SILVER", known_at=evening(40))))
    db = Db(lake.root, threads=1)
    for number, frame in enumerate(before):
        assert compared(db.at(evening(number)), **asked).frame.equals(frame)
    later = compared(db.at(evening(41)), **asked).frame
    assert values(later, YEARLY) == pytest.approx({1: 3.0, 2: 3.0, 3: 5.0})
    assert values(later, RATIO)[3] != values(before[3], RATIO)[3]  # the mended close is shown
    db.close()


def test_a_rate_and_a_difference_stand_as_levels(metals: Db) -> None:
    others = ["x:Y10", "=Y10*2", "=index(GOLD) - index(SILVER)", "=log(GOLD)"]
    frame = compared(metals.at(evening(9)), symbol=MAIN, others=others).frame
    assert values(frame, "x:Y10") == {0: 1.5, 2: 2.0, 3: 1.75}
    assert values(frame, "=Y10*2") == {0: 3.0, 2: 4.0, 3: 3.5}
    assert values(frame, "=log(GOLD)")[0] == pytest.approx(np.log(50))
    assert set(frame.filter(pl.col("symbol") != MAIN)["moves"].drop_nulls()) == {"difference"}
    units = dict(frame.select("symbol", "unit").drop_nulls().iter_rows())
    assert units["x:Y10"] == "percent"
    assert units[others[2]] == "first value = 100"


def test_beside_a_rate_no_price_is_drawn(metals: Db) -> None:
    frame = compared(metals.at(evening(9)), symbol="x:Y10", others=[MAIN, YEARLY]).frame
    assert "x:Y10 is a rate" in frame.filter(symbol=MAIN)["problem"][0]
    assert frame.filter(symbol="x:Y10")["value"].to_list() == [1.5, 2.0, 1.75]
    assert values(frame, YEARLY) == pytest.approx({2: 3.0, 3: 5.0})


def test_one_that_fails_says_why_and_the_others_remain(metals: Db) -> None:
    others = ["=nobody/GOLD", "=GOLD + SAP", "=GOLD/", "=lag(GOLD, 9)", RATIO, "x:GOLD"]
    frame = compared(metals.at(evening(9)), symbol=MAIN, others=others).frame
    problems = dict(frame.drop_nulls("problem").select("symbol", "problem").iter_rows())
    assert list(problems) == others[:4]
    assert "'nobody' at character 1 is no instrument or series" in problems[others[0]]
    assert "EUR" in problems[others[1]] and "USD" in problems[others[1]]
    assert "character" in problems[others[2]]
    assert problems[others[3]] == "its parts have no common date at this time"
    assert len(values(frame, RATIO)) == 3 and len(values(frame, "x:GOLD")) == 4


def test_a_formula_without_a_session_in_common_leaves_the_instruments(metals: Db) -> None:
    asked = {"symbol": MAIN, "others": ["x:SILVER", "=SAP"], "since": FIRST + timedelta(1)}
    frame = compared(metals.at(evening(2)), **asked).frame
    assert "it has no value since 2020-01-02" in frame.filter(symbol="=SAP")["problem"][0]
    asked |= {"since": FIRST}
    frame = compared(metals.at(evening(2)), **asked).frame
    assert "no session in common with the others" in frame.filter(symbol="=SAP")["problem"][0]
    assert values(frame, "x:SILVER") == {1: 100.0, 2: 80.0}


def test_more_than_a_chart_bears_is_refused(metals: Db) -> None:
    with pytest.raises(ConfigError, match="51 lines beside x:OIL: expected at most 11"):
        compared(metals.at(evening(9)), symbol=MAIN, others=[f"=GOLD*{n}" for n in range(51)])


@pytest.mark.parametrize("others", [[RATIO, YEARLY, "x:GOLD"], ["=nobody"], []])
def test_the_receipt_runs_again(lake: Lake, metals: Db, others: list[str]) -> None:
    answer = called(compared, metals.at(evening(9)), symbol=MAIN, others=others)
    receipt = make_receipt(answer)
    assert receipt["kind"] == "SQL and function"
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


@pytest.mark.parametrize(
    ("text", "is_difference"),
    [
        ("A", False),
        ("A/B", False),
        ("(A + B)/2", False),
        ("sma(A, 20)/ema(B, 5)", False),
        ("index(A)", False),
        ("R", True),
        ("R/A", True),
        ("A - B", True),
        ("-A", True),
        ("index(A) - index(B)", True),
        ("log(A)", True),
        ("yoy(A)", True),
        ("A * roc(B)", True),
        ("sma(change(A), 3)", True),
        ("spread(A, B)", True),
    ],
)
def test_what_can_be_zero_moves_by_its_difference(text: str, is_difference: bool) -> None:
    money, rate = FormulaUnit.of("USD"), FormulaUnit.of("percent")
    units = {"A": money, "B": money, "R": rate}
    assert moves_by_difference(parse_formula(text), units) == is_difference


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("x:A x:B", ["x:A", "x:B"]),
        ("x:A,x:B", ["x:A", "x:B"]),
        ("x:A =GOLD/SILVER", ["x:A", "=GOLD/SILVER"]),
        ("=sma(x:A, 20) - x:B; x:C, x:C", ["=sma(x:A, 20) - x:B", "x:C"]),
        ("=yoy(USA CPI) -  USA policy rate; =A/B", ["=yoy(USA CPI) - USA policy rate", "=A/B"]),
        ('="odd; name" / A;x:D', ['="odd; name" / A', "x:D"]),
        ("=sma(A; 20); =B", ["=sma(A; 20)", "=B"]),
        ("=sma(A", ["=sma(A"]),
        (" ; = ;", []),
    ],
)
def test_entries_of_an_address_come_back_as_they_were(text: str, entries: list[str]) -> None:
    assert entries_of(text) == entries
    assert entries_of(entries_text(entries)) == entries


def test_a_list_of_an_analytic_is_cut_outside_brackets() -> None:
    assert split_outside('a,f(b,c),"d,e"', ",") == ["a", "f(b,c)", '"d,e"']
    assert split_outside("a(b,c", ",") == ["a(b", "c"]
    read = find("compared").read({"symbol": "x:A", "others": "x:B,=sma(x:A, 20)/x:B"})
    assert read["others"] == ["x:B", "=sma(x:A, 20)/x:B"]


def test_dates_of_a_formula_are_dates(metals: Db) -> None:
    frame = compared(metals.at(evening(9)), symbol=MAIN, others=["=nobody"]).frame
    assert frame.schema["date"] == pl.Date
    assert frame.filter(symbol=MAIN)["date"][0] == date(2020, 1, 1)
