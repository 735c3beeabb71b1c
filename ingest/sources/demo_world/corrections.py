"""Bars that were first printed wrong, and told right later: mostly within days, some in a year.

The rows of a bar that was corrected come twice. What is right is what the panel holds, so the
world's own course does not hang on what was misprinted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.sources.demo_world.draws import Ints, shorts
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import DAY_US, Spec

Columns = dict[str, NDArray[Any]]
_CLASSES = ("equity", "commodity")
_CLOSE, _VOLUME = 16, 24  # of 65,536 bars: their close is off, or their volume
_DIVIDEND = 4_000  # of 65,536 dividends: missing in the bar of their day
_LATE = 6_500  # of 65,536 corrections: more than a year later, as when a vendor audits its files
_HOURS = 9 * DAY_US // 24


def draws_of(spec: Spec, panel: PricePanel) -> Ints | None:
    """Three draws a bar, [symbol, session, draw], where bars of this panel may be misprinted."""
    if panel.asset_class not in _CLASSES:
        return None
    count = len(panel.sessions.days)
    return np.stack(
        [
            shorts(spec.seed, f"{name} misprints", count * 3).reshape(count, 3).astype(np.int64)
            for name in panel.symbols
        ]
    )


def with_misprints(
    panel: PricePanel, draws: Ints, columns: Columns, place: tuple[Ints, Ints]
) -> Columns:
    """The rows as they were printed, each wrong one followed by its correction.

    `place` holds the column of the panel and the session of each row.
    """
    symbol = place[0]
    draws = draws[place]
    kind, size, wait = draws[:, 0], draws[:, 1], draws[:, 2]
    close, volume = kind < _CLOSE, (kind >= _CLOSE) & (kind < _VOLUME)
    missing = (columns["dividend"] > 0) & (size < _DIVIDEND)
    wrong = np.flatnonzero(close | volume | missing)
    right = {name: values[wrong] for name, values in columns.items()}
    days = np.where(wait < _LATE, 380 + wait % 60, 1 + wait % 3)[wrong]
    right["known_at"] = right["known_at"] + days * DAY_US + _HOURS
    _misprint(panel, columns, symbol, close, size)
    columns["volume"] = np.where(volume, columns["volume"] * 10.0, columns["volume"])
    columns["dividend"] = np.where(missing, 0.0, columns["dividend"])
    return {name: np.insert(values, wrong + 1, right[name]) for name, values in columns.items()}


def _misprint(
    panel: PricePanel, columns: Columns, symbol: Ints, where: NDArray[np.bool_], size: Ints
) -> None:
    """The close off by half a percent to four and by a tick at least, inside high and low."""
    grid = np.array([10.0 ** int(places) for places in panel.decimals])[symbol]
    by = (0.005 + 0.035 * (size % 1000) / 1000.0) * np.where(size % 2 == 0, 1.0, -1.0)
    ticks = np.rint(columns["close"] * (1.0 + by) * grid)
    same = ticks == np.rint(columns["close"] * grid)
    printed = np.where(same, ticks + 1.0, ticks) / grid
    columns["close"] = np.where(where, printed, columns["close"])
    columns["high"] = np.where(where, np.maximum(columns["high"], printed), columns["high"])
    columns["low"] = np.where(where, np.minimum(columns["low"], printed), columns["low"])
