"""Who drives, supplies or belongs to whom: the edges of the demo world's graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.datasets.links import LINKS
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.issuers import SECTORS, Issuer
from ingest.sources.demo_world.listings import commodities_of, pairs_of
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import assemble, day_number, in_order, instants
from ingest.sources.demo_world.ties import (
    DOLLAR_ON_RATES,
    GOODS,
    GOODS_LAG_DAYS,
    ON_GROWTH,
    ON_RATES,
    SUPPLY_LAG_DAYS,
    in_step,
    supplies,
)

Edge = tuple[str, str, str, float, float, int, str, int]
_BEGINNING = day_number(FIRST_DAY)


def sector_id(number: int) -> str:
    """The global id of a sector."""
    return f"demo:sector:{SECTORS[number].lower().replace(' ', '-')}"


def link_table(spec: Spec, issuers: Sequence[Issuer], countries: Sequence[Country]) -> pa.Table:
    """All edges; each is an assertion of the demo's author unless it was filed or estimated."""
    edges = [*_macro(countries), *_goods(spec), *_members(issuers), *_supplied(spec, issuers)]
    table = assemble(
        LINKS,
        {
            "from_id": [edge[0] for edge in edges],
            "to_id": [edge[1] for edge in edges],
            "kind": [edge[2] for edge in edges],
            "strength": pa.array([edge[3] for edge in edges]),
            "confidence": pa.array([edge[4] for edge in edges]),
            "lag_days": pa.array([edge[5] for edge in edges], pa.int32()),
            "evidence": [edge[6] for edge in edges],
            "author": "demo",
            "known_at": instants(np.array([edge[7] * DAY_US for edge in edges])),
        },
        spec,
    )
    return in_order(table, LINKS)


def _macro(countries: Sequence[Country]) -> list[Edge]:
    edges: list[Edge] = []
    for number in range(len(SECTORS)):
        growth, rates = ON_GROWTH[number], ON_RATES[number]
        target = sector_id(number)
        edges.append(("demo:GDPG:USA", target, "drives", growth, 0.7, 0, "estimated", _BEGINNING))
        edges.append(("demo:POLICY:USA", target, "drives", rates, 0.6, 0, "estimated", _BEGINNING))
    for country in countries:
        own = [f"demo:{code}:{country.code}" for code in ("GDPG", "CPIYOY", "POLICY", "UNEMP")]
        edges += [
            (own[0], own[3], "drives", -0.6, 0.8, 90, "estimated", _BEGINNING),
            (own[1], own[2], "drives", 0.7, 0.8, 45, "estimated", _BEGINNING),
            (own[2], own[0], "drives", -0.4, 0.6, 270, "estimated", _BEGINNING),
        ]
    return edges


def _goods(spec: Spec) -> list[Edge]:
    edges: list[Edge] = []
    listed = {good.symbol for good in commodities_of(spec)}
    for symbol, (sector, strength) in GOODS.items():
        if symbol in listed:
            edges.append(
                (
                    symbol,
                    sector_id(sector),
                    "drives",
                    strength,
                    0.6,
                    GOODS_LAG_DAYS,
                    "estimated",
                    _BEGINNING,
                )
            )
    for pair in pairs_of(spec):
        if pair.base == "USD":
            edges.append(
                (
                    "demo:POLICY:USA",
                    pair.symbol,
                    "drives",
                    DOLLAR_ON_RATES,
                    0.5,
                    0,
                    "asserted",
                    _BEGINNING,
                )
            )
    return edges


def _members(issuers: Sequence[Issuer]) -> list[Edge]:
    edges: list[Edge] = []
    for issuer in issuers:
        day = issuer.listed
        share = round(in_step(issuer), 3)
        edges.append(
            (sector_id(issuer.sector), issuer.company, "drives", share, 0.9, 0, "estimated", day)
        )
        edges.append((issuer.company, issuer.symbol, "issues", 1.0, 1.0, 0, "filed", day))
        edges.append(
            (issuer.symbol, sector_id(issuer.sector), "is_member", 0.05, 1.0, 0, "filed", day)
        )
    return edges


def _supplied(spec: Spec, issuers: Sequence[Issuer]) -> list[Edge]:
    return [
        (
            issuers[tie.supplier].company,
            issuers[tie.customer].company,
            "supplies",
            tie.strength,
            tie.confidence,
            SUPPLY_LAG_DAYS,
            "filed",
            tie.since,
        )
        for tie in supplies(spec, issuers)
    ]
