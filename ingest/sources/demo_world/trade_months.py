"""Months of the same trade: reported sooner than the year, and a little unlike it.

All goods by partner, and chapters with the World.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.datasets.trade_months import TRADE_MONTHS
from ingest.sources.demo_world.draws import Floats, Ints, normals, uniforms
from ingest.sources.demo_world.economy import Economy
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import assemble, coded, day_number, days_of, instants
from ingest.sources.demo_world.trade import (
    EDITIONS,
    SIDES,
    VALUATIONS,
    DemoFlows,
    edition,
    is_late,
    unspecified,
    with_totals,
)

FIRST_YEAR = 2020
WITHOUT_MONTHS = ("COL", "IDN", "JPN", "VNM")  # report years only
APART = 0.01  # by how much at most the months of a year miss what is said of the year later
_SEASON = np.array([-6, -5, 5, 1, 2, 3, -1, -6, 3, 5, 2, -3]) / 100.0
_RHYTHM = np.array([0, 2, 5, 9, 14, 10, 4, -3, -9, -13, -12, -7]) / 100.0  # of a harvest


def trade_months_table(spec: Spec, economy: Economy, traded: DemoFlows) -> pa.Table:
    """Every reported flow of a month, ordered by month, reporter, partner, product and flow."""
    years = traded.years[traded.years >= FIRST_YEAR]
    parts = [_months_of(spec, economy, traded, int(year)) for year in years]
    codes = [country.code for country in economy.countries]
    none = np.zeros((6, 0), np.int64)  # a world that ends before the first month
    columns = np.concatenate([none, *(np.stack(part) for part in parts)], axis=1)
    month, reporter, partner, product, flow, thousands = columns
    year = FIRST_YEAR + month // 12
    return assemble(
        TRADE_MONTHS,
        {
            "reporter": coded(reporter, codes),
            "partner": coded(partner, [*codes, "WLD"]),
            "product": coded(product, traded.products),
            "flow": coded(flow, SIDES),
            "period": days_of(_first_days(len(years))[month]),
            "value_usd": thousands.astype(np.float64) * 1000.0,
            "valuation": coded(flow, VALUATIONS),
            "classification": coded(edition(year), EDITIONS),
            "known_at": instants(_reported_at(spec, economy, len(years))[month, reporter]),
        },
        spec,
    )


def _months_of(spec: Spec, economy: Economy, traded: DemoFlows, year: int) -> tuple[Ints, ...]:
    """Where there is something in the months of a year: month since the first, reporter, partner,
    product, flow, and thousands of dollars."""
    place = year - int(traded.years[0])
    weights = _weights(spec, economy, traded, year)
    sides = []
    for side, flows in enumerate((traded.exports, traded.imports)):
        of_pair = weights if side == 0 else weights.transpose(0, 2, 1, 3)
        said = flows[place] * _apart(spec, economy, side, year)[:, None, None] * of_pair
        extra = unspecified(spec, economy, traded.years, side)[place]
        months = np.rint(said).astype(np.int64)
        sides.append(with_totals(months, np.broadcast_to(extra, (12, len(extra)))))
    dense = np.stack(sides, axis=-1)  # month, reporter, partner, product, flow
    dense[:, :, :-1, :-1] = 0
    dense[:, _are_silent(economy)] = 0
    found = np.nonzero(dense)
    return (found[0] + 12 * (year - FIRST_YEAR), *found[1:], dense[found])


def _weights(spec: Spec, economy: Economy, traded: DemoFlows, year: int) -> Floats:
    """Which part of its year each month has, [month, seller, buyer, chapter].

    Goods cross both borders in the same month. Months are summed in the order of time.
    """
    count, first = len(economy.countries), 12 * (year - FIRST_YEAR)
    own = np.zeros((12, count, count))
    for origin, seller in enumerate(economy.countries):
        for end, buyer in enumerate(economy.countries):
            if origin != end:
                name = f"months of {seller.code} to {buyer.code}"
                own[:, origin, end] = normals(spec.seed, name, first + 12)[first:]
    goods = np.stack([np.roll(_RHYTHM, 5 * int(at)) for at in traded.chosen], axis=1)
    raw = (1.0 + _SEASON)[:, None] * (1.0 + goods)
    each = raw[:, None, None, :] * (1.0 + 0.08 * own)[..., None]
    whole = np.zeros(each.shape[1:])
    for month in range(12):
        whole += each[month]
    return np.asarray(each / whole)


def _apart(spec: Spec, economy: Economy, side: int, year: int) -> Floats:
    """By how much each reporter's months of a year differ from what it will say of the year."""
    count = year - FIRST_YEAR + 1
    names = [f"months apart {side} {country.code}" for country in economy.countries]
    draws = np.array([uniforms(spec.seed, name, count)[-1] for name in names])
    return 1.0 + APART * (2.0 * draws - 1.0)


def _are_silent(economy: Economy) -> NDArray[np.bool_]:
    return np.array([country.code in WITHOUT_MONTHS for country in economy.countries])


def _first_days(years: int) -> Ints:
    return np.array(
        [day_number(date(FIRST_YEAR + at // 12, at % 12 + 1, 1)) for at in range(12 * years + 1)]
    )


def _reported_at(spec: Spec, economy: Economy, years: int) -> Ints:
    """Seven to ten weeks after the month's end by a reporter's habit, and noon; some always eleven
    weeks later than that, and anybody six weeks later now and then."""
    ends = _first_days(years)[1:]
    out = np.empty((len(ends), len(economy.countries)), np.int64)
    for row, country in enumerate(economy.countries):
        habit = 50 + int(20 * uniforms(spec.seed, f"customs of months {country.code}", 1)[0])
        luck = uniforms(spec.seed, f"customs months {country.code}", len(ends))
        late = np.where(luck < 0.03, 45, 0) + (75 if is_late(country.code) else 0)
        out[:, row] = (ends + habit + late) * DAY_US + DAY_US // 2
    return out
