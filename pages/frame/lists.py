"""Watchlists as they were at the clock of the view; at Now, those of this very second."""

from __future__ import annotations

from data.errors import WorkstationError
from data.state import watchlists
from pages.frame.errors import explain
from pages.frame.resources import now
from pages.frame.run import Run


def known_lists(run: Run) -> dict[str, watchlists.Watchlist]:
    """Every list that existed, by name; none where the state cannot be read, as the frame says."""
    if run.services.state is None:
        return {}
    # Now is kept to the minute for the sake of caches; a list made a moment ago is there already.
    moment = now() if run.view.is_now else run.view.as_of
    try:
        return {held.name: held for held in watchlists.listed(run.services.state, as_of=moment)}
    except WorkstationError as error:
        explain(error, "watchlists")
        return {}
