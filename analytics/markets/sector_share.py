"""How much of a share's move its sector explains, by the beta that it had before the move.

The sector is the equal-weighted mean of the other shares of the sector on the same days, so that
no share explains itself. What is not between nothing and the whole move is null, never rounded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.closes import Floats, Ints
from analytics.markets.market import HELD, LOOK_BACK, PANELS, market
from data.query import Answer, At

LEAST_OTHERS = 5  # shares beside it that make a sector
LEAST_PAIRS = 40  # of the 60 sessions before the move on which both have a step
LEAST_T = 2.0  # of the beta: below it the share does not follow its sector
FIGURES = ("beta", "t", "pairs", "move", "sector_move", "share")


def sector_share(at: At, *, sessions: int = 1) -> Answer:
    """The share of each equity's move over N of its sessions that the move of its sector explains.

    `sector_move` is the sum over these sessions of the mean log total return of the sector's other
    members on the day, `beta` the slope of the equity's steps on it over the 60 sessions before;
    `share` is beta times `sector_move` over `move`, the equity's own log total return. It is null
    below five others or forty pairs, where beta has a t below 2, and outside 0 to 1.
    """
    every = market(at, sessions=sessions, universe="class:equity")
    shown = every.frame.drop_nulls("sector")
    members = shown.select("symbol", "source", "sector")
    panel = PANELS.of(at, sessions=HELD)
    places = panel.places_of(shown)
    steps = np.diff(panel.level[:, places], axis=0)
    sectors = members["sector"].rank("dense").to_numpy().astype(np.int64) - 1
    # Over all that the panel has: the last N sessions of one reach further back than another's.
    others, count = _others(steps, panel.days[1:, places], sectors)
    rows = slice(-sessions - LOOK_BACK, None)
    figures = _explained(steps[rows], others[rows], sessions)
    frame = members.with_columns(
        pl.Series("others", count[-1]),
        *(pl.Series(name, figures[name], nan_to_null=True) for name in FIGURES),
    )
    return every.derive(frame, f"beta to the sector's other members, {sessions} sessions")


def _others(steps: Floats, days: Ints, sectors: npt.NDArray[np.int64]) -> tuple[Floats, Ints]:
    """Mean step of the sector's other members on the day of each step, and their number."""
    there = np.isfinite(steps)
    dates, day = np.unique(days, return_inverse=True)
    cell = day.reshape(days.shape) * (int(sectors.max(initial=0)) + 1) + sectors
    size = len(dates) * (int(sectors.max(initial=0)) + 1)
    known = np.where(there, steps, 0.0)
    total = np.bincount(cell.ravel(), weights=known.ravel(), minlength=size)[cell]
    count = np.bincount(cell.ravel(), weights=there.ravel(), minlength=size)[cell] - there
    mean = np.full(steps.shape, np.nan)
    np.divide(total - known, count, where=there & (count >= LEAST_OTHERS), out=mean)
    return mean, count.astype(np.int32)


def _explained(steps: Floats, others: Floats, sessions: int) -> dict[str, Floats]:
    """Beta from the rows before the span, and what it makes of the sector's move in the span."""
    both = np.isfinite(others[:-sessions])
    pairs = both.sum(axis=0)
    x, y = (_centred(values[:-sessions], both, pairs) for values in (others, steps))
    spread, joint = (x * x).sum(axis=0), (x * y).sum(axis=0)
    enough = (pairs >= LEAST_PAIRS) & (spread > 0)
    nothing = np.full(pairs.shape, np.nan)
    beta = np.divide(joint, spread, where=enough, out=nothing.copy())
    rest = ((y - beta * x) ** 2).sum(axis=0)
    error = np.sqrt(np.divide(rest, (pairs - 2) * spread, where=enough, out=nothing.copy()))
    t = np.divide(beta, error, where=error > 0, out=np.where(beta > 0, np.inf, nothing))
    move, sector_move = steps[-sessions:].sum(axis=0), others[-sessions:].sum(axis=0)
    share = np.divide(beta * sector_move, move, where=move != 0, out=nothing.copy())
    is_sound = (t >= LEAST_T) & (share >= 0) & (share <= 1)
    figures = (beta, t, pairs, move, sector_move, np.where(is_sound, share, np.nan))
    return dict(zip(FIGURES, figures, strict=True))


def _centred(values: Floats, both: np.ndarray, pairs: Ints) -> Floats:
    """Values less their mean over the rows where both are known, and 0 elsewhere."""
    known = np.where(both, values, 0.0)
    return np.where(both, known - known.sum(axis=0) / np.maximum(pairs, 1), 0.0)
