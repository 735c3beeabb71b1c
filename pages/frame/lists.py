"""Watchlists as they were at the clock of the view; at Now, those of this very second."""

from __future__ import annotations

import polars as pl

from data.errors import WorkstationError
from data.state import watchlists
from pages.frame.errors import explain
from pages.frame.reader import state_clock
from pages.frame.run import PageRun


def known_lists(run: PageRun) -> dict[str, watchlists.Watchlist]:
    """Every list that existed, by name; none where the state cannot be read, as the frame says."""
    if run.services.state is None:
        return {}
    try:
        return {
            watchlist.name: watchlist
            for watchlist in watchlists.listed(run.services.state, as_of=state_clock(run))
        }
    except WorkstationError as error:
        explain(error, "watchlists")
        return {}


def to_frame(watchlist: watchlists.Watchlist) -> pl.DataFrame:
    """A list as a table, in the columns that an import understands."""
    rows = watchlist.members
    return pl.DataFrame(
        {
            "symbol": [member.symbol for member in rows],
            "weight": [member.weight for member in rows],
            "quantity": [member.quantity for member in rows],
            "tags": ["|".join(member.tags) for member in rows],
            "note": [member.note for member in rows],
        },
        schema={
            "symbol": pl.String,
            "weight": pl.Float64,
            "quantity": pl.Float64,
            "tags": pl.String,
            "note": pl.String,
        },
    )
