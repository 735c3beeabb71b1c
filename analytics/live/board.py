"""The live desk as it stood at a clock, from the archive: the same points as live."""

from __future__ import annotations

from datetime import datetime, timedelta

from analytics.core.catalogue import run
from analytics.live.live import live_metrics
from data.errors import ConfigError
from data.query import Answer, At

MOST_MINUTES, MOST = 60, 50


def live_board(at: At, *, minutes: int = 10) -> Answer:
    """The points of every instrument that traded in the minutes before the clock, at most fifty.

    Trades that had not arrived by the clock are not in them.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise ConfigError(f"minutes={minutes}: expected 1 to {MOST_MINUTES}")
    start = at.as_of - timedelta(minutes=minutes)
    part = at.within("ticks", start - timedelta(hours=1), at.as_of + timedelta(hours=1))
    names = run(part, "parts/ticking", start=start, most=MOST)
    symbols = names.frame["symbol"].to_list()
    found = live_metrics(at, symbols=symbols, start=start, end=at.as_of + timedelta.resolution)
    return names.join(found, found.frame, "points of the instruments that traded")


def live_tape(
    at: At, *, symbols: list[str] | None = None, minutes: int = 10, count: int = 60
) -> Answer:
    """The last trades that had arrived, newest first."""
    start = at.as_of - timedelta(minutes=minutes)
    part = at.within("ticks", start - timedelta(hours=1), at.as_of + timedelta(hours=1))
    return run(part, "parts/tape", start=start, symbols=symbols or [], count=count)


def tick_gaps(at: At, *, symbols: list[str] | None = None, minutes: int = 60) -> Answer:
    """Trades that a venue numbered and that had not come by the clock, hole by hole."""
    start = at.as_of - timedelta(minutes=minutes)
    part = at.within("ticks", start - timedelta(hours=1), at.as_of + timedelta(hours=1))
    end = at.as_of + timedelta.resolution
    return run(part, "parts/tick_gaps", start=start, end=end, symbols=symbols or [])


def instruments_traded(at: At, *, start: datetime) -> Answer:
    """Instruments of which a trade arrived between an instant and the clock, the busiest first."""
    part = at.within("ticks", start - timedelta(hours=1), at.as_of + timedelta(hours=1))
    return run(part, "parts/ticking", start=start, most=MOST)
