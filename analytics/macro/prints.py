"""One series as it was printed: the first print, what the clock knows, and what came between.

A growth rate is taken inside one vintage: both of its values as they were known at one instant.
A new base or unit is no revision; values in two units are never subtracted.
"""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from analytics.core.intervals import NORMAL_95
from data.errors import ConfigError
from data.query import Answer, At

MEASURES = ("level", "change", "growth", "year", "annualised", "z", "index")
# Of these a print has a value of its own; the others look at the whole of a vintage.
PRINTED = ("level", "change", "growth", "year", "annualised")
STEPS = {"weekly": "-7d", "monthly": "-1mo", "quarterly": "-3mo", "annual": "-1y"}
YEARS = {"weekly": "-364d", "monthly": "-12mo", "quarterly": "-12mo", "annual": "-1y"}
LENGTHS = {"weekly": "7d", "monthly": "1mo", "quarterly": "3mo", "annual": "1y"}
PER_YEAR = {"daily": 252, "weekly": 52, "monthly": 12, "quarterly": 4, "annual": 1}
PAST = {"daily": 252, "weekly": 156, "monthly": 36, "quarterly": 36, "annual": 36}
LEAST = 12
PERIODS, PRINTS = 16, 6
SOURCE = "source"
DAY = pl.duration(days=1)


def series_prints(
    at: At, *, series: str, frequency: str = "irregular", measure: str = "level"
) -> Answer:
    """Every print of a series known at the clock, in a measure taken inside the print's vintage.

    `print` counts the prints of a period; `value` is null where the vintage lacks the other value
    that the measure needs, or has it in another unit. `end` is the last day of the period.
    """
    answer, frame = _read(at, series, frequency, measure)
    return answer.derive(_measured(frame, frequency, measure), f"prints as {measure}")


def series_history(
    at: At, *, series: str, frequency: str = "irregular", measure: str = "level"
) -> Answer:
    """One row per period: the first print, what was known of it at the clock, and the revision.

    Both are in the measure, each inside its own vintage: the first at the instant of the period's
    first print, the last in the vintage of the clock. `revision` is null across a change of unit.
    """
    answer, frame = _read(at, series, frequency, measure)
    printed = _measured(frame, frequency, measure if measure in PRINTED else "level")
    first = printed.filter(pl.col("print") == 1).select(
        SOURCE,
        "period",
        pl.col("value").alias("first"),
        pl.col("known_at").alias("first_known"),
        pl.col("unit").alias("first_unit"),
    )
    now = _vintage(frame, frequency, measure)
    counts = printed.group_by(SOURCE, "period").agg(pl.len().alias("prints"))
    both = now.join(first, on=[SOURCE, "period"], how="left").join(
        counts, on=[SOURCE, "period"], how="left"
    )
    same = (pl.col("first_unit") == pl.col("unit")) & (measure in PRINTED)
    frame = both.with_columns(
        pl.when(same).then(pl.col("value") - pl.col("first")).alias("revision")
    ).sort(SOURCE, "period")
    return answer.derive(frame, f"first print and the clock's, as {measure}")


def series_course(
    at: At, *, series: str, frequency: str = "irregular", measure: str = "level"
) -> Answer:
    """The history as `series_history` has it, and below it the source's own forecasts.

    Forecasts are levels, so another measure has none; `is_forecast` tells them apart.
    """
    history = series_history(at, series=series, frequency=frequency, measure=measure)
    if measure != "level":
        return history
    ahead = forecasts(at, series=series, frequency=frequency)
    frame = pl.concat([history.frame, ahead.frame], how="diagonal_relaxed")
    return history.join(ahead, frame, "first print and the clock's, with the source's forecasts")


def revision_triangle(
    at: At, *, series: str, frequency: str = "irregular", measure: str = "level"
) -> Answer:
    """The last 16 periods, newest first, with their first six prints beside each other.

    A print in another unit than the one before is marked by `rebased`, the number of that print.
    """
    asked = measure if measure in PRINTED else "level"
    answer = series_prints(at, series=series, frequency=frequency, measure=asked)
    kept = answer.frame.filter(pl.col("print") <= PRINTS)
    rebased = (pl.col("unit") != pl.col("unit").shift(1)).over(SOURCE, "period")
    marked = kept.with_columns(pl.when(rebased).then("print").alias("rebased"))
    wide = marked.group_by(SOURCE, "period", "end").agg(
        *(
            pl.col("value").filter(pl.col("print") == n).first().alias(f"print_{n}")
            for n in range(1, PRINTS + 1)
        ),
        pl.col("known_at").max().alias("known_at"),
        pl.col("rebased").min(),
    )
    shown = wide.sort(SOURCE, "period", descending=[False, True])
    frame = shown.group_by(SOURCE, maintain_order=True).head(PERIODS)
    return answer.derive(frame, f"the first {PRINTS} prints of each period")


