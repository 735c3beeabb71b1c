"""Countries beside each other: who stands where by an indicator, and one country by all of them.

Values are compared where they share a unit; amounts in national money are compared by their change.
"""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from analytics.macro.prints import forecasts, side_by_side
from data.errors import ConfigError
from data.query import Answer, At

MOST = 8
LATEST = (
    *("country", "name", "indicator", "title", "frequency", "dimension", "period", "value", "unit"),
    *("known_at", "vintage_grade", "series_id", "source"),
)
GROUP_KEYS = ("region", "world")
MEANS = {
    "group": pl.String,
    "mean": pl.Float64,
    "median": pl.Float64,
    "countries": pl.UInt32,
    "unweighted": pl.UInt32,
    "covered": pl.Float64,
}


def country_indicators(at: At, *, dimension: str = "growth") -> Answer:
    """The latest value of every country and indicator of a dimension, and the z of its change."""
    return run(at, "country_indicators", dimension=dimension)


def latest_by_country(at: At, *, indicators: list[str]) -> Answer:
    """The last value of some indicators in every country, with its period.

    Forecasts are left out. Of several series of one indicator and country the shown one is taken.
    """
    whole = _every_indicator(at)
    some = whole.frame.filter(pl.col("indicator").is_in(indicators)).select(LATEST)
    return whole.derive(some.sort("name", "country", "indicator"), "rows of these indicators")


def indicator_ranking(at: At, *, indicator: str, yearly: bool = False) -> Answer:
    """The last value of an indicator in every country, highest first.

    `in_past` is its rank among that country's own values, `among_peers` among the countries; the
    latter is null where units differ. `path` has its last 40 values.
    """
    if yearly:
        return run(at, "parts/indicator_table", indicators=[indicator], yearly=True)
    whole = _every_indicator(at)
    return whole.derive(whole.frame.filter(indicator=indicator), "rows of this indicator")


def country_profile(at: At, *, country: str) -> Answer:
    """Every indicator of a country: last value, period, change, and its rank in past and peers."""
    whole = _every_indicator(at)
    return whole.derive(whole.frame.filter(country=country), "rows of this country")


def _every_indicator(at: At) -> Answer:
    """Of all countries: a page of countries shows several cuts of it, which are read once."""
    return run(at, "parts/indicator_table", indicators=None, yearly=False)


def group_means(at: At, *, indicator: str, yearly: bool = False) -> Answer:
    """The mean of an indicator over regions and over all, weighted by people.

    `covered` is the share of a group's people who live where the indicator is known. Countries
    without a population have no weight: with a value they are counted in `unweighted`, without one
    in nothing. Null where units differ.
    """
    ranking = indicator_ranking(at, indicator=indicator, yearly=yearly)
    people = run(at, "parts/people")
    frame = ranking.frame.drop_nulls("value")
    comparable = frame["among_peers"].null_count() == 0 and frame.height > 0
    weight = pl.col("population")
    whole = people.frame.with_columns(pl.lit("World").alias("world"))
    held = frame.with_columns(pl.lit("World").alias("world"))
    parts = []
    for key in GROUP_KEYS if comparable else ():
        known = (
            held.drop_nulls(key)
            .group_by(pl.col(key).alias("group"))
            .agg(
                (
                    (pl.col("value") * weight).sum() / weight.filter(weight.is_not_null()).sum()
                ).alias("mean"),
                pl.col("value").median().alias("median"),
                pl.len().alias("countries"),
                weight.is_null().sum().alias("unweighted"),
                weight.sum().alias("held"),
            )
        )
        of = whole.drop_nulls(key).group_by(pl.col(key).alias("group")).agg(weight.sum())
        parts.append(known.join(of, on="group", how="left"))
    if not parts:
        return ranking.join(people, pl.DataFrame(schema=MEANS), "units differ: no mean")
    joined = pl.concat(parts).with_columns(
        pl.when(pl.col("population") > 0)
        .then(pl.col("held") / pl.col("population"))
        .alias("covered"),
        pl.col("mean").fill_nan(None),
    )
    result = joined.select(list(MEANS)).sort(pl.col("group") == "World", "group")
    return ranking.join(people, result, "means weighted by people")


def countries_compared(
    at: At, *, series: list[str], frequencies: list[str], measure: str = "level"
) -> Answer:
    """Up to eight series over time in the clock's vintage, their sources' forecasts apart."""
    if not 1 <= len(series) <= MOST:
        raise ConfigError(f"{len(series)} countries: expected 1 to {MOST}")
    answer = side_by_side(at, series=series, frequencies=frequencies, measure=measure)
    frames = [answer.frame.with_columns(pl.lit(False).alias("is_forecast"))]
    if measure == "level":
        for name, frequency in zip(series, frequencies, strict=True):
            ahead = forecasts(at, series=name, frequency=frequency)
            frames.append(
                ahead.frame.select(
                    pl.lit(name).alias("series_id"),
                    "source",
                    "end",
                    "value",
                    "unit",
                    "vintage_grade",
                    pl.lit(True).alias("is_forecast"),
                )
            )
            answer = answer.join(ahead, answer.frame, "")
    return answer.derive(pl.concat(frames), "series by country, forecasts apart")
