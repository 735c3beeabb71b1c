"""Periods of accounts: which durations are quarters and years, and how one follows from others.

A balance is matched by the day on which it stands, a flow by its first and last day. Quarters and
year-to-date durations are never mixed, nor are units. Years of 52 and 53 weeks are years. A figure
per share that follows from figures before and after a split is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import add

import polars as pl

from analytics.companies.per_share import count_of, have_split

# Days, both ends counted. Quarters of 12 and of 16 weeks exist, and years of 52 and 53 weeks.
LENGTHS = {"quarter": (77, 126), "half": (160, 199), "nine": (245, 290), "year": (350, 378)}
SHORTER = {"half": "quarter", "nine": "half", "year": "nine"}
LINE = (
    "line"  # number of a company's concept in one unit, which is faster to compare than the three
)
AVERAGES = "shares"  # unit of average numbers of shares, which no sum or difference makes
LESS = "difference"  # year to date less year to date of the quarter before
FOUR = "sum of 4 quarters"
ROLLED = "FY + YTD - prior YTD"
# A year back, give or take what a 53rd week moves.
YEAR_BACK = (350, 385)


def with_kind(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts with the `kind` of their duration; a balance starts and ends on one day."""
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    ranges = {"instant": (0, 1), **LENGTHS}
    kinds = [
        pl.when(days.is_between(least, most)).then(pl.lit(name))
        for name, (least, most) in ranges.items()
    ]
    return facts.with_columns(pl.coalesce(*kinds, pl.lit("other")).alias("kind"))


