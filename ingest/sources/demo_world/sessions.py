"""Venues and their real sessions, half-days included; refuses nothing but unknown calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from data.errors import ConfigError
from ingest.sources.demo_world.draws import Ints
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY
from ingest.sources.demo_world.tables import day_number, local_instants


@dataclass(frozen=True, slots=True)
class DemoVenue:
    """A market: prices are printed in `currency` with `decimals`, and arrive `delay_min` late."""

    code: str
    calendar: str
    currency: str
    country: str | None
    decimals: int
    delay_min: int = 15
    level: float = 1.0  # how large a typical price is beside one in dollars


VENUES = {
    venue.code: venue
    for venue in (
        DemoVenue("XNYS", "XNYS", "USD", "USA", 2),
        DemoVenue("XNAS", "XNYS", "USD", "USA", 2),
        DemoVenue("XLON", "XLON", "GBp", "GBR", 1, 20, 10.0),
        DemoVenue("XTKS", "XTKS", "JPY", "JPN", 0, 20, 60.0),
        DemoVenue("XETR", "XETR", "EUR", "DEU", 2),
        DemoVenue("XPAR", "XPAR", "EUR", "FRA", 2),
        DemoVenue("XHKG", "XHKG", "HKD", "CHN", 2, 20),
        DemoVenue("XTSE", "XTSE", "CAD", "CAN", 2),
        DemoVenue("XASX", "XASX", "AUD", "AUS", 2, 20, 0.5),
        DemoVenue("XSWX", "XSWX", "CHF", "CHE", 2),
        DemoVenue("XJSE", "XJSE", "ZAc", "ZAF", 0, 20, 150.0),
        DemoVenue("XCME", "CMES", "USD", None, 2, 10),
        DemoVenue("FX", "24/5", "USD", None, 5, 1),
        DemoVenue("DEMOCOIN", "24/7", "USD", None, 4, 1),
    )
}
_FIRST_VENUES = ("XNYS", "XLON", "XTKS", "XNYS")
_LATER_VENUES = (
    *("XNYS", "XNAS", "XLON", "XTKS", "XETR", "XNYS", "XPAR"),
    *("XHKG", "XTSE", "XNAS", "XASX", "XSWX", "XJSE"),
)


def venue_of_issuer(number: int) -> DemoVenue:
    """Three venues serve the first 36 issuers, so that the small scale stays small."""
    if number < 36:
        return VENUES[_FIRST_VENUES[number % 4]]
    return VENUES[_LATER_VENUES[number % 13]]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Days since 1970 and the instants at which they opened and closed."""

    days: Ints
    opens: Ints
    closes: Ints

    def known(self, venue: DemoVenue) -> Ints:
        """When a session's bar can be had: its close, early or not, plus the feed's delay."""
        return self.closes + venue.delay_min * 60_000_000


@lru_cache(maxsize=32)
def sessions(calendar: str, until: date) -> Sessions:
    """All sessions from 2005 to `until`."""
    if calendar == "24/7":
        days = np.arange(day_number(FIRST_DAY), day_number(until) + 1, dtype=np.int64)
        return Sessions(days, days * DAY_US, (days + 1) * DAY_US)
    if calendar == "24/5":
        days = weekdays(until)
        evening = np.full(len(days), 17 * 60)
        zone = "America/New_York"
        return Sessions(
            days, local_instants(days - 1, evening, zone), local_instants(days, evening, zone)
        )
    import exchange_calendars  # half a second, which only this needs

    try:
        found = exchange_calendars.get_calendar(
            calendar, start=FIRST_DAY.isoformat(), end=(until + timedelta(days=1)).isoformat()
        )
    except ValueError as error:
        raise ConfigError(
            f"until {until.isoformat()}: exchange-calendars has no sessions of {calendar} so far "
            f"ahead ({str(error)[:80]}); give an earlier --until"
        ) from error
    days = found.sessions.to_numpy().astype("datetime64[D]").astype(np.int64)
    keep = days <= day_number(until)
    opens = found.opens.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    closes = found.closes.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return Sessions(days[keep], opens[keep], closes[keep])


def weekdays(until: date) -> Ints:
    """Mondays to Fridays from 2005 to `until`, as days since 1970."""
    days = np.arange(day_number(FIRST_DAY), day_number(until) + 1, dtype=np.int64)
    return days[(days + 3) % 7 < 5]
