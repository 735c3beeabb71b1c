"""Formulas on a small lake: each part as it was known, by hand, with names, units and receipt."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.core.catalogue import called, function_named
from analytics.formulas.formula import formula, formula_names
from analytics.formulas.names import AmbiguousNameError, FormulaMeaning
from analytics.formulas.series import FormulaSeries
from analytics.formulas.text import parse_formula
from analytics.formulas.values import formula_values
from analytics.markets.returns import history
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.analytics.test_market import instruments, listed

# A small lake ----------------------------------------------------------------------------------


def month(year: int, number: int) -> date:
    return date(year, number, 1)


def prints(
    series: str, values: dict[date, tuple[float | None, datetime]], **more: Any
) -> list[dict[str, Any]]:
    return [
        {
            "series_id": series,
            "period": period,
            "value": value,
            "unit": "index, 2015 = 100",
            "is_forecast": False,
            "known_at": known_at,
            "vintage_grade": "native",
            "source": "office",
        }
        | more
        for period, (value, known_at) in values.items()
    ]


def described(series: str, indicator: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "series_id": series,
        "indicator": indicator,
        "title": title,
        "country": "USA",
        "frequency": "monthly",
        "unit": "index, 2015 = 100",
        "adjustment": "nsa",
        "dimension": "inflation",
        "direction": 1,
        "timezone": None,
        "known_at": datetime(2010, 1, 1, tzinfo=UTC),
        "vintage_grade": "native",
        "source": "office",
    } | more


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


CPI = {
    month(2019, 1): (100.0, at_noon(date(2019, 2, 12))),
    month(2019, 2): (101.0, at_noon(date(2019, 3, 12))),
    month(2020, 1): (103.0, at_noon(date(2020, 2, 12))),
    month(2020, 2): (104.0, at_noon(date(2020, 3, 12))),
}
REVISED = {month(2019, 2): (102.0, at_noon(date(2020, 4, 1)))}
POLICY = {
    date(2019, 12, 11): (1.5, at_noon(date(2019, 12, 11))),
    date(2020, 3, 3): (1.0, at_noon(date(2020, 3, 3))),
}


@pytest.fixture
def small(lake: Lake, db: Db) -> Db:
    lake.upsert(
        "instruments",
        instruments(
            listed("x:GOLD", ticker="GOLD", name="Gold", asset_class="commodity", currency="USD"),
            listed("x:SILVER", ticker="SILVER", name="Silver", asset_class="commodity"),
            listed("x:SAP", ticker="SAP", name="SAP", isin="DE0007164600", currency="EUR"),
            listed("a:SUN", ticker="SUN", name="Sun Oil"),
            listed("b:SUN", ticker="SUN", name="Sunrise"),
        ),
    )
    lake.upsert(
        "prices",
        table(
            quotes(
                {40: 1500.0, 41: 1600.0, 42: 1700.0, 75: 1800.0, 95: 900.0},
                "x:GOLD",
                asset_class="commodity",
            ),
            quotes({40: 15.0, 42: 20.0, 75: 12.0}, "x:SILVER", asset_class="commodity"),
            quotes({40: 100.0, 41: 110.0, 42: 60.0}, "x:SAP", currency="EUR", splits={42: 2.0}),
            quotes({40: 1.1, 41: 1.2, 42: 1.25}, "x:EURUSD", asset_class="fx"),
            quotes({40: 1.0}, "a:SUN"),
            quotes({40: 2.0}, "b:SUN"),
        ),
    )
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                described("s:CPI", "CPI", "United States: Consumer price index"),
                described(
                    "s:POL",
                    "POLICY",
                    "United States: Policy rate",
                    unit="percent",
                    frequency="irregular",
                ),
                described("s:DEU", "CPI", "Germany: Consumer price index", country="DEU"),
            ],
            schema_overrides={"timezone": pl.String},
        ),
    )
    rows = [*prints("s:CPI", CPI), *prints("s:CPI", REVISED)]
    rows += prints("s:POL", POLICY, unit="percent")
    rows += prints("s:DEU", {month(2020, 1): (50.0, at_noon(date(2020, 2, 20)))})
    lake.upsert("macro", pl.DataFrame(rows))
    return db


@pytest.fixture
def at(small: Db) -> At:
    return small.at(evening(200))


def rows(at: At, text: str, **more: Any) -> list[tuple[Any, ...]]:
    return formula(at, text=text, **more).frame.select("date", "value").rows()


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_a_ratio_is_taken_on_common_dates(at: At) -> None:
    found = formula(at, text="GOLD/SILVER").frame
    assert found.select("date", "value").rows() == [(day(40), 100), (day(42), 85), (day(75), 150)]
    assert found["unit"].to_list() == ["GOLD/SILVER"] * 3
    assert found["known_at"].to_list() == [evening(n) for n in (40, 42, 75)]


def test_an_instrument_alone_is_its_adjusted_close(at: At) -> None:
    wanted = history(at, symbol="x:SAP").frame["adjusted_close"].to_list()
    for name in ("SAP", "x:SAP", "DE0007164600", '"SAP"', "sap"):
        assert [value for _, value in rows(at, name)] == wanted == [50, 55, 60]


def test_money_is_converted_by_a_rate_and_never_mixed(at: At) -> None:
    found = formula(at, text="SAP * EURUSD / GOLD").frame
    assert found["value"].to_list() == pytest.approx([55 / 1500, 66 / 1600, 75 / 1700])
    assert formula(at, text="SAP*EURUSD").frame["unit"][0] == "USD"
    assert formula(at, text="GOLD - SAP*EURUSD").frame["unit"][0] == "USD"
    with pytest.raises(ConfigError, match="GOLD is in USD and CPI in index, 2015 = 100, so they"):
        formula(at, text="GOLD + CPI", country="USA")
    assert rows(at, "GOLD/100 + 1")[0] == (day(40), 16)


def test_formulas_computed_together_are_as_each_alone(at: At) -> None:
    """Names are read once for all, and a price in one formula makes no session of another's."""
    texts = ["GOLD/SILVER", "yoy(USA CPI)", "GOLD*yoy(USA CPI)", "SILVER/GOLD", "nobody"]
    together = formula_values(at, texts=texts)
    alone = [formula_values(at, texts=[text]).frame for text in texts]
    assert together.frame.equals(pl.concat(alone))
    reads = [run for run in together.asked if "symbol" in run.params]
    assert sorted(str(run.params["symbol"]) for run in reads) == ["x:GOLD", "x:SILVER"]


