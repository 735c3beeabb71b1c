"""Companies: every company in one table, by what it earns, its ratios, its price and its places.

Narrow the table by sector, country and watchlist, and by a range of any figure: market value,
revenue, ratios, growth, returns, or the part of revenue in one place. The address holds all of it.
Choose a set of columns, or columns one by one, and save them under a name; a whole screen can be
saved, too. *Order by* orders all companies, a click on the head of a column those that are shown.

Measures are of twelve months, from the figures that stand at the clock; money is in the currency of
the accounts unless a column says USD. Returns are with dividends, volatility is of the last 60
sessions, a year's. The ground of a figure says where it stands among the companies shown: strongest
at the highest and at the lowest. A dash has its reason as a hint: no debt, no price, or a line that
is not stated; of banks and insurers neither interest coverage nor debt to equity is given.

**Save as watchlist** keeps the shares of the companies as they are at the clock. **Alert** opens a
rule that fires when a company enters or leaves the screen; a line below the buttons says how many
did in the last 30 days.

A name leads to the company. Accounts that ended more than 18 months before the clock are marked
*old*. A value with ✎ is the team's, with what was filed beside it.
"""

from __future__ import annotations

import streamlit as st

from analytics.core.catalogue import find
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.panel import Panel, nothing_known, say
from pages.frame.run import current
from pages.frame.state_panel import box
from pages.screening.columns import COLUMNS
from pages.screening.filters import ScreenChoice, screen_choice
from pages.screening.results import result_actions, result_table
from pages.screening.saved import choose_columns, saved_screens, say_saved
from pages.search.directory import directory

NEEDS = ("fundamentals", "companies", "prices")
NOTHING = "No company of this choice is known at this clock."
SIZE, FIRSTS = "market_value_usd", {"highest": "Highest first", "lowest": "Lowest first"}


def page() -> None:
    """The filters, the table, and what is saved of them."""
    run = current()
    if directory(run, "company").is_empty():
        say(nothing_known(run, ["companies"]), "empty")
        return
    try:
        chosen = screen_choice()
    except Exception as error:  # noqa: BLE001 - the panel says it where the table would stand
        explain(error, "companies")
        chosen = ScreenChoice()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        columns = choose_columns()
        figures = [name for name, column in COLUMNS.items() if column.filtered]
        order = pick(
            "companies",
            "order",
            "Order by",
            figures,
            SIZE,
            format_func=lambda name: COLUMNS[name].label,
            width=220,
        )
        first = pick(
            "companies",
            "first",
            "Sort order",
            list(FIRSTS),
            "highest",
            format_func=FIRSTS.__getitem__,
        )
    say_saved()
    words = "twelve months, from the figures that stand at the clock"
    Panel("Companies", words, NEEDS, NOTHING).show(
        find("company_table").call,
        lambda answer: result_table(answer, columns, chosen),
        universe=chosen.text,
        companies=chosen.companies,
        order=order,
        lowest_first=first == "lowest",
    )
    box(
        "Watchlist and alert", "of the companies above", lambda state: result_actions(state, chosen)
    )
    box(
        "Saved screens",
        "as they were at the clock",
        lambda state: saved_screens(state, chosen.text),
    )


page()
