"""Overview: what moved and what is due, as known at the clock; refuses to fill a gap with zero."""

from __future__ import annotations

from analytics.core.catalogue import run
from analytics.core.ranking import ranking
from analytics.macro.previous import with_previous
from data.query import Answer, At


def moves(at: At, *, sessions: int = 1, top: int = 6) -> Answer:
    """The largest moves of each asset class in units of each instrument's own volatility.

    Of one instrument under the ids of several sources, the preferred one that is fresh is shown.
    """
    ranks = ranking()
    return run(at, "moves", sessions=sessions, top=top, worse=ranks.worse, better=ranks.better)


def late_releases(at: At, *, within_days: int = 400) -> Answer:
    """Releases past their schedule whose first print was not known."""
    return run(at, "late_releases", within_days=within_days)


def next_releases(at: At, *, top: int = 8) -> Answer:
    """What the calendar held next, as scheduled at the clock, with the period before."""
    return with_previous(run(at, "next_releases", top=top), at)


def event_list(at: At, *, top: int = 400) -> Answer:
    """Events that had happened and were known, newest first."""
    return run(at, "event_list", top=top)


def directory(at: At) -> Answer:
    """Instruments, series and countries by name, for looking up."""
    return run(at, "directory")
