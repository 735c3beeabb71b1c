"""Trade: who trades what with whom, as both sides report it, and who depends on whom.

Choose a country or a group, the direction, a year and how fine the goods are; a partner and a kind
of goods narrow it. Values are US dollars of the year. A year is there from the day on which the
country published it; who has not reported yet is named, and is not zero. Where a country reports
months, choose one: growth is then against the same month a year before.

**Flows** has partners, goods, a map, and goods by partner. *World* is as reported, never added
to partners; the difference to their sum stands below. Areas that are not specified, re-exports and
own goods that return are lines of their own. Growth is left out where two years are in different
editions of the list of goods.

**Two sides** has the four numbers of each flow: exports as reported, imports as the partner reports
them, these made FOB (less 6 % where they are CIF), and the gap. The *estimate* weighs both sides by
how much of each reporter's trade agrees with its partners. A gap has many causes: goods in transit,
different years, secrecy; none is inferred.

**Dependency** begins with coverage: the part of the purchases whose supplier is known. Below 80 %
nothing else is said. **Shock** takes exporters away and shows who loses how much. **Position** has
comparative advantage, similar exporters, complexity, trade both ways and trade against the gravity
model.
"""

from __future__ import annotations

from collections.abc import Callable

from pages.frame.controls import segment
from pages.frame.errors import Trouble
from pages.frame.panel import say
from pages.frame.tab_title import name_tab
from pages.world_trade.choice import TradeChoice, choose
from pages.world_trade.dependency_view import dependency_view
from pages.world_trade.flows_view import flows_view
from pages.world_trade.position_view import position_view
from pages.world_trade.shock_view import shock_view
from pages.world_trade.sides_view import sides_view

VIEWS: dict[str, tuple[str, Callable[[TradeChoice], None]]] = {
    "flows": ("Flows", flows_view),
    "sides": ("Two sides", sides_view),
    "dependency": ("Dependency", dependency_view),
    "shock": ("Shock", shock_view),
    "position": ("Position", position_view),
}


OF_YEARS = ("dependency", "shock", "position")  # views that do not know months


def page() -> None:
    """The choices, then the view that the address names."""
    view = segment(
        "trade",
        "view",
        "View",
        list(VIEWS),
        "flows",
        format_func=lambda name: VIEWS[name][0],
        label_visibility="collapsed",
    )
    choice = choose()
    if choice is None:
        return
    name_tab(choice.name)
    if choice.month and view in OF_YEARS:
        text = f"{VIEWS[view][0]} is of whole years: {choice.year} is shown."
        say(Trouble(text, "Choose all year."), "quiet")
    VIEWS[view][1](choice)


page()
