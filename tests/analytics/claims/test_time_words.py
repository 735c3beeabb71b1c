"""Spans of time in four languages, by a clock of Friday 21 June 2024."""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.claims.reading.time_words import mentions

CLOCK = date(2024, 6, 21)


def _named(text: str, language: Any = None, clock: date = CLOCK) -> list[tuple[str, str, str]]:
    return [
        (f"{one.span.first}/{one.span.last}", one.span.grain, one.role)
        for one in mentions(text, clock, language)
    ]


MAY = ("2024-05-01/2024-05-31", "month", "of")
FIRST_QUARTER = ("2024-01-01/2024-03-31", "quarter", "of")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("in May", [MAY]),
        ("im Mai", [MAY]),
        ("en mai", [MAY]),
        ("en mayo", [MAY]),
        ("last month", [MAY]),
        ("im vergangenen Monat", [MAY]),
        ("le mois dernier", [MAY]),
        ("el mes pasado", [MAY]),
        ("May-24", [MAY]),
        ("mayo de 2024", [MAY]),
        ("it may march on", []),
        ("July", [("2023-07-01/2023-07-31", "month", "of")]),
        ("June of last year", [("2023-06-01/2023-06-30", "month", "of")]),
        ("the first quarter", [FIRST_QUARTER]),
        ("im ersten Quartal", [FIRST_QUARTER]),
        ("au premier trimestre", [FIRST_QUARTER]),
        ("en el primer trimestre", [FIRST_QUARTER]),
        ("1Q24", [FIRST_QUARTER]),
        ("2024 Q1", [FIRST_QUARTER]),
        ("First-quarter growth", [FIRST_QUARTER]),
        ("fourth quarter", [("2023-10-01/2023-12-31", "quarter", "of")]),
        ("H1 2023", [("2023-01-01/2023-06-30", "span", "of")]),
        ("on Monday", [("2024-06-17/2024-06-17", "day", "of")]),
        ("on Friday", [("2024-06-21/2024-06-21", "day", "of")]),
        ("last Friday's close", [("2024-06-14/2024-06-14", "day", "of")]),
        ("am Donnerstag", [("2024-06-20/2024-06-20", "day", "of")]),
        ("mardi", [("2024-06-18/2024-06-18", "day", "of")]),
        ("el miércoles", [("2024-06-19/2024-06-19", "day", "of")]),
        ("next Friday", []),
        ("yesterday", [("2024-06-20/2024-06-20", "day", "of")]),
        ("14 June", [("2024-06-14/2024-06-14", "day", "of")]),
        ("June 14, 2024", [("2024-06-14/2024-06-14", "day", "of")]),
        ("am 14.6.2024", [("2024-06-14/2024-06-14", "day", "of")]),
        ("le 1er juin", [("2024-06-01/2024-06-01", "day", "of")]),
        ("15 de junio de 2023", [("2023-06-15/2023-06-15", "day", "of")]),
        ("03/04/2024", []),
        ("2024-06-03", [("2024-06-03/2024-06-03", "day", "of")]),
        ("in 2023", [("2023-01-01/2023-12-31", "year", "of")]),
        ("the 1970s", [("1970-01-01/1979-12-31", "span", "of")]),
        ("over 2011-2013", [("2011-01-01/2013-12-31", "span", "of")]),
        ("1975 pence", []),
        ("2015 = 100", []),
        ("since 2012", [("2012-01-01/2012-12-31", "year", "since")]),
        ("seit April 2022", [("2022-04-01/2022-04-30", "month", "since")]),
        ("depuis janvier 2018", [("2018-01-01/2018-01-31", "month", "since")]),
        ("desde febrero", [("2024-02-01/2024-02-29", "month", "since")]),
        ("this year", [("2024-01-01/2024-12-31", "year", "of")]),
        ("year to date", [("2024-01-01/2024-06-21", "span", "of")]),
        ("since the turn of the year", [("2023-12-31/2023-12-31", "day", "since")]),
        ("a year earlier", [("2023-01-01/2023-12-31", "year", "ago")]),
        ("un mois plus tôt", [("2024-05-01/2024-05-31", "month", "ago")]),
        ("vor drei Monaten", [("2024-03-01/2024-03-31", "month", "ago")]),
        ("un año antes", [("2023-01-01/2023-12-31", "year", "ago")]),
        ("highest in almost two years", [("2022-06-21/2024-06-21", "span", "in years")]),
        ("a six-year high", [("2018-06-21/2024-06-21", "span", "in years")]),
        ("nine months running", []),
        ("last week", [("2024-06-10/2024-06-16", "span", "of")]),
        ("the first five months of 2024", [("2024-01-01/2024-05-31", "span", "of")]),
        ("the year to May", [MAY]),
    ],
)
def test_words_name_a_span(text: str, named: list[tuple[str, str, str]]) -> None:
    assert _named(text) == named


@pytest.mark.parametrize(
    "text",
    ["from 2010 to 2014", "between 2010 and 2014", "de 2010 à 2014", "von 2010 bis 2014"],
)
def test_a_pair_has_two_roles(text: str) -> None:
    assert [(one.span.first.year, one.role) for one in mentions(text, CLOCK)] == [
        (2010, "from"),
        (2014, "to"),
    ]


def test_the_end_of_a_year_is_a_day() -> None:
    text = "tripled between the end of 2010 and the end of 2021"
    assert _named(text) == [
        ("2010-12-31/2010-12-31", "day", "from"),
        ("2021-12-31/2021-12-31", "day", "to"),
    ]


def test_words_point_back_at_the_sentence() -> None:
    before = mentions("It ended Wednesday 10% below the Friday before.", CLOCK)
    assert before[1].span.first == date(2024, 6, 14)
    same = mentions("In the third quarter of 2023 it grew; in the same quarter it fell.", CLOCK)
    assert same[0].span == same[1].span
    second = mentions("Growth in the third quarter was 0.3 after 0.9 in the second, so", CLOCK)
    assert second[1].span.first == date(2023, 4, 1)


def test_a_month_without_a_year_has_begun_by_the_clock() -> None:
    for month in range(1, 13):
        clock = date(2024, month, 1)
        spans = [one.span.first for one in mentions("in March, in October", clock)]
        assert all(first <= clock for first in spans)
        assert all((clock - first).days < 366 for first in spans)


PIECES = st.sampled_from(
    re.split(
        " +",
        "in since from to between the end of last year May 2024 31 June Q1 1Q24 first quarter a "
        "earlier two years ago 99 decades Friday before same month 9999 0001-01-01 29.2.2023 🎉",
    )
)


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join)),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
)
def test_mentions_lie_apart_and_within_any_text(text: str, clock: date) -> None:
    found = mentions(text, clock)
    ends = [0, *(one.end for one in found)]
    assert all(start <= one.start < one.end for start, one in zip(ends, found, strict=False))
    assert ends[-1] <= len(text)
    assert all(one.span.first <= one.span.last for one in found)


@pytest.mark.parametrize("piece", ["2024 ", "May ", "1.", "in the last ", "a ", "Friday before "])
def test_a_wall_of_text_costs_what_its_length_is(piece: str) -> None:
    text = (piece * 60_000)[:60_000]
    began = time.process_time()
    mentions(text, CLOCK)
    assert time.process_time() - began < 2
