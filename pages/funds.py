"""Managers: what investment managers report on Form 13F, as it was known at the clock.

**Managers** lists all that filed, with their last quarter. Form 13F is due 45 days after a
quarter's end, so a quarter is complete only then; a position is known when it is filed.

**Portfolio** is one manager: positions with weights and what changed since the quarter before
(*new*, *added*, *cut*, *gone*; splits are undone), options apart, concentration and turnover by
quarter, and every filing. An amendment that restates replaces the report, one with new holdings
adds to it; a notice says that others report its positions, and is no sale. **✕ off** marks an
implied price (value / shares) that is more than 1.5 times off the close: often a value in thousands
where dollars are due. Such values are shown as filed.

**Crowding** has the securities that most managers hold and how that moved, or those of a watchlist.

**Overlap** adds up the smaller of two weights over all securities: of two portfolios, or of a
portfolio and a watchlist of equal weights.
"""

from __future__ import annotations

from collections.abc import Callable

from analytics.companies.portfolios import BACK_DAYS
from pages.filings.fund_views import crowding_view, list_view, overlap_view
from pages.filings.holding_words import NEEDS
from pages.filings.portfolio_view import portfolio_view
from pages.frame import freshness
from pages.frame.controls import segment
from pages.frame.errors import Trouble
from pages.frame.panel import nothing_known, say
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.search.directory import directory
from pages.search.pickers import pick_fund

OF_ALL: dict[str, tuple[str, Callable[[], None]]] = {
    "list": ("Managers", list_view),
    "crowding": ("Crowding", crowding_view),
}
OF_ONE: dict[str, tuple[str, Callable[[str], None]]] = {
    "portfolio": ("Portfolio", portfolio_view),
    "overlap": ("Overlap", overlap_view),
}
LABELS = {name: label for name, (label, _) in (OF_ALL | OF_ONE).items()}
LONG_AGO = Trouble(
    f"No manager has filed for a quarter of the last {BACK_DAYS} days.", "Choose an earlier clock."
)
ORDER = ["list", "portfolio", "crowding", "overlap"]


def page() -> None:
    """The view that the address names, and the manager where it is of one."""
    run = current()
    known = directory(run, "manager")
    if known.is_empty():
        missing = freshness.known(run).missing(NEEDS)
        say(nothing_known(run, missing) if missing else LONG_AGO, "empty")
        return
    view = segment(
        "funds",
        "view",
        "View",
        ORDER,
        "list",
        format_func=LABELS.__getitem__,
        label_visibility="collapsed",
    )
    if view in OF_ALL:
        OF_ALL[view][1]()
        return
    manager = pick_fund("funds", "id", "Manager", known["id"][0])
    names = dict(known.select("id", "label").iter_rows())
    if manager not in names:
        text = f"No manager {manager[:60]!r} is known at this clock."
        say(Trouble(text, "Choose one by its name."), "partial")
        return
    name_tab(names[manager])
    OF_ONE[view][1](manager)


page()
