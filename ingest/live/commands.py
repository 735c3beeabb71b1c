"""How many commands of the bus a day of the live path costs: what a hosted Redis counts.

Each block of trades is written once and read by archive and monitor, whose points are written
again; a web process reads both at once while somebody looks, and asks for notes. Every process says
ten seconds' news. Outside the hours one beat a minute is written and read.
"""

from __future__ import annotations

from data.hours import DAY, Hours
from data.settings import Settings
from ingest.live.archive import WINDOW_MS
from ingest.live.feed import SAID_EVERY, TRIMMED_EVERY

A_BLOCK = 4  # feed and monitor write, archive and monitor read
LOOKED_AT = 1  # more for each block, while a page is open
NOTES_S = 5  # between two askings for notes by a page, or a block where that is longer
SAYS = 4  # feed: note and notes; monitor: note and trim
BEATS_A_MINUTE = 4  # outside the hours: written once a minute, read twice, a word now and then
LOOKS_A_MINUTE = 2  # more outside the hours, while a page is open


def commands_a_day(settings: Settings, *, watched_hours: float = 8.0) -> int:
    """With the block length and the hours that are set; pages are open for some hours."""
    hours = Hours.parse(settings.live_hours)
    seconds = hours.minutes * 60
    blocks = seconds * 1000 / settings.live_sample_ms
    watched = min(watched_hours * 3600, seconds)
    looked = watched * 1000 / settings.live_sample_ms * LOOKED_AT
    looked += watched / max(NOTES_S, settings.live_sample_ms / 1000)
    looked += (watched_hours * 60 - watched / 60) * LOOKS_A_MINUTE
    said = seconds / SAID_EVERY.total_seconds() * SAYS
    kept = seconds / TRIMMED_EVERY.total_seconds() + seconds * 1000 / WINDOW_MS
    quiet = (DAY - hours.minutes) * BEATS_A_MINUTE
    return round(blocks * A_BLOCK + looked + said + kept + quiet)
