"""Company: accounts as they were filed and as they stand, and what follows from them.

**Statements** are by fiscal year, by quarter, or of twelve months, with growth on the year and
common size: parts of revenue, or of total assets. *At the clock* is the last figure filed by then,
*first filed* what was filed first. **R** marks a restated figure, **d** one that follows from
others, such as a fourth quarter, **L** one that was filed late. A figure leads to its readings and
its filing.

**Ratios** are of twelve months, in three readings: of the figures that stand at the clock, of those
that were filed first, and of those before the last restatement. Where there is none, the reason
stands beside it; of banks and insurers neither interest coverage nor debt to equity is given.

**Revenue by place** is as the filing states it; what it does not place is a line of its own.

**Currencies and commodities** has that revenue by currency, and how the share moved with currency
pairs and commodities, with intervals. **Macro impact** takes a change of demand by place and of
currencies to revenue, EBIT and earnings per share, here and ranked over all companies.

**Filings** are listed newest first, from the moment at which the public could read them: acceptance
by EDGAR, or the next morning for what was accepted in the evening. Items of an 8-K are in words;
the list can be narrowed to one form and one item.

**Calendar** has expected reports and ex-dividend dates, marked as estimates with their rule and the
range of earlier years, what was announced, and past dates; or the coming dates of a watchlist.

**Holders** are the managers that report its shares on Form 13F, with what changed since the quarter
before. It is due 45 days after a quarter's end and is known when it is filed. An amendment that
restates replaces a report, one with new holdings adds to it. **✕ off** marks a price implied by
value and shares that the close contradicts; values are shown as filed.

**Simulate** takes edits of the last twelve months: revenue, margin, new debt, a buyback. Lines
follow by identities and cash balances; lines of the balance sheet that are set by hand have to add
up. Thresholds that are crossed stand first; one measure is drawn over steps of revenue and of the
rate. A simulation is saved as a scenario, which its link opens, and compared with another, of this
company or of any. It says when the accounts have changed since the save. Facts stay as they are.

**Edit** corrects a name, sector, industry or country for the whole team, keeps a note, or withdraws
the company from all screens. What was filed stays beside it, earlier clocks show what they showed,
and a later edit takes it back.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.filings.calendar_view import calendar_view
from pages.filings.company_head import company_head
from pages.filings.edit_form import edit_popovers, edit_said
from pages.filings.exposure_view import exposure_view
from pages.filings.filings_view import filings_view
from pages.filings.holders_view import holders_view
from pages.filings.macro_view import macro_view
from pages.filings.places_view import places_view
from pages.filings.ratios_view import ratios_view
from pages.filings.simulate_view import simulate_view
from pages.filings.statements_view import statements_view
from pages.filings.team_edits import edits_panel, record_of, team_line, waiting_edits
from pages.frame.controls import segment
from pages.frame.errors import Trouble
from pages.frame.panel import nothing_known, say
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.search.directory import directory
from pages.search.pickers import pick_company

VIEWS: dict[str, tuple[str, Callable[[str], None]]] = {
    "statements": ("Statements", statements_view),
    "ratios": ("Ratios", ratios_view),
    "places": ("Revenue by place", places_view),
    "filings": ("Filings", filings_view),
    "calendar": ("Calendar", calendar_view),
    "exposure": ("Currencies and commodities", exposure_view),
    "macro": ("Macro impact", macro_view),
    "holders": ("Holders", holders_view),
    "simulate": ("Simulate", simulate_view),
}


def page() -> None:
    """The company, then the view that the address names."""
    known = directory(current(), "company")
    if known.is_empty():
        say(nothing_known(current(), ["companies"]), "empty")
        return
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        first = known.sort("bare", maintain_order=True)["id"][0]  # one that is not withdrawn
        company = pick_company("company", "id", "Company", first)
    names = dict(known.select("id", "label").iter_rows())
    if company not in names:
        text = f"No company {company[:60]!r} is known at this clock."
        say(Trouble(text, "Choose one by its name."), "partial")
        return
    name_tab(names[company])
    company_head(company, names[company])
    state, record = current().services.state, record_of(company)
    with row:
        edit_popovers(state, record)
    edit_said()
    team_line(record)
    if state is not None:
        waiting_edits(state, company)
    view = segment(
        "company",
        "view",
        "View",
        list(VIEWS),
        "statements",
        format_func=lambda name: VIEWS[name][0],
        label_visibility="collapsed",
    )
    VIEWS[view][1](company)
    if record["edited_at"] is not None:
        edits_panel(company)


page()
