"""Records, highest since and in years, crossings, streaks, days of extremes, ranks."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.claims.statement import Span
from data.lake import Lake
from data.query import Db
from tests.analytics.claims.small_lakes import (
    day,
    found,
    months,
    of,
    says,
    series,
    share,
    year,
)
from tests.analytics.quotes import quotes, table

HISTORY: list[float | None] = [5.0, 1.0, 3.0, 2.0, 4.0, 3.0, 4.5]


@pytest.mark.parametrize(
    ("place", "sense", "compare", "verdict"),
    [
        (6, "high", None, "wrong value"),
        (6, "high", Span(of(1).first, of(6).last, "span"), "supported"),
        (1, "low", None, "supported"),
        (3, "low", None, "wrong value"),
        (0, "high", None, "not in the lake"),
    ],
)
def test_records(
    lake: Lake, db: Db, place: int, sense: Any, compare: Span | None, verdict: str
) -> None:
    months(lake, HISTORY)
    finding = found(db, "record", period=of(place), sense=sense, compare=compare)
    assert finding.verdict == verdict
    assert "istory starts with Jan 2000" in finding.note


def test_an_equal_value_before_is_no_record(lake: Lake, db: Db) -> None:
    months(lake, [3.0, 5.0, 4.0, 5.0])
    assert found(db, "record", sense="high").verdict == "wrong value"


def test_the_number_of_a_record_is_that_of_the_whole_history(lake: Lake, db: Db) -> None:
    months(lake, HISTORY)
    assert found(db, "record", says("1.0"), period=of(1), sense="low").holds
    assert not found(db, "record", says("1.2"), period=of(1), sense="low").holds
    assert not found(db, "record", says("2.0"), period=of(3), sense="low").holds


def test_the_largest_fall_is_that_of_all(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {0: 100.0, 1: 90.0, 2: 99.0, 3: 80.0, 4: 81.0}
    lake.upsert("prices", table(quotes(closes)))
    fall: dict[str, Any] = {"subject": share(), "direction": "down", "sense": "high"}
    assert found(db, "record", period=day(3), **fall).holds
    early = found(db, "record", period=day(1), **fall)
    assert (early.verdict, early.day) == ("wrong value", day(3).first)


def test_the_day_of_an_extreme(lake: Lake, db: Db) -> None:
    months(lake, HISTORY)
    assert found(db, "date", period=of(1), sense="low").holds
    wrong = found(db, "date", period=of(2), sense="low")
    assert (wrong.verdict, wrong.day) == ("wrong value", of(1).first)
    assert found(db, "date", period=of(2)).verdict == "not in the lake"


@pytest.mark.parametrize(
    ("since", "verdict"),
    [(of(0), "supported"), (of(4), "wrong value"), (year(1990), "not in the lake")],
)
def test_highest_since(lake: Lake, db: Db, since: Span, verdict: str) -> None:
    months(lake, HISTORY)
    finding = found(db, "since", period=of(6), compare=since, sense="high")
    assert finding.verdict == verdict


def test_the_last_move_of_a_kind(lake: Lake, db: Db) -> None:
    months(lake, [3.0, 2.5, 2.5, 3.0, 3.0, 2.75])
    assert found(db, "since", compare=of(1), direction="down").holds
    assert not found(db, "since", compare=of(2), direction="down").holds
    assert not found(db, "since", period=of(4), compare=of(1), direction="down").holds


def test_how_long_something_has_been_so(lake: Lake, db: Db) -> None:
    months(lake, [3.2, 2.9, 3.1, 3.1, 3.1])
    below = says("3", relation="<")
    assert found(db, "since", below, compare=of(1), is_negated=True).holds
    assert not found(db, "since", below, compare=of(2), is_negated=True).holds
    assert found(db, "since", says("3.1"), compare=of(2)).holds
    assert not found(db, "since", says("3.1"), compare=of(1)).holds
    assert not found(db, "since", says("3.2"), compare=of(2)).holds


@pytest.mark.parametrize(("years", "verdict"), [("1", "wrong value"), ("3", "supported")])
def test_highest_in_years(lake: Lake, db: Db, years: str, verdict: str) -> None:
    months(lake, [1.0] * 10 + [9.0] + [2.0] * 38 + [5.0])
    assert found(db, "years", says(years, "years"), sense="high").verdict == verdict
    assert found(db, "years", says("4", "years"), sense="high").verdict == "wrong value"
    assert found(db, "years", says("9", "years"), sense="high").verdict == "not in the lake"


@pytest.mark.parametrize(("number", "unit"), [("2021", "years"), ("9e9", "years"), ("9e18", None)])
def test_more_years_than_the_calendar_has_are_no_crash(
    lake: Lake, db: Db, number: str, unit: str | None
) -> None:
    months(lake, HISTORY)
    for stated in (says(number, unit), says(f"{float(number)}", "months")):
        finding = found(db, "years", stated, period=of(6), sense="high")
        assert finding.verdict == "not in the lake"


@pytest.mark.parametrize("measure", ["years", "since", "record", "date", "streak", "crossing"])
def test_the_move_of_a_single_value_is_none(lake: Lake, db: Db, measure: Any) -> None:
    months(lake, [3.0])
    more: dict[str, Any] = {"period": of(0), "compare": of(0), "direction": "up", "sense": "high"}
    assert not found(db, measure, says("5", "years"), **more).holds


def test_first_crossings(lake: Lake, db: Db) -> None:
    months(lake, [3.0, 1.9, 2.5, 1.8])
    two = says("2")
    assert found(db, "crossing", two, period=of(1), direction="down").holds
    again = found(db, "crossing", two, period=of(3), direction="down")
    assert (again.verdict, again.day) == ("wrong value", of(1).first)
    assert found(db, "crossing", two, period=of(3), direction="down", compare=of(1)).holds
    late = Span(of(2).first, of(3).last, "span")
    assert found(db, "crossing", two, period=of(3), direction="down", compare=late).holds
    assert not found(db, "crossing", says("1"), period=of(3), direction="down").holds


@pytest.mark.parametrize(
    ("text", "unit", "direction", "verdict"),
    [
        ("3", "months", "up", "supported"),
        ("2", "months", "up", "wrong value"),
        ("3", "quarters", "up", "unit error"),
        ("3", "months", "down", "wrong value"),
    ],
)
def test_streaks(lake: Lake, db: Db, text: str, unit: str, direction: Any, verdict: str) -> None:
    months(lake, [3.0, 2.0, 2.1, 2.2, 2.3])
    assert found(db, "streak", says(text, unit), direction=direction).verdict == verdict


def test_a_streak_that_may_have_begun_before_the_history(lake: Lake, db: Db) -> None:
    months(lake, [1.0, 2.0, 3.0])
    assert found(db, "streak", says("2", "months"), direction="up").verdict == "not in the lake"


def test_months_below_a_mark(lake: Lake, db: Db) -> None:
    months(lake, [51.0, 49.0, 49.5, 48.0], "diffusion index")
    mark = says("50", None, relation="<")
    three = Span(of(1).first, of(3).last, "span")
    two = Span(of(2).first, of(3).last, "span")
    assert found(db, "streak", mark, compare=three).holds
    assert not found(db, "streak", mark, compare=two).holds


def ranked(lake: Lake) -> dict[str, Any]:
    for name, value in {"x:A": 3.0, "x:B": 5.0, "x:C": 4.0, "x:D": 4.0}.items():
        months(lake, [1.0, value], name=name)
    return {"subject": series("x:B"), "others": tuple((series(f"x:{n}"),) for n in "ACD")}


def test_ranks(lake: Lake, db: Db) -> None:
    all_of = ranked(lake)
    assert found(db, "rank", sense="high", **all_of).holds
    low = found(db, "rank", sense="low", **all_of)
    assert (low.verdict, low.leader) == ("wrong value", "x:A")
    assert found(db, "rank", says("4.5", relation=">"), **all_of).holds
    assert not found(db, "rank", says("3.5", relation=">"), **all_of).holds
    tied = {"subject": series("x:C"), "others": ((series("x:B"),), (series("x:D"),))}
    assert not found(db, "rank", says("2", None), sense="high", **tied).holds
    unknown = {"subject": series("x:B"), "others": ((series("x:NONE"),),)}
    assert found(db, "rank", sense="high", **unknown).verdict == "not in the lake"
    several = {"subject": series("x:B"), "others": ((series("x:A"), series("x:C")),)}
    assert found(db, "rank", sense="high", **several).verdict == "ambiguous"


def test_comparisons(lake: Lake, db: Db) -> None:
    ranked(lake)
    two = {"subject": series("x:A"), "others": ((series("x:B"),),)}
    assert found(db, "difference", sense="low", **two).holds
    assert found(db, "difference", sense="high", **two).verdict == "wrong direction"
    assert found(db, "spread", says("200", "bp"), direction="down", **two).holds
    assert found(db, "spread", says("-2.0", "pp"), **two).holds
    assert found(db, "spread", says("-2.0", "%"), **two).verdict == "unit error"
    assert found(db, "ratio", says("0.6", "times"), **two).holds