def revision_statistics(
    at: At, *, series: str, frequency: str = "irregular", measure: str = "level"
) -> Answer:
    """What revisions were like: from the first print to the second, the third, the clock's.

    `mean` with its 95 % interval, `size` (mean of the absolute), `deviation`, and `turned`, the
    share whose sign became the opposite. Only pairs in one unit count; `rebased` says how many
    did not.
    """
    asked = measure if measure in PRINTED else "level"
    answer, frame = _read(at, series, frequency, asked)
    printed = _measured(frame, frequency, asked)
    first = printed.filter(pl.col("print") == 1)
    ends = {
        "second": printed.filter(pl.col("print") == 2),
        "third": printed.filter(pl.col("print") == 3),
        "clock": _vintage(frame, frequency, asked).join(
            printed.filter(pl.col("print") > 1), on=[SOURCE, "period"], how="semi"
        ),
    }
    rows = []
    for name, later in ends.items():
        pairs = first.join(
            later.select(SOURCE, "period", "unit", "value"), on=[SOURCE, "period"], suffix="_later"
        ).drop_nulls(["value", "value_later"])
        rows.append(
            pairs.group_by(SOURCE, maintain_order=True)
            .agg(*_statistics())
            .with_columns(pl.lit(name).alias("until"))
        )
    frame = pl.concat(rows).sort(SOURCE, maintain_order=True)
    return answer.derive(frame, f"revisions from the first print, as {asked}")


def forecasts(at: At, *, series: str, frequency: str = "irregular") -> Answer:
    """The source's own forecasts for periods without an observation, as known at the clock."""
    answer = run(at, "parts/prints", series=series)
    last = answer.frame.group_by(SOURCE, "period").agg(pl.all().sort_by("known_at").last())
    frame = last.filter("is_forecast").with_columns(_end(frequency).alias("end"))
    return answer.derive(frame.sort(SOURCE, "period"), "forecasts that no observation replaced")


def side_by_side(
    at: At,
    *,
    series: list[str],
    frequencies: list[str],
    measure: str = "level",
    align: str = "own",
) -> Answer:
    """Several series in the vintage of the clock, at their own or at one common frequency.

    A common period has the mean of its values and needs most of them (four fifths of what a full
    one has); of an irregular series it has the last value.
    """
    if len(series) != len(frequencies) or not series:
        raise ConfigError(
            f"{len(series)} series but {len(frequencies)} frequencies; expected one for each"
        )
    if align != "own" and align not in LENGTHS:
        raise ConfigError(f"align={align[:40]!r}: expected own or one of {', '.join(LENGTHS)}")
    whole: Answer | None = None
    frames = []
    for name, frequency in zip(series, frequencies, strict=True):
        answer = series_history(at, series=name, frequency=frequency, measure=measure)
        shown = answer.frame.with_columns(pl.lit(name).alias("series_id"))
        frames.append(_aligned(shown, frequency, align))
        whole = answer if whole is None else whole.join(answer, answer.frame, "")
    assert whole is not None
    frame = pl.concat(frames)
    return whole.derive(frame, f"{len(series)} series as {measure}, periods: {align}")


def _aligned(frame: pl.DataFrame, frequency: str, align: str) -> pl.DataFrame:
    kept = frame.select("series_id", SOURCE, "end", "value", "unit", "vintage_grade")
    if align == "own" or align == frequency:
        return kept
    have, wanted = PER_YEAR.get(frequency), PER_YEAR[align]
    if have is not None and have < wanted:
        return kept  # a quarter says nothing of its months
    length = LENGTHS[align]
    found = pl.col("value").last() if have is None else pl.col("value").mean()
    least = 1 if have is None else max(1, int(0.8 * have / wanted))
    return (
        kept.drop_nulls("value")
        .group_by(
            pl.col("end").dt.truncate(length).alias("first"),
            "series_id",
            SOURCE,
            "unit",
            maintain_order=True,
        )
        .agg(found, pl.len().alias("count"), pl.col("vintage_grade").last())
        .filter(pl.col("count") >= least)
        .select(
            "series_id",
            SOURCE,
            (pl.col("first").dt.offset_by(length) - DAY).alias("end"),
            "value",
            "unit",
            "vintage_grade",
        )
    )


def _statistics() -> list[pl.Expr]:
    """Of pairs `value` and `value_later`."""
    same = pl.col("unit") == pl.col("unit_later")
    revision = (pl.col("value_later") - pl.col("value")).filter(same)
    reach = NORMAL_95 * revision.std() / revision.len().sqrt()
    turned = (pl.col("value") * pl.col("value_later") < 0).filter(same)
    return [
        same.sum().alias("pairs"),
        revision.mean().alias("mean"),
        (revision.mean() - reach).alias("low"),
        (revision.mean() + reach).alias("high"),
        revision.abs().mean().alias("size"),
        revision.std().alias("deviation"),
        turned.mean().alias("turned"),
        (~same).sum().alias("rebased"),
    ]


def is_rate(unit: str | None) -> bool:
    """Whether values are compared by difference rather than by ratio: percents, balances."""
    return unit is not None and "percent" in unit


