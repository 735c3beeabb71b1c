"""A universe at a glance: every instrument's move over its own sessions, and what stands beside it.

Horizons count sessions of the instrument, never calendar days; what is missing is null. All
horizons of a clock come from one panel in memory, so that choosing another costs no query.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.close_matrix import CloseMatrices, CloseMatrix
from analytics.core.closes import Floats
from analytics.core.money import converted
from analytics.core.ranking import COLUMNS
from analytics.core.universe import Universe, described, labelled
from data.errors import ConfigError
from data.query import Answer, At

YEAR = 252
LOOK_BACK = 60  # one-session moves whose deviation is an instrument's own volatility
LEAST = 20
LEAST_SPANS = 84
HELD = 2 * YEAR + 1
HORIZONS = {"1d": 1, "1w": 5, "1m": 21, "3m": 63, "6m": 126, "1y": 252}
PANELS = CloseMatrices()
STANDING = "standing"


def market(
    at: At,
    *,
    sessions: int = 1,
    universe: str = "",
    symbols: list[str] | None = None,
    currency: str = "USD",
) -> Answer:
    """Moves of a universe over N of each instrument's sessions, with what makes them comparable.

    `sigmas` is the log total return over `usual`, the deviation of the 60 one-session moves
    before it, times the root of N; `z` compares the move with the instrument's own of the last 252
    sessions; `volume_surge` is the turnover against the median of the 20 sessions before;
    `from_high` the distance to the highest close of 252 sessions; `market_value` takes the number
    of shares with the splits since it was known. Rates have a `change` of level
    and no return.
    """
    if not 1 <= sessions <= YEAR:
        raise ConfigError(f"sessions={sessions}: expected 1 to {YEAR}")
    panel, names = PANELS.of(at, sessions=HELD), run(at, "parts/market_named")
    key = sessions, currency, names.damaged, at.identity(["instruments"])
    if key not in panel.measures:  # whatever is asked of a market at a clock is asked of these rows
        panel.measures[key] = _valued(panel, names.frame, sessions, currency)
    frame = panel.measures[key]
    frame = labelled(Universe.read(universe, symbols).of(frame, at.as_of.date())).drop(
        "delisted_on"
    )
    how = f"analytics.market over {sessions} sessions, values in {currency}"
    return panel.answer.join(names, frame, how)


def horizons(at: At, *, universe: str = "", symbols: list[str] | None = None) -> Answer:
    """Total return and own sigmas of every instrument of a universe over six horizons."""
    panel, names = PANELS.of(at, sessions=HELD), run(at, "parts/market_named")
    moves = {label: _measured(panel, sessions) for label, sessions in HORIZONS.items()}
    first = moves["1d"].select(
        "symbol", "source", "asset_class", "date", "close", "currency", *COLUMNS
    )
    frame = first.with_columns(
        *(one["total_return"].alias(label) for label, one in moves.items()),
        *(one["change"].alias(f"{label}_change") for label, one in moves.items()),
        *(one["sigmas"].alias(f"{label}_sigmas") for label, one in moves.items()),
    )
    frame = described(frame, names.frame).drop("shares", "shares_at")
    frame = labelled(Universe.read(universe, symbols).of(frame, at.as_of.date())).drop(
        "delisted_on"
    )
    return panel.answer.join(names, frame, "analytics.market over six horizons")


def cross_asset(at: At, *, universe: str = "", symbols: list[str] | None = None) -> Answer:
    """The middle instrument of each kind over six horizons, in return and in own sigmas."""
    every = horizons(at, universe=universe, symbols=symbols)
    labels = [*HORIZONS, *(f"{label}_sigmas" for label in HORIZONS)]
    frame = (
        every.frame.group_by("asset_class")
        .agg(pl.len().alias("members"), *(pl.col(label).median() for label in labels))
        .sort("asset_class")
    )
    return every.derive(frame, "medians by asset class")


def breadth(
    at: At, *, sessions: int = 1, universe: str = "", symbols: list[str] | None = None
) -> Answer:
    """How many of a universe take part: advancers, new highs, share above their means, spread.

    No row for a universe without members: none of nothing is not a count.
    """
    every = market(at, sessions=sessions, universe=universe, symbols=symbols)
    move = pl.col("total_return")
    frame = every.frame.select(
        pl.len().alias("members"),
        (move > 0).sum().alias("advancers"),
        (move < 0).sum().alias("decliners"),
        (move == 0).sum().alias("unchanged"),
        move.is_null().sum().alias("without_return"),
        pl.col("is_high").sum().alias("highs"),
        pl.col("is_low").sum().alias("lows"),
        pl.col("is_high").count().alias("with_a_year"),
        pl.col("above_50").mean().alias("above_50"),
        pl.col("above_200").mean().alias("above_200"),
        move.median().alias("median"),
        move.std().alias("dispersion"),
    ).filter(pl.col("members") > 0)
    return every.derive(frame, "breadth of these rows")


def contributions(
    at: At,
    *,
    sessions: int = 1,
    universe: str = "class:equity",
    symbols: list[str] | None = None,
    currency: str = "USD",
) -> Answer:
    """What each sector added to the move of the universe, weighted by value at its beginning.

    Only instruments whose value and return are known in the base currency take part; the
    contributions add up to the move of all of them.
    """
    every = market(at, sessions=sessions, universe=universe, symbols=symbols, currency=currency)
    gain = pl.col("price_return_base")
    before = pl.col("market_value") / (1 + gain)
    frame = (
        every.frame.with_columns(before.alias("before"))
        .group_by("sector", maintain_order=True)
        .agg(
            pl.len().alias("members"),
            pl.col("before").count().alias("valued"),
            pl.col("market_value").sum().alias("market_value"),
            pl.col("before").sum().alias("before"),
            (pl.col("before") * gain).sum().alias("gain"),
            (gain > 0).sum().alias("advancers"),
        )
        .filter(pl.col("before") > 0)
        .with_columns(
            (pl.col("gain") / pl.col("before")).alias("return"),
            (pl.col("gain") / pl.col("before").sum()).alias("contribution"),
            (pl.col("before") / pl.col("before").sum()).alias("weight"),
        )
        .sort("contribution", "sector", descending=[True, False])
        .drop("before", "gain")
    )
    return every.derive(frame, "sums by sector, weighted by value at the base date")


def market_groups(at: At) -> Answer:
    """Which kinds, sectors and countries the instruments known at the clock belong to."""
    return run(at, "parts/market_groups")


def _valued(panel: CloseMatrix, names: pl.DataFrame, sessions: int, currency: str) -> pl.DataFrame:
    """Every instrument of the panel with its moves, its names, and its value in a currency."""
    frame = described(_with_money(_measured(panel, sessions), panel, currency), names)
    shares = pl.col("shares") * pl.Series(shares_since(frame, panel.splits))
    value = (pl.col("close") * shares * pl.col("rate")).alias("market_value")
    return frame.with_columns(value).drop("rate", "shares", "shares_at")


def _measured(panel: CloseMatrix, sessions: int) -> pl.DataFrame:
    """One row per instrument of the panel, whatever its age; computed once for all who ask."""
    if sessions not in panel.measures:
        moves, standing = _moves(panel, sessions), _standing(panel)
        surge = standing["volume_surge"]
        moves = moves.insert_column(moves.get_column_index("drawdown"), surge)
        panel.measures[sessions] = moves.hstack(standing.drop("volume_surge"))
    return panel.measures[sessions]


def _moves(panel: CloseMatrix, sessions: int) -> pl.DataFrame:
    """What a span of sessions brought."""
    is_rate = (panel.instruments["asset_class"] == "rate").to_numpy()
    closes, days, level = panel.closes, panel.days, panel.level
    last, base = closes[-1], closes[-1 - sessions]
    sound = (last > 0) & (base > 0) & ~is_rate
    ratio = np.divide(last, base, where=sound, out=np.full(last.shape, np.nan))
    total = level[-1] - level[-1 - sessions]
    usual = own_deviation(np.diff(level[-sessions - LOOK_BACK - 1 :], axis=0), sessions)
    columns = {
        "price_return": ratio - 1,
        "total_return": np.where(is_rate, np.nan, np.expm1(total)),
        "change": np.where(is_rate, last - base, np.nan),
        "sigmas": total / (usual * np.sqrt(sessions)),
        "usual": usual,
        "z": _z(level, sessions),
        "drawdown": below_high(closes[-1 - sessions :], is_rate, whole=False),
    }
    at_end, at_base = days[-1], days[-1 - sessions]
    return panel.instruments.with_columns(
        pl.Series("date", at_end).cast(pl.Date),
        pl.Series("base_date", np.where(at_base < 0, 0, at_base))
        .cast(pl.Date)
        .set(pl.Series(at_base < 0), None),
        pl.Series("close", last),
        *(pl.Series(name, values, nan_to_null=True) for name, values in columns.items()),
    )


def _standing(panel: CloseMatrix) -> pl.DataFrame:
    """Where the last session stands, whatever the span."""
    if STANDING not in panel.measures:
        is_rate, closes = (panel.instruments["asset_class"] == "rate").to_numpy(), panel.closes
        columns = {
            "volume_surge": _surge(panel.turnover),
            "from_high": below_high(closes[-YEAR:], is_rate, whole=True),
            "from_low": above_low(closes[-YEAR:], is_rate),
            "above_50": _against_mean(closes[-50:], is_rate),
            "above_200": _against_mean(closes[-200:], is_rate),
        }
        panel.measures[STANDING] = pl.DataFrame(
            [pl.Series(name, values, nan_to_null=True) for name, values in columns.items()]
        ).with_columns(
            (pl.col("from_high") == 0).alias("is_high"),
            (pl.col("from_low") == 0).alias("is_low"),
            (pl.col("above_50") > 0).alias("above_50"),
            (pl.col("above_200") > 0).alias("above_200"),
        )
    return panel.measures[STANDING]


def own_deviation(steps: Floats, sessions: int = 1) -> Floats:
    """Deviation of the one-session moves before the span; NaN for fewer than twenty."""
    past = steps[-sessions - LOOK_BACK : -sessions]
    return _spread(past, LEAST)


def _z(level: Floats, sessions: int) -> Floats:
    """The span's move against those that ended in the 252 sessions before, this one left out."""
    near = level[-sessions - YEAR - 1 :]
    spans = near[sessions:] - near[:-sessions]
    past = spans[:-1]
    count = np.isfinite(past).sum(axis=0)
    mean = np.divide(
        np.nansum(past, axis=0), count, where=count > 0, out=np.full(count.shape, np.nan)
    )
    score: Floats = (spans[-1] - mean) / _spread(past, LEAST_SPANS)
    return score


