"""Surprises: first prints against what was expected before them, in each indicator's own terms.

A surprise is divided by the deviation of the surprises before it, never by one that it is part of.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats
from data.clock import FIRST
from data.query import Answer, At

PAST, LEAST = 60, 5
CAP = 4.0
REACH_DAYS, HALF_LIFE_DAYS = 90, 30
RECENT_DAYS, RECENT_RELEASES = 30, 12
ALL = "all"
SERIES = ["series_id", "source"]
DAY_US = 86_400_000_000


def surprises(
    at: At,
    *,
    countries: list[str] | None = None,
    since: datetime | None = None,
    robust: bool = False,
) -> Answer:
    """Every release scheduled since then: expected, printed, the surprise and its z.

    `z` is the surprise with the sign of its meaning (more growth, inflation, hawkishness) over
    `sigma`, the deviation of the 60 surprises before it, at least five; `robust` takes 1.4826
    times their median size instead, not below half the deviation. Null without a consensus, and
    for a series without a sign.
    """
    return _scored(at, countries, since or FIRST, robust=robust)


def surprise_index(at: At, *, countries: list[str] | None = None) -> Answer:
    """The surprise index of each country and dimension at the clock, and of all of them.

    The mean of z, capped at 4, over the releases of the last 90 days, weighted by importance and
    halved every 30 days; `effective` is how many equal releases the weights amount to, `breadth`
    the share above zero less the share below.
    """
    scored = _scored(at, countries, FIRST)
    frame = _indices(scored.frame, [at.as_of]).drop("moment")
    return scored.derive(frame, "weighted mean of z over 90 days, halved every 30")


def surprise_history(at: At, *, country: str, since: datetime) -> Answer:
    """The same index of one country at the end of every day, and at the clock."""
    scored = _scored(at, [country], FIRST)
    first = since.date()
    days = [first + timedelta(days=n) for n in range((at.as_of.date() - first).days)]
    moments = [datetime.combine(day, time(23, 59, 59), UTC) for day in days]
    frame = _indices(scored.frame, [*moments, at.as_of])
    return scored.derive(frame, "the index at the end of every day")


def rolling_surprises(at: At, *, countries: list[str] | None = None) -> Answer:
    """Per indicator: its last surprise, means over 30 days and over 12 releases, and how often
    it came out above what was expected."""
    scored = _scored(at, countries, FIRST)
    known = scored.frame.drop_nulls("surprise").sort("released_at", *SERIES)
    z, recent = pl.col("z").clip(-CAP, CAP), pl.col("released_at") > _before(at, RECENT_DAYS)
    last = pl.col("surprise").tail(RECENT_RELEASES)
    frame = known.group_by("country", "indicator", *SERIES, maintain_order=True).agg(
        pl.col("title", "dimension", "unit", "released_at", "surprise").last(),
        pl.col("z").last(),
        recent.sum().alias("releases_30d"),
        pl.col("surprise").filter(recent).mean().alias("mean_30d"),
        z.filter(recent).mean().alias("mean_z_30d"),
        z.tail(RECENT_RELEASES).mean().alias("mean_z_12"),
        (last > 0).mean().alias("above_12"),
        last.len().alias("releases_12"),
    )
    return scored.derive(
        frame.sort("country", "dimension", "indicator", "series_id"), "means over recent releases"
    )


def _before(at: At, days: int) -> datetime:
    return at.as_of - timedelta(days=days)


def _scored(
    at: At, countries: list[str] | None, since: datetime, *, robust: bool = False
) -> Answer:
    """Releases with their surprise and z; the past of each series enters whatever `since` is."""
    releases = run(at, "parts/releases_of", countries=countries, since=FIRST)
    signs = run(at, "parts/series_signs")
    frame = releases.frame.join(signs.frame, on=SERIES, how="left", maintain_order="left")
    frame = frame.with_columns((pl.col("actual") - pl.col("consensus")).alias("surprise"))
    past = pl.col("surprise").shift(1)
    plain = past.rolling_std(PAST, min_samples=LEAST)
    size = 1.4826 * past.abs().rolling_median(PAST, min_samples=LEAST)
    sigma = pl.max_horizontal(size, plain / 2) if robust else plain
    known = (
        frame.drop_nulls("surprise")
        .sort("released_at", "period")
        .select(*SERIES, "period", sigma.over(SERIES).alias("sigma"))
        .with_columns(pl.when(pl.col("sigma") > 1e-12).then("sigma"))
    )
    found = frame.join(known, on=[*SERIES, "period"], how="left", maintain_order="left")
    scored = found.with_columns(
        (pl.col("direction") * pl.col("surprise") / pl.col("sigma")).alias("z")
    ).filter(pl.col("scheduled_at") >= since)
    return releases.join(signs, scored, "z against the surprises before it")


def _indices(scored: pl.DataFrame, moments: list[datetime]) -> pl.DataFrame:
    """The index at each moment, per country and dimension and over all of them."""
    known = scored.drop_nulls(["z", "released_at"])
    values = np.array([int(moment.timestamp() * 1_000_000) for moment in moments], dtype=np.int64)
    split = known.partition_by("country", "dimension", as_dict=True, maintain_order=True)
    whole = known.partition_by("country", as_dict=True, maintain_order=True)
    groups = [*split.items(), *(((country, ALL), part) for (country,), part in whole.items())]
    parts = [
        _index(part, values).with_columns(
            pl.lit(country).alias("country"), pl.lit(dimension).alias("dimension")
        )
        for (country, dimension), part in groups
    ]
    moment = pl.from_epoch("moment", time_unit="us").dt.replace_time_zone("UTC")
    if not parts:
        return _index(known, values[:0]).with_columns(
            moment, pl.lit("").alias("country"), pl.lit("").alias("dimension")
        )
    return pl.concat(parts).with_columns(moment).sort("country", "dimension", "moment")


def _index(part: pl.DataFrame, values: np.ndarray) -> pl.DataFrame:
    """Of the releases of one group, at each moment; null where 90 days hold none."""
    released = part["released_at"].to_physical().to_numpy()
    z: Floats = part["z"].clip(-CAP, CAP).to_numpy()
    age: Floats = (values[:, None] - released[None, :]) / DAY_US
    held = (age >= 0) & (age < REACH_DAYS)
    weight = np.where(held, part["importance"].to_numpy() * 0.5 ** (age / HALF_LIFE_DAYS), 0.0)
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = (weight * z).sum(axis=1) / total
        effective = total**2 / (weight**2).sum(axis=1)
        breadth = (held * np.sign(z)).sum(axis=1) / held.sum(axis=1)
    return pl.DataFrame(
        {
            "moment": values,
            "index": index,
            "releases": held.sum(axis=1),
            "effective": effective,
            "breadth": breadth,
        }
    ).with_columns(pl.col("index", "effective", "breadth").fill_nan(None))
