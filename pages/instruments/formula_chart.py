"""A formula over instruments and series, drawn: `GOLD/SILVER`, `yoy(CPI) - policy rate`."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from analytics.formulas.formula import formula
from analytics.formulas.text import FUNCTIONS, parse_formula
from data.errors import ConfigError
from data.query import Answer
from pages.frame import charts
from pages.frame.errors import Trouble, sentence
from pages.frame.links import follow, tell_url
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.theme import palette

PARAMETER, KEY = "f", "instrument_formula"


def formula_chart(country: str | None, since: date | None) -> None:
    """The box, and the formula's values over the span of the page."""
    text = follow(PARAMETER, KEY).strip()
    st.text_input(
        "Formula",
        key=KEY,
        on_change=tell_url,
        args=(PARAMETER, KEY),
        placeholder="GOLD/SILVER · yoy(CPI) - policy rate · sma(X, 20)",
        help=f"names, numbers, + - * / ( ) and {', '.join(FUNCTIONS)}; "
        "A-B is one name if an instrument has that ticker; a minus has a blank on each side",
    )
    if not text:
        return
    try:
        parse_formula(text)
    except ConfigError as error:
        say(Trouble(sentence(str(error)), "Correct the formula."), "partial")
        return
    Panel(f"Formula: {text[:80]}", "as known at the clock", ("prices",), draws_empty=True).show(
        formula, _drawn, text=text, country=country, since=since
    )


def _drawn(answer: Answer) -> Drawn:
    frame = answer.frame.drop_nulls("value")
    if frame.is_empty():
        return '<div class="b-note">The formula has no value in this span.</div>'
    shown = frame.select("date", "value", pl.lit("formula").alias("source"))
    return charts.line(shown, palette(current().theme), unit=str(frame["unit"][-1] or ""))
