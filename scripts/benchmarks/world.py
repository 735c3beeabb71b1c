"""Generate the large lake once, through the project's own writer; it is the same for every seed.

The world is invented and only large: random walks with halts, splits and corrected bars, macro
series with revisions, trades of unequal frequency. It never goes into a workspace of the product.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from data.lake import Lake

GENERATION = 2
WORKSPACE = "bench"
CLASSES = ("equity", "etf", "fx", "crypto", "commodity")
CURRENCIES = ("USD", "EUR", "JPY", "GBP", "CHF")
CLOSES = {"equity": 21, "etf": 21, "fx": 22, "crypto": 23, "commodity": 20}
LAST_YEAR = 2025
FIRST_MONTH = np.datetime64("2004-01", "M")
SESSIONS = 252
MACRO_SOURCES = tuple(f"bench-{i}" for i in range(5))
PERIODS = 240
TICK_DAYS = tuple(date(2025, 12, day) for day in range(1, 6))
SEGMENTS = 78
TICK_SYMBOLS = 200
INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is."""

    name: str
    symbols: int
    years: int
    series: int
    tick_days: int
    ticks_per_segment: int
    upsert_rows: int
    upsert_new: int

    @property
    def ticks_per_day(self) -> int:
        """Trades of one day."""
        return SEGMENTS * self.ticks_per_segment


FULL = Size("full", 5000, 20, 5000, 5, 128_205, 1_260_000, 5000)
QUICK = Size("quick", 1000, 5, 500, 1, 12_820, 126_000, 500)


def world(folder: Path, size: Size) -> Path:
    """The root of the lake of that size, made if it is not there yet."""
    home = folder / f"{size.name}-{GENERATION}"
    done = home / "complete.json"
    if done.exists() and json.loads(done.read_text()) == asdict(size):
        return home / "lake"
    lake = Lake(home / "lake", workspace=WORKSPACE)
    _say(f"generating the {size.name} lake in {home}")
    _fill(lake, "prices", _price_tables(size))
    _fill(lake, "macro", _macro_tables(size))
    _fill(lake, "ticks", _tick_tables(size))
    heavy = Lake(home / "upsert" / "lake", workspace=WORKSPACE)
    _fill(heavy, "prices", _one_partition(size))
    done.write_text(json.dumps(asdict(size)))
    return home / "lake"


def _fill(lake: Lake, name: str, tables: Iterator[tuple[str, Callable[[], pl.DataFrame]]]) -> None:
    """Publish every table; one that a broken-off run had published before adds nothing."""
    write = lake.append if name == "ticks" else lake.upsert
    for publish_id, table in tables:
        out = write(name, table(), publish_id=publish_id)
        _say(f"  {name} {publish_id}: version {out.version}")


def sessions(year: int) -> np.ndarray:
    """The first 252 weekdays of a year."""
    days = np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01"))
    return days[np.is_busday(days)][:SESSIONS]


def symbol_names(asset_class: str, count: int) -> list[str]:
    """Ids of one asset class."""
    return [f"bench:{asset_class.upper()}{i:05d}" for i in range(count)]


def _price_tables(size: Size) -> Iterator[tuple[str, Callable[[], pl.DataFrame]]]:
    per_class = size.symbols // len(CLASSES)
    for index, asset_class in enumerate(CLASSES):
        level = np.random.default_rng(index).uniform(10, 500, per_class)
        for year in range(LAST_YEAR - size.years + 1, LAST_YEAR + 1):
            seed = 1000 * index + year

            table = partial(_year, asset_class, year, level, seed)
            yield f"{asset_class}-{year}", table


def _year(asset_class: str, year: int, level: np.ndarray, seed: int) -> pl.DataFrame:
    return prices_of_year(asset_class, year, level, np.random.default_rng(seed))


