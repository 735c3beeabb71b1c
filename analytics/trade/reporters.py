"""Who has reported a year of trade, who has not, and when they are expected by their own habit."""

from __future__ import annotations

from datetime import date

import polars as pl

from analytics.core.catalogue import run
from analytics.trade.areas import is_country
from analytics.trade.reading import FIRST_YEAR, newest_year, reports
from data.query import Answer, At

HABIT = 5  # years of a reporter's past from which its usual delay is taken
ASSUMED_DAYS = 270  # after the end of the year, where a reporter has no past
MOST_DAYS = 1100  # a longer delay says when the lake first looked, not when it was published
SILENT_YEARS = 3


def trade_reporters(at: At, *, year: int | None = None) -> Answer:
    """Who has reported a year, and who is expected when; a reporter that is missing is not zero.

    `status` is `reported`; `expected`; `late`, past its usual day; or `silent`, without a report of
    the three years before. The usual day is the end of the year plus the median delay of the last
    five years that the reporter had published before; where it has none, 270 days
    (`is_assumed`). `last_year` is the last one that it reported.
    """
    chosen = newest_year(at)[0] if year is None else year
    found = reports(at, chosen - HABIT - SILENT_YEARS, chosen)
    frame = found.frame.filter(is_country("reporter"))
    habit = _habits(frame, chosen)
    this = frame.filter(pl.col("year") == chosen).select("reporter", "published_at")
    joined = habit.join(this, on="reporter", how="full", coalesce=True).with_columns(
        pl.col("usual_days").is_null().alias("is_assumed"),
        pl.col("usual_days").fill_null(ASSUMED_DAYS),
    )
    end = date(chosen + 1, 1, 1)
    expected = pl.lit(end) + pl.duration(days=pl.col("usual_days").round(0))
    lines = joined.with_columns(expected.cast(pl.Date).alias("expected_on")).with_columns(
        pl.when(pl.col("published_at").is_not_null())
        .then(pl.lit("reported"))
        .when(pl.col("past_year") < chosen - SILENT_YEARS)
        .then(pl.lit("silent"))
        .when(pl.col("expected_on") < at.as_of.date())
        .then(pl.lit("late"))
        .otherwise(pl.lit("expected"))
        .alias("status"),
        pl.when(pl.col("published_at").is_not_null())
        .then(pl.lit(chosen))
        .otherwise("past_year")
        .cast(pl.Int32)
        .alias("last_year"),
        pl.lit(chosen, pl.Int32).alias("year"),
    )
    shown = lines.select(
        *("reporter", "year", "status", "published_at", "expected_on", "usual_days", "is_assumed"),
        "last_year",
    )
    return found.derive(shown.sort("reporter"), "delays of earlier reports, and the day they make")


def trade_countries(at: At) -> Answer:
    """Every country that has reported trade at all, with its first and last year.

    `region` is of the World Bank, null where the lake does not know it.
    """
    found = reports(at, FIRST_YEAR, at.as_of.year)
    places = run(at, "parts/trade_countries")
    regions = places.frame.select("country", "region")
    by_country = (
        found.frame.filter(is_country("reporter"))
        .group_by("reporter")
        .agg(pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year"))
    )
    frame = (
        by_country.rename({"reporter": "country"})
        .join(regions, on="country", how="left")
        .sort("country")
    )
    return found.join(places, frame, "first and last year by reporter")


def _habits(frame: pl.DataFrame, year: int) -> pl.DataFrame:
    """Of each reporter the usual delay of its years before, and the last of them."""
    delay = (pl.col("published_at").dt.date() - pl.date(pl.col("year") + 1, 1, 1)).dt.total_days()
    past = frame.filter(pl.col("year") < year).with_columns(delay.alias("delay"))
    is_habit = pl.col("delay").is_between(0, MOST_DAYS) & (pl.col("vintage_grade") != "current")
    by_reporter = past.sort("reporter", "year").group_by("reporter", maintain_order=True)
    return by_reporter.agg(
        pl.col("delay").filter(is_habit).tail(HABIT).median().alias("usual_days"),
        pl.col("year").max().alias("past_year"),
    )
