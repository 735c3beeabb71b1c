"""Who drives, supplies or belongs to whom: the edges of the demo world's graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.datasets.links import LINKS
from ingest.sources.demo_world.draws import uniforms
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.issuers import SECTORS, Issuer
from ingest.sources.demo_world.listings import commodities_of, pairs_of
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import assemble, day_number, in_order, instants

Edge = tuple[str, str, str, float, float, int, str, int]
_BEGINNING = day_number(FIRST_DAY)
_ON_GROWTH = (0.3, 0.4, 0.5, 0.5, 0.1, 0.1, 0.3, 0.4, 0.3, 0.05, 0.2)
_ON_RATES = (-0.1, -0.1, -0.2, -0.3, -0.1, -0.05, 0.3, -0.3, -0.2, -0.3, -0.5)
_FAMILY = {"Energy": (0, 0.7), "Metals": (1, 0.6), "Precious": (1, 0.3), "Grains": (4, -0.3),
           "Softs": (4, -0.2)}  # fmt: skip


def sector_id(number: int) -> str:
    """The global id of a sector."""
    return f"demo:sector:{SECTORS[number].lower().replace(' ', '-')}"


def link_table(spec: Spec, issuers: Sequence[Issuer], countries: Sequence[Country]) -> pa.Table:
    """All edges; each is an assertion of the demo's author unless it was filed or estimated."""
    edges = [*_macro(countries), *_goods(spec), *_members(issuers), *_suppliers(spec, issuers)]
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
        growth, rates = _ON_GROWTH[number], _ON_RATES[number]
        target = sector_id(number)
        edges.append(("demo:GDPG:USA", target, "drives", growth, 0.7, 30, "estimated", _BEGINNING))
        edges.append(("demo:POLICY:USA", target, "drives", rates, 0.6, 20, "estimated", _BEGINNING))
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
    for good in commodities_of(spec):
        sector, strength = _FAMILY[good.family]
        edges.append(
            (good.symbol, sector_id(sector), "drives", strength, 0.6, 1, "estimated", _BEGINNING)
        )
    for pair in pairs_of(spec):
        if pair.base == "USD":
            edges.append(
                ("demo:POLICY:USA", pair.symbol, "drives", 0.3, 0.5, 0, "asserted", _BEGINNING)
            )
    return edges


def _members(issuers: Sequence[Issuer]) -> list[Edge]:
    edges: list[Edge] = []
    for issuer in issuers:
        day = issuer.listed
        beta = round(min(issuer.sector_beta * 0.6, 1.0), 3)
        edges.append(
            (sector_id(issuer.sector), issuer.company, "drives", beta, 0.9, 0, "estimated", day)
        )
        edges.append((issuer.company, issuer.symbol, "issues", 1.0, 1.0, 0, "filed", day))
        edges.append(
            (issuer.symbol, sector_id(issuer.sector), "is_member", 0.05, 1.0, 0, "filed", day)
        )
    return edges


def _suppliers(spec: Spec, issuers: Sequence[Issuer]) -> list[Edge]:
    """A company sells to one or two of lower number: more issuers add edges and change none."""
    edges: list[Edge] = []
    for issuer in issuers[1:]:
        luck = uniforms(spec.seed, f"supplies {issuer.company}", 4)
        buyers = {int(luck[0] * issuer.number), int(luck[1] * issuer.number)}
        for buyer in sorted(buyers):
            day = max(issuer.listed, issuers[buyer].listed) + 30
            strength = round(0.1 + 0.4 * float(luck[2]), 3)
            edges.append(
                (issuer.company, issuers[buyer].company, "supplies", strength,
                 round(0.5 + 0.4 * float(luck[3]), 2), 30, "filed", day)
            )  # fmt: skip
    return edges
