"""The calendar of releases around a clock: due, expected, printed, and what a market did then.

What is not printed yet has no actual, and a release put off later still stands where it stood.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from analytics.core.catalogue import run
from analytics.macro.previous import with_previous
from analytics.macro.surprises import SERIES, surprises
from analytics.macro.vintages import latest
from data.clock import iso
from data.datasets.releases import ReleaseStatus
from data.query import Answer, At

MOST_DAYS = 400
# Some calendars know days and no figures: FRED's has a row for a release of many series.
ReleaseState = Literal["printed", "cancelled", "late", "due"]


def _stands(status: ReleaseStatus) -> pl.Expr:
    """Where a release stands, as its source says."""
    return pl.col("status") == status


RELEASED = _stands("released") & pl.col("actual").is_null()
RELEASED_AT = pl.when(RELEASED).then("scheduled_at").otherwise("released_at").alias("released_at")
GRACE = {"minute": timedelta(minutes=15), "day": timedelta(days=1), "month": timedelta(days=31)}


def agenda(  # noqa: PLR0913 - what a calendar is asked for
    at: At,
    *,
    countries: list[str] | None = None,
    back: int = 7,
    ahead: int = 14,
    importance: int = 1,
    symbol: str = "",
) -> Answer:
    """Releases from `back` days before the clock to `ahead` days after it, of an importance.

    `state` is due, late (past its schedule and the grace of its precision), printed or cancelled;
    what a calendar calls released without a figure is printed, at the hour of its schedule;
    `now` is what is known of the period at the clock; `previous` is the period before, as the
    release states it or else as the lake knew it just before the print (`previous_from`). `move`
    is the reaction of `symbol` to those printed, where one is given, as `reactions` has it.
    """
    since = at.as_of - timedelta(days=min(back, MOST_DAYS))
    until = at.as_of + timedelta(days=min(ahead, MOST_DAYS))
    found = surprises(at, countries=countries, since=since)
    frame = found.frame.filter(
        pl.col("scheduled_at") <= until, pl.col("importance").fill_null(1) >= importance
    )
    series = frame["series_id"].unique().sort().to_list()
    values = latest(at, series=series, since=min(frame["period"].to_list(), default=None))
    held = values.frame.select(*SERIES, "period", pl.col("value").alias("now"))
    frame = frame.join(held, on=[*SERIES, "period"], how="left", maintain_order="left")
    frame = frame.with_columns(_state(at.as_of).alias("state"), RELEASED_AT)
    how = "releases around the clock, with what is known of them now"
    whole = with_previous(found.join(values, frame, how), at)
    frame = whole.frame
    moments = frame["released_at"].drop_nulls().to_list()
    if not symbol or not moments:
        return whole
    moves = reactions(at, symbol=symbol, moments=moments)
    held = moves.frame.select(pl.col("moment").alias("released_at"), "move", "by", "is_rate")
    frame = frame.join(held, on="released_at", how="left", maintain_order="left")
    return whole.join(moves, frame, f"{whole.derived}, and the reaction of {symbol}")


def release_periods(at: At, *, series: list[str]) -> Answer:
    """The releases of some series as known at the clock: periods, unit, when first printed."""
    return run(at, "parts/release_periods", series=series)


def reactions(at: At, *, symbol: str, moments: list[datetime]) -> Answer:
    """What an instrument did around each moment: by the minute where trades are held, else by day.

    By minute: the last trade a minute or more before against the last within a minute after. By
    day: the last close known by then against the next, each known when its session first was.
    `move` is a return, or for rates the change
    of the level; null where the second is not known at the clock.
    """
    names = [iso(moment) for moment in sorted(set(moments))]
    kind = run(at, "instrument", symbol=symbol)
    is_rate = kind.frame["asset_class"].to_list()[:1] == ["rate"]
    days = run(at, "parts/around_closes", symbol=symbol, moments=names)
    low, high = (min(moments), max(moments)) if moments else (at.as_of, at.as_of)
    minute = timedelta(minutes=2)
    ticks = run(
        at.within("ticks", low - minute, high + minute),
        "parts/around_ticks",
        symbol=symbol,
        moments=names,
    )
    whole = ["moment", "before", "after", "before_at", "after_at"]
    exact = ticks.frame.drop_nulls(["before", "after"]).select(*whole, pl.lit("minute").alias("by"))
    by_day = days.frame.select(*whole, pl.lit("day").alias("by"))
    rest = by_day.join(exact, on="moment", how="anti", maintain_order="left")
    before, after = pl.col("before"), pl.col("after")
    change = (
        after - before if is_rate else pl.when((before > 0) & (after > 0)).then(after / before - 1)
    )
    frame = pl.concat([exact, rest]).with_columns(
        change.alias("move"), pl.lit(is_rate).alias("is_rate")
    )
    both = kind.join(days, days.frame, "").join(ticks, ticks.frame, "")
    return both.derive(
        frame.sort("moment"), "after against before, by minute where trades are held"
    )


def _state(clock: datetime) -> pl.Expr:
    due = pl.col("scheduled_at") + pl.col("precision").replace_strict(
        GRACE, default=timedelta(0), return_dtype=pl.Duration("us")
    )
    return (
        pl.when(pl.col("actual").is_not_null() | RELEASED)
        .then(_word("printed"))
        .when(_stands("cancelled"))
        .then(_word("cancelled"))
        .when(due <= clock)
        .then(_word("late"))
        .otherwise(_word("due"))
    )


def _word(state: ReleaseState) -> pl.Expr:
    return pl.lit(state)


def in_state(state: ReleaseState) -> pl.Expr:
    """The releases of the agenda that are in this state."""
    return pl.col("state") == state