def test_pence_are_pounds(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 250.0}, "x:VOD", currency="GBp")))
    found = formula(db.at(evening(1)), text="VOD + 0").frame
    assert (found["value"][0], found["unit"][0]) == (2.5, "GBP")


def test_functions_over_sessions_by_hand(at: At) -> None:
    assert rows(at, "lag(GOLD, 1)")[:2] == [(day(40), None), (day(41), 1500)]
    assert rows(at, "sma(GOLD, 2)")[1:3] == [(day(41), 1550), (day(42), 1650)]
    assert rows(at, "change(GOLD)")[1] == (day(41), 100)
    assert rows(at, "roc(GOLD, 2)")[2][1] == pytest.approx(100 * (17 / 15 - 1))
    assert [value for _, value in rows(at, "index(SAP)")] == pytest.approx([100, 110, 120])
    # Seed (1500 + 1600) / 2, then two thirds of the way to 1700.
    assert rows(at, "ema(GOLD, 2)")[2][1] == pytest.approx(1550 + 2 / 3 * 150)
    assert rows(at, "log(GOLD)")[0][1] == pytest.approx(math.log(1500))
    assert rows(at, "spread(GOLD, 500)")[0][1] == 1000
    # Over the ratio's own dates, which are the common ones.
    assert rows(at, "lag(GOLD/SILVER, 1)")[1:] == [(day(42), 100), (day(75), 85)]
    assert rows(at, "GOLD/(GOLD-1600)")[1] == (day(41), None)  # nothing is divided by nothing


