"""Technical indicators of the instrument: which are chosen, their lines, and their last values."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from analytics.markets.technicals import chosen_indicator, technicals
from data.errors import ConfigError
from data.query import Answer
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.instruments.price_chart import line_name, title_of

USUAL = (
    "sma_20",
    "sma_50",
    "sma_200",
    "ema_20",
    "ema_50",
    "bollinger",
    "high_252",
    "low_252",
    "rsi_14",
    "macd",
    "stochastic",
    "adx",
    "atr_14",
    "roc_20",
    "ulcer_14",
    "obv",
)
PARAMETER, KEY, MOST = "ind", "instrument_ind", 8
COLUMNS = (
    Column("name", "indicator"),
    Column("column", "line"),
    Column("last", "last", "figure"),
    Column("before", "session before", "figure"),
)


def choose() -> list[str]:
    """The indicators that the address names, and the box to change them."""
    words, problems = _asked(str(st.query_params.get(PARAMETER, "")))
    st.session_state[KEY] = words
    st.multiselect(
        "Indicators",
        list(dict.fromkeys([*USUAL, *words])),
        key=KEY,
        format_func=_title,
        max_selections=MOST,
        accept_new_options=True,
        on_change=_tell_url,
        placeholder="RSI, MACD, SMA 50 …",
        width=320,
    )
    for problem in problems:
        say(Trouble(problem, "Choose one of the list."), "partial")
    return words


def _asked(text: str) -> tuple[list[str], list[str]]:
    """The indicators that exist, and a sentence for each that does not."""
    words, problems = [], []
    for word in dict.fromkeys(filter(None, text.split(","))):
        try:
            chosen_indicator(word)
        except ConfigError as error:
            problems.append(sentence(str(error)))
        else:
            words.append(word)
    return words[:MOST], problems


def _title(word: str) -> str:
    try:
        return title_of(chosen_indicator(word))
    except ConfigError:
        return word


def _tell_url() -> None:
    words = [str(word).strip().replace(" ", "_").lower() for word in st.session_state[KEY]]
    if words:
        st.query_params[PARAMETER] = ",".join(words)
    else:
        st.query_params.pop(PARAMETER, None)


def read(symbol: str, words: list[str], since: date | None) -> pl.DataFrame | None:
    """Their columns by session; None where none is chosen, or where the table says why not."""
    if not words:
        return None
    try:
        return cached(technicals, current().at, symbol=symbol, indicators=words, since=since).frame
    except Exception as error:  # noqa: BLE001 - the table of indicators says it
        explain(error, "indicators")
        return None


def table_of(symbol: str, words: list[str], since: date | None) -> None:
    """The last two values of every line, with the receipt of all of them."""
    Panel(
        "Indicators",
        "last session",
        ("prices",),
        "No session of this span was known at the clock.",
    ).show(
        technicals,
        lambda answer: _table(answer, words),
        symbol=symbol,
        indicators=words,
        since=since,
    )


def _table(answer: Answer, words: list[str]) -> str:
    last = answer.frame.tail(2)
    rows = []
    for word in words:
        chosen = chosen_indicator(word)
        for column in chosen.columns:
            values = [_rounded(value) for value in last[column]]
            rows.append(
                {
                    "name": title_of(chosen),
                    "column": line_name(column),
                    "last": values[-1],
                    "before": values[0] if len(values) > 1 else None,
                }
            )
    return table(rows, COLUMNS, caption="Indicators")


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
