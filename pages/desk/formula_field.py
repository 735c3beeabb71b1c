"""A box for a formula in a rule or a list, and the sentence that says what it comes to."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.formulas.text import FUNCTIONS
from analytics.formulas.values import formula_of, formula_symbol, formula_values
from data.errors import ConfigError, WorkstationError
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.figures import decimals, written
from pages.frame.panel import say
from pages.frame.run import current

PLACEHOLDER = "GOLD/SILVER · yoy(USA CPI) - USA policy rate"
HINT = (
    f"Names, numbers, + - * / ( ) and {', '.join(FUNCTIONS)}. A-B is one name if an "
    "instrument has that ticker; a minus has a blank on each side. "
    "Values are in the unit of the formula."
)


def formula_field(key: str, label: str = "Formula", width: int = 420) -> list[str] | None:
    """What was typed, as the subject of a rule or the member of a list; none where it is none.

    Its last value stands below it, or why it has none.
    """
    typed = st.text_input(label, key=key, placeholder=PLACEHOLDER, help=HINT, width=width)
    if not typed.strip():
        return None
    try:
        symbol = formula_symbol(typed)
        text = formula_of(symbol) or ""
        row = cached(formula_values, current().at, texts=[text]).frame.row(0, named=True)
    except ConfigError as error:
        say(Trouble(sentence(str(error)), "Correct the formula."), "partial")
        return None
    except WorkstationError as error:
        say(explain(error, "formula"), "partial")
        return None
    if row["value"] is None:
        say(Trouble(sentence(str(row["problem"])), "Correct the formula."), "partial")
        return None
    st.caption(f"Last value: {last_words(row)}")
    return [symbol]


def last_words(row: dict[str, Any]) -> str:
    """A value with its unit and date."""
    value = written(row["value"], decimals([row["value"]]))
    late = f"; late: {row['late']}" if row["late"] else ""
    return f"{value} {row['unit']}, {row['date']:%d %b %Y}{late}"
