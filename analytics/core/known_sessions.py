"""Sessions of single instruments, each read once per version of the lake with all its vintages, so
that a clock not seen before costs a cut instead of a search of the files.

Where only the last years are asked for and the instrument was not read yet, a search of their files
is cheaper. A row is in view from `seen_at` until `superseded_at`. The answers are those of the
queries `history` and `parts/price_rows`, to which their receipts point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from analytics.core.query_texts import expanded, query_text
from analytics.core.ranking import ranking
from data.clock import LAST
from data.kept_results import KeptResults
from data.query import Answer, At, QueryRun, Value

MOST_MB, MOST_SYMBOLS = 24, 3
LONG = timedelta(days=5 * 365)
# As the query of one instrument's sessions gives them, then what says which are in view and shown.
SESSION = (
    *("symbol", "source", "asset_class", "date", "open", "high", "low", "close", "volume"),
    *("dividend", "split_ratio", "currency", "known_at"),
)
VINTAGES = expanded(
    f"SELECT {', '.join(SESSION)}, {{grade}} AS grade, ingested_at, seen_at, superseded_at "  # noqa: S608 - names of ours
    "FROM prices_known WHERE symbol = $symbol ORDER BY source, asset_class, date, known_at"
)
KNOWN: KeptResults[pl.DataFrame] = KeptResults(
    MOST_MB << 20, is_whole=lambda _: True, weight=lambda frame: int(frame.estimated_size())
)


def sessions_known(
    at: At, part: At, *, symbol: str, since: date, asset_class: str | None
) -> Answer | None:
    """One instrument's sessions with how each source stands; none where the lake has to be asked.
    `part` is the same handle with the files that a receipt needs."""
    vintages = _vintages(at, symbol, since)
    if vintages is None or (asset_class is not None and vintages["asset_class"].n_unique() > 1):
        # Among files of one kind a session of another kind ends none of theirs.
        return None
    wanted = vintages.filter(pl.col("seen_at") <= at.as_of, pl.col("date") >= since)
    if asset_class is not None:
        wanted = wanted.filter(asset_class=asset_class)
    stood = (
        wanted.drop_nulls("close")
        .group_by("symbol", "source")
        .agg(
            pl.col("grade").min(),
            pl.col("ingested_at").min().alias("taken_in"),
            pl.col("known_at").min().alias("known_first"),
        )
    )
    stands = ranking().ordered(stood).select("source", standing=pl.int_range(1, pl.len() + 1))
    frame = (
        _in_view(wanted, at)
        .select(SESSION)
        .join(stands, on="source")
        .sort("source", "asset_class", "date")
    )
    params: Mapping[str, Value] = {"symbol": symbol, "since": since, "asset_class": asset_class}
    return _answer(part, "history", params, frame)


def price_rows_known(at: At, part: At, symbols: list[str], since: date) -> Answer | None:
    """Closes and splits of a few instruments; none where the lake has to be asked."""
    frames = []
    for place, symbol in enumerate(symbols if len(symbols) <= MOST_SYMBOLS else ()):
        vintages = _vintages(at, symbol, since)
        if vintages is None:
            return None
        kind, close, ratio = pl.col("asset_class"), pl.col("close"), pl.col("split_ratio")
        shown = _in_view(vintages.filter(pl.col("date") >= since), at)
        frames.append(
            shown.filter(close.is_not_null() | ratio.is_not_null()).select(
                pl.lit(place, pl.Int32).alias("place"),
                "date",
                "source",
                "close",
                "split_ratio",
                pl.when(kind == "crypto").then(365).otherwise(252).cast(pl.Int16).alias("per_year"),
                (kind == "rate").alias("is_rate"),
            )
        )
    if not frames:
        return None
    params: Mapping[str, Value] = {"symbols": symbols, "since": since, "pairs": None}
    return _answer(part, "parts/price_rows", params, pl.concat(frames))


def _in_view(vintages: pl.DataFrame, at: At) -> pl.DataFrame:
    ends = pl.col("superseded_at")
    return vintages.filter(pl.col("seen_at") <= at.as_of, ends.is_null() | (ends > at.as_of))


def _answer(part: At, name: str, params: Mapping[str, Value], frame: pl.DataFrame) -> Answer:
    text = query_text(name)
    tables = part.db.checked(text).tables
    return Answer(frame, (QueryRun(text, params, tables, part, frame),))


def _vintages(at: At, symbol: str, since: date) -> pl.DataFrame | None:
    """Every row of an instrument that ever comes into view; none where that would not be whole, or
    where it is not kept and few of them are wanted."""
    if at.all_vintages or at.pins or at.closed or at.damage("prices"):
        return None
    late = replace(at, as_of=LAST)
    key = (symbol, late.identity(["prices"]))
    if since > (at.as_of - LONG).date():
        return KNOWN.held(key)
    return KNOWN.of(key, lambda: late.sql(VINTAGES, symbol=symbol).frame)
