"""Queries that read descriptions alone: what they answer stands from one change of description to
the next, so all clocks between the two share one answer.

The list of instruments reads prices too, but only where an id has prices and no description: see
`listing`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.known_history import EPOCH, microseconds
from analytics.core.listing import HINT
from data.clock import LAST
from data.datasets import DATASETS
from data.kept_results import KeptResults
from data.query import Answer, At, Value
from data.query.guard import dataset_of

MOST_MB = 4
CHANGES = (
    "SELECT DISTINCT epoch_us(moment) AS moment FROM (SELECT seen_at AS moment FROM {name}_known "
    "UNION ALL SELECT superseded_at FROM {name}_known WHERE superseded_at IS NOT NULL) "
    "ORDER BY moment"
)
CLOCK = "as_of"
# The only places in which the list of instruments speaks of prices, behind the hint.
PRICED = (f"FROM prices_known WHERE ${HINT} AND", "min(prices_known.known_at)")
COMMENT = re.compile(r"--[^\n]*")
Instants = npt.NDArray[np.int64]
CHANGED: KeptResults[Instants] = KeptResults(
    MOST_MB << 20, is_whole=lambda _: True, weight=lambda instants: instants.nbytes
)


def steady_answer(text: str, at: At, /, **params: Value) -> Answer:
    """What a query answers at the clock, asked at the last change of what it reads."""
    clock = _last_change(at, text, params)
    if clock is None:
        return at.sql(text, **params)
    answer = replace(at, as_of=clock).sql(text, **params)
    asked = tuple(replace(run, at=replace(run.at, as_of=at.as_of)) for run in answer.asked)
    return replace(answer, asked=asked)


def _last_change(at: At, text: str, params: dict[str, Value]) -> datetime | None:
    """Since when everything that a query reads has stood; none where that is not to be told."""
    if at.all_vintages or at.closed or CLOCK in text:
        return None
    datasets = {dataset_of(table) for table in at.db.checked(text).tables}
    if params.get(HINT) is False and _reads_prices_by_hint(text):
        datasets -= {"prices"}
    if not datasets or not all(DATASETS[name].descriptive for name in datasets):
        return None
    if any(at.damage(name) for name in datasets):
        return None
    moment = microseconds(at.as_of)
    last = [_before(_changes(at, name), moment) for name in datasets]
    found = max((one for one in last if one is not None), default=None)
    return None if found is None else EPOCH + timedelta(microseconds=found)


def _before(instants: Instants, moment: int) -> int | None:
    place = int(np.searchsorted(instants, moment, side="right"))
    return int(instants[place - 1]) if place else None


def _changes(at: At, dataset: str) -> Instants:
    """The instants at which rows of a dataset come into view or go, in order."""
    late = replace(at, as_of=LAST)
    key = late.identity([dataset])
    return CHANGED.of(key, lambda: _read(late, dataset))


def _read(late: At, dataset: str) -> Instants:
    found = late.sql(CHANGES.format(name=dataset)).frame["moment"]
    return found.cast(pl.Int64).to_numpy()


@lru_cache(maxsize=256)
def _reads_prices_by_hint(text: str) -> bool:
    """Whether a query speaks of prices nowhere but behind the hint."""
    rest = COMMENT.sub("", text)
    for place in PRICED:
        rest = rest.replace(place, "")
    return "prices" not in rest
