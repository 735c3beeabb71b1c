"""Dated events: crashes, rate decisions, delistings, splits and a shutdown of statistics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from data.datasets.events import EVENTS
from ingest.sources.demo_world.calamity import CRASHES, FLASH, FLASH_UTC_MINUTES, SHUTDOWN
from ingest.sources.demo_world.issuers import Issuer
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import assemble, day_number, in_order, instants

MINUTE_US = 60_000_000
Row = dict[str, Any]


def event_rows(
    spec: Spec, issuers: Sequence[Issuer], panels: Sequence[PricePanel], blocks: Sequence[Block]
) -> list[Row]:
    """All events that are known before the end of the world, in no order."""
    rows = [*_calamities(), *_delistings(issuers)]
    for panel in panels:
        rows += _splits(panel)
    for block in blocks:
        if block.indicator.code == "POLICY":
            rows += _decisions(spec, block)
    return [row for row in rows if row["known"] < spec.end_us]


def event_table(spec: Spec, rows: Sequence[Row]) -> pa.Table:
    """Events as a table; how they came to be is left out."""
    ends = np.array([row.get("ends", 0) for row in rows], dtype=np.int64)
    table = assemble(
        EVENTS,
        {
            "event_id": [row["id"] for row in rows],
            "event_at": instants(np.array([row["at"] for row in rows], dtype=np.int64)),
            "precision": [row["precision"] for row in rows],
            "kind": [row["kind"] for row in rows],
            "title": [row["title"] for row in rows],
            "country": [row.get("country") for row in rows],
            "symbols": [row.get("symbols") for row in rows],
            "magnitude": [row["magnitude"] for row in rows],
            "ends_at": instants(ends, ends == 0),
            "known_at": instants(np.array([row["known"] for row in rows], dtype=np.int64)),
        },
        spec,
    )
    return in_order(table, EVENTS)


def _at(day: date, minute: int) -> int:
    return day_number(day) * DAY_US + minute * MINUTE_US


def _calamities() -> list[Row]:
    rows: list[Row] = [
        {
            "id": f"demo:crash:{crash.day}",
            "at": _at(crash.day, 14 * 60 + 30),
            "ends": _at(crash.day, 21 * 60),
            "known": _at(crash.day, 21 * 60),
            "precision": "day",
            "kind": "crash",
            "symbols": ["demo:WORLD"],
            "title": f"{crash.name}: the world's shares lose {-100 * crash.drop:.1f} % in a day",
            "magnitude": crash.drop,
        }
        for crash in CRASHES
    ]
    return [*rows, _flash_crash(), _shutdown()]


def _flash_crash() -> Row:
    first, last = FLASH_UTC_MINUTES
    return {
        "id": f"demo:flash:{FLASH.day}",
        "at": _at(FLASH.day, first),
        "ends": _at(FLASH.day, last),
        "known": _at(FLASH.day, last),
        "precision": "minute",
        "kind": "flash_crash",
        "title": f"{FLASH.name}: American shares fall and recover at once",
        "country": "USA",
        "symbols": ["demo:WORLD"],
        "magnitude": FLASH.drop,
    }


def _shutdown() -> Row:
    return {
        "id": f"demo:shutdown:{SHUTDOWN[0]}",
        "at": _at(SHUTDOWN[0], 4 * 60),
        "ends": _at(SHUTDOWN[1], 24 * 60),
        "known": _at(SHUTDOWN[0], 4 * 60),
        "precision": "day",
        "kind": "shutdown",
        "country": "USA",
        "title": "American statistics stop; what was due is put off by sixteen days",
        "magnitude": float((SHUTDOWN[1] - SHUTDOWN[0]).days + 1),
    }


def _delistings(issuers: Sequence[Issuer]) -> list[Row]:
    return [
        {
            "id": f"demo:delisting:{issuer.symbol.removeprefix('demo:')}",
            "at": (issuer.delisted + 1) * DAY_US - 3 * 60 * MINUTE_US,
            "known": (issuer.delisted - 21) * DAY_US,
            "precision": "day",
            "kind": "delisting",
            "title": f"{issuer.name} leaves {issuer.venue.code}",
            "country": issuer.venue.country,
            "symbols": [issuer.symbol],
            "magnitude": None,
        }
        for issuer in issuers
        if issuer.delisted is not None
    ]


def _splits(panel: PricePanel) -> list[Row]:
    """A split is known on its own day: what makes a board split is the price just before."""
    if panel.split is None:
        return []
    rows: list[Row] = []
    for session, column in zip(*np.nonzero((panel.split != 1.0) & panel.listed), strict=True):
        ratio, symbol = float(panel.split[session, column]), panel.symbols[column]
        at = int(panel.sessions.days[session]) * DAY_US
        name = symbol.removeprefix("demo:")
        words = f"{ratio:.0f} new shares for 1" if ratio > 1 else f"1 new share for {1 / ratio:.0f}"
        rows.append(
            {
                "id": f"demo:split:{name}:{panel.sessions.days[session]}",
                "at": at,
                "known": at,
                "precision": "day",
                "kind": "split",
                "title": f"{name}: {words}",
                "country": panel.venue.country,
                "symbols": [symbol],
                "magnitude": ratio,
            }
        )
    return rows


def _decisions(spec: Spec, block: Block) -> list[Row]:
    rows: list[Row] = []
    for row, country in enumerate(block.countries):
        before = float("nan")
        for at, rate in zip(
            block.times.actual[row].tolist(), block.made.values[row, :, 0].tolist(), strict=True
        ):
            if at >= spec.end_us:
                break
            change = 0.0 if before != before else round(rate - before, 2)
            verb = "raised" if change > 0 else "cut" if change < 0 else "kept"
            by = f" by {abs(change):.2f} points to" if change else " at"
            rows.append(
                {
                    "id": f"demo:rate:{country.code}:{at // DAY_US}",
                    "at": at,
                    "known": at,
                    "precision": "minute",
                    "kind": "rate_decision",
                    "country": country.code,
                    "title": f"{country.name}: policy rate {verb}{by} {rate:.2f} %",
                    "magnitude": change,
                    "symbols": None,
                }
            )
            before = rate
    return rows