def test_yoy_is_taken_in_the_vintage_of_the_clock(small: Db) -> None:
    before = formula(small.at(evening(80)), text="yoy(USA CPI)").frame
    after = formula(small.at(evening(200)), text="yoy(USA CPI)").frame
    assert before["date"].to_list()[-2:] == [date(2020, 1, 31), date(2020, 2, 29)]
    assert before["value"].to_list()[-2:] == pytest.approx([3, 100 * (104 / 101 - 1)])
    assert after["value"].to_list()[-2:] == pytest.approx([3, 100 * (104 / 102 - 1)])
    # Known when the revision of the base was.
    assert after["known_at"][-1] == REVISED[month(2019, 2)][1]
    assert before["unit"][0] == "percent"


def test_real_rate_by_hand(at: At) -> None:
    """The policy rate holds until the next decision; at the end of each month it is taken off."""
    found = formula(at, text="yoy(CPI) - policy rate", country="USA").frame
    last = found.select("date", "value").rows()[-2:]
    assert last[0] == (date(2020, 1, 31), pytest.approx(3 - 1.5))
    assert last[1] == (date(2020, 2, 29), pytest.approx(100 * (104 / 102 - 1) - 1.5))
    assert found["unit"][0] == "percentage points"


def test_beside_a_price_a_series_counts_with_what_was_known_at_the_close(at: At) -> None:
    """Closes of 10, 11, 12 February (22:00), 16 March, 5 April; CPI at noon of the 12th."""
    found = dict(rows(at, "GOLD / USA CPI"))
    # On 10 and 11 February the newest print is that of February 2019; on the 12th January 2020.
    assert found[day(40)] == pytest.approx(1500 / 101)
    assert found[day(41)] == pytest.approx(1600 / 101)
    assert found[day(42)] == pytest.approx(1700 / 103)
    assert found[day(75)] == pytest.approx(1800 / 104)
    # The revision of April changes no growth that was read before it, and those after.
    growth = dict(rows(at, "GOLD * yoy(USA CPI)"))
    assert growth[day(41)] is None
    assert growth[day(42)] == pytest.approx(1700 * 3)
    assert growth[day(75)] == pytest.approx(1800 * 100 * (104 / 101 - 1))
    assert growth[day(95)] == pytest.approx(900 * 100 * (104 / 102 - 1))
    both = dict(rows(at, "GOLD * (yoy(USA CPI) - USA policy rate)"))
    assert both[day(42)] == pytest.approx(1700 * (3 - 1.5))
    assert both[day(75)] == pytest.approx(1800 * (100 * (104 / 101 - 1) - 1.0))


def test_a_close_mended_later_meets_what_was_known_when_it_first_was(lake: Lake, small: Db) -> None:
    mended = quotes({42: 1705.0}, "x:GOLD", asset_class="commodity", known_at=evening(150))
    lake.upsert("prices", table(mended))
    found = formula(small.at(evening(200)), text="GOLD / USA CPI").frame.filter(date=day(42))
    assert found["value"][0] == pytest.approx(1705 / 103)
    assert found["known_at"][0] == evening(150)


def test_functions_of_several_series_beside_prices_are_refused(at: At) -> None:
    with pytest.raises(ConfigError, match="apply sma to each series by itself"):
        formula(at, text="sma(yoy(USA CPI) - USA policy rate, 3) * GOLD")
    assert rows(at, "sma(USA CPI, 2) * GOLD")[2][1] is None  # December is missing


def test_a_change_of_base_is_not_compared(lake: Lake, db: Db) -> None:
    lake.upsert(
        "series",
        pl.DataFrame([described("s:IP", "IP", "Output")], schema_overrides={"timezone": pl.String}),
    )
    old = {month(2019, n): (100.0 + n, at_noon(date(2019, n + 1, 9))) for n in (1, 2, 3)}
    new = {month(2019, n): (50.0 + n, at_noon(date(2019, 6, 9))) for n in (2, 3, 4)}
    lake.upsert(
        "macro",
        pl.DataFrame([*prints("s:IP", old), *prints("s:IP", new, unit="index, 2020 = 100")]),
    )
    found = formula(db.at(evening(1)), text="s:IP").frame
    assert found["value"].to_list() == [None, 52, 53, 54]
    assert found["unit"][0] == "index, 2020 = 100"


