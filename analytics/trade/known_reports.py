"""Which reports of trade are known at a clock, and what of each is taken.

A report is a reporter's year. Of each one source and one edition of the list of goods are taken:
the source by the rule of sources; the Harmonised System before other lists, of its editions the one
with most rows, then the newest. An edition that states the total of all goods is believed there.

The history of reports is asked once per version of the lake: `known_history`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics.core.known_history import known_history
from analytics.core.ranking import ranking
from data.fields import GRADES
from data.kept_results import KeptResults
from data.query import Answer, At, Value

STEPS = "parts/trade_report_steps"
MOST_MB = 8
REPORT = ["reporter", "year"]
TAKEN_ALIKE = ["year", "source", "taken", "taken_total", "editions", "stated"]
# What a report may state by partner, in the order of the bits of `stated`.
STATEMENTS = [(flow, level) for flow in ("export", "import") for level in (0, 2, 4, 6)]


@dataclass(frozen=True, slots=True)
class KnownReports:
    """A row per reporter and year in `frame`: when and in which grade it was first published, the
    `source` that is taken, its edition of goods (`taken`) and of their total, how many `editions`
    have rows of goods, and what is `stated` by partner, a bit for each of `STATEMENTS`."""

    answer: Answer
    frame: pl.DataFrame

    def published(self, first: int, last: int) -> Answer:
        """When each report of some years was first published."""
        of_years = self.frame.filter(pl.col("year").is_between(first, last))
        shown = of_years.select(*REPORT, "published_at", "vintage_grade")
        return self.answer.derive(shown, "the first of the steps of each report")

    def statements(self, first: int, last: int) -> pl.DataFrame:
        """A row for each direction and level of goods that a reporter states by partner in a year:
        of the others its report says nothing."""
        of_years = self.frame.filter(pl.col("year").is_between(first, last))
        parts = [
            of_years.filter(pl.col("stated") // (1 << place) % 2 == 1).select(
                *REPORT,
                pl.lit(flow).alias("flow"),
                pl.lit(level, pl.Int64).alias("level"),
            )
            for place, (flow, level) in enumerate(STATEMENTS)
        ]
        return pl.concat(parts)

    def parameters(
        self, first: int, last: int, reporters: Sequence[str] | None
    ) -> dict[str, Value]:
        """The reports of some years as `parts/trade_rows` takes them."""
        is_asked = pl.col("year").is_between(first, last)
        if reporters is not None:
            is_asked &= pl.col("reporter").is_in(list(reporters))
        alike = (
            self.frame.filter(is_asked)
            .group_by(TAKEN_ALIKE, maintain_order=True)
            .agg(pl.col("reporter").str.join("\n"))
        )
        return {
            "report_years": alike["year"].to_list(),
            "report_sources": alike["source"].to_list(),
            "report_goods": alike["taken"].to_list(),
            "report_totals": alike["taken_total"].to_list(),
            "report_editions": alike["editions"].to_list(),
            "report_stated": alike["stated"].to_list(),
            "report_codes": alike["reporter"].to_list(),
        }


KEPT: KeptResults[KnownReports] = KeptResults(
    MOST_MB << 20,
    is_whole=lambda known: not known.answer.damaged,
    weight=lambda known: int(known.frame.estimated_size()) + 1_024,
)


def known_reports(at: At) -> KnownReports:
    """The reports of all years that are known at the clock."""
    steps = known_history(at, STEPS).answer
    if steps.damaged or at.closed:
        return KnownReports(steps, of_steps(steps.frame))
    key = at.identity(["trade"])
    found = KEPT.of(key, lambda: KnownReports(steps, of_steps(steps.frame)))
    return KnownReports(steps, found.frame)


def of_steps(steps: pl.DataFrame) -> pl.DataFrame:
    """The reports that the steps up to a clock add up to, by reporter and year."""
    grades = {grade: place for place, grade in enumerate(GRADES)}
    arrived = steps.filter(pl.col("known_first").is_not_null()).with_columns(
        pl.col("vintage_grade").replace_strict(grades, return_dtype=pl.Int64).alias("grade")
    )
    first = arrived.sort("known_first", "grade").group_by(REPORT, maintain_order=True).first()
    published = first.select(*REPORT, pl.col("known_first").alias("published_at"), "vintage_grade")
    return published.join(_taken(steps, arrived), on=REPORT, how="inner").sort(REPORT)


def _taken(steps: pl.DataFrame, arrived: pl.DataFrame) -> pl.DataFrame:
    """Of each report the source, and of its editions those that are taken."""
    sources = arrived.group_by(*REPORT, "source").agg(
        pl.col("grade", "taken_in", "known_first").min()
    )
    source = ranking().ordered(sources, *REPORT).unique(REPORT, keep="first", maintain_order=True)
    counts = [f"{flow}_{level}" for flow, level in STATEMENTS]
    editions = (
        steps.join(source.select(*REPORT, "source"), on=[*REPORT, "source"], how="semi")
        .group_by(*REPORT, "source", "classification")
        .agg(pl.col("goods", "totals", *counts).sum())
    )

    def best(rows: str) -> pl.Expr:
        code = pl.col("classification")
        is_other_list = ~code.str.starts_with("H")
        order = [pl.col(rows) == 0, is_other_list, pl.col("goods"), code]
        return code.sort_by(order, descending=[False, False, True, True]).first()

    return editions.group_by(*REPORT, "source").agg(
        best("goods").alias("taken"),
        best("totals").alias("taken_total"),
        (pl.col("goods") > 0).sum().cast(pl.Int64).alias("editions"),
        pl.sum_horizontal(
            (pl.col(name) > 0).any().cast(pl.Int64) * (1 << place)
            for place, name in enumerate(counts)
        ).alias("stated"),
    )
