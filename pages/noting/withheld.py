"""A note that may not be shown: that it is withheld, and, folded, for which words and why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analytics.notes.gate import NoteProblem
from analytics.notes.sections import BY_NAME
from data.state.analyst_notes import WithheldFor
from pages.frame.errors import Trouble
from pages.frame.panel import say
from pages.frame.tables import Column, table

REASONS = (
    Column("section", "section"),
    Column("quote", "words", "wide"),
    Column("reason", "why", "wide"),
)


def withheld(problems: Sequence[NoteProblem | WithheldFor], step: str) -> None:
    """The words are quoted as words, never shown as what a note says."""
    words = "1 reason" if len(problems) == 1 else f"{len(problems)} reasons"
    say(Trouble("This note is withheld: it says what no fact shows.", step), "partial")
    with st.expander(f"Why it is withheld: {words}", key="notes_why"):
        rows = [
            {
                "section": BY_NAME[one.section].title if one.section in BY_NAME else one.section,
                "quote": one.quote,
                "reason": one.reason,
            }
            for one in problems
        ]
        st.html(f'<div class="b-box">{table(rows, REASONS, caption="Withheld")}</div>')
