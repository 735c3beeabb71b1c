"""The rows of the map in the order of drawing, and their columns as the browser takes them.

A column of numbers goes over as bytes, one of repeated words as the words and a place per tile.
Nothing is made for a single tile here: figures and cards are written by the browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pages.frame.packed import packed

MOST = 10_000  # tiles; more could not be told apart on a screen
LONGEST = 160  # letters of a headline
LEVELS = 255  # between the lowest and the highest close of a line


@dataclass(frozen=True, slots=True)
class Tiles:
    """Rows with their `group` and `area`, and how many more the universe has.

    Where areas are equal, `by_value` is false and `without_value` nought.
    """

    rows: pl.DataFrame
    by_value: bool
    without_value: int
    smaller: int

    @classmethod
    def of(cls, frame: pl.DataFrame, most: int = MOST) -> Tiles:
        """The largest of a market; one without a value only where areas are equal."""
        is_one_kind = frame["asset_class"].n_unique() == 1
        by_value = is_one_kind and frame["market_value"].count() * 2 > frame.height
        valued = frame.filter(pl.col("market_value") > 0) if by_value else frame
        largest = valued.sort(
            "market_value", "symbol", descending=[True, False], nulls_last=True
        ).head(most)
        group = pl.col("sector" if is_one_kind else "asset_class")
        area = pl.col("market_value") if by_value else pl.lit(1.0)
        rows = largest.with_columns(
            pl.when(group != "").then(group).otherwise(pl.lit("not stated")).alias("group"),
            area.alias("area"),
        )
        rows = rows.sort(
            pl.col("area").sum().over("group"),
            "group",
            "area",
            "symbol",
            descending=[True, False, True, False],
        )
        return cls(rows, by_value, frame.height - valued.height, valued.height - rows.height)

    def columns(self, measure: str) -> dict[str, Any]:
        """What the browser draws, with the values of a column of the market."""
        rows = self.rows
        unit = pl.when(asset_class="rate").then(pl.lit("%")).otherwise(pl.col("currency"))
        headline = pl.col("headline")
        is_long = headline.str.len_chars() > LONGEST
        texts = rows.select(
            unit.fill_null("").alias("unit"),
            pl.when(is_long).then(headline.str.head(LONGEST) + "…").otherwise(headline),
            pl.col("headline_at").dt.strftime("%d %b").alias("day"),
        )
        return {
            "symbols": rows["symbol"].to_list(),
            "tickers": rows["ticker"].to_list(),
            "names": rows["name"].to_list(),
            "groups": repeated(rows["group"]),
            "days": repeated(rows["date"], "%d %b %Y"),
            "units": repeated(texts["unit"]),
            "areas": packed(rows["area"].to_numpy(), "<f4") if self.by_value else None,
            "values": numbers(rows[measure]),
            "closes": numbers(rows["close"]),
            "paths": lines(rows["path"]),
            "headlines": texts["headline"].to_list(),
            "headline_days": texts["day"].to_list(),
        }


def numbers(values: pl.Series) -> str:
    """Numbers as they are, to the last bit; what is not known is not a number there either."""
    return packed(values.cast(pl.Float64).fill_null(float("nan")).to_numpy(), "<f8")


def repeated(values: pl.Series, form: str = "") -> dict[str, Any]:
    """The words of a column that has each of them often, and which of them each row has."""
    words = values.unique().sort()
    places = words.search_sorted(values).to_numpy()
    shown = words.dt.strftime(form) if form else words
    return {"words": shown.to_list(), "places": packed(places, "<u2")}


def lines(paths: pl.Series) -> dict[str, Any]:
    """The last closes of each row as levels between its lowest and its highest, and which end no
    lower than they begin."""
    lengths = paths.list.len().fill_null(0)
    low, high = paths.list.min(), paths.list.max()
    reach = (high - low).fill_null(0.0)
    every = pl.DataFrame({"close": paths, "low": low, "reach": reach}).explode(
        "close", empty_as_null=False, keep_nulls=False
    )
    share = (pl.col("close") - pl.col("low")) / pl.col("reach")
    levels = every.select(pl.when(pl.col("reach") > 0).then(share * LEVELS).otherwise(0.0).round())
    rises = (paths.list.last() >= paths.list.first()).fill_null(value=False)
    return {
        "lengths": packed(lengths.to_numpy(), "u1"),
        "levels": packed(np.asarray(levels.to_series().to_numpy()), "u1"),
        "rises": packed(rises.to_numpy(), "u1"),
    }
