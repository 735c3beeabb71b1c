"""Who has reported a year or month of trade, who has not, and when they are expected by habit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from analytics.core.catalogue import run
from analytics.trade.areas import is_country
from analytics.trade.reading import (
    BACK,
    FIRST_YEAR,
    checked_month,
    month_reports,
    newest_year,
    reports,
)
from data.query import Answer, At


@dataclass(frozen=True, slots=True)
class ReportHabit:
    """How the usual day of reports of one kind is found; periods are years or months."""

    periods: int  # of a reporter's past, from which its usual delay is taken
    silent: int  # periods without a report after which none is expected
    assumed_days: int  # after the end of the period, where a reporter has no past
    most_days: int  # a longer delay says when the lake first looked, not when it was published
    months: int  # of a period


OF_YEARS = ReportHabit(periods=5, silent=3, assumed_days=270, most_days=1100, months=12)
OF_MONTHS = ReportHabit(periods=12, silent=12, assumed_days=90, most_days=400, months=1)


def trade_reporters(at: At, *, year: int | None = None, month: str | None = None) -> Answer:
    """Who has reported a year, and who is expected when; a reporter that is missing is not zero.

    `status` is `reported`; `expected`; `late`, past its usual day; or `silent`, without a report of
    the three years before. The usual day is the end of the year plus the median delay of the last
    five years that the reporter had published before; where it has none, 270 days
    (`is_assumed`). `last_year` is the last one that it reported, `last_period` its
    last period.
    With a month, `2024-05`, the same of months: the median delay of the last twelve, else 90 days,
    and silent without a report of the twelve before. Who has never reported a month is not there.
    """
    if month is not None:
        year, number = checked_month(month)
        found = month_reports(at, year - 1 - BACK, year)
        return _by_period(at, found, OF_MONTHS, year * 12 + number - 1)
    chosen = newest_year(at)[0] if year is None else year
    found = reports(at, chosen - OF_YEARS.periods - OF_YEARS.silent, chosen)
    return _by_period(at, found, OF_YEARS, chosen)


def _place(habit: ReportHabit) -> pl.Expr:
    """The number of a report's period, by which it is ordered among those of its kind."""
    year = pl.col("year").cast(pl.Int64)
    place = year if habit is OF_YEARS else year * 12 + pl.col("month") - 1
    return place.alias("place")


def _written(place: int, habit: ReportHabit) -> str:
    return str(place) if habit is OF_YEARS else f"{place // 12:04}-{place % 12 + 1:02}"


def _period_text(place: pl.Expr, habit: ReportHabit) -> pl.Expr:
    """The same of a column; nothing of Python runs inside the query."""
    if habit is OF_YEARS:
        return place.cast(pl.String)
    year = (place // 12).cast(pl.String).str.zfill(4)
    return pl.concat_str(year, (place % 12 + 1).cast(pl.String).str.zfill(2), separator="-")


def _end(place: int, habit: ReportHabit) -> date:
    """The first day after a period."""
    after = (place + 1) * habit.months
    return date(after // 12, after % 12 + 1, 1)


def _by_period(at: At, found: Answer, habit: ReportHabit, chosen: int) -> Answer:
    """A line per reporter of the period of that place."""
    frame = found.frame.filter(is_country("reporter")).with_columns(_place(habit))
    frame = frame.filter(pl.col("place") > chosen - habit.periods - habit.silent - 1)
    after = (pl.col("place") + 1) * habit.months
    end_of = pl.date(after // 12, after % 12 + 1, 1)
    delay = (pl.col("published_at").dt.date() - end_of).dt.total_days()
    past = frame.filter(pl.col("place") < chosen).with_columns(delay.alias("delay"))
    is_habit = pl.col("delay").is_between(0, habit.most_days)
    is_habit &= pl.col("vintage_grade") != "current"
    by_reporter = past.sort("reporter", "place").group_by("reporter", maintain_order=True)
    habits = by_reporter.agg(
        pl.col("delay").filter(is_habit).tail(habit.periods).median().alias("usual_days"),
        pl.col("place").max().alias("past"),
    )
    this = frame.filter(pl.col("place") == chosen).select("reporter", "published_at")
    joined = habits.join(this, on="reporter", how="full", coalesce=True).with_columns(
        pl.col("usual_days").is_null().alias("is_assumed"),
        pl.col("usual_days").fill_null(habit.assumed_days),
    )
    shown = _lines(at, joined, habit, chosen).sort("reporter")
    return found.derive(shown, "delays of earlier reports, and the day they make")


def _lines(at: At, joined: pl.DataFrame, habit: ReportHabit, chosen: int) -> pl.DataFrame:
    expected = pl.lit(_end(chosen, habit)) + pl.duration(days=pl.col("usual_days").round(0))
    last = pl.when(pl.col("published_at").is_not_null()).then(pl.lit(chosen)).otherwise("past")
    lines = joined.with_columns(
        expected.cast(pl.Date).alias("expected_on"), last.alias("last")
    ).with_columns(
        pl.when(pl.col("published_at").is_not_null())
        .then(pl.lit("reported"))
        .when(pl.col("past") < chosen - habit.silent)
        .then(pl.lit("silent"))
        .when(pl.col("expected_on") < at.as_of.date())
        .then(pl.lit("late"))
        .otherwise(pl.lit("expected"))
        .alias("status"),
        (pl.col("last") * habit.months // 12).cast(pl.Int32).alias("last_year"),
        _period_text(pl.col("last"), habit).alias("last_period"),
        pl.lit(chosen * habit.months // 12, pl.Int32).alias("year"),
        pl.lit(_written(chosen, habit)).alias("period"),
    )
    return lines.select(
        *("reporter", "year", "period", "status", "published_at", "expected_on", "usual_days"),
        *("is_assumed", "last_year", "last_period"),
    )


def trade_countries(at: At) -> Answer:
    """Every country that has reported trade of a year or month, with its first and last year.

    `region` is of the World Bank, null where the lake does not know it.
    """
    found, months = (of(at, FIRST_YEAR, at.as_of.year) for of in (reports, month_reports))
    places = run(at, "parts/trade_countries")
    told = pl.concat([one.frame.select("reporter", "year") for one in (found, months)])
    by_country = (
        told.filter(is_country("reporter"))
        .group_by(pl.col("reporter").alias("country"))
        .agg(pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year"))
    )
    regions = places.frame.select("country", "region")
    frame = by_country.join(regions, on="country", how="left").sort("country")
    found = found.join(months, frame, "")
    return found.join(places, frame, "first and last year by reporter")
