"""The periods that a draft leaves to what is known: the value before, the one a year earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from analytics.claims.judging.observations import (
    MONTHS,
    Observations,
    month_start,
    period_end,
)
from analytics.claims.judging.reads import ClaimReads
from analytics.claims.statement import Span, Statement, Step

LENGTHS: dict[str, int] = {"quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91}


def placed(reads: ClaimReads, statement: Statement) -> Statement:
    """The same statement with these periods named, where one subject tells them. A level with how
    long ago is the value of then: "compared with 3.6% a year earlier"."""
    if not (statement.back or statement.ago) or len(statement.candidates) != 1:
        return statement
    found = reads.of(statement.candidates[0], statement.period)
    place = found.place(statement.period) if found else None
    if found is None or place is None or place < statement.back:
        return statement
    place -= statement.back
    if statement.ago is not None and statement.measure in ("level", "close"):
        own = _earlier(found, place, statement.ago) or (found.span(place - 1) if place else None)
        return replace(statement, period=own, ago=None) if own is not None else statement
    compare = statement.compare
    if statement.ago is not None and compare is None:
        compare = _earlier(found, place, statement.ago)
        if compare is None and statement.ago == "year":
            return replace(statement, doubt="a year earlier")
    return replace(statement, period=found.span(place), compare=compare)


def _months_back(span: Span, months: int) -> Span:
    """The month so many before that of a span."""
    first = month_start(span.first.year * 12 + span.first.month - 1 - months)
    return Span(first, period_end(first, "monthly"), "month")


def _earlier(found: Observations, place: int, step: Step) -> Span | None:
    """The observation so long before; none where that is the one before it anyway."""
    if step == "year":
        before = found.year_before(place)
        return None if before is None else found.span(before)
    size, own = LENGTHS.get(step, 0), MONTHS.get(found.frequency, 0)
    if own and size > own:  # a quarter, of values of every month
        before = found.place(_months_back(found.span(place), size))
        return None if before is None else found.span(before)
    if step == "day" or not (found.is_daily or found.frequency in ("weekly", "irregular")):
        return None
    day = found.starts[place] - timedelta(days=DAYS[step])
    return Span(day, day, "day")
