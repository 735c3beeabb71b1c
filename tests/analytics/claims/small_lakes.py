"""Statements and small lakes for tests of single rules: months of 2000 on, sessions of 2020."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from analytics.claims.finding import Finding
from analytics.claims.judging.judge import judge
from analytics.claims.judging.observations import period_end
from analytics.claims.statement import Measure, Quantity, Span, Statement, Subject
from data.clock import LAST
from data.lake import Lake
from data.query import Db
from tests.analytics.months import describe, keep, month
from tests.analytics.quotes import FIRST


def months(lake: Lake, values: list[float | None], unit: str = "percent", **more: Any) -> None:
    """A series `x:A` with a value for each month since January 2000."""
    name = more.pop("name", "x:A")
    describe(lake, {name: unit})
    keep(lake, name, {month(n): value for n, value in enumerate(values)}, unit=unit, **more)


def series(name: str = "x:A", unit: str = "percent") -> Subject:
    return Subject("series", name, "office", name, unit, "monthly")


def share(name: str = "x:AAA", **more: Any) -> Subject:
    return Subject("instrument", name, unit="USD", currency=more.pop("currency", "USD"), **more)


def says(text: str, unit: str | None = "%", **more: Any) -> Quantity:
    """A number as it is written: `4.40` is known to half a hundredth."""
    _, _, digits = text.partition(".")
    scale = more.pop("scale", 1.0)
    half = 0.5 * 10.0 ** -len(digits) * scale
    return Quantity(0, len(text), float(text) * scale, half, scale, unit, **more)


def of(number: int) -> Span:
    """The n-th month since January 2000."""
    return Span(month(number), period_end(month(number), "monthly"), "month")


def day(number: int) -> Span:
    """The n-th day since 1 January 2020."""
    return Span(FIRST + timedelta(number), FIRST + timedelta(number), "day")


def year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, 12, 31), "year")


def found(db: Db, measure: Measure, quantity: Quantity | None = None, **more: Any) -> Finding:
    """The verdict at the end of all that the lake knows, or at `at`."""
    at, later = more.pop("at", LAST), more.pop("later", None)
    candidates = more.pop("candidates", (more.pop("subject", series()),))
    statement = Statement(0, 1, measure, candidates, quantity, **more)
    return judge(db.at(at), statement, later=None if later is None else db.at(later))
