"""What a page of one thing opens with when its address names none: seen last, else of use."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.run import current
from pages.search.directory import directory, rows_of
from pages.search.recents import recents

PRICES = ("CPIYOY", "CPI")
LARGEST = "USA"  # the largest economy; where its prices are not known, the next by code


def open_with(kind: str, name: str, first: Callable[[], str]) -> None:
    """Give the address an id, so that the link says what is shown; nothing where it has one."""
    if st.query_params.get(name, "").strip():
        return
    if opened := _seen_last(kind) or first():
        st.query_params[name] = opened


def _seen_last(kind: str) -> str:
    try:
        return next(iter(rows_of(current(), kind, recents(kind))), "")
    except Exception as error:  # noqa: BLE001 - the frame says what is wrong with the lake
        explain(error, "directory")
        return ""


def a_broad_index() -> str:
    """An index of the whole market, else the first instrument; none where nothing is known."""
    if index := market_index():
        return index
    try:
        every = directory(current(), "instrument")["id"].to_list()
    except Exception as error:  # noqa: BLE001 - the frame says what is wrong with the lake
        explain(error, "directory")
        return ""
    return str(every[0]) if every else ""


def market_index() -> str:
    """An index of the whole market; none where no index is known."""
    try:
        indices = cached(find("first_index").call, current().at).frame["symbol"].to_list()
    except Exception as error:  # noqa: BLE001 - the frame says what is wrong with the lake
        explain(error, "index")
        return ""
    return str(indices[0]) if indices else ""


def a_price_index() -> str:
    """Consumer prices of the largest country that has them, else the first series."""
    try:
        frame = directory(current(), "series")
    except Exception as error:  # noqa: BLE001 - the frame says what is wrong with the lake
        explain(error, "directory")
        return ""
    place = pl.col("code").replace_strict(
        {name: number for number, name in enumerate(PRICES)}, default=len(PRICES)
    )
    abroad = ~pl.col("detail").str.starts_with(f"{LARGEST} ")
    ordered = frame.sort(place == len(PRICES), abroad, place, "id")
    return str(ordered["id"][0]) if ordered.height else ""
