"""A gravity world of trade, reported by both sides and never quite alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from data.datasets.trade import TRADE
from ingest.sources.demo_world.draws import Floats, Ints, lognormals, normals, uniforms
from ingest.sources.demo_world.economy import Economy, level, mean_by
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import assemble, coded, day_number, instants

FIRST_YEAR = 2011
CIF = 0.06  # what insurance and freight add to a value as the importer states it
HUBS = ("BEL", "DEU", "NLD", "SGP")  # goods in transit swell what is said to be exported to them
SIDES, VALUATIONS = ("export", "import"), ("FOB", "CIF")
EDITIONS = ("HS2007", "HS2012", "HS2017", "HS2022")
_CHAPTERS = (
    *("27", "84", "85", "87", "10", "30", "39", "72", "61", "90"),
    *("02", "22", "28", "44", "48", "52", "64", "71", "76", "94"),
)
_PRICE_PER_KG = np.array(
    [
        0.6,
        14.0,
        28.0,
        11.0,
        0.3,
        60.0,
        2.2,
        0.9,
        18.0,
        75.0,
        4.0,
        1.8,
        1.2,
        0.5,
        1.0,
        3.5,
        22.0,
        900.0,
        2.8,
        5.0,
    ]
)
_SMALLEST = 5_000  # thousands of dollars: less is not reported
_UNREPORTED = 0.02
_PER_YEAR = 20 * 4  # draws of a pair in one year, whatever the number of chapters in use


@dataclass(frozen=True, slots=True)
class DemoFlows:
    """Thousands of dollars as each side states them, [year, reporter, partner, chapter].

    The last year is the one that is not over yet; only months of it are ever published.
    """

    years: Ints
    chosen: Ints  # positions in the list of chapters
    exports: Ints
    imports: Ints

    @property
    def products(self) -> list[str]:
        """The codes of goods, all goods last."""
        return [*(_CHAPTERS[at] for at in self.chosen), "TOTAL"]


def trade_flows(spec: Spec, economy: Economy) -> DemoFlows:
    """What is traded in each year from 2011 on, this year among them."""
    years = np.arange(FIRST_YEAR, spec.until.year + 1)
    chosen = np.array(sorted(range(spec.scale.chapters), key=lambda at: _CHAPTERS[at]))
    return DemoFlows(years, chosen, *_reported(spec, economy, years, chosen))


def trade_table(spec: Spec, economy: Economy, traded: DemoFlows) -> pa.Table:
    """Every reported flow from 2011 on, ordered by year, reporter, partner, product and flow."""
    years = traded.years[:-1]
    flows = np.stack(
        [
            with_totals(side[:-1], unspecified(spec, economy, years, at))
            for at, side in enumerate((traded.exports, traded.imports))
        ]
    )
    dense = np.ascontiguousarray(
        np.moveaxis(flows, 0, -1)
    )  # year, reporter, partner, product, flow
    year, reporter, partner, product, flow = np.nonzero(dense)
    codes = [country.code for country in economy.countries]
    thousands = dense[year, reporter, partner, product, flow]
    value = thousands.astype(np.float64) * 1000.0
    known = _reported_at(spec, economy, years)[year, reporter]
    return assemble(
        TRADE,
        {
            "reporter": coded(reporter, codes),
            "partner": coded(partner, [*codes, "WLD"]),
            "product": coded(product, traded.products),
            "flow": coded(flow, SIDES),
            "year": pa.array(years[year].astype(np.int32)),
            "value_usd": value,
            "net_weight_kg": _weights(value, partner, product, codes, traded.chosen),
            "valuation": coded(flow, VALUATIONS),
            "classification": coded(edition(years)[year], EDITIONS),
            "known_at": instants(known),
        },
        spec,
    )


def edition(years: Ints) -> Ints:
    """The position of the edition in which goods of a year are reported."""
    return np.searchsorted([2012, 2017, 2022], years, side="right")


def _weights(value: Floats, partner: Ints, product: Ints, codes: list[str], chosen: Ints) -> Floats:
    """Weights where one product goes to one partner; sums over products have none."""
    price = np.append(_PRICE_PER_KG[chosen], np.nan)[product]
    price = np.where(partner == len(codes), np.nan, price)
    return np.asarray(np.rint(value / price / 100.0) * 100.0, dtype=np.float64)


def _reported(spec: Spec, economy: Economy, years: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Thousands of dollars as each side states them, [year, reporter, partner, chapter]."""
    countries = economy.countries
    count = len(countries)
    growth = mean_by(economy.growth, np.arange(economy.growth.shape[1]) // 12)
    volume = level(3.0 + 7.0 * growth, 1.0)[:, years - 2003]
    shape = (len(years), count, count, len(chosen))
    exports, imports = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    taste = np.stack([lognormals(spec.seed, f"goods of {c.code}", 20) ** 2 for c in countries])
    for origin, seller in enumerate(countries):
        for end, buyer in enumerate(countries):
            if origin == end:
                continue
            name = f"{seller.code} to {buyer.code}"
            pull = _pull(seller, buyer) * taste[origin] * lognormals(spec.seed, f"ties {name}", 20)
            swing = 0.5 * (volume[origin] + volume[end])
            draws = normals(spec.seed, f"trade {name}", len(years) * _PER_YEAR)
            draws = draws.reshape(len(years), 20, 4)[:, chosen]
            true = pull[chosen] * swing[:, None] * (1.0 + 0.12 * draws[..., 0])
            wild = np.where(np.abs(draws[..., 3]) > 1.7, 4.0, 1.0)
            transit = 0.2 if buyer.code in HUBS else 0.0
            said = true * (1.0 + transit) * (1.0 + 0.035 * wild * draws[..., 1])
            heard = true * (1.0 + CIF) * (1.0 + 0.045 * wild * draws[..., 2])
            lost = uniforms(spec.seed, f"lost {name}", len(years) * 40).reshape(len(years), 2, 20)
            missing = lost[:, :, chosen] < _UNREPORTED
            exports[:, origin, end] = _kept(said, missing[:, 0])
            imports[:, end, origin] = _kept(heard, missing[:, 1])
    return exports, imports


def _pull(seller: Country, buyer: Country) -> float:
    across, up = seller.x - buyer.x, seller.y - buyer.y
    distance = 3.0 + float(np.sqrt(across * across + up * up))
    return 1.8 * seller.size * buyer.size / distance


def _kept(values: Floats, lost: np.ndarray) -> Ints:
    whole = np.rint(np.maximum(values, 0.0)).astype(np.int64)
    return np.where((whole < _SMALLEST) | lost, 0, whole)


def unspecified(spec: Spec, economy: Economy, years: Ints, side: int) -> Floats:
    """The part of a reporter's year that lies with no partner, [year, reporter]."""
    names = [f"unspecified {side} {country.code}" for country in economy.countries]
    shares = np.stack([uniforms(spec.seed, name, len(years)) for name in names], axis=1)
    return 0.003 + 0.02 * shares


def with_totals(flows: Ints, extra: Floats) -> Ints:
    """All products together, and the World as each reporter states it: a little more than the sum.

    Whole thousands, so that the order of summation cannot matter.
    """
    flows = np.concatenate([flows, flows.sum(axis=3, keepdims=True)], axis=3)
    world = flows.sum(axis=2)
    more = np.rint(world[..., :-1] * extra[..., None]).astype(np.int64)
    world[..., :-1] += more
    world[..., -1] += more.sum(axis=2)
    return np.concatenate([flows, world[:, :, None, :]], axis=2)


def _reported_at(spec: Spec, economy: Economy, years: Ints) -> Ints:
    """Most report in the summer after; some always a year later, and anybody now and then."""
    out = np.empty((len(years), len(economy.countries)), np.int64)
    for row, country in enumerate(economy.countries):
        habit = uniforms(spec.seed, f"customs {country.code}", 1)[0]
        luck = uniforms(spec.seed, f"customs years {country.code}", len(years))
        for at, year in enumerate(years.tolist()):
            day = day_number(date(year + 1, 4, 1)) + int(habit * 150)
            late = 280 if is_late(country.code) or luck[at] < 0.03 else 0
            out[at, row] = (day + late) * DAY_US + DAY_US // 2
    return out


def is_late(code: str) -> bool:
    """Whether a country always reports a year after the others."""
    return code in ("CHN", "GRC", "PHL", "SAU", "VNM")