def _one_partition(size: Size) -> Iterator[tuple[str, Callable[[], pl.DataFrame]]]:
    def table() -> pl.DataFrame:
        rng = np.random.default_rng(77)
        level = rng.uniform(10, 500, size.upsert_rows // SESSIONS)
        return prices_of_year("equity", LAST_YEAR, level, rng)

    yield "heavy", table


def prices_of_year(
    asset_class: str, year: int, level: np.ndarray, rng: np.random.Generator
) -> pl.DataFrame:
    """One year of bars; `level` is where each symbol starts, and is moved on to where it ends."""
    days = sessions(year)
    shape = (len(level), len(days))
    split = np.where(rng.random(shape) < 0.0002, 2.0, np.nan)
    steps = rng.normal(0, 0.015, shape) - np.log(np.nan_to_num(split, nan=1.0))
    close = level[:, None] * np.exp(np.cumsum(steps, axis=1))
    level[:] = np.clip(close[:, -1], 5, 2000)
    close = np.round(close, 4)
    opened = np.round(close * np.exp(rng.normal(0, 0.005, shape)), 4)
    wide = rng.uniform(0, 0.01, shape)
    names = symbol_names(asset_class, len(level))
    frame = pl.DataFrame(
        {
            "symbol": np.repeat(np.array(names, dtype=object), len(days)).astype(str),
            "date": np.tile(days, len(level)),
            "open": opened.ravel(),
            "high": np.round(np.maximum(opened, close) * (1 + wide), 4).ravel(),
            "low": np.round(np.minimum(opened, close) * (1 - wide), 4).ravel(),
            "close": close.ravel(),
            "volume": np.round(rng.lognormal(12, 1, shape)).ravel(),
            "dividend": np.where(rng.random(shape) < 0.01, 0.25, np.nan).ravel(),
            "split_ratio": split.ravel(),
            "currency": np.repeat(np.resize(np.array(CURRENCIES), len(level)), len(days)),
        }
    ).with_columns(
        pl.col("dividend", "split_ratio").fill_nan(None),
        pl.lit(asset_class).alias("asset_class"),
        pl.lit("bench").alias("source"),
        pl.lit("snapshot").alias("vintage_grade"),
        (pl.col("date").cast(INSTANT) + timedelta(hours=CLOSES[asset_class])).alias("known_at"),
    )
    traded = frame.filter(pl.Series(rng.random(frame.height) > 0.001))
    corrected = traded.filter(pl.Series(rng.random(traded.height) < 0.004)).with_columns(
        pl.col("close") * 1.001, pl.col("known_at") + timedelta(hours=18)
    )
    return pl.concat([traded, corrected])


def _numbered(source: str, share: int, seed: int) -> pl.DataFrame:
    return _vintages(source, share, np.random.default_rng(seed))


def _macro_tables(size: Size) -> Iterator[tuple[str, Callable[[], pl.DataFrame]]]:
    share = size.series // len(MACRO_SOURCES)
    for index, source in enumerate(MACRO_SOURCES):
        yield source, partial(_numbered, source, share, 500 + index)


def macro_name(source: str, index: int) -> str:
    """The id of a series."""
    return f"{source}:S{index:05d}"


def _vintages(source: str, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Monthly series: a first print, three revisions, and for some periods one more years later."""
    months = np.arange(FIRST_MONTH, FIRST_MONTH + PERIODS)
    periods = months.astype("datetime64[D]")
    release = (months + 1).astype("datetime64[D]").astype("datetime64[us]")
    lag = rng.integers(5, 40, count).astype("timedelta64[D]").astype("timedelta64[us]")
    level = 100 + np.cumsum(rng.normal(0, 1, (count, PERIODS)), axis=1)
    parts = []
    for revision, delay in enumerate((0, 31, 61, 92, 800)):
        known = release[None, :] + lag[:, None] + np.timedelta64(delay, "D")
        known = known + np.timedelta64(12 * 3600 + 30 * 60, "s")
        keep = rng.random(known.shape) < (0.2 if revision == 4 else 1.0)
        values = np.round(level + rng.normal(0, 0.2, known.shape), 4)
        rows, columns = np.nonzero(keep)
        parts.append(
            pl.DataFrame(
                {
                    "_series": rows,
                    "period": periods[columns],
                    "value": values[keep],
                    "known_at": known[keep],
                }
            )
        )
    names = pl.DataFrame({"series_id": [macro_name(source, i) for i in range(count)]})
    return (
        pl.concat(parts)
        .join(names.with_row_index("_series").cast({"_series": pl.Int64}), on="_series")
        .drop("_series")
        .with_columns(
            pl.col("known_at").dt.replace_time_zone("UTC"),
            pl.lit("index, 2015 = 100").alias("unit"),
            pl.lit(False).alias("is_forecast"),
            pl.lit("native").alias("vintage_grade"),
            pl.lit(source).alias("source"),
        )
    )


def tick_symbols() -> list[str]:
    """Ids of what trades, the most active first."""
    return [f"bench:T{i:03d}" for i in range(TICK_SYMBOLS)]


def _tick_tables(size: Size) -> Iterator[tuple[str, Callable[[], pl.DataFrame]]]:
    level = np.random.default_rng(9).uniform(10, 500, TICK_SYMBOLS)
    for number, day in enumerate(TICK_DAYS[: size.tick_days]):
        for first in range(0, SEGMENTS, 13):
            seed = 10_000 + 100 * number + first

            def table(d: date = day, f: int = first, s: int = seed) -> pl.DataFrame:
                return _ticks(d, f, size.ticks_per_segment, (level, np.random.default_rng(s)))

            yield f"{day}-{first:02d}", table


def _ticks(
    day: date, first: int, each: int, chance: tuple[np.ndarray, np.random.Generator]
) -> pl.DataFrame:
    """Thirteen segments of five minutes from 13:30 UTC on, in the order of arrival."""
    level, rng = chance
    count = 13 * each
    start = datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC)
    start += timedelta(minutes=5 * first)
    offset = np.sort(rng.integers(0, 13 * 300_000_000, count))
    weight = 1 / np.arange(1, TICK_SYMBOLS + 1)
    who = rng.choice(TICK_SYMBOLS, count, p=weight / weight.sum())
    known = np.datetime64(start.replace(tzinfo=None), "us") + offset.astype("timedelta64[us]")
    price = level[who] * np.exp(rng.normal(0, 0.001, count))
    names = pl.Series(tick_symbols())
    return pl.DataFrame(
        {
            "symbol": names.gather(who),
            "event_at": known - rng.integers(200, 20_000, count).astype("timedelta64[us]"),
            "trade_id": np.arange(count) + (day.toordinal() * SEGMENTS + first) * 1_000_000,
            "price": np.round(price, 2),
            "size": rng.integers(1, 500, count).astype(float),
            "known_at": known,
        }
    ).with_columns(
        pl.col("event_at", "known_at").dt.replace_time_zone("UTC"),
        pl.lit("XBEN").alias("venue"),
        pl.lit("buy").alias("side"),
        pl.lit("native").alias("vintage_grade"),
        pl.lit("bench").alias("source"),
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
