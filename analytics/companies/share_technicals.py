"""What the price of companies' shares did: returns, volatility, the distance to the year's high.

From the closes that the market pages read, adjusted for the splits known at the clock. Null until
a window is full.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.core.close_matrix import CloseMatrix
from analytics.core.closes import Floats
from analytics.markets.market import HELD, HORIZONS, PANELS, YEAR, below_high
from data.query import Answer, At

WINDOW = 60  # sessions of realised volatility
PATH = 60  # closes of a price line
PAST = {"return_1m": HORIZONS["1m"], "return_3m": HORIZONS["3m"], "return_12m": HORIZONS["1y"]}
TECHNICALS = (*PAST, "volatility", "from_high")
SHARE = ["symbol", "source", "asset_class"]


def share_technicals(shares: pl.DataFrame, at: At) -> Answer:
    """`company` with the technicals of its share and its last 60 closes, given its `symbol` and
    `price_source`; companies without a fresh price are left out.

    Returns are with dividends. `volatility` is the sample deviation of 60 daily log returns, a
    year's; `from_high` the last close against the highest of 252.
    """
    panel = PANELS.of(at, sessions=HELD)
    priced = shares.drop_nulls(["symbol", "price_source"]).select(
        "company",
        "symbol",
        pl.col("price_source").alias("source"),
        pl.lit("equity").alias("asset_class"),
    )
    held = priced.join(panel.instruments.select(SHARE), on=SHARE, how="semi", maintain_order="left")
    places = panel.places_of(held)
    frame = held.select("company").with_columns(
        *(pl.Series(name, of, nan_to_null=True) for name, of in _measured(panel, places).items()),
        _paths(panel.closes[-PATH:, places]),
    )
    return panel.answer.derive(frame, "returns, volatility and distance to the high of shares")


def _measured(panel: CloseMatrix, places: np.ndarray) -> dict[str, Floats]:
    """Each technical of the instruments at these places."""
    level, closes = panel.level[:, places], panel.closes[-YEAR:, places]
    steps = np.diff(level[-WINDOW - 1 :], axis=0)
    is_rate = np.zeros(len(places), dtype=bool)
    returns = {name: np.expm1(level[-1] - level[-1 - back]) for name, back in PAST.items()}
    return {
        **returns,
        "volatility": np.std(steps, axis=0, ddof=1) * np.sqrt(YEAR),
        "from_high": below_high(closes, is_rate, whole=True),
    }


def _paths(closes: Floats) -> pl.Series:
    rows = pl.Series("price_path", np.ascontiguousarray(closes.T)).cast(pl.List(pl.Float64))
    return rows.list.filter(pl.element().is_finite())
