"""Technical indicators of one instrument, session by session, on prices adjusted at the clock.

An indicator is computed over all sessions known at the clock, so that no value depends on the span
that is shown. A session that lacks an input of an indicator is null and counts in no window of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from analytics.core import technical
from analytics.core.catalogue import run
from analytics.core.closes import Floats
from analytics.core.ranking import first_standing
from analytics.markets.returns import FIRST_SESSION, history
from data.errors import ConfigError
from data.query import Answer, At

MOST, LONGEST = 24, 1000
WORD = re.compile(r"(?P<name>[a-z]+(?:_[a-z]+)*)(?P<numbers>(?:_\d+(?:\.\d+)?)*)")
CLOSE, BARS = ("close",), ("high", "low", "close")
PAIR = ("close", "benchmark")
Arrays = tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class TechnicalIndicator:
    """`title` and `unit` are for the screen; `overlay` says that it is drawn over the price.

    `columns` are the endings of its columns, `defaults` its numbers, the windows first.
    """

    title: str
    unit: str
    defaults: tuple[float, ...]
    inputs: tuple[str, ...]
    compute: Callable[..., Floats | Arrays]
    columns: tuple[str, ...] = ("",)
    overlay: bool = False

    def prefix(self, name: str, numbers: tuple[float, ...]) -> str:
        """How its columns begin: one window is always named, several where they are not usual."""
        if len(self.defaults) == 1 or numbers != self.defaults:
            return "_".join([name, *(f"{number:g}" for number in numbers)])
        return name


def _ratio(close: Floats, other: Floats) -> Floats:
    """One over the other, both above zero."""
    return np.where(close > 0, technical.share(close, other), np.nan)


def _distance(close: Floats, window: int) -> Floats:
    return _ratio(close, technical.sma(close, window)) - 1


def _outperformance(close: Floats, benchmark: Floats, window: int) -> Floats:
    own, other = (_ratio(x, technical.lagged(x, window)) for x in (close, benchmark))
    return _ratio(own, other) - 1


def _extreme(highest: bool) -> Callable[[Floats, int], Arrays]:
    def of(close: Floats, window: int) -> Arrays:
        level = technical.rolling_extreme(close, window, highest=highest)
        return level, _ratio(close, level) - 1

    return of


def _itself(values: Floats) -> Floats:
    return values


SHARES = frozenset({"percent", "share", "ratio"})
# The order is that of a menu. Numbers are windows in sessions, but for the width of the bands.
INDICATORS: Mapping[str, TechnicalIndicator] = {
    "sma": TechnicalIndicator(
        "Simple moving average", "price", (20,), CLOSE, technical.sma, overlay=True
    ),
    "ema": TechnicalIndicator(
        "Exponential moving average", "price", (20,), CLOSE, technical.ema, overlay=True
    ),
    "bollinger": TechnicalIndicator(
        "Bollinger bands",
        "price",
        (20, 2),
        CLOSE,
        technical.bollinger,
        ("_middle", "_upper", "_lower", "_percent_b", "_width"),
        overlay=True,
    ),
    "vwap": TechnicalIndicator(
        "VWAP of the session", "price", (), ("vwap",), _itself, overlay=True
    ),
    "high": TechnicalIndicator(
        "Highest close", "price", (252,), CLOSE, _extreme(True), ("", "_distance"), overlay=True
    ),
    "low": TechnicalIndicator(
        "Lowest close", "price", (252,), CLOSE, _extreme(False), ("", "_distance"), overlay=True
    ),
    "rsi": TechnicalIndicator("RSI", "0 to 100", (14,), CLOSE, technical.rsi),
    "macd": TechnicalIndicator(
        "MACD", "price", (12, 26, 9), CLOSE, technical.macd, ("", "_signal", "_histogram")
    ),
    "stochastic": TechnicalIndicator(
        "Stochastic", "0 to 100", (14, 3, 3), BARS, technical.stochastic, ("_k", "_d")
    ),
    "adx": TechnicalIndicator(
        "ADX", "0 to 100", (14,), BARS, technical.adx, ("", "_plus", "_minus")
    ),
    "atr": TechnicalIndicator("Average true range", "price", (14,), BARS, technical.atr),
    "roc": TechnicalIndicator("Rate of change", "percent", (20,), CLOSE, technical.roc),
    "ulcer": TechnicalIndicator("Ulcer index", "percent", (14,), CLOSE, technical.ulcer),
    "obv": TechnicalIndicator(
        "On-balance volume", "volume", (), ("close", "volume"), technical.obv
    ),
    "distance": TechnicalIndicator("Distance from average", "share", (50,), CLOSE, _distance),
    "crossing": TechnicalIndicator(
        "Crossing of averages", "sign", (50, 200), CLOSE, technical.crossing
    ),
    "beta": TechnicalIndicator("Beta", "ratio", (60,), PAIR, technical.beta),
    "relative_strength": TechnicalIndicator("Relative strength", "ratio", (), PAIR, _ratio),
    "outperformance": TechnicalIndicator("Outperformance", "share", (252,), PAIR, _outperformance),
}


@dataclass(frozen=True, slots=True)
class ChosenIndicator:
    """One that was asked for, with its numbers and the names of its columns."""

    indicator: TechnicalIndicator
    numbers: tuple[float, ...]
    columns: tuple[str, ...]

    def is_share(self, column: str) -> bool:
        """Whether a column of it divides closes by closes, which says nothing of levels."""
        return self.indicator.unit in SHARES or column.endswith(("_distance", "_width"))


def technicals(
    at: At,
    *,
    symbol: str,
    indicators: list[str],
    benchmark: str | None = None,
    since: date | None = None,
) -> Answer:
    """Technical indicators of an instrument: the adjusted close of each session and what was asked.

    An indicator is a name with or without numbers: `sma_50`, `rsi`, `macd_5_35_5`. Sessions before
    `since` are left out of the rows, not of the computation. Null until the warm-up is full, and
    where it is a share or ratio of closes and one of them is the level of a rate.
    """
    chosen = _chosen(indicators)
    needed = {name for item in chosen for name in item.indicator.inputs}
    if "benchmark" in needed and not benchmark:
        names = [item.columns[0] for item in chosen if "benchmark" in item.indicator.inputs]
        raise ConfigError(
            f"{names[0]} compares with a benchmark and none is given; choose one, e.g. an index"
        )
    answer, frame = _sessions(at, symbol)
    start = since or FIRST_SESSION
    if benchmark and "benchmark" in needed:
        other, closes = _sessions(at, benchmark)
        beside = closes.select(
            "date",
            pl.col("close").alias("benchmark"),
            pl.col("known_at").alias("benchmark_known_at"),
        )
        if (closes["asset_class"] == "rate").any():
            beside = beside.with_columns(pl.lit(None, pl.Float64).alias("benchmark"))
        answer = answer.join(other, _beside(frame, beside, "benchmark_known_at"), "beside it")
        frame = answer.frame
    if "vwap" in needed:
        minutes = run(
            at.within("bars", start, date.max), "parts/session_vwap", symbol=symbol, since=start
        )
        answer = answer.join(minutes, _beside(frame, minutes.frame, "vwap_known_at"), "beside it")
        frame = answer.frame.with_columns(pl.col("vwap") / pl.col("split_factor"))
    is_rate = bool((frame["asset_class"] == "rate").any())
    columns = _computed(frame, chosen, is_rate=is_rate)
    shown = frame.select("date", "close").with_columns(columns).with_columns(frame["known_at"])
    titles = ", ".join(one.columns[0] for one in chosen)
    how = f"{titles} of the adjusted closes of all sessions, shown since {start}"
    return answer.derive(shown.filter(pl.col("date") >= start), how)


def _chosen(words: list[str]) -> list[ChosenIndicator]:
    unique = list(dict.fromkeys(words))
    if not 1 <= len(unique) <= MOST:
        raise ConfigError(f"technicals: expected 1 to {MOST} indicators, found {len(unique)}")
    found = {one.columns: one for one in (chosen_indicator(word) for word in unique)}
    return list(found.values())


def chosen_indicator(word: str) -> ChosenIndicator:
    """An indicator by its text, such as `sma_50`; one that does not exist is refused."""
    match = WORD.fullmatch(word)
    indicator = INDICATORS.get(match["name"]) if match else None
    if match is None or indicator is None:
        raise ConfigError(
            f"there is no indicator {word[:40]!r}; expected one of {', '.join(INDICATORS)}, "
            "with or without numbers, as in sma_50"
        )
    texts = match["numbers"].split("_")[1:]
    given = tuple(float(text) if "." in text else int(text) for text in texts)
    numbers = given or indicator.defaults
    if len(numbers) != len(indicator.defaults):
        usual = "_".join([match["name"], *(f"{number:g}" for number in indicator.defaults)])
        raise ConfigError(f"{word[:40]}: expected {len(indicator.defaults)} numbers, as in {usual}")
    _refuse_numbers(word, match["name"], numbers)
    prefix = indicator.prefix(match["name"], numbers)
    return ChosenIndicator(
        indicator, numbers, tuple(f"{prefix}{ending}" for ending in indicator.columns)
    )


def _refuse_numbers(word: str, name: str, numbers: tuple[float, ...]) -> None:
    """Windows are whole numbers; the width of a band is any number above zero."""
    windows = numbers[:1] if name == "bollinger" else numbers
    least = 2 if name in ("beta", "bollinger") else 1
    if any(not isinstance(n, int) or not least <= n <= LONGEST for n in windows):
        raise ConfigError(f"{word[:40]}: expected windows of {least} to {LONGEST} sessions")
    if name in ("macd", "crossing") and numbers[0] >= numbers[1]:
        raise ConfigError(f"{word[:40]}: expected a fast average shorter than the slow one")
    if name == "bollinger" and not 0 < numbers[1] <= 10:
        raise ConfigError(f"{word[:40]}: expected bands 0 to 10 deviations wide")


def _sessions(at: At, symbol: str) -> tuple[Answer, pl.DataFrame]:
    """Sessions with a close, of the source that is shown, with prices adjusted at the clock."""
    answer = history(at, symbol=symbol)
    adjusted = [f"adjusted_{name}" for name in ("high", "low", "close", "volume")]
    frame = (
        first_standing(answer.frame)
        .drop_nulls("close")
        .select("date", "asset_class", "known_at", "split_factor", *adjusted)
        .rename({name: name.removeprefix("adjusted_") for name in adjusted})
        .sort("date")
    )
    return answer, frame


def _beside(frame: pl.DataFrame, other: pl.DataFrame, known: str) -> pl.DataFrame:
    """Columns of another frame on the same dates; a row is known when both are."""
    joined = frame.join(other, on="date", how="left", maintain_order="left")
    return joined.with_columns(pl.max_horizontal("known_at", known)).drop(known)


def _computed(
    frame: pl.DataFrame, chosen: list[ChosenIndicator], *, is_rate: bool
) -> list[pl.Series]:
    """The columns of every indicator, over the sessions that have what it needs."""
    arrays = {
        name: frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in dict.fromkeys(name for item in chosen for name in item.indicator.inputs)
    }
    columns = []
    for item in chosen:
        inputs = [arrays[name] for name in item.indicator.inputs]
        sound = np.isfinite(inputs).all(axis=0)
        found = item.indicator.compute(*(values[sound] for values in inputs), *item.numbers)
        for name, values in zip(
            item.columns, found if isinstance(found, tuple) else (found,), strict=True
        ):
            whole = np.full(frame.height, np.nan)
            if not (is_rate and item.is_share(name)):
                whole[sound] = values
            columns.append(pl.Series(name, whole).fill_nan(None))
    return columns
