"""Macro observations as they were known: the latest vintage, and joined to prices by instant."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from data.errors import ConfigError
from data.query import Answer, At


def latest(at: At, *, series: list[str] | None = None, since: date | None = None) -> Answer:
    """One row per series and period: its last vintage known at the clock.

    A withdrawn value is a row with a null; a source's own forecasts are left out.
    """
    return run(at, "latest", series=series, since=since or date(1700, 1, 1))


def prices_with_macro(
    at: At,
    *,
    series: list[str],
    currencies: list[str] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Answer:
    """Every close with the value of a series that was public when the close first became known.

    `currencies` names for each series the currency whose prices it joins; without it every
    price gets every series. The value is that of the newest period published by then, null
    before the first print. A close mended later was known when it first was.
    """
    if currencies is not None and len(currencies) != len(series):
        raise ConfigError(
            f"prices_with_macro: {len(series)} series but {len(currencies)} currencies; "
            "expected one currency for each series"
        )
    first, last = since or date(1900, 1, 1), until or date(9999, 12, 31)
    places = None if currencies is None else list(dict.fromkeys(currencies))
    closes = run(
        at.within("prices", first, last),
        "parts/closes_known",
        currencies=places,
        since=first,
        until=last,
    )
    prints = run(at, "parts/headlines", series=series)
    wanted = [0] * len(series) if places is None else [places.index(c) for c in currencies or ()]
    rounds: list[dict[int, str]] = [{}]
    for name, place in zip(series, wanted, strict=True):
        free = next((r for r in rounds if place not in r), None)
        if free is None:
            rounds.append(free := {})
        free[place] = name
    frame = pl.concat([_known_then(closes.frame, prints.frame, names) for names in rounds])
    return closes.join(prints, frame, "each close with the last print known by its known_at")


def _known_then(closes: pl.DataFrame, prints: pl.DataFrame, names: dict[int, str]) -> pl.DataFrame:
    """Closes with the last print of their place's series up to their own `known_at`.

    A print and a close of the very same instant were known together.
    """
    if not set(closes["place"].unique()) <= set(names):
        closes = closes.filter(pl.col("place").is_in(list(names)))
    place = closes["place"].to_numpy()
    values = closes["known_at"].to_physical().to_numpy()
    instants = prints["macro_known_at"].to_physical().to_numpy()
    found = np.full(closes.height, -1, dtype=np.int64)
    for number, name in names.items():
        mine = np.flatnonzero((prints["series_id"] == name).to_numpy())
        rows = np.flatnonzero(place == number)
        last = np.searchsorted(instants[mine], values[rows], side="right") - 1
        if len(mine):
            found[rows] = np.where(last >= 0, mine[last], -1)
    known = pl.Series(found)
    if (found < 0).any():
        known = known.set(known < 0, None)
    said = prints.select(pl.col("period", "value", "macro_known_at").gather(known))
    series = pl.Series("series_id", list(names.values()), dtype=pl.String)
    position = np.zeros(max(names, default=0) + 1, dtype=np.int64)
    position[list(names)] = np.arange(len(names))
    return closes.drop("place").hstack([series.gather(position[place]), *said])
