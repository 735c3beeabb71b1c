"""VENUES: the one list of live feeds; a venue is one file that gives arrivals."""

from __future__ import annotations

from ingest.live.venues.base import Venue
from ingest.live.venues.binance import VENUE as BINANCE
from ingest.live.venues.demo import VENUE as DEMO

VENUES: dict[str, Venue] = {venue.name: venue for venue in (DEMO, BINANCE)}
