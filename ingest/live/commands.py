"""How many commands of the bus a day of the live path costs: what a hosted Redis counts.

Each block of trades is written once and read by archive and monitor, whose points are written
again; a web process reads both while somebody looks. Every process says ten seconds' news.
"""

from __future__ import annotations

from data.settings import Settings
from ingest.live.archive import WINDOW_MS
from ingest.live.feed import SAID_EVERY, TRIMMED_EVERY
from ingest.live.hours import DAY, Hours

A_BLOCK = 4  # feed and monitor write, archive and monitor read
LOOKED_AT = 2  # more for each block, while a page is open
SAYS = 4  # feed: note and notes; monitor: note and trim
BEATS_A_MINUTE = 3  # outside the hours: written once a minute, and read twice


def commands_a_day(settings: Settings, *, watched_hours: float = 8.0) -> int:
    """With the block length and the hours that are set; pages are open for some hours."""
    hours = Hours.parse(settings.live_hours)
    seconds = hours.minutes * 60
    blocks = seconds * 1000 / settings.live_sample_ms
    looked = min(watched_hours * 3600, seconds) * 1000 / settings.live_sample_ms
    said = seconds / SAID_EVERY.total_seconds() * SAYS
    kept = seconds / TRIMMED_EVERY.total_seconds() + seconds * 1000 / WINDOW_MS
    quiet = (DAY - hours.minutes) * BEATS_A_MINUTE
    return round(blocks * A_BLOCK + looked * LOOKED_AT + said + kept + quiet)
