"""What is asked for: seed, last day and size; the same three make the same world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from data.errors import ConfigError

FIRST_DAY = date(2005, 1, 1)
FIRST_MONTH = date(2003, 1, 1)  # two hidden years, so that yearly changes exist from 2005 on
EARLIEST_UNTIL = date(2015, 12, 31)  # from then on every dataset has rows
LATEST_UNTIL = date(2040, 12, 31)
DAY_US = 86_400_000_000
GENERATOR = 8  # raised whenever the same arguments give other rows


_VENUES = ("XNYS", "DEMOCOIN", "XNAS", "XLON", "XTKS", "XCME", "FX")  # whose minutes are kept


@dataclass(frozen=True, slots=True)
class WorldScale:
    """How many of each; a smaller scale holds a part of the entities of a larger one."""

    name: str
    countries: int
    issuers: int
    commodities: int
    pairs: int
    coins: int
    chapters: int
    watched: int
    minute_symbols: int
    minute_venues: tuple[str, ...]
    tick_minutes: int
    news_from: int
    curves_from: int


SCALES = {
    scale.name: scale
    for scale in (
        WorldScale("small", 6, 36, 6, 6, 4, 4, 8, 2, _VENUES[:2], 20, 2024, 2019),
        WorldScale("default", 40, 600, 60, 30, 40, 20, 60, 10, _VENUES, 90, 2015, 2005),
        WorldScale("huge", 40, 3000, 60, 30, 40, 20, 300, 60, _VENUES, 120, 2005, 2005),
    )
}


@dataclass(frozen=True, slots=True)
class Spec:
    """One world."""

    seed: int
    until: date
    scale: WorldScale

    @property
    def end(self) -> datetime:
        """The first instant of which this world knows nothing."""
        midnight = datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC)
        return midnight + timedelta(days=1)

    @property
    def end_us(self) -> int:
        """`end` in microseconds since 1970."""
        return (self.until - date(1970, 1, 1)).days * DAY_US + DAY_US


def make_spec(seed: int, until: date, scale: str = "default") -> Spec:
    """A checked Spec, or one sentence that says which argument cannot be used."""
    if scale not in SCALES:
        raise ConfigError(f"scale {scale[:40]!r}: expected one of {', '.join(SCALES)}")
    if not 0 <= seed < 2**32:
        raise ConfigError(f"seed {seed}: expected a whole number from 0 to {2**32 - 1}")
    if not EARLIEST_UNTIL <= until <= LATEST_UNTIL:
        raise ConfigError(
            f"until {until.isoformat()}: expected a date from {EARLIEST_UNTIL} to {LATEST_UNTIL}"
        )
    return Spec(seed, until, SCALES[scale])
