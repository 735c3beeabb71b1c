"""What a word means among the instruments known at the clock; several meanings are all given.

Understands ids, ISINs, FIGIs, `LSE:VOD` and `VOD.L`, tickers, aliases and whole names, in this
order: a word means only what it means in the surest way.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import polars as pl

from analytics.core.catalogue import run
from analytics.core.ranking import COLUMNS, ranking
from data.query import Answer, At

TICKER = 4  # `how` of a ticker; ids, ISINs, FIGIs and tickers of a market come before it
VENUES = Path(__file__).parents[1] / "venues.toml"


def resolve(at: At, *, words: list[str]) -> Answer:
    """A row for each word and instrument that it may mean; none for a word that means nothing.

    Where several sources have one instrument, the preferred one stands for it.
    """
    names = list(dict.fromkeys(words))
    split = [market_of(word) for word in names]
    found = run(
        at,
        "parts/resolve",
        words=names,
        venues=[venue for venue, _ in split],
        tickers=[ticker for _, ticker in split],
    )
    return found.derive(_preferred(found.frame), "one source for each instrument")


def market_of(word: str) -> tuple[str, str]:
    """Market code and ticker of `LSE:VOD` or `VOD.L`; two empty texts for any other word."""
    prefixes, suffixes = _venues()
    before, colon, after = word.upper().partition(":")
    if colon and after and (code := prefixes.get(before.replace(" ", ""))):
        return code, after
    head, dot, tail = word.upper().rpartition(".")
    if dot and head and (code := suffixes.get(tail)):
        return code, head
    return "", ""


@cache
def _venues() -> tuple[dict[str, str], dict[str, str]]:
    raw = tomllib.loads(VENUES.read_text(encoding="utf-8"))
    prefixes, suffixes = (
        {name: code for code, names in raw[part].items() for name in names}
        for part in ("prefixes", "suffixes")
    )
    return prefixes, suffixes


def _preferred(frame: pl.DataFrame) -> pl.DataFrame:
    """Without ids for which a preferred one is among the same word's, and one row per id.

    Two ids of one ISIN at one market are one instrument too.
    """
    ranks = ranking()
    pairs = pl.DataFrame(
        {"symbol": ranks.worse, "better": ranks.better},
        schema={"symbol": pl.String, "better": pl.String},
    )
    there = frame.select("word", pl.col("symbol").alias("better"))
    worse = frame.join(pairs, on="symbol").join(there, on=["word", "better"])
    kept = frame.join(worse, on=["word", "symbol"], how="anti", maintain_order="left")
    same = pl.when(pl.col("isin").is_not_null() & pl.col("venue").is_not_null()).then(
        pl.concat_str("isin", "venue", "currency", separator="|", ignore_nulls=True)
    )
    return (
        ranks.ordered(kept, "word")
        .with_columns(same.fill_null(pl.col("symbol")).alias("same"))
        .unique(["word", "same"], keep="first", maintain_order=True)
        .unique(["word", "symbol"], keep="first", maintain_order=True)
        .sort("word", "symbol")
        .drop("same", *COLUMNS)
    )
