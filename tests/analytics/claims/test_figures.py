"""Numbers against small lakes: precision, hedges, units, signs, periods, revisions, sources."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from analytics.claims.statement import Quantity, Span
from data.lake import Lake
from data.query import Db
from tests.analytics.claims.small_lakes import day, found, months, of, says, series, share, year
from tests.analytics.months import keep, known, month
from tests.analytics.quotes import evening, quotes, table


@pytest.mark.parametrize(
    ("text", "relation", "verdict"),
    [
        ("4.4", "=", "supported"),
        ("4.40", "=", "supported"),
        ("4", "=", "within rounding"),
        ("4.5", "=", "wrong value"),
        ("5", "=", "wrong value"),
        ("4.3", "about", "supported"),
        ("4.2", "about", "wrong value"),
        ("4.5", "just below", "supported"),
        ("4.4", "just below", "wrong value"),
        ("4.7", "just below", "wrong value"),
        ("4.3", ">", "supported"),
        ("4.4", ">", "wrong value"),
        ("4.4", "<", "wrong value"),
        ("4.5", "<", "supported"),
    ],
)
def test_a_level_is_held_to_its_digits_and_its_hedge(
    lake: Lake, db: Db, text: str, relation: Any, verdict: str
) -> None:
    months(lake, [1.0, 2.0, 4.4])
    finding = found(db, "level", says(text, relation=relation), period=of(2))
    assert finding.verdict == verdict
    assert (finding.value, finding.period) == (4.4, of(2))


def test_far_above_a_mark_is_noted(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 4.4])
    assert "more than 10% above" in found(db, "level", says("3.9", relation=">")).note
    assert "10%" not in found(db, "level", says("4.1", relation=">")).note


def test_an_equal_number_elsewhere_counts_for_nothing(lake: Lake, db: Db) -> None:
    months(lake, [7.0, 1.0, 2.0, 3.0, 4.4])
    months(lake, [7.0] * 5, name="x:B")
    finding = found(db, "level", says("7.0"), period=of(4))
    assert finding.verdict == "wrong value"
    two = (series(), series("x:B"))
    finding = found(db, "level", says("7.0"), candidates=two)
    assert (finding.verdict, finding.value) == ("ambiguous", None)
    assert finding.candidates == two


def test_the_value_of_a_neighbour_is_a_wrong_period(lake: Lake, db: Db) -> None:
    months(lake, [9.0, *[1.0] * 10, 2.0, 3.0, 4.0])
    for text, place in (("2.0", 11), ("4.0", 13), ("9.0", 0)):
        finding = found(db, "level", says(text), period=of(12))
        assert finding.verdict == "wrong period"
        assert finding.other_period == of(place)
        assert finding.other == float(text)
    relation = found(db, "level", says("3.5", relation=">"), period=of(12))
    assert relation.verdict == "wrong value"


def test_no_period_is_the_last_published_and_none_is_made_up(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 2.0, None])
    last = found(db, "level", says("2.0"))
    assert (last.verdict, last.period) == ("supported", of(1))
    for period, words in ((of(2), "withdrawn"), (of(5), "not published"), (year(1990), "history")):
        finding = found(db, "level", says("0.0"), period=period)
        assert finding.verdict == "not in the lake"
        assert words in finding.note
    early = found(db, "level", says("2.0"), period=of(1), at=known(month(1)) - timedelta(1))
    assert early.verdict == "not in the lake"
    nothing = found(db, "level", says("2.0"), subject=series("x:NONE"))
    assert (nothing.verdict, nothing.answer) == ("not in the lake", None)
    assert found(db, "level", says("2.0"), candidates=()).verdict == "not in the lake"


def test_a_withdrawn_value_is_no_zero_in_a_change(lake: Lake, db: Db) -> None:
    months(lake, [1.0, None, 3.0])
    finding = found(db, "change", says("3.0", "pp"), period=of(2), compare=of(1))
    assert finding.verdict == "not in the lake"


def test_a_single_observation_has_no_change(lake: Lake, db: Db) -> None:
    months(lake, [1.0])
    for measure in ("change", "percent change", "ratio"):
        assert found(db, measure, says("1.0", None)).verdict == "not in the lake"
    assert found(db, "direction", direction="up").verdict == "not in the lake"
    assert found(db, "level", says("1.0"), direction="up").verdict == "not in the lake"


@pytest.mark.parametrize(
    ("values", "measure", "text", "unit", "direction", "verdict"),
    [
        ([4.0, 4.5], "change", "0.5", "pp", "up", "supported"),
        ([4.0, 4.5], "change", "50", "bp", "up", "supported"),
        ([4.0, 4.5], "change", "0.5", "points", "up", "supported"),
        ([4.0, 4.5], "change", "0.5", "%", "up", "unit error"),
        ([4.0, 4.5], "percent change", "0.5", "%", None, "unit error"),
        ([4.0, 4.5], "percent change", "12.5", "%", "up", "supported"),
        ([4.0, 4.5], "percent change", "50", "%", "up", "unit error"),
        ([4.0, 4.5], "percent change", "0.5", "pp", "up", "supported"),
        ([4.0, 4.5], "change", "0.5", "pp", "down", "wrong direction"),
        ([4.0, 4.5], "change", "-0.5", "pp", None, "wrong direction"),
        ([4.5, 4.0], "change", "0.5", "pp", "down", "supported"),
        ([4.5, 4.0], "change", "0.7", "pp", "down", "wrong value"),
        ([4.5, 4.0], "change", "-0.5", "pp", None, "supported"),
        ([-1.0, 4.0], "percent change", "500", "%", "up", "not in the lake"),
        ([1.0, -4.0], "percent change", "500", "%", "down", "not in the lake"),
        ([0.0, 4.0], "percent change", "4", "%", "up", "not in the lake"),
    ],
)
def test_changes_of_rates_are_in_points(
    lake: Lake,
    db: Db,
    values: list[float | None],
    measure: Any,
    text: str,
    unit: str,
    direction: Any,
    verdict: str,
) -> None:
    months(lake, values)
    finding = found(db, measure, says(text, unit), direction=direction)
    assert finding.verdict == verdict, finding.note


@pytest.mark.parametrize(
    ("text", "unit", "verdict"),
    [
        ("10", "%", "supported"),
        ("10", "pp", "unit error"),
        ("12", "pp", "unit error"),
        ("12", "points", "supported"),
        ("13", "points", "wrong value"),
        ("13", "pp", "wrong value"),
    ],
)
def test_an_index_moves_in_percent_or_points(
    lake: Lake, db: Db, text: str, unit: str, verdict: str
) -> None:
    months(lake, [120.0, 132.0], "index, 2015 = 100")
    subject = series(unit="index, 2015 = 100")
    assert found(db, "change", says(text, unit), subject=subject).verdict == verdict


def test_a_change_is_strictly_more(lake: Lake, db: Db) -> None:
    months(lake, [4.3, 4.4])
    more = says("0.1", "pp", relation=">")
    assert found(db, "change", more, direction="up").verdict == "wrong value"
    assert found(db, "change", says("0.09", "pp", relation=">"), direction="up").holds
    down = says("0.05", "pp", relation=">")
    assert found(db, "change", down, direction="down").verdict == "wrong direction"


@pytest.mark.parametrize(
    ("text", "unit", "scale", "verdict"),
    [
        ("43", "persons", 1e3, "supported"),
        ("43000", "persons", 1.0, "supported"),
        ("43000", None, 1.0, "supported"),
        ("43", None, 1.0, "supported"),
        ("43", "persons", 1e6, "unit error"),
        ("0.043", None, 1e6, "supported"),
        ("0.04", None, 1e6, "within rounding"),
        ("43", "%", 1.0, "unit error"),
        ("41", "%", 1.0, "not in the lake"),
    ],
)
def test_scales_of_lake_and_draft_are_brought_together(
    lake: Lake, db: Db, text: str, unit: str | None, scale: float, verdict: str
) -> None:
    months(lake, [90.0, 43.0], "thousand persons")
    finding = found(db, "level", says(text, unit, scale=scale), subject=series(unit="persons"))
    assert finding.verdict == verdict, finding.note


def test_a_trillion_is_no_billion_and_a_dollar_no_euro(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 690.4], "billion US dollars")
    assert found(db, "level", says("690", "USD", scale=1e9)).verdict == "within rounding"
    assert found(db, "level", says("0.69", "USD", scale=1e12)).verdict == "within rounding"
    assert found(db, "level", says("0.70", "USD", scale=1e12)).verdict == "wrong value"
    assert found(db, "level", says("690", "USD", scale=1e6)).verdict == "unit error"
    assert found(db, "level", says("690", "EUR", scale=1e9)).verdict == "unit error"
    # At some rate 640 billion euros may be right: nothing is said against it.
    assert found(db, "level", says("640", "EUR", scale=1e9)).verdict == "not in the lake"


def test_the_sign_of_a_level_is_its_direction(lake: Lake, db: Db) -> None:
    months(lake, [1.0, -1.9])
    assert found(db, "level", says("1.9")).verdict == "wrong direction"
    assert found(db, "level", says("-1.9")).verdict == "supported"
    # It did fall to a value, and not to this one.
    assert found(db, "level", says("1.9"), direction="down").verdict == "wrong value"


@pytest.mark.parametrize(
    ("values", "direction", "negated", "verdict"),
    [
        ([4.3, 4.4], "up", False, "supported"),
        ([4.3, 4.4], "down", False, "wrong direction"),
        ([4.4, 4.4], "up", False, "wrong direction"),
        ([4.4, 4.4], "flat", False, "supported"),
        ([4.3, 4.4], "flat", False, "wrong direction"),
        ([4.4, 4.4], "up", True, "supported"),
        ([4.4, 4.4], "down", True, "supported"),
        ([4.3, 4.4], "up", True, "wrong direction"),
    ],
)
def test_the_way_there_is_checked(
    lake: Lake, db: Db, values: list[float | None], direction: Any, negated: bool, verdict: str
) -> None:
    months(lake, values)
    moved = found(db, "direction", direction=direction, is_negated=negated)
    assert moved.verdict == verdict
    if not negated:
        assert found(db, "level", says("4.4"), direction=direction).verdict == verdict
        assert found(db, "level", says("4.9"), direction=direction).verdict == "wrong value"


def test_a_deficit_falls_as_the_balance_rises(lake: Lake, db: Db) -> None:
    name = "x:Trade balance"
    months(lake, [-13.05, -11.97], "billion US dollars", name=name)
    less = says("-11.97", "USD", scale=1e9)
    subject = series(name, "billion US dollars")
    assert found(db, "level", less, subject=subject, direction="down").holds
    assert not found(db, "level", less, subject=subject, direction="up").holds


def test_negated_numbers_are_judged_as_what_they_assert(lake: Lake, db: Db) -> None:
    months(lake, [49.9, 48.5], "diffusion index")
    both = Span(of(0).first, of(1).last, "span")
    above = says("50", None, relation=">")
    assert found(db, "level", above, period=both, is_negated=True).holds
    assert found(db, "level", above, period=both).verdict == "wrong value"
    months(lake, [51.0], "diffusion index", name="x:A", lag=50)
    assert not found(db, "level", above, period=both, is_negated=True).holds
    assert not found(db, "level", above, period=both).holds


def test_ratios(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 1.96, 1.0, 0.505, 0.49])
    double = says("2", "times", relation="multiple")
    assert found(db, "ratio", double, period=of(1)).holds
    assert not found(db, "ratio", says("2", "times", relation=">"), period=of(1)).holds
    half = says("0.5", "times", relation="half")
    assert found(db, "ratio", half, period=of(3)).holds
    assert not found(db, "ratio", half, period=of(2)).holds
    assert found(db, "ratio", says("0.5", "times", relation="<"), period=of(4), compare=of(2)).holds


def test_averages_and_sums_need_nine_tenths_of_a_period(lake: Lake, db: Db) -> None:
    values: list[float | None] = [float(n) for n in range(1, 13)] + [1.0] * 10
    months(lake, values, "billion US dollars")
    usd = series(unit="billion US dollars")
    assert found(db, "average", says("6.5", "USD", scale=1e9), subject=usd, period=year(2000)).holds
    assert found(db, "sum", says("78", "USD", scale=1e9), subject=usd, period=year(2000)).holds
    late = found(db, "sum", says("10", "USD", scale=1e9), subject=usd, period=year(2001))
    assert late.verdict == "not in the lake"
    keep(lake, "x:A", {month(22): 1.0}, unit="billion US dollars")
    sums = found(db, "sum", says("11", "USD", scale=1e9), subject=usd, period=year(2001))
    assert sums.verdict == "supported"
    level = found(db, "level", says("78", "USD", scale=1e9), subject=usd, period=year(2000))
    assert level.verdict == "not in the lake"


def test_a_revision_supersedes_and_an_old_print_is_wrong(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 2.0, 2.7])
    keep(lake, "x:A", {month(2): 2.4}, unit="percent", lag=100)
    first, then = known(month(2), 50), known(month(2), 110)
    finding = found(db, "level", says("2.7"), period=of(2), at=first, later=then)
    assert (finding.verdict, finding.value, finding.later) == ("superseded", 2.7, 2.4)
    assert finding.verdict_class == "supported"
    assert finding.answer is not None
    assert {run.at.as_of for run in finding.answer.asked} == {first, then}
    assert found(db, "level", says("2.7"), period=of(2), at=first).verdict == "supported"
    late = found(db, "level", says("2.7"), period=of(2), at=then)
    assert late.verdict == "wrong value"
    assert f"It was the print of {known(month(2)):%d %b %Y}" in late.note
    # What is published after the draft supersedes nothing, though it is the last one now.
    keep(lake, "x:A", {month(3): 9.0}, unit="percent")
    last = found(db, "level", says("2.0"), at=known(month(1), 41), later=then)
    assert (last.verdict, last.period) == ("supported", of(1))


def test_what_becomes_known_later_changes_nothing(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 2.0, 2.7])
    clock = known(month(2), 50)
    asked: list[tuple[Any, Quantity | None, dict[str, Any]]] = [
        ("level", says("2.7"), {}),
        ("level", says("2.6"), {}),
        ("change", says("0.7", "pp"), {"direction": "up"}),
        ("direction", None, {"direction": "up"}),
        ("record", None, {"sense": "high"}),
        ("streak", says("2", "months"), {"direction": "up"}),
        ("average", says("1.9"), {"period": Span(of(0).first, of(2).last, "span")}),
    ]
    before = [found(db, measure, one, at=clock, **more) for measure, one, more in asked]
    keep(lake, "x:A", {month(2): 0.4, month(1): 8.0, month(3): 9.0}, unit="percent", lag=200)
    after = [found(db, measure, one, at=clock, **more) for measure, one, more in asked]
    for one, two in zip(before, after, strict=True):
        assert (one.verdict, one.note, one.value) == (two.verdict, two.note, two.value)


def test_of_two_sources_the_shown_one_is_read(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 2.0])
    other = {
        "series_id": "x:A",
        "period": month(1),
        "value": 7.0,
        "unit": "percent",
        "is_forecast": False,
        "known_at": known(month(1)),
        "vintage_grade": "current",
        "source": "another",
    }
    lake.upsert("macro", pl.DataFrame([other]))
    finding = found(db, "level", says("2.0"))
    assert (finding.verdict, finding.source) == ("supported", "office")


def test_a_change_of_unit_has_no_change(lake: Lake, db: Db) -> None:
    months(lake, [100.0, 101.0], "index, 2010 = 100")
    keep(lake, "x:A", {month(2): 90.0}, unit="index, 2015 = 100")
    assert found(db, "percent change", says("11"), direction="down").verdict == "not in the lake"


def test_splits_are_undone(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 300.0, 1: 200.0, 2: 50.5, 3: 49.0}, splits={2: 4.0})))
    up = found(db, "percent change", says("1"), subject=share(), period=day(2), compare=day(1))
    assert up.verdict == "supported"
    loss = found(db, "percent change", says("75"), subject=share(), direction="down", period=day(2))
    assert loss.verdict in ("wrong value", "wrong direction")
    assert found(db, "close", says("50.5", "USD"), subject=share(), period=day(2)).holds
    assert found(db, "close", says("200", "USD"), subject=share(), period=day(1)).holds
    high = found(db, "record", None, subject=share(), period=day(3), sense="low")
    assert high.verdict == "supported"


def test_a_price_and_its_unit(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 830.0, 1: 835.7}, currency="GBp")))
    pence = share(currency="GBp")
    assert found(db, "close", says("835.7", "GBp"), subject=pence).verdict == "supported"
    assert found(db, "close", says("8.36", "GBP"), subject=pence).verdict == "within rounding"
    assert found(db, "close", says("835.7", "GBP"), subject=pence).verdict == "unit error"
    assert found(db, "close", says("835.7", "USD"), subject=pence).verdict == "unit error"
    assert found(db, "close", says("830.0", "GBp"), subject=pence).verdict == "wrong period"
    none = found(db, "close", says("830.0", "GBp"), subject=pence, period=day(9))
    assert none.verdict == "not in the lake"


def test_a_pair_the_other_way_round(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.25, 1: 1.0}, "x:EURUSD", asset_class="fx")))
    euro = share("x:EURUSD")
    dollar = share("x:EURUSD", currency="EUR", inverse=True)
    fell = found(db, "percent change", says("20"), subject=euro, direction="down")
    rose = found(db, "percent change", says("25"), subject=dollar, direction="up")
    assert (fell.verdict, rose.verdict) == ("supported", "supported")
    assert found(db, "close", says("0.80", "EUR"), subject=dollar, period=day(0)).holds
    assert not found(db, "percent change", says("20"), subject=dollar, direction="up").holds


def test_only_one_candidate_can_have_such_a_value(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 4.4])
    lake.upsert("prices", table(quotes({0: 4.4, 1: 4.4})))
    both = (share(), series())
    finding = found(db, "level", says("4.4"), candidates=both)
    assert finding.verdict == "supported"
    assert "cannot have such a value" in finding.note
    assert found(db, "level", says("4.4", None), candidates=both).verdict == "ambiguous"
    assert found(db, "percent change", says("340"), candidates=both).verdict == "ambiguous"


def test_a_close_corrected_later_is_superseded(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 100.0, 1: 110.0})))
    lake.upsert("prices", table(quotes({1: 104.0}, known_at=evening(3))))
    finding = found(
        db, "close", says("110", "USD"), subject=share(), at=evening(2), later=evening(4)
    )
    assert (finding.verdict, finding.later) == ("superseded", 104.0)
