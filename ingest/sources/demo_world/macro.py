"""Series, observations and the release calendar as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.datasets.countries import COUNTRIES
from data.datasets.macro import MACRO
from data.datasets.series import SERIES
from ingest.sources.demo_world.draws import uniforms
from ingest.sources.demo_world.geography import Country, every_place
from ingest.sources.demo_world.indicators import REBASED_GDP, REBASED_UNIT, DemoIndicator
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import assemble, coded, day_number, days_of, instants
from ingest.sources.demo_world.timetable import NEVER


def units_of(indicator: DemoIndicator) -> tuple[str, str]:
    """The unit before the benchmark, and after it."""
    if not indicator.rebased:
        return indicator.unit, indicator.unit
    return indicator.unit, REBASED_GDP if indicator.code == "GDP" else REBASED_UNIT


def country_table(spec: Spec, countries: Sequence[Country]) -> pa.Table:
    """Every country of the world, one vintage each, known from the first day.

    People and areas of these countries are invented; the others have none, since they have no data.
    """
    places = every_place()
    start = np.full(len(places), day_number(FIRST_DAY) * DAY_US)
    people = {c.code: round(1.0 + c.size / 20.0, 1) * 1e6 for c in countries}
    area = {
        country.code: float(
            round(20_000 + 900_000 * uniforms(spec.seed, f"area {country.code}", 1)[0])
        )
        for country in countries
    }
    return assemble(
        COUNTRIES,
        {
            "country": [place.code for place in places],
            "iso2": [place.iso2 for place in places],
            "iso_numeric": [place.numeric for place in places],
            "name": [place.name for place in places],
            "region": [place.region for place in places],
            "income_group": [place.income for place in places],
            "currency": [place.currency for place in places],
            "capital": [place.capital for place in places],
            "timezone": [place.zone for place in places],
            "population": [people.get(place.code) for place in places],
            "area_km2": [area.get(place.code) for place in places],
            "known_at": instants(start),
        },
        spec,
    )


def series_table(spec: Spec, blocks: Sequence[Block]) -> pa.Table:
    """One row per series, and a second one from its benchmark on."""
    rows: list[tuple[str, DemoIndicator, Country, str, int]] = []
    for block in blocks:
        old, new = units_of(block.indicator)
        for row, country in enumerate(block.countries):
            start = day_number(FIRST_DAY) * DAY_US
            rows.append((block.series_id(row), block.indicator, country, old, start))
            if block.made.rebased_at[row] < NEVER:
                at = int(block.made.rebased_at[row])
                rows.append((block.series_id(row), block.indicator, country, new, at))
    return assemble(
        SERIES,
        {
            "series_id": [row[0] for row in rows],
            "indicator": [row[1].code for row in rows],
            "title": [f"{row[2].name}: {row[1].title}" for row in rows],
            "country": [row[2].code for row in rows],
            "frequency": [row[1].frequency for row in rows],
            "unit": [row[3] for row in rows],
            "adjustment": [row[1].adjustment for row in rows],
            "dimension": [row[1].dimension for row in rows],
            "direction": pa.array([row[1].direction for row in rows], pa.int32()),
            "timezone": [row[2].zone for row in rows],
            "known_at": instants(np.array([row[4] for row in rows])),
        },
        spec,
    )


def macro_table(spec: Spec, blocks: Sequence[Block]) -> pa.Table:
    """Every vintage of every observation, ordered by series, period and instant."""
    parts: list[tuple[np.ndarray, ...]] = []
    ids: list[str] = []
    units: list[str] = []
    for block in blocks:
        rows, start = block.rows, len(ids)
        keep = rows.known < spec.end_us
        ids += [block.series_id(row) for row in range(len(block.countries))]
        unit = len(units) + rows.is_rebased[keep].astype(np.int64)
        units += units_of(block.indicator)
        country, period = rows.country[keep], rows.period[keep]
        parts.append(
            (
                country + start,
                block.periods[country, period],
                rows.value[keep],
                unit,
                rows.known[keep],
            )
        )
    series, period, value, unit, known = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    return assemble(
        MACRO,
        {
            "series_id": coded(series, ids),
            "period": days_of(period),
            "value": value,
            "unit": coded(unit, units),
            "is_forecast": pa.repeat(pa.scalar(False), len(value)),
            "known_at": instants(known),
        },
        spec,
    )
