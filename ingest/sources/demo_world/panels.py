"""Close-to-close paths made into printed bars; refuses to print a price it did not round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.sources.demo_world.draws import Floats, lognormals, rounded
from ingest.sources.demo_world.factors import noise
from ingest.sources.demo_world.sessions import DemoVenue, Sessions
from ingest.sources.demo_world.spec import Spec

_BODY_SHARE = 0.45  # of a day's size: how far a bar's range reaches beyond open and close


@dataclass(frozen=True, slots=True)
class PricePath:
    """Raw closes by session, the return that led there, and the size that was expected."""

    symbols: tuple[str, ...]
    close: Floats
    returns: Floats
    sizes: Floats
    listed: NDArray[np.bool_]
    turnover: Floats  # typical units a session, one per symbol


@dataclass(frozen=True, slots=True)
class PricePanel:
    """Printed bars of the symbols of one venue, [session, symbol]; read only where `listed`."""

    asset_class: str
    venue: DemoVenue
    sessions: Sessions
    symbols: tuple[str, ...]
    currencies: tuple[str, ...]
    listed: NDArray[np.bool_]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    decimals: NDArray[np.int64]
    dividend: Floats | None = None
    split: Floats | None = None
    leaves: NDArray[np.bool_] | None = None  # which are delisted some day, known or not


def printed(
    spec: Spec, path: PricePath, decimals: NDArray[np.int64], crash_low: Floats | None = None
) -> dict[str, Any]:
    """Open, high, low, close and volume of a path, on the price grid of each symbol."""
    count = len(path.close)
    grid = np.array([10.0 ** int(places) for places in decimals])
    own = [f"{symbol} " for symbol in path.symbols]
    gap = 0.35 * path.returns + 0.40 * path.sizes * noise(
        spec.seed, [f"{name}gap" for name in own], count
    )
    np.clip(gap, -0.55, 0.9, out=gap)
    opened = path.close * (1.0 + gap) / (1.0 + path.returns)
    reach = _BODY_SHARE * path.sizes
    up = np.abs(noise(spec.seed, [f"{name}high" for name in own], count)) * reach
    down = np.abs(noise(spec.seed, [f"{name}low" for name in own], count)) * reach
    high = np.maximum(opened, path.close) * (1.0 + up)
    low = np.minimum(opened, path.close) * (1.0 - np.minimum(down, 0.5))
    if crash_low is not None:
        low = low * crash_low
    smallest = 1.0 / grid
    return {
        "open": np.maximum(_on_grid(opened, grid), smallest),
        "high": np.maximum(_on_grid(high, grid), smallest),
        "low": np.maximum(_on_grid(low, grid), smallest),
        "close": np.maximum(_on_grid(path.close, grid), smallest),
        "volume": _volume(spec, path, own),
        "decimals": decimals,
    }


def _on_grid(values: Floats, grid: Floats) -> Floats:
    return np.rint(values * grid) / grid


def _volume(spec: Spec, path: PricePath, own: list[str]) -> Floats:
    volume = 0.7 + 25.0 * np.minimum(np.abs(path.returns), 0.2)
    volume *= path.turnover
    for column, name in enumerate(own):
        volume[:, column] *= lognormals(spec.seed, f"{name}volume", len(volume))
    return np.maximum(rounded(volume / 100.0, 0) * 100.0, 100.0)
