"""The named days of the demo world: three crashes, a flash crash and a shutdown of statistics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Calamity:
    """`drop` is the market's return that day, or for a flash crash the depth it recovered from."""

    name: str
    day: date
    drop: float


CRASHES = (
    Calamity("The Quill Panic", date(2008, 10, 15), -0.085),
    Calamity("The Lantern Break", date(2014, 8, 20), -0.060),
    Calamity("The Harbour Stop", date(2020, 3, 12), -0.110),
)
FLASH = Calamity("The Thirty-Minute Vanishing", date(2018, 5, 9), -0.22)
FLASH_UTC_MINUTES = (18 * 60 + 30, 19 * 60)  # half past two in New York
SHUTDOWN = (date(2013, 10, 1), date(2013, 10, 16))  # the USA publishes nothing, then all at once
