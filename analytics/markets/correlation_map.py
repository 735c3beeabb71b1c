"""How the instruments of a universe move together, in an order that puts like beside like.

Every pair is measured on one common sample: levels are cut to the dates on which all of them have
one, then differenced, so that nothing is filled in. Stars are given only after the tests of all
pairs were judged together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.catalogue import run
from analytics.core.close_matrix import CloseMatrix, read_panel
from analytics.core.closes import Floats, Ints
from analytics.core.intervals import NORMAL_95
from analytics.core.ranking import COLUMNS, ranking
from analytics.core.universe import described, labelled
from analytics.formulas.moves import formula_instruments
from analytics.formulas.values import formula_of, formulas_in
from analytics.markets.correlated_formulas import FormulaLevels, correlated_formulas
from analytics.markets.correlation import LEAST_RETURNS, correlated, week_ends
from analytics.markets.market import YEAR
from data.errors import ConfigError
from data.query import Answer, At

FALSE_SHARE = 0.10  # of the stars, how many may be chance
APART_HOURS = 4.0
BEST_ORDER_BELOW = 150  # the best order of leaves costs the cube of their number
ROLLING = 60
# Two windows of a year also where an instrument has a session on every day of the week.
HELD = 3 * YEAR + 1


def correlation_map(
    at: At, *, symbols: list[str], sessions: int = YEAR, weekly: bool = False, shrunk: bool = False
) -> Answer:
    """Every pair over the last N common sessions, against the N before, in clustered order.

    Returns are logs with dividends put back in, for rates changes of the level; `weekly` takes
    them from Wednesday to Wednesday. `low`, `high` and `significant` (at a false discovery share
    of 10 %) judge the plain coefficient; `shrunk` draws `correlation` towards zero by `shrinkage`
    (Ledoit-Wolf). An instrument with fewer sessions than asked has null throughout, and takes no
    date from the others. A symbol may be a formula, such as `=GOLD/SILVER`; one that cannot be
    computed has null throughout likewise, and `problem` says why.
    """
    if len(set(symbols)) < 2:
        raise ConfigError("correlation_map: expected at least two different symbols")
    if not LEAST_RETURNS <= sessions <= YEAR:
        raise ConfigError(f"sessions={sessions}: expected {LEAST_RETURNS} to {YEAR}")
    panel, names = _panel(at, symbols), run(at, "parts/market_named")
    formulas, reading = correlated_formulas(at, symbols)
    members = _Members.of(panel, symbols).beside(formulas)
    enough = members.days[-1 - sessions] >= 0
    window = sessions // 5 if weekly else sessions
    steps, _ = members.only(enough).common_steps(weekly=weekly)
    now, before = steps[-window:], steps[-2 * window : -window]
    found = _Pairs.of(now, before, shrunk=shrunk).spread(enough)
    frame = found.frame(members.symbols, len(now), len(before))
    tickers = members.tickers(described(members.instruments, names.frame))
    other = tickers.select(pl.col("symbol").alias("other"), pl.col("ticker").alias("other_ticker"))
    frame = frame.join(
        tickers.select("symbol", "ticker"), on="symbol", how="left", maintain_order="left"
    )
    frame = frame.join(other, on="other", how="left", maintain_order="left")
    frame = frame.join(
        tickers.select("symbol", "problem"), on="symbol", how="left", maintain_order="left"
    )
    how = f"correlation of {'weekly' if weekly else 'daily'} moves, {len(now)} in common"
    return reading.joined(panel.answer.join(names, frame, "")).derive(frame, how)


def rolling_pair(
    at: At, *, symbol: str, other: str, window: int = ROLLING, weekly: bool = False
) -> Answer:
    """Correlation of two instruments or formulas over each `window` moves of three years."""
    if symbol == other:
        raise ConfigError("rolling_pair: expected two different symbols")
    if not LEAST_RETURNS <= window <= YEAR:
        raise ConfigError(f"window={window}: expected {LEAST_RETURNS} to {YEAR}")
    panel = _panel(at, [symbol, other])
    formulas, reading = correlated_formulas(at, [symbol, other])
    members = _Members.of(panel, [symbol, other]).beside(formulas)
    for line in formulas:
        if line.problem is not None:
            raise ConfigError(f"{line.text}: {line.problem}")
    steps, days = members.common_steps(weekly=weekly)
    if len(members.symbols) < 2 or len(steps) < window:
        values, days = np.empty(0), days[:0]
    else:
        spans = np.lib.stride_tricks.sliding_window_view(steps, window, axis=0)
        values = np.array([correlated(span.T)[0, 1] for span in spans])
        days = days[window - 1 :]
    frame = pl.DataFrame(
        {
            "date": pl.Series(days, dtype=pl.Int32).cast(pl.Date),
            "correlation": pl.Series(values, dtype=pl.Float64, nan_to_null=True),
        }
    )
    how = f"correlation over each {window} common moves"
    return reading.joined(panel.answer).derive(frame, how)


def _panel(at: At, symbols: list[str]) -> CloseMatrix:
    return read_panel(at, sessions=HELD, symbols=sorted(set(symbols)))


def closing_hours(at: At, *, symbols: list[str]) -> Answer:
    """When the sessions of these instruments end, and whether that is far apart from each other.

    `apart` is the distance in hours of the earliest from the latest, the same in every row; more
    than four and daily moves of the same date do not answer the same news. Of a formula the
    instruments in it count.
    """
    named, answers = formula_instruments(at, formulas_in(symbols))
    every = [*(name for name in symbols if formula_of(name) is None), *named]
    hours = run(at, "parts/closing_hours", symbols=list(dict.fromkeys(every)))
    spread = pl.col("hours").max() - pl.col("hours").min()
    frame = hours.frame.with_columns(spread.alias("apart"))
    for answer in answers:
        hours = hours.join(answer, frame, "")
    return replace(hours, derived=None).derive(frame, "latest less earliest")


@dataclass(frozen=True, slots=True)
class _Members:
    """Instruments of the panel and formulas in order of their names, a column each.

    Instruments that the panel lacks are left out.
    """

    symbols: list[str]
    days: Ints
    level: Floats
    instruments: pl.DataFrame
    formulas: tuple[FormulaLevels, ...] = ()

    @classmethod
    def of(cls, panel: CloseMatrix, symbols: list[str]) -> _Members:
        """One column for each instrument: of several sources the preferred one."""
        there = (
            ranking()
            .one_source(
                panel.instruments.select("symbol", "source", *COLUMNS)
                .with_row_index("place")
                .filter(pl.col("symbol").is_in(symbols))
            )
            .sort("symbol")
        )
        places = there["place"].to_numpy().astype(np.intp)
        days, level = panel.days[:, places], panel.level[:, places]
        return cls(there["symbol"].to_list(), days, level, panel.instruments[places])

    def beside(self, formulas: Sequence[FormulaLevels]) -> _Members:
        """With formulas, of which the last dates count that the panel has rows for."""
        if not formulas:
            return self
        names = [*self.symbols, *(f"={line.text}" for line in formulas)]
        order = np.argsort(np.array(names))
        days = np.full((len(self.days), len(names)), -1, dtype=np.int32)
        level = np.full(days.shape, np.nan)
        days[:, : len(self.symbols)], level[:, : len(self.symbols)] = self.days, self.level
        for column, line in enumerate(formulas, len(self.symbols)):
            if count := min(len(line.day), len(days)):
                days[-count:, column], level[-count:, column] = (
                    line.day[-count:],
                    line.level[-count:],
                )
        return _Members(
            [names[place] for place in order],
            days[:, order],
            level[:, order],
            self.instruments,
            tuple(formulas),
        )

    def only(self, chosen: npt.NDArray[np.bool_]) -> _Members:
        """Some of the columns."""
        symbols = [name for name, there in zip(self.symbols, chosen, strict=True) if there]
        return replace(
            self, symbols=symbols, days=self.days[:, chosen], level=self.level[:, chosen]
        )

    def tickers(self, named: pl.DataFrame) -> pl.DataFrame:
        """What each is called, and why one is not known; a formula is called by its text, or with
        its sign where an instrument is called so."""
        nothing = pl.lit(None, dtype=pl.String).alias("problem")
        rows = [(f"={line.text}", line.text, line.problem) for line in self.formulas]
        schema = dict.fromkeys(("symbol", "ticker", "problem"), pl.String)
        formulas = pl.DataFrame(rows, schema=schema, orient="row")
        return labelled(pl.concat([named.select("symbol", "ticker", nothing), formulas]))

    def common_steps(self, *, weekly: bool) -> tuple[Floats, Ints]:
        """Moves between the dates that all have, and the date on which each ends.

        A level that is not known keeps its date, so that no move spans it unseen.
        """
        width = len(self.symbols)
        dates, counts = np.unique(self.days[self.days >= 0], return_counts=True)
        dates = dates[counts == width].astype(np.int32)
        if weekly:
            dates = dates[week_ends(dates)]
        levels = np.empty((len(dates), width))
        for column in range(width):
            place = np.searchsorted(self.days[:, column], dates)
            levels[:, column] = self.level[place, column]
        steps = np.diff(levels, axis=0)
        known = np.isfinite(steps).all(axis=1)
        return steps[known], dates[1:][known]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Square matrices over the same instruments, NaN where undefined."""

    plain: Floats
    before: Floats
    shrinkage: float

    @classmethod
    def of(cls, now: Floats, before: Floats, *, shrunk: bool) -> _Pairs:
        return cls(correlated(now), correlated(before), shrinkage(now) if shrunk else 0.0)

    def spread(self, there: npt.NDArray[np.bool_]) -> _Pairs:
        """The same among more instruments, of which only these were measured."""
        return _Pairs(_wider(self.plain, there), _wider(self.before, there), self.shrinkage)

    def frame(self, symbols: list[str], count: int, count_before: int) -> pl.DataFrame:
        """A row per ordered pair; `place` is the instrument's in the clustered order."""
        shown = self.plain * np.where(np.eye(len(symbols)) > 0, 1.0, 1.0 - self.shrinkage)
        names = pl.Series("symbol", symbols, dtype=pl.String)
        first, second = (places.ravel() for places in np.indices(shown.shape))
        place = clustered_order(shown)
        reach = NORMAL_95 / np.sqrt(max(count - 3, 1))
        with np.errstate(divide="ignore"):
            turned = np.arctanh(np.where(np.abs(self.plain) < 1, self.plain, np.nan))
        columns = {
            "correlation": shown,
            "before": self.before,
            "change": shown - self.before,
            "low": np.tanh(turned - reach),
            "high": np.tanh(turned + reach),
        }
        return pl.DataFrame(
            {
                "symbol": names.gather(first),
                "other": names.gather(second),
                "place": pl.Series(place[first], dtype=pl.Int64),
                "other_place": pl.Series(place[second], dtype=pl.Int64),
                **{
                    name: pl.Series(matrix.ravel(), nan_to_null=True)
                    for name, matrix in columns.items()
                },
                "significant": significant(self.plain, count).ravel(),
            }
        ).with_columns(
            pl.lit(count, dtype=pl.Int64).alias("returns"),
            pl.lit(count_before, dtype=pl.Int64).alias("returns_before"),
            pl.lit(self.shrinkage).alias("shrinkage"),
        )


