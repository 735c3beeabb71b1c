"""The second source of the demo world: an archive whose files were loaded long after their days.

It tells again what the first source told, a little differently, and adds what nobody else has.
Its file of prices to the end of 2015 is adjusted for every split up to then and says nothing of
when it was known, nor do its life expectancies (grade `current`); the rest is dated by a rule
(`lagged`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.datasets.macro import MACRO
from data.datasets.prices import PRICES
from data.datasets.series import SERIES
from data.fields import Grade
from data.vocabulary import vocabulary
from ingest.sources.demo_world.draws import Floats, Ints, autoregress, normals, rounded
from ingest.sources.demo_world.geography import Country, traits
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import assemble, coded, day_number, days_of, instants

ARCHIVE = "demo-archive"
EDITION = day_number(date(2015, 12, 31))  # the last day of the file of prices
SHARES = 8  # of the first venue, as many as the smallest world has
_FIRST_YEAR = 2005
_ASSUMED_DAYS = {"annual": 270}  # after the end of the period, where no date is known


@dataclass(frozen=True, slots=True)
class ArchiveIndicator:
    """One annual indicator as the archive has it."""

    code: str
    indicator: str
    unit: str
    grade: Grade


_TOLD = (
    ArchiveIndicator("DEBT2", "DEBT", "percent of GDP", "lagged"),
    ArchiveIndicator("XSHARE", "exports_share", "percent of GDP", "lagged"),
    ArchiveIndicator("LIFE", "life_expectancy", "years", "current"),
)


def archived_prices(spec: Spec, panel: PricePanel) -> list[pa.Table]:
    """Shares of one venue: the old file by year, and each year since as it came a day late."""
    days = panel.sessions.days
    symbols = sorted(range(SHARES), key=lambda column: panel.symbols[column])
    shrink = _since(panel)
    tables = []
    for year in range(FIRST_DAY.year, spec.until.year + 1):
        low, high = (day_number(date(at, 1, 1)) for at in (year, year + 1))
        cut = slice(int(np.searchsorted(days, low)), int(np.searchsorted(days, high)))
        session = np.tile(np.arange(cut.start, cut.stop), SHARES)
        column = np.repeat(np.array(symbols), cut.stop - cut.start)
        there = panel.listed[session, column]
        is_file = low <= EDITION
        factor = shrink if is_file else np.ones_like(shrink)
        tables.append(_prices(spec, panel, (session[there], column[there]), factor, is_file))
    return tables


def _since(panel: PricePanel) -> Floats:
    """New shares that one old share became between its day and the edition of the file."""
    assert panel.split is not None
    until = int(np.searchsorted(panel.sessions.days, EDITION, side="right"))
    out = np.ones((len(panel.sessions.days), SHARES))
    ratios = panel.split[:until, :SHARES]
    after = np.cumprod(ratios[::-1], axis=0)[::-1]
    out[: until - 1] = after[1:]
    return out


def _prices(
    spec: Spec, panel: PricePanel, at: tuple[Ints, Ints], factor: Floats, is_file: bool
) -> pa.Table:
    session, column = at
    by = factor[at]
    known = panel.sessions.known(panel.venue)[session] + (0 if is_file else DAY_US)
    quotes = {
        name: np.round(getattr(panel, name)[at] / by, 4)
        for name in ("open", "high", "low", "close")
    }
    words = [str(symbol) for symbol in panel.symbols[:SHARES]]
    return assemble(
        PRICES,
        {
            **quotes,
            # In thousands, as the archive prints it.
            "volume": np.rint(panel.volume[at] * by / 1000.0) * 1000.0,
            "symbol": coded(column, words),
            "asset_class": panel.asset_class,
            "date": days_of(panel.sessions.days[session]),
            "currency": panel.venue.currency,
            "source": ARCHIVE,
            "known_at": instants(known),
        },
        spec,
        grade="current" if is_file else "lagged",
    )


def archived_series(spec: Spec, countries: Sequence[Country]) -> pa.Table:
    """One row per series of the archive."""
    pairs = [(item, country) for item in _TOLD for country in countries]
    words = [vocabulary()[archive_indicator.indicator] for archive_indicator, _ in pairs]
    return assemble(
        SERIES,
        {
            "series_id": [
                f"demo:{archive_indicator.code}:{country.code}"
                for archive_indicator, country in pairs
            ],
            "indicator": [archive_indicator.indicator for archive_indicator, _ in pairs],
            "title": [
                f"{country.name}: {word.name}"
                for (_, country), word in zip(pairs, words, strict=True)
            ],
            "country": [country.code for _, country in pairs],
            "frequency": "annual",
            "unit": [archive_indicator.unit for archive_indicator, _ in pairs],
            "adjustment": "nsa",
            "dimension": [word.dimension for word in words],
            "direction": pa.array([word.direction for word in words], pa.int32()),
            "timezone": [country.zone for _, country in pairs],
            "source": ARCHIVE,
            "known_at": instants(np.full(len(pairs), day_number(FIRST_DAY) * DAY_US)),
        },
        spec,
        grade="lagged",
    )


def archived_macro(spec: Spec, countries: Sequence[Country], blocks: Sequence[Block]) -> pa.Table:
    """Every value of the archive: one vintage each, however often others revised it."""
    years = np.arange(_FIRST_YEAR, spec.until.year + 1)
    parts = [_values(spec, item, countries, blocks, len(years)) for item in _TOLD]
    starts = np.array([day_number(date(int(year), 1, 1)) for year in years])
    ends = np.array([day_number(date(int(year) + 1, 1, 1)) for year in years])
    known = (ends + _ASSUMED_DAYS["annual"]) * DAY_US
    many = len(countries) * len(_TOLD)
    ids = [f"demo:{item.code}:{country.code}" for item in _TOLD for country in countries]
    of_each: list[NDArray[Any]] = [np.repeat(np.arange(many), len(years))]
    units = [item.unit for item in _TOLD for _ in countries]
    grades = [item.grade for item in _TOLD for _ in countries]
    return assemble(
        MACRO,
        {
            "series_id": coded(of_each[0], ids),
            "period": days_of(np.tile(starts, many)),
            "value": np.concatenate([part.ravel() for part in parts]),
            "unit": coded(of_each[0], units),
            "is_forecast": pa.repeat(pa.scalar(False), many * len(years)),
            "source": ARCHIVE,
            "vintage_grade": coded(of_each[0], grades),
            "known_at": instants(np.tile(known, many)),
        },
        spec,
    )


def _values(
    spec: Spec,
    archive_indicator: ArchiveIndicator,
    countries: Sequence[Country],
    blocks: Sequence[Block],
    count: int,
) -> Floats:
    """[country, year]; debts are the first prints of the others, off by some tenths."""
    shocks = np.stack(
        [
            normals(spec.seed, f"archive {archive_indicator.code} {country.code}", count)
            for country in countries
        ]
    )
    if archive_indicator.code == "DEBT2":
        block = next(block for block in blocks if block.indicator.code == "DEBT")
        return rounded(block.made.values[:, :count, 0] + 0.4 * shocks, 1)
    trait = traits(spec, tuple(countries), f"archive {archive_indicator.code}")[:, None]
    if archive_indicator.code == "XSHARE":
        return rounded(15.0 + 35.0 * trait + autoregress(0.8 * shocks, 0.8), 2)
    return rounded(64.0 + 18.0 * trait + 0.15 * np.arange(count) + 0.05 * shocks, 2)
