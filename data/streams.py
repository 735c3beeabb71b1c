"""Names of what the bus carries; each stream has one producer, any number of readers.

`ticks:<venue>` trades as the feed had them, `points:<venue>` half-second points of the monitor,
`alerts` what it told, `bias` scores after new releases.
"""

from __future__ import annotations

from data.settings import Settings

ALERTS = "alerts"


def venue_of(settings: Settings) -> str:
    """The venue whose trades a workspace follows."""
    return "demo" if settings.is_demo else "binance"


def ticks(venue: str) -> str:
    """Trades, in blocks with the columns of the ticks dataset."""
    return f"ticks:{venue}"


def points(venue: str) -> str:
    """Points of `analytics.live.live`, made whole."""
    return f"points:{venue}"