def with_line(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts with the number of their `line`: those of one company, concept and unit are alike."""
    numbers = pl.struct("company", "concept", "unit").rank("dense").cast(pl.Int64)
    return facts.with_columns(numbers.alias(LINE))


def quarters(facts: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """Flows by quarter: as stated, else a year-to-date sum less the one of the quarter before."""
    stated = facts.filter(pl.col("kind") == "quarter").with_columns(pl.lit("").alias("derived"))
    found = [stated]
    for longer, shorter in SHORTER.items():
        whole = facts.filter(pl.col("kind") == longer)
        part = facts.filter(pl.col("kind") == shorter)
        less = _joined(whole, part, {"period_start": "period_start"}, values)
        days = (pl.col("period_end") - pl.col("period_end_1")).dt.total_days()
        less = less.filter(days.is_between(*LENGTHS["quarter"])).with_columns(
            *_combined(less, values, _after("", "_1"), lambda part: part[0] - part[1]),
            *_latest(less, "_1"),
            (pl.col("period_end_1") + timedelta(days=1)).alias("period_start"),
            pl.lit(LESS).alias("derived"),
        )
        found.append(less.select(stated.columns))
    return _first(found)


def years(
    facts: pl.DataFrame, stated_quarters: pl.DataFrame, ends: pl.DataFrame, values: Sequence[str]
) -> pl.DataFrame:
    """Flows by fiscal year: as stated, else four quarters that follow each other to its end."""
    stated = facts.filter(pl.col("kind") == "year").with_columns(pl.lit("").alias("derived"))
    summed = four_quarters(stated_quarters, values)
    at_end = summed.join(ends, on=["company", "period_end"], how="semi").select(stated.columns)
    return _first([stated, at_end])


def four_quarters(stated: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """Sums of four quarters, each beginning on the day after the one before."""
    rows = stated.filter(pl.col("unit") != AVERAGES).sort(LINE, "period_end")
    follows = (pl.col(LINE) == pl.col(LINE).shift(1)) & (
        pl.col("period_start") == pl.col("period_end").shift(1) + timedelta(days=1)
    )
    rows = rows.with_columns(follows.fill_null(value=False).alias("follows"))
    run = pl.col("follows") & pl.col("follows").shift(1) & pl.col("follows").shift(2)
    back = [0, 1, 2, 3]
    summed = rows.with_columns(
        *_combined(
            rows,
            values,
            lambda name: [pl.col(name).shift(n) for n in back],
            lambda part: reduce(add, part),
        ),
        *(
            pl.max_horizontal(pl.col(name).shift(n) for n in back).alias(name)
            for name in _instants(rows)
        ),
        pl.col("period_start").shift(3).alias("period_start"),
        pl.lit(FOUR).alias("derived"),
    ).filter(run)
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    return summed.filter(days.is_between(*LENGTHS["year"])).drop("follows")


def trailing_years(
    facts: pl.DataFrame, anchors: pl.DataFrame, values: Sequence[str]
) -> pl.DataFrame:
    """Flows of twelve months to each anchor (company, period_end): the fiscal year itself, else
    the last one with the year to date less the year to date a year before, else four quarters."""
    on_anchor = facts.join(anchors, on=["company", "period_end"], how="semi")
    annual = facts.filter(pl.col("kind") == "year")
    stated = on_anchor.filter(pl.col("kind") == "year").with_columns(pl.lit("").alias("derived"))
    to_date = on_anchor.filter(pl.col("kind").is_in(["quarter", "half", "nine"])).with_columns(
        (pl.col("period_start") - timedelta(days=1)).alias("year_end")
    )
    rolled = _joined(to_date, annual, {"year_end": "period_end"}, values)
    before = facts.filter(pl.col("kind").is_in(["quarter", "half", "nine"]))
    by = {"period_start_1": "period_start", "kind": "kind"}
    rolled = _joined(rolled, before, by, values, "_2")
    rolled = rolled.with_columns(
        *_combined(
            rolled, values, _after("_1", "", "_2"), lambda part: part[0] + part[1] - part[2]
        ),
        *_latest(rolled, "_1", "_2"),
        (pl.col("period_end_2") + timedelta(days=1)).alias("period_start"),
        pl.lit(ROLLED).alias("derived"),
    )
    span = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    rolled = rolled.filter(span.is_between(*LENGTHS["year"]))
    found = _first([stated, rolled.select(stated.columns)])
    # Of most lines a year is stated, so four quarters are added for the others alone.
    by_key = facts.filter(pl.col("kind") == "quarter")
    lacking = on_anchor.filter(pl.col("kind") == "quarter").join(
        found, on=[LINE, "period_end"], how="anti"
    )
    if lacking.is_empty():
        return found
    in_four = four_quarters(by_key.join(lacking.select(LINE).unique(), on=LINE, how="semi"), values)
    in_four = in_four.join(lacking, on=[LINE, "period_end"], how="semi")
    return pl.concat([found, in_four.select(stated.columns)])


def year_ends(facts: pl.DataFrame) -> pl.DataFrame:
    """The last days of fiscal years: of stated years, else of the last quarter in a 10-K."""
    stated = facts.filter(pl.col("kind") == "year").select("company", "period_end").unique()
    yearly = facts.filter(
        pl.col("kind") == "quarter", pl.col("form").str.contains(r"^(10-K|20-F|40-F)")
    )
    last = yearly.filter(pl.col("period_end") == pl.col("period_end").max().over("accession"))
    other = last.select("company", "period_end").unique()
    other = other.join(stated.select("company").unique(), on="company", how="anti")
    return pl.concat([stated, other]).sort("company", "period_end")


def fiscal_label(end: date, year_end: date, *, is_year: bool) -> str:
    """`2023` for a fiscal year, `2023 Q3` for a quarter, counted back from the year's last day."""
    year = (year_end - timedelta(days=10)).year  # 2 January 2022 ends the year 2021
    if is_year:
        return str(year)
    return f"{year} Q{max(1, min(4, 4 - round((year_end - end).days / 91.3)))}"


def _joined(
    left: pl.DataFrame,
    right: pl.DataFrame,
    on: Mapping[str, str],
    values: Sequence[str],
    suffix: str = "_1",
) -> pl.DataFrame:
    """Rows of the left with those of the right where its columns equal those that `on` names."""
    counts = [name for name in map(count_of, values) if name in right.columns]
    used = [LINE, "period_start", "period_end", *_instants(right), *values, *counts]
    used += ["kind"] if "kind" in on else []
    named = {name: f"{name}{suffix}" for name in used if name not in (LINE, "kind")}
    adds_up = right.filter(pl.col("unit") != AVERAGES).select(used).rename(named)
    others = [named.get(name, name) for name in on.values()]
    return left.join(adds_up, left_on=[LINE, *on], right_on=[LINE, *others], coalesce=True)


def _combined(
    frame: pl.DataFrame,
    values: Sequence[str],
    parts: Callable[[str], list[pl.Expr]],
    figure: Callable[[list[pl.Expr]], pl.Expr],
) -> list[pl.Expr]:
    """Figures that follow from their parts; null where one of these is, or a split lies between."""
    found = []
    for name in values:
        whole = figure(parts(name))
        if count_of(name) in frame.columns:
            whole = pl.when(~have_split(*parts(count_of(name)))).then(whole)
        found.append(whole.alias(name))
    return found


def _after(*suffixes: str) -> Callable[[str], list[pl.Expr]]:
    """The parts of a figure that stand in one row."""
    return lambda name: [pl.col(f"{name}{suffix}") for suffix in suffixes]


def _instants(frame: pl.DataFrame) -> list[str]:
    return [name for name in ("known_at", "first_known_at") if name in frame.columns]


def _latest(frame: pl.DataFrame, *suffixes: str) -> list[pl.Expr]:
    """When all the parts of a figure were known."""
    return [
        pl.max_horizontal(name, *(f"{name}{suffix}" for suffix in suffixes)).alias(name)
        for name in _instants(frame)
    ]


def _first(found: list[pl.DataFrame]) -> pl.DataFrame:
    """Of each line and last day the first frame's row that has it."""
    by = [LINE, "period_end"]
    rows = pl.concat([one.select(found[0].columns) for one in found if one.height] or [found[0]])
    return rows.unique(by, keep="first", maintain_order=True)
