"""A country's monthly series as they were known month by month: what a regime may be read from.

Row s of a matrix is the vintage in which month s was read; nothing known later is in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from analytics.core.closes import Floats
from analytics.core.known_history import Beginning, known_history
from analytics.core.ranking import ranking
from data.errors import ConfigError
from data.query import Answer, At

FILE = Path(__file__).parents[1] / "regimes.toml"
SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Rules:
    """Which indicators speak for what; `composite` pairs names with whether they are plain."""

    growth: list[str]
    prices: list[str]
    jobless: list[str]
    recession: list[str]
    gdp: list[str]
    composite: list[tuple[list[str], bool]]

    def names(self) -> list[str]:
        """All monthly ones, once."""
        parts = [name for names, _ in self.composite for name in names]
        each = [*self.growth, *self.prices, *self.jobless, *self.recession, *parts]
        return list(dict.fromkeys(each))


@cache
def rules(path: Path = FILE) -> Rules:
    """What the file says."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        parts = [(list(part["names"]), bool(part["plain"])) for part in raw["composite"]]
        return Rules(
            raw["growth"], raw["prices"], raw["jobless"], raw["recession"], raw["gdp"], parts
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path.name} cannot be read ({error}); expected `growth`, `prices`, `jobless`, "
            "`recession`, `gdp` and [[composite]] with `names` and `plain`"
        ) from None


