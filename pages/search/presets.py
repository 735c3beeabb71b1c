"""Members chosen with one click: asset classes, sectors, or a watchlist; kept in the address."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from analytics.home.strip import lines
from pages.frame.controls import segment
from pages.frame.lists import known_lists
from pages.frame.run import current
from pages.search.universe import Chosen

OWN, CLASSES, SECTORS, LIST = "universe", "classes", "sectors", "list:"
NAMES = {OWN: OWN, CLASSES: "asset classes", SECTORS: "sectors"}
MOST_LISTS = 8  # side by side; the box of the universe has them all
FUNDS = ("index", "etf")
SHARES = ("index", "etf", "equity")


def choose_preset(page: str) -> str:
    """Draw the presets in a row, and give the chosen one."""
    lists = list(known_lists(current()))
    asked = st.query_params.get("preset", "").removeprefix(LIST)
    shown = [name for place, name in enumerate(lists) if place < MOST_LISTS or name == asked]
    options = [*NAMES, *(LIST + name for name in shown)]
    return segment(page, "preset", "Members", options, OWN, format_func=preset_name)


def preset_universe(preset: str) -> Chosen:
    """What a preset narrows before its members are picked: a watchlist as it was at the clock."""
    found = known_lists(current()).get(preset.removeprefix(LIST))
    symbols = list(found.symbols) if found and preset.startswith(LIST) else None
    return Chosen("", symbols, preset_name(preset))


def preset_name(preset: str) -> str:
    """A preset in words."""
    return NAMES.get(preset) or f"list {preset.removeprefix(LIST)}"


def asset_classes(market: pl.DataFrame) -> pl.DataFrame:
    """The instruments of the market strip, of each line one; of a kind without any the largest.

    Shares and funds count as the kind of an index: where an index is there, they are not.
    """
    known = set(market["symbol"])
    chosen = [[symbol for symbol in several if symbol in known][:1] for _, several in lines()]
    in_strip = market.filter(pl.col("symbol").is_in([symbol for line in chosen for symbol in line]))
    is_shares = pl.col("asset_class").is_in(SHARES)
    kind = pl.when(is_shares).then(pl.lit("index")).otherwise("asset_class").alias("kind")
    rest = market.with_columns(kind).join(
        in_strip.select(kind), on="kind", how="anti", maintain_order="left"
    )
    largest = _largest(rest, "kind").drop("kind")
    return pl.concat([in_strip, largest]).sort("asset_class", "symbol")


def sectors(market: pl.DataFrame) -> pl.DataFrame:
    """An index or fund of each sector of shares; of a sector without one its largest share."""
    shares = market.filter(pl.col("sector").is_not_null(), asset_class="equity")
    funds = market.filter(
        pl.col("asset_class").is_in(FUNDS),
        pl.col("sector").is_in(shares["sector"].unique().to_list()),
    )
    funds = funds.sort("asset_class", "symbol", descending=[True, False])  # an index before a fund
    funds = funds.unique("sector", keep="first", maintain_order=True)
    rest = shares.filter(~pl.col("sector").is_in(funds["sector"].to_list()))
    return pl.concat([funds, _largest(rest, "sector")]).sort("sector", "symbol")


PICKED: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    CLASSES: asset_classes,
    SECTORS: sectors,
}


def _largest(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Of each value of the column the instrument of the largest market value, then by id."""
    ranked = frame.sort("market_value", "symbol", descending=[True, False], nulls_last=True)
    return ranked.unique(column, keep="first", maintain_order=True)