def _spread(values: Floats, least: int) -> Floats:
    """Sample deviation of the numbers in each column; NaN for too few, or for numbers all alike."""
    there = np.isfinite(values)
    count = there.sum(axis=0)
    held = np.where(there, values, 0.0)
    mean = np.divide(held.sum(axis=0), count, where=count > 0, out=np.zeros(count.shape))
    squares = np.where(there, values - mean, 0.0) ** 2
    enough = count >= least
    found = np.sqrt(
        np.divide(squares.sum(axis=0), count - 1, where=enough, out=np.full(count.shape, np.nan))
    )
    return np.where(found > 1e-12, found, np.nan)


def _surge(turnover: Floats) -> Floats:
    """The last turnover against the median of the twenty sessions before, which must be ten."""
    past = turnover[-21:-1]
    enough = np.isfinite(past).sum(axis=0) >= 10
    usual = np.full(enough.shape, np.nan)
    if enough.any():
        usual[enough] = np.nanmedian(past[:, enough], axis=0)
    surge: Floats = (
        np.divide(turnover[-1], usual, where=usual > 0, out=np.full(usual.shape, np.nan)) - 1
    )
    return surge


def below_high(closes: Floats, is_rate: np.ndarray, *, whole: bool) -> Floats:
    """The last close against the highest; NaN where a price is missing and all are asked for."""
    sound = (closes > 0).all(axis=0) if whole else (closes[0] > 0) & (closes[-1] > 0)
    top = np.max(np.where(closes > 0, closes, 0.0), axis=0)
    fine = sound & ~is_rate
    below: Floats = np.divide(closes[-1], top, where=fine, out=np.full(top.shape, np.nan)) - 1
    return below