@dataclass(frozen=True, slots=True)
class RealtimePrints:
    """One series: instants, months and values of its prints in the order they came."""

    series_id: str
    known: np.ndarray
    month: np.ndarray
    value: Floats
    unit: np.ndarray
    is_yearly: bool

    def first(self) -> dict[int, int]:
        """The instant at which each month was first printed."""
        months, at = np.unique(self.month, return_index=True)
        return dict(zip(months.tolist(), self.known[at].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class RealtimeGrid:
    """All months of a series without a hole, and those that are read, each at its instant.

    A month that is first printed after a later one is history by then and is not read by itself.
    """

    months: np.ndarray
    read: np.ndarray
    instants: np.ndarray

    @classmethod
    def of(cls, prints: RealtimePrints) -> RealtimeGrid:
        """The months of a series in the order in which they came."""
        first = prints.first()
        read, newest = [], -1
        for month, _ in sorted(first.items(), key=lambda item: (item[1], item[0])):
            if month > newest:
                read.append(month)
                newest = month
        months = np.arange(min(first), max(first) + 1)
        return cls(months, np.array(read), np.array([first[month] for month in read]))

    def places(self) -> list[int]:
        """Where each month that is read stands among all of them."""
        return (self.read - self.months[0]).tolist()  # type: ignore[no-any-return] # NumPy says Any


Reader = Callable[..., pl.DataFrame]  # of a country's prints by indicator


@dataclass(frozen=True, slots=True)
class ShownPrints:
    """The prints known at a clock of the series that are shown, each row with the number of its
    series; `series` has country, indicator and number of each."""

    answer: Answer
    rows: pl.DataFrame
    series: pl.DataFrame
    beginning: Beginning

    @classmethod
    def at(cls, at: At, countries: list[str] | None) -> ShownPrints:
        """Of several series with one indicator the one that is shown, as `ranking` has it: a worse
        one that comes later must not change what was read before."""
        names = rules().names()
        query = "parts/country_prints"
        found = known_history(at, query, add=_numbered, countries=countries, indicators=names)
        rows = found.answer.frame.hstack(found.added)
        rows = rows.filter("is_wanted").drop("is_wanted")
        if countries is not None:
            rows = rows.filter(pl.col("country").is_in(countries))
        stood = rows.group_by("number").agg(
            pl.col("country", "indicator", SOURCE).first(),
            pl.col("series_id").first().alias("symbol"),
            pl.col("grade").min(),
            pl.col("ingested_at").min().alias("taken_in"),
            pl.col("known_at").min().alias("known_first"),
        )
        pair = ["country", "indicator"]
        shown = ranking().ordered(stood, *pair).unique(pair, keep="first", maintain_order=True)
        return cls(found.answer, rows, shown.select(*pair, "number"), found)

    def found(self) -> dict[str, dict[str, RealtimePrints]]:
        """By country and indicator."""
        return _found(self.rows, self.series)

    def readings(self, at: At, read: Reader, *more: object) -> dict[str, pl.DataFrame]:
        """What `read` makes of each country's prints: rows that say since when they are known.

        What comes later never changes such a row. So a country is read once, of all the prints
        there are, and cut at the clock; and of those at the clock where some come into view late.
        """
        whole = self.beginning.whole
        if whole is None:
            return {country: read(found, *more) for country, found in self.found().items()}
        every = whole.answer.frame.hstack(whole.added)
        known, begins, clock = pl.col("known_at"), pl.col("begins_at"), at.as_of
        late = every.filter(begins > known, known <= clock, begins > clock)["number"].unique()
        frames: dict[str, pl.DataFrame] = {}
        for country, series in self.series.group_by("country"):
            numbers = series["number"].sort()
            if numbers.is_in(late.implode()).any():
                frames |= {
                    name: read(found, *more) for name, found in _found(self.rows, series).items()
                }
                continue
            key = (read.__module__, read.__qualname__, *more, *numbers)
            if key not in whole.readings:
                (found,) = _found(every, series).values()
                whole.readings[key] = read(found, *more)
            frames[str(country[0])] = whole.readings[key].filter(known <= clock)
        return frames


def country_prints(at: At, country: str) -> tuple[Answer, dict[str, RealtimePrints]]:
    """Every series of a country that the rules name, by its indicator."""
    shown = ShownPrints.at(at, [country])
    return shown.answer, shown.found().get(country, {})


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """A number for each series with its description, and whether it is one that rules read."""
    keys = ["country", "indicator", "series_id", SOURCE]
    series = frame.select(keys).unique(maintain_order=True).with_row_index("number")
    wanted = (
        (pl.col("frequency") == "monthly")
        & pl.col("indicator").is_in(rules().names())
        & pl.col("country").is_not_null()
    )
    numbered = frame.join(series, on=keys, how="left", maintain_order="left", nulls_equal=True)
    return numbered.select("number", wanted.fill_null(value=False).alias("is_wanted"))


def _found(rows: pl.DataFrame, series: pl.DataFrame) -> dict[str, dict[str, RealtimePrints]]:
    """The prints of some series, by country and indicator, in the order in which they came."""
    mine = rows.filter(pl.col("number").is_in(series["number"].implode()))
    ordered = mine.sort("number", "known_at", "period")
    found: dict[str, dict[str, RealtimePrints]] = {}
    for part in ordered.partition_by("number", maintain_order=True):
        found.setdefault(part["country"][0], {})[part["indicator"][0]] = _prints(part)
    return found


def _prints(part: pl.DataFrame) -> RealtimePrints:
    unit = part["unit"].fill_null("")
    months = part["period"].dt.year().cast(pl.Int64) * 12 + part["period"].dt.month() - 1
    return RealtimePrints(
        part["series_id"][0],
        part["known_at"].to_physical().to_numpy(),
        months.to_numpy(),
        part["value"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        unit.rank("dense").to_numpy(),
        "year on year" in unit[0],
    )


def first_of(found: Mapping[str, RealtimePrints], names: Sequence[str]) -> RealtimePrints | None:
    """The first indicator that the country has."""
    return next((found[name] for name in names if name in found), None)


def vintages(
    prints: RealtimePrints, months: np.ndarray, instants: np.ndarray
) -> tuple[Floats, np.ndarray]:
    """Values and units of `months` as known at each of the instants, which must rise."""
    values = np.full((len(instants), len(months)), np.nan)
    units = np.zeros((len(instants), len(months)), dtype=np.int64)
    row, unit = np.full(len(months), np.nan), np.zeros(len(months), dtype=np.int64)
    place, first = 0, int(months[0]) if len(months) else 0
    for step, instant in enumerate(instants):
        while place < len(prints.known) and prints.known[place] <= instant:
            at = prints.month[place] - first
            if 0 <= at < len(months):
                row[at], unit[at] = prints.value[place], prints.unit[place]
            place += 1
        values[step], units[step] = row, unit
    return values, units


def changed(values: Floats, units: np.ndarray, back: int) -> Floats:
    """The change in percent on the month `back` months before; none across a change of unit."""
    found = np.full(values.shape, np.nan)
    now, before = values[:, back:], values[:, :-back]
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = 100 * (now / before - 1)
    fits = (units[:, back:] == units[:, :-back]) & (before > 0) & (now > 0)
    found[:, back:] = np.where(fits, grown, np.nan)
    return found


def yearly(prints: RealtimePrints, months: np.ndarray, instants: np.ndarray) -> Floats:
    """The change on the year in every vintage; what is stated so is taken as it is."""
    values, units = vintages(prints, months, instants)
    return values if prints.is_yearly else changed(values, units, 12)


def moving(values: Floats, width: int) -> Floats:
    """The mean of the last `width` months along each row; none where one is missing."""
    found = np.full(values.shape, np.nan)
    if values.shape[1] >= width:
        windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=1)
        found[:, width - 1 :] = windows.mean(axis=2)
    return found


def month_date(month: int) -> date:
    """The first day of a month counted from the year nought."""
    return date(month // 12, month % 12 + 1, 1)
