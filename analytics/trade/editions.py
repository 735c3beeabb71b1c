"""Editions of the Harmonised System: where two years are of different ones, and what bridges them.

Codes moved between editions, even between chapters, so a code of one is no code of the other unless
a stated concordance says so. None is bundled: `concordance.csv` has a line for each code that is
known to mean the same in both, with its reference. The total of all goods needs no bridge.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import cache
from pathlib import Path

import polars as pl

FILE = Path(__file__).with_name("concordance.csv")
TOTAL = "TOTAL"
Bridge = tuple[str, str, str]


@cache
def bridges() -> frozenset[Bridge]:
    """Edition, later edition and code of what means the same goods in both."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return frozenset(
            (row["edition"], row["later"], row["code"]) for row in csv.DictReader(lines)
        )


def is_bridged(
    product: pl.Expr, edition: pl.Expr, before: pl.Expr, known: frozenset[Bridge] | None = None
) -> pl.Expr:
    """Whether a product of an edition is the same as that of an earlier one."""
    links = bridges() if known is None else known
    stated = pl.concat_str(before, edition, product, separator=" ").is_in(
        [" ".join(link) for link in sorted(links)] or [""]
    )
    same = edition.eq_missing(before) & edition.is_not_null()
    return (product == TOTAL) | same | stated.fill_null(value=False)


def purchase_editions(rows: pl.DataFrame, own: Collection[str]) -> pl.DataFrame:
    """In which edition each importer's purchases of a year are stated, by itself where it is one of
    `own`, else by its suppliers; none where these are in several."""
    reports = list(own)
    stated = rows.filter(pl.col("flow") == "import", pl.col("reporter").is_in(reports)).select(
        pl.col("reporter").alias("importer"), "product", "edition"
    )
    mirrored = rows.filter(
        pl.col("flow") == "export", pl.col("kind") == "country", ~pl.col("partner").is_in(reports)
    ).select(pl.col("partner").alias("importer"), "product", "edition")
    is_single = pl.col("edition").n_unique() == 1
    return (
        pl.concat([stated, mirrored])
        .group_by("importer", "product")
        .agg(pl.when(is_single).then(pl.col("edition").first()).alias("edition"))
    )