PARTS = (
    "X",
    "log(X)",
    "lag(X, 2)",
    "change(X)",
    "roc(X, 2)",
    "yoy(X)",
    "sma(X, 3)",
    "ema(X, 2)",
    "index(X)",
    "X / lag(X) - 1",
    "sma(yoy(X), 2)",
    "spread(X, lag(X))",
)
PRINT = st.tuples(st.integers(0, 3), st.integers(1, 50), st.integers(0, 9))


def series_of(frame: pl.DataFrame, frequency: str) -> FormulaSeries:
    return FormulaSeries.of(frame, FormulaMeaning("s:X", "X", frequency, None))


@pytest.mark.parametrize("frequency", ["monthly", "quarterly", "daily"])
@given(st.lists(PRINT, min_size=1, max_size=30), st.booleans(), st.sampled_from(PARTS))
def test_what_was_known_then_is_the_vintage_of_then(
    frequency: str, drawn: list[tuple[int, int, int]], is_rebased: bool, text: str
) -> None:
    """Of every instant, as if nothing later existed: periods come late or are revised."""
    step, newest, found = {"monthly": 1, "quarterly": 3, "daily": 1}[frequency], 0, []
    for number, (back, value, odd) in enumerate(drawn):
        newest += 0 if back and number else step + step * (odd == 9)
        place = max(newest - step * back, 0) if number else newest
        month_of = date(2000 + place // 12, place % 12 + 1, 1)
        found.append(
            {
                "period": day(place) if frequency == "daily" else month_of,
                "value": None if odd == 8 else float(value),
                "unit": "b" if is_rebased and number > 3 else "a",
                "is_forecast": False,
                "known_at": evening(10_000 + number),
            }
        )
    frame = pl.DataFrame(found, schema_overrides={"value": pl.Float64})
    node, whole = parse_formula(text), series_of(frame, frequency)
    for steps in (whole.steps(node), whole.vintage_steps(node)):
        assert steps.unit == whole.track(node).unit
        for number in range(1, frame.height + 1):
            then = series_of(frame.head(number), frequency).track(node)
            wanted = then.line.value[-1] if then.unit == steps.unit else math.nan
            at = np.searchsorted(steps.known, np.nanmax(then.line.known), side="right") - 1
            assert steps.value[at] == pytest.approx(wanted, rel=1e-12, abs=1e-9, nan_ok=True)


def test_a_spread_beside_prices_looks_no_further_back_than_its_parts() -> None:
    """1,500 days, each revised a day later: 3,000 vintages of two days, not of all days."""
    days = pl.int_range(1_500, eager=True).cast(pl.Int32)
    first = pl.DataFrame({"period": days.cast(pl.Date), "value": days * 1.0})
    known = pl.lit(evening(10_000)) + pl.duration(days=days)
    printed = first.with_columns(known.alias("known_at"))
    revised = printed.with_columns(
        pl.col("value") + 0.5, pl.col("known_at") + pl.duration(days=1, hours=1)
    )
    frame = pl.concat([printed, revised]).with_columns(
        pl.lit("a").alias("unit"), pl.lit(False).alias("is_forecast")
    )
    steps = series_of(frame, "daily").vintage_steps(parse_formula("spread(X, lag(X))"))
    # The print of a day is one above that of the day before, which is raised an hour later.
    assert steps.value[1:].tolist() == pytest.approx([1.0, 0.5] * 1_499 + [1.0])
    with pytest.raises(ConfigError, match="choose a shorter window"):
        series_of(frame, "daily").vintage_steps(parse_formula("spread(X, ema(X, 2))"))


# Names, clock, receipt -------------------------------------------------------------------------


def test_names_with_several_meanings_ask_which(at: At) -> None:
    with pytest.raises(AmbiguousNameError, match="'SUN' at character 8 has 2 meanings: a:SUN") as e:
        formula(at, text="GOLD + SUN")
    assert e.value.choices == [("a:SUN", "Sun Oil"), ("b:SUN", "Sunrise")]
    with pytest.raises(AmbiguousNameError, match="s:CPI .United States: Consumer price index"):
        formula(at, text="CPI")
    assert formula(at, text="CPI", country="DEU").frame["value"].to_list() == [50]
    assert rows(at, "a:SUN + b:SUN") == [(day(40), 3)]
    with pytest.raises(ConfigError, match="'nobody' at character 3 is no instrument or series"):
        formula(at, text="1/nobody")


@pytest.mark.parametrize(
    "name",
    [
        "s:CPI",
        "USA CPI",
        "CPI USA",
        '"United States: Consumer price index"',
        '"usa: consumer price index"',
        "USA Consumer price index",
    ],
)
def test_a_series_is_found_by_id_title_or_country_and_indicator(at: At, name: str) -> None:
    (row,) = formula_names(at, text=f"log({name})").frame.iter_rows(named=True)
    assert (row["id"], row["kind"]) == ("s:CPI", "series")
    assert row["label"] == "United States: Consumer price index"


def test_a_name_of_two_instruments_one_with_the_very_id_means_that(lake: Lake, small: Db) -> None:
    lake.upsert("prices", table(quotes({40: 7.0}, "GOLD")))
    assert rows(small.at(evening(200)), "GOLD*1")[0] == (day(40), 7)


def test_a_formula_without_names_or_with_too_many_is_refused(at: At) -> None:
    for text in ("1 + 1", "log(2)"):
        with pytest.raises(ConfigError, match="names no instrument or series"):
            formula(at, text=text)
    with pytest.raises(ConfigError, match="sma at character 8 is of a number"):
        formula(at, text="GOLD * sma(2, 3)")
    for name in ("GOLD", "USA CPI"):
        with pytest.raises(ConfigError, match="divides by zero"):
            formula(at, text=f"{name} * (1/0)")
        with pytest.raises(ConfigError, match="is of a number; expected an instrument or series"):
            formula(at, text=f"{name} + lag(5)")
    with pytest.raises(ConfigError, match="9 names; expected at most 8"):
        formula(at, text="+".join("ABCDEFGHI"))


TEXTS = (
    "GOLD/SILVER",
    "yoy(USA CPI) - USA policy rate",
    "GOLD * yoy(USA CPI)",
    "sma(SAP, 2) - lag(SAP)",
    "spread(USA policy rate, 1)",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_receipt_runs_again(lake: Lake, small: Db, text: str) -> None:
    answer = called(formula, small.at(evening(200)), text=text)
    assert answer.derived and "where" in answer.derived and answer.frame.height
    receipt = json.loads(json.dumps(make_receipt(answer)))
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_known_later_changes_what_an_earlier_clock_says(
    lake: Lake, small: Db, text: str
) -> None:
    clock = evening(76)
    before = formula(small.at(clock), text=text).frame
    assert before["known_at"].max() <= clock  # type: ignore[operator] # an instant
    later = {"asset_class": "commodity", "known_at": evening(150)}
    lake.upsert("prices", table(quotes({40: 9.0, 41: 9.0, 77: 9.0}, "x:GOLD", **later)))
    lake.upsert("macro", pl.DataFrame(prints("s:CPI", {month(2019, 1): (1.0, evening(150))})))
    assert formula(small.at(clock), text=text).frame.equals(before)


def test_since_cuts_rows_and_changes_no_value(at: At) -> None:
    whole = formula(at, text="index(GOLD)").frame
    part = formula(at, text="index(GOLD)", since=day(42)).frame
    assert part.equals(whole.filter(pl.col("date") >= day(42))) and part.height == 3
