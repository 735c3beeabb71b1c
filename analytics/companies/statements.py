"""Statements of one company as they were known: by year, by quarter, or of twelve months."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from analytics.companies.balance import unbalanced_days
from analytics.companies.facts import VALUES, CompanyFacts, company_facts
from analytics.companies.per_share import SPLIT, count_of, have_split, with_share_counts
from analytics.companies.periods import (
    YEAR_BACK,
    fiscal_label,
    quarters,
    trailing_years,
    year_ends,
    years,
)
from data.concepts import STATEMENTS, concepts
from data.errors import ConfigError
from data.query import Answer, At

PERIODS = ("annual", "quarter", "ttm")
BASE_OF = {"income": "Revenues", "cash": "Revenues", "balance": "Assets"}
RESTATED = 1e-9  # by which part of itself a figure must differ to count as restated


def company_statements(
    at: At, *, company: str, period: str = "annual", statement: str | None = None, top: int = 12
) -> Answer:
    """Lines of the accounts of one company by period, each as first filed and as it stands.

    `value` is what is known at the clock, with the filing that says so (`accession`, `known_at`);
    `first_value` what was filed first; `was` what stood before the last restatement, null where a
    line was never restated. `growth` is on the same period a year before, `common_size` the part of
    revenue or of total assets. `derived` says how a line follows from others: a fourth quarter is
    the year less nine months. `flags` names late, restated, unbalanced and derived lines, and with
    `split` a figure per share that is null since a split lies between its parts. `period` is
    `annual`, `quarter` or `ttm`; `top` how many of the last periods.
    """
    if period not in PERIODS:
        raise ConfigError(f"period {period[:40]!r}: expected one of {', '.join(PERIODS)}")
    if statement not in (None, *STATEMENTS):
        raise ConfigError(f"statement {statement!r:.40}: expected one of {', '.join(STATEMENTS)}")
    found = company_facts(at, company)
    lines = period_lines(found.facts, period)
    frame = _described(lines, found, period)
    frame = _compared(frame).filter(
        pl.lit(value=True) if statement is None else pl.col("statement") == statement
    )
    last = frame["period_end"].unique().sort(descending=True).head(max(top, 0))
    frame = frame.filter(pl.col("period_end").is_in(last.implode()))
    return found.answer.derive(frame, f"lines of accounts by {period}, from the facts that stood")


def period_lines(
    facts: pl.DataFrame, period: str, values: tuple[str, ...] = VALUES
) -> pl.DataFrame:
    """Flows by period, and the balances that stand at the ends of these periods."""
    facts = with_share_counts(facts, values)
    by_quarter = quarters(facts, values)
    ends = year_ends(facts)
    if period == "quarter":
        flows = by_quarter
    elif period == "annual":
        flows = years(facts, by_quarter, ends, values)
    else:
        flows = trailing_years(
            facts, by_quarter.select("company", "period_end").unique(maintain_order=True), values
        )
    of = ends if period == "annual" else flows.select("company", "period_end").unique()
    instants = facts.filter(pl.col("kind") == "instant").with_columns(pl.lit("").alias("derived"))
    at_ends = instants.join(of, on=["company", "period_end"], how="semi")
    return pl.concat([flows.select(at_ends.columns), at_ends])


def _described(lines: pl.DataFrame, found: CompanyFacts, period: str) -> pl.DataFrame:
    """Lines with their labels, the names of their periods, and their flags."""
    known = concepts()
    about = pl.DataFrame(
        {
            "concept": list(known),
            "label": [one.label for one in known.values()],
            "statement": [one.statement for one in known.values()],
            "place": range(len(known)),
        }
    )
    ends = year_ends(found.facts)["period_end"].to_list()
    days = lines["period_end"].unique().to_list()
    names = {day: _period_name(day, ends, is_year=period == "annual") for day in days}
    out = list(unbalanced_days(found.facts))
    is_derived = pl.col("derived") != ""
    flags = {
        "late": pl.col("late") & ~is_derived,
        "restated": pl.col("restated"),
        "unbalanced": (pl.col("statement") == "balance") & pl.col("period_end").is_in(out),
        "derived": is_derived,
        SPLIT: is_derived & pl.col("value").is_null(),
    }
    marked = lines.join(about, on="concept").with_columns(
        ((pl.col("was_value") - pl.col("value")).abs() > RESTATED * pl.col("value").abs())
        .fill_null(value=False)
        .alias("restated"),
        pl.col("period_end").replace_strict(names, return_dtype=pl.String).alias("period"),
    )
    texts = [pl.when(one).then(pl.lit(name)) for name, one in flags.items()]
    return marked.with_columns(
        pl.concat_str(texts, separator=",", ignore_nulls=True).alias("flags"),
        pl.when("restated").then("was_value").alias("was"),
        pl.when(is_derived)
        .then(None)
        .otherwise(pl.col("first_accession"))
        .alias("first_accession"),
    ).sort("period_end", "place", descending=[True, False])


def _period_name(day: date, ends: list[date], *, is_year: bool) -> str:
    """A period's name by the fiscal year in which it ends; a running one ends as the last did."""
    ahead = [end for end in ends if end >= day]
    if ahead:
        end = ahead[0]
    elif ends:
        end = ends[-1]
        while end < day - timedelta(days=10):
            end += timedelta(days=365)
    else:
        end = date(day.year, 12, 31)
    while (end - day).days > 370:  # a year whose end was not filed
        end -= timedelta(days=365)
    return fiscal_label(day, end, is_year=is_year)


def _compared(frame: pl.DataFrame) -> pl.DataFrame:
    """Lines with their growth on the year and their part of revenue or of total assets."""
    by, count = ["concept", "unit"], count_of("value")
    before = frame.select(
        *by,
        pl.col("period_end").alias("end_before"),
        pl.col("value").alias("year_before"),
        pl.col(count).alias("count_before"),
    )
    gap = (pl.col("period_end") - pl.col("end_before")).dt.total_days()
    near = (
        frame.select(*by, "period_end")
        .join(before, on=by)
        .filter(gap.is_between(*YEAR_BACK))
        .unique([*by, "period_end"], keep="last", maintain_order=True)
    )
    joined = frame.join(
        near.select(*by, "period_end", "year_before", "count_before"),
        on=[*by, "period_end"],
        how="left",
        maintain_order="left",
    )
    bases = pl.concat(
        frame.filter(concept=concept).select(
            pl.lit(statement).alias("statement"),
            "period_end",
            "unit",
            pl.col("value").alias("base"),
        )
        for statement, concept in BASE_OF.items()
    ).filter(pl.col("base") > 0)
    joined = joined.join(
        bases, on=["statement", "period_end", "unit"], how="left", maintain_order="left"
    )
    was = pl.col("year_before")
    return joined.select(
        *("company", "statement", "concept", "label", "period", "period_start", "period_end"),
        "unit",
        "value",
        # A percentage of a loss, or of nothing, says nothing.
        pl.when(was > 0, ~have_split(pl.col(count), pl.col("count_before")))
        .then(pl.col("value") / was - 1)
        .alias("growth"),
        (pl.col("value") / pl.col("base")).alias("common_size"),
        *("first_value", "first_known_at", "first_accession", "was", "restated"),
        *("known_at", "accession", "form", "source", "derived", "flags"),
    )