def above_low(closes: Floats, is_rate: np.ndarray) -> Floats:
    """The last close against the lowest; NaN where a price is missing."""
    fine = (closes > 0).all(axis=0) & ~is_rate
    low = np.min(np.where(closes > 0, closes, np.inf), axis=0)
    above: Floats = np.divide(closes[-1], low, where=fine, out=np.full(low.shape, np.nan)) - 1
    return above


def _against_mean(closes: Floats, is_rate: np.ndarray) -> Floats:
    """How far the last close lies above the mean of these; NaN where one is missing."""
    fine = (closes > 0).all(axis=0) & ~is_rate
    return np.where(fine, closes[-1] - closes.mean(axis=0), np.nan)


def shares_since(frame: pl.DataFrame, splits: pl.DataFrame) -> Floats:
    """What one share has become from the day on which the number of shares was known to the last
    session: a split multiplies them long before a source counts them anew."""
    row = pl.col("row")
    rows = frame.with_row_index("row").select("row", "symbol", "source", "date", "shares_at")
    later = (
        rows.join(splits.rename({"date": "split_on"}), on=["symbol", "source"])
        .filter(pl.col("split_on") > pl.col("shares_at").dt.date())
        .filter(pl.col("split_on") <= pl.col("date"))
        .group_by(row)
        .agg(pl.col("ratio").product())
    )
    factor = np.ones(frame.height)
    factor[later["row"].to_numpy()] = later["ratio"].to_numpy()
    return factor


def _with_money(frame: pl.DataFrame, panel: CloseMatrix, currency: str) -> pl.DataFrame:
    """Returns in the base currency, and the rate at the last session."""
    days = panel.days[-1]
    base_days = frame["base_date"].cast(pl.Int32).fill_null(-1).to_numpy()
    rate = converted(panel, frame["currency"], days, currency)
    turned = rate / converted(panel, frame["currency"], base_days, currency)
    in_base = [
        ((pl.col(name) + 1) * pl.Series(turned, nan_to_null=True) - 1).alias(f"{name}_base")
        for name in ("price_return", "total_return")
    ]
    return frame.with_columns(*in_base, pl.Series("rate", rate, nan_to_null=True))
