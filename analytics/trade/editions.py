"""Editions of the Harmonised System: where two years are of different ones, and what bridges them.

Codes moved between editions, even between chapters, so a code of one is no code of the other unless
a stated concordance says so. None is bundled: `concordance.csv` has a line for each code that is
known to mean the same in both, with its reference. The total of all goods needs no bridge.
"""

from __future__ import annotations

import csv
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


def is_sitc() -> pl.Expr:
    """Whether a row's code is of the SITC, where the same codes stand for other goods; the total is
    the same in all lists, and nothing stated means the Harmonised System."""
    is_other = pl.col("edition").str.starts_with("S").fill_null(value=False)
    return is_other & (pl.col("product") != TOTAL)


def level_of(product: str = "product") -> pl.Expr:
    """The level of a code: 0 of all goods together, else 2, 4 or 6, as it has so many digits."""
    digits = pl.col(product).str.len_chars().cast(pl.Int64)
    even = pl.min_horizontal(digits + digits % 2, pl.lit(6, pl.Int64))
    return (
        pl.when(pl.col(product) == TOTAL).then(pl.lit(0, pl.Int64)).otherwise(even).alias("level")
    )


def purchase_editions(rows: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """In which edition each importer's purchases of a year are stated, by itself where it is a
    `buyer` of `own` at that level, else by its suppliers; none where these are in several."""
    key = ["importer", "level"]
    reports = own.select(pl.col("buyer").alias("importer"), "level")
    levelled = rows.with_columns(level_of())
    stated = levelled.filter(pl.col("flow") == "import").rename({"reporter": "importer"})
    stated = stated.join(reports, on=key, how="semi").select("importer", "product", "edition")
    mirrored = levelled.filter(pl.col("flow") == "export", pl.col("kind") == "country")
    mirrored = mirrored.rename({"partner": "importer"})
    mirrored = mirrored.join(reports, on=key, how="anti").select("importer", "product", "edition")
    is_single = pl.col("edition").n_unique() == 1
    return (
        pl.concat([stated, mirrored])
        .group_by("importer", "product")
        .agg(pl.when(is_single).then(pl.col("edition").first()).alias("edition"))
    )
