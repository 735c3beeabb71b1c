"""What the analyst of the recorded world keeps: a watchlist and a book in three currencies."""

from __future__ import annotations

from datetime import datetime, timedelta

from data.state import positions, watchlists
from data.state.db import State
from data.state.values import Edit

LIST, BOOK = "Recorded", "Book"
# Symbol, quantity, price paid, its currency: London trades in pence.
LOTS = (
    ("yahoo:OCDO.L", 100.0, 1200.0, "GBp"),
    ("yahoo:WSU.DE", 50.0, 30.0, "EUR"),
    ("yahoo:NVDA", -10.0, 25.0, "USD"),
)


def furnish(state: State, now: datetime) -> None:
    """Written down on the first evening."""
    edit = Edit("ann", now)
    members = [watchlists.Member(symbol) for symbol, *_ in LOTS]
    watchlists.create(state, LIST, members, edit=edit)
    for symbol, quantity, paid, currency in LOTS:
        since = now - timedelta(days=1)
        draft = positions.Draft(BOOK, symbol, quantity, paid, currency, since)
        positions.enter(state, draft, edit=edit)