def _wider(matrix: Floats, there: npt.NDArray[np.bool_]) -> Floats:
    wide = np.full((len(there), len(there)), np.nan)
    wide[np.ix_(there, there)] = matrix
    return wide


def clustered_order(matrix: Floats) -> npt.NDArray[np.intp]:
    """The place of each instrument when like stand together; what is undefined counts as zero.

    Average linkage of sqrt((1 - r) / 2). The instruments come sorted by name, and the order is
    turned round if it would begin with a later name than it ends with.
    """
    if len(matrix) < 3:
        return np.arange(len(matrix))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distance = np.sqrt((1 - np.nan_to_num(matrix)) / 2)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0.0)
    best = len(matrix) < BEST_ORDER_BELOW
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=best)
    leaves = leaves_list(tree)
    if leaves[0] > leaves[-1]:
        leaves = leaves[::-1]
    place = np.empty(len(matrix), dtype=np.intp)
    place[leaves] = np.arange(len(matrix))
    return place


def significant(matrix: Floats, count: int) -> npt.NDArray[np.bool_]:
    """Which pairs differ from zero when one star in ten may be chance (Benjamini-Hochberg)."""
    from scipy.special import stdtr

    starred = np.zeros(matrix.shape, dtype=bool)
    rows, columns = np.triu_indices(len(matrix), k=1)
    values = matrix[rows, columns]
    known = np.isfinite(values)
    if count < LEAST_RETURNS or not known.any():
        return starred
    rows, columns, values = rows[known], columns[known], values[known]
    size = np.abs(values) * np.sqrt((count - 2) / np.maximum(1 - values**2, 1e-15))
    chance = 2 * stdtr(count - 2, -size)
    order = np.argsort(chance, kind="stable")
    passed = chance[order] <= FALSE_SHARE * np.arange(1, len(order) + 1) / len(order)
    kept = order[: int(np.flatnonzero(passed).max(initial=-1)) + 1]
    starred[rows[kept], columns[kept]] = starred[columns[kept], rows[kept]] = True
    return starred


def shrinkage(returns: Floats) -> float:
    """How far the correlations of these columns are drawn towards zero (Ledoit & Wolf 2004).

    The optimal weight of the identity beside the sample correlation, from the columns scaled to
    deviation one; one that never moves takes no part.
    """
    count = len(returns)
    if count < LEAST_RETURNS:
        return 0.0
    centred = returns - returns.mean(axis=0)
    size = np.sqrt((centred**2).mean(axis=0))
    moves = size > 1e-12 * np.sqrt((returns**2).mean(axis=0))
    scaled = centred[:, moves] / size[moves]
    width = scaled.shape[1]
    if width < 2:
        return 0.0
    sample = scaled.T @ scaled / count
    apart = ((sample - np.eye(width)) ** 2).sum()
    lengths = (scaled**2).sum(axis=1)
    noise = (lengths**2).sum() / count**2 - (sample**2).sum() / count
    return float(np.clip(noise / apart, 0.0, 1.0)) if apart > 0 else 0.0