def shown_unit(unit: str | None, measure: str) -> str:
    """In what a measure of a series is shown."""
    plain = unit or "unit unknown"
    if measure in ("growth", "year", "annualised"):
        how = {"growth": "on the period before", "year": "on the year", "annualised": "a year"}
        return f"{'percentage points' if is_rate(unit) else 'percent'} {how[measure]}"
    if measure == "z":
        return "standard deviations from the mean before"
    if measure == "index":
        return "first period shown = 100"
    if measure == "change" and is_rate(unit):
        return "percentage points"
    return plain


def _read(at: At, series: str, frequency: str, measure: str) -> tuple[Answer, pl.DataFrame]:
    """The prints of a series, no forecast among them, with the last day of each period."""
    if measure not in MEASURES:
        raise ConfigError(f"measure={measure[:40]!r}: expected one of {', '.join(MEASURES)}")
    answer = run(at, "parts/prints", series=series)
    frame = answer.frame.filter(~pl.col("is_forecast")).with_columns(
        pl.int_range(1, pl.len() + 1).over(SOURCE, "period").alias("print"),
        _end(frequency).alias("end"),
    )
    return answer, frame


def _end(frequency: str) -> pl.Expr:
    """The last day of a period: what describes a quarter is not known at its beginning."""
    length = LENGTHS.get(frequency)
    return pl.col("period") if length is None else pl.col("period").dt.offset_by(length) - DAY


def _measured(frame: pl.DataFrame, frequency: str, measure: str) -> pl.DataFrame:
    """Each print in the measure, its other value as known at the print's own instant."""
    if measure == "level":
        return frame
    bases = _bases(
        frame.select(SOURCE, "period").unique().sort(SOURCE, "period"), frequency, measure
    )
    asked = frame.join(bases, on=[SOURCE, "period"])
    held = frame.select(
        SOURCE,
        pl.col("period").alias("base"),
        "known_at",
        pl.col("value").alias("base_value"),
        pl.col("unit").alias("base_unit"),
    )
    joined = asked.sort("known_at").join_asof(
        held.sort("known_at"), on="known_at", by=[SOURCE, "base"], check_sortedness=False
    )
    return (
        joined.with_columns(_compared(measure, frequency).alias("value"))
        .sort(SOURCE, "period", "known_at")
        .drop("base", "base_value", "base_unit")
    )


def _bases(periods: pl.DataFrame, frequency: str, measure: str) -> pl.DataFrame:
    """The period that each is compared to; null where there is none."""
    back = YEARS if measure == "year" else STEPS
    period = pl.col("period")
    if frequency in back:
        return periods.with_columns(period.dt.offset_by(back[frequency]).alias("base"))
    if measure != "year":
        return periods.with_columns(period.shift(1).over(SOURCE).alias("base"))
    # Without a step of their own, periods are compared to the last one a year before.
    return (
        periods.with_columns(period.dt.offset_by("-1y").alias("wanted"))
        .join_asof(
            periods.with_columns(period.alias("base")).drop("period"),
            left_on="wanted",
            right_on="base",
            by=SOURCE,
            check_sortedness=False,
        )
        .select(SOURCE, "period", "base")
    )


def _compared(measure: str, frequency: str) -> pl.Expr:
    """A value against its base, null across a change of unit or where no ratio is defined."""
    value, base = pl.col("value"), pl.col("base_value")
    rate = pl.col("unit").str.contains("percent", literal=True)
    power = PER_YEAR.get(frequency) if measure == "annualised" else 1
    if power is None:
        return pl.lit(None, pl.Float64)
    grown = 100 * ((value / base) ** power - 1)
    found = (
        value - base
        if measure == "change"
        else pl.when(rate)
        .then((value - base) * power)
        .otherwise(pl.when((value > 0) & (base > 0)).then(grown))
    )
    return pl.when(pl.col("unit") == pl.col("base_unit")).then(found)


def _vintage(frame: pl.DataFrame, frequency: str, measure: str) -> pl.DataFrame:
    """The last print of each period, in a measure taken inside the vintage of the clock."""
    last = frame.group_by(SOURCE, "period", maintain_order=True).last()
    # The same instant for all, so that every other value is the clock's own.
    clock = pl.col("known_at").max()
    level = last.with_columns(clock.alias("known_at")).select(frame.columns)
    if measure in PRINTED:
        found = _measured(level, frequency, measure)
    else:
        found = level.sort(SOURCE, "period").with_columns(_of_all(measure, frequency))
    kept = last.select(SOURCE, "period", "known_at")
    return found.drop("known_at").join(kept, on=[SOURCE, "period"]).sort(SOURCE, "period")


def _of_all(measure: str, frequency: str) -> pl.Expr:
    """Measures that look at more than two values of the vintage; null across units."""
    value, groups = pl.col("value"), [SOURCE, "unit"]
    if measure == "index":
        base = value.drop_nulls().first()
        return pl.when(base > 0).then(100 * value / base).over(groups).alias("value")
    past, reach = value.shift(1), PAST.get(frequency, 36)
    mean = past.rolling_mean(reach, min_samples=LEAST)
    deviation = past.rolling_std(reach, min_samples=LEAST)
    return pl.when(deviation > 1e-12).then((value - mean) / deviation).over(groups).alias("value")
