"""The days on which a universe traded, for a slider that goes through them."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.markets.market import HELD, PANELS, YEAR, market
from data.errors import ConfigError
from data.query import Answer, At

LEAST_SHARE = 0.1  # of the instruments; fewer trade on holidays of most


def session_days(
    at: At, *, count: int = 40, universe: str = "", symbols: list[str] | None = None
) -> Answer:
    """The last N days on which a tenth of a universe had sessions, with how many did.

    The instruments are those that traded within ten days of the clock.
    """
    if not 1 <= count <= YEAR:
        raise ConfigError(f"count={count}: expected 1 to {YEAR}")
    every = market(at, universe=universe, symbols=symbols)
    panel = PANELS.of(at, sessions=HELD)
    places = panel.places_of(every.frame)
    days = panel.days[:, places]
    found, members = np.unique(days[days >= 0], return_counts=True)
    often = members >= LEAST_SHARE * len(places)
    frame = pl.DataFrame(
        {
            "date": pl.Series(found[often], dtype=pl.Int32).cast(pl.Date),
            "instruments": pl.Series(members[often], dtype=pl.Int64),
        }
    ).tail(count)
    return every.derive(frame, f"the last {count} days with sessions of a tenth of these")
