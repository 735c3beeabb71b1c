"""A window to be replayed, as the address states it; pure, so that any page can make a link to one.

Refuses to guess: what cannot be read is said in one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analytics.replay.replay import LONGEST, MOST_SYMBOLS, SCALES
from data.clock import iso, parse_instant
from data.errors import ConfigError

FORM = "START/END/SCALE/INSTRUMENTS/COUNTRY/CENTRE"
SECONDS = {"ticks": timedelta(minutes=5), "minutes": timedelta(hours=6), "days": timedelta(days=45)}


@dataclass(frozen=True, slots=True)
class ReplayWindow:
    """What is played: from when to when, how finely, which instruments, whose country's news.

    `centre` is the moment it was opened for, which the stage marks.
    """

    start: datetime
    end: datetime
    scale: str
    symbols: tuple[str, ...]
    country: str = ""
    centre: datetime | None = None

    def text(self) -> str:
        """As the address keeps it."""
        centre = iso(self.centre) if self.centre else ""
        return "/".join(
            (
                iso(self.start),
                iso(self.end),
                self.scale,
                " ".join(self.symbols),
                self.country,
                centre,
            )
        )

    def until(self, moment: datetime) -> ReplayWindow:
        """The same cut off at an instant."""
        return replace(self, end=min(self.end, moment))

    @property
    def params(self) -> dict[str, object]:
        """For the analytics."""
        return {
            "symbols": list(self.symbols),
            "start": self.start,
            "end": self.end,
            "scale": self.scale,
            "country": self.country or None,
        }


def read_window(text: str) -> ReplayWindow:
    """The window that an address asks for."""
    parts = text.split("/")
    if len(parts) != 6:
        raise ConfigError(f"the window {text[:60]!r} cannot be read: expected {FORM}")
    start, end = parse_instant(parts[0]), parse_instant(parts[1])
    symbols = tuple(dict.fromkeys(parts[3].split()))
    found = ReplayWindow(
        start,
        end,
        parts[2],
        symbols,
        parts[4][:3].upper(),
        parse_instant(parts[5]) if parts[5] else None,
    )
    if found.scale not in SCALES:
        raise ConfigError(f"scale {found.scale[:20]!r}: expected one of {', '.join(SCALES)}")
    if start >= end:
        raise ConfigError(f"the window ends at {iso(end)}, not after its start {iso(start)}")
    if not 1 <= len(symbols) <= MOST_SYMBOLS:
        raise ConfigError(f"{len(symbols)} instruments: expected 1 to {MOST_SYMBOLS}")
    if end - start > LONGEST[found.scale]:
        raise ConfigError(
            f"{end - start} by {found.scale}: expected at most {LONGEST[found.scale]}; take a "
            "coarser scale or a shorter window"
        )
    return found


def around(
    moment: datetime, scale: str, symbols: tuple[str, ...], country: str = ""
) -> ReplayWindow:
    """The usual window of a moment, as much before it as after."""
    reach = SECONDS[scale]
    return ReplayWindow(moment - reach, moment + reach, scale, symbols, country, moment)
