"""Headlines about what was released, decided or lost; each is marked as invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from data.datasets.news import NEWS
from ingest.sources.demo_world.events import Row
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import assemble, day_number, in_order, instants

_SPOKEN = ("CPIYOY", "EMPL", "GDPG", "PMI", "UNEMP")
_WATCHED = ("AUS", "BRA", "CAN", "CHN", "DEU", "FRA", "GBR", "IND", "JPN", "USA")
_DELAY_US = 120_000_000


def news_table(spec: Spec, blocks: Sequence[Block], events: Sequence[Row]) -> pa.Table:
    """Two minutes after the fact; topics are the short names of indicators or kinds of event.

    Releases and decisions are told from the year on in which this scale's news begins.
    """
    rows = [*_of_releases(spec, blocks), *_of_events(spec, events)]
    rows = [row for row in rows if row["at"] < spec.end_us]
    at = instants(np.array([row["at"] for row in rows], dtype=np.int64))
    table = assemble(
        NEWS,
        {
            "news_id": [row["id"] for row in rows],
            "event_at": at,
            "headline": [row["headline"] for row in rows],
            "summary": "Invented for the demo world.",
            "topic": [row["topic"] for row in rows],
            "country": [row["country"] for row in rows],
            "symbols": [row["symbols"] for row in rows],
            "known_at": at,
        },
        spec,
    )
    return in_order(table, NEWS)


def _of_releases(spec: Spec, blocks: Sequence[Block]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block.indicator.code not in _SPOKEN:
            continue
        for row, country in enumerate(block.countries):
            if country.code not in _WATCHED:
                continue
            actual, first = block.times.actual[row], block.made.values[row, :, 0]
            told = (actual >= _start(spec)) & (actual < spec.end_us - _DELAY_US)
            for period in np.flatnonzero(told).tolist():
                expected, value = float(block.consensus[row, period]), float(first[period])
                word = (
                    "above" if value > expected else "below" if value < expected else "in line with"
                )
                yield {
                    "id": f"demo:{block.indicator.code}:{country.code}:{period}",
                    "at": int(actual[period]) + _DELAY_US,
                    "headline": f"{country.name}: {block.indicator.title.lower()} {value:g}, "
                    f"{word} the {expected:g} expected",
                    "topic": block.indicator.code,
                    "country": country.code,
                    "symbols": None,
                }


def _start(spec: Spec) -> int:
    return day_number(date(spec.scale.news_from, 1, 1)) * DAY_US


def _of_events(spec: Spec, events: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for event in events:
        is_rate = event["kind"] == "rate_decision"
        if is_rate and (event["country"] not in _WATCHED or event["at"] < _start(spec)):
            continue
        # What is planned is told when it is announced, what happens once it has happened.
        told = min(event["known"], event["at"]) if event["kind"] == "delisting" else event["known"]
        yield {
            "id": f"{event['id']}:news",
            "at": told + _DELAY_US + (DAY_US // 4 if event["precision"] == "day" else 0),
            "headline": event["title"],
            "topic": event["kind"],
            "country": event.get("country"),
            "symbols": event.get("symbols"),
        }
