"""The release calendar: scheduled, expected, sometimes put off, and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.datasets.releases import RELEASES
from ingest.sources.demo_world.draws import Floats, Ints
from ingest.sources.demo_world.macro import units_of
from ingest.sources.demo_world.measured import Block
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import assemble, coded, days_of, instants
from ingest.sources.demo_world.timetable import HOUR_US, NEVER

_STATUS = ("scheduled", "rescheduled", "released")
_EXPECTED_DAYS = 3
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class _Slot:
    """One vintage of every release of a block, [country, period]; later ones are cut off."""

    known: Ints
    scheduled: Ints
    status: int
    consensus: Floats
    expected_at: Ints
    previous: Floats
    actual: Floats
    is_rebased: np.ndarray


def release_table(spec: Spec, blocks: Sequence[Block]) -> pa.Table:
    """All vintages of all scheduled publications, by year of the period, series and period."""
    parts: list[dict[str, np.ndarray]] = []
    words: dict[str, list[str]] = {"series_id": [], "country": [], "title": [], "unit": []}
    for block in blocks:
        starts = {name: len(values) for name, values in words.items()}
        words["series_id"] += [block.series_id(row) for row in range(len(block.countries))]
        words["country"] += [country.code for country in block.countries]
        words["title"].append(block.indicator.title)
        words["unit"] += units_of(block.indicator)
        parts += [_flat(spec, block, slot, starts) for slot in _slots(block)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    year = joined["period"].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    rank = np.argsort(np.argsort(words["series_id"]))[joined["series_id"]]
    turn = np.lexsort((joined["known_at"], joined["period"], rank, year))
    joined = {name: values[turn] for name, values in joined.items()}
    columns = {
        name: coded(joined[name], words[name]) for name in ("series_id", "country", "title", "unit")
    }
    missing = joined["expected_at"] == NEVER
    return assemble(
        RELEASES,
        {
            **columns,
            "period": days_of(joined["period"]),
            "scheduled_at": instants(joined["scheduled_at"]),
            "precision": "minute",
            "status": coded(joined["status"], _STATUS),
            "importance": pa.array(joined["importance"].astype(np.int32)),
            "consensus": joined["consensus"],
            "consensus_known_at": instants(np.where(missing, 0, joined["expected_at"]), missing),
            "previous": joined["previous"],
            "actual": joined["actual"],
            "known_at": instants(joined["known_at"]),
        },
        spec,
    )


def _flat(spec: Spec, block: Block, slot: _Slot, starts: dict[str, int]) -> dict[str, np.ndarray]:
    country, period = np.nonzero(slot.known < spec.end_us)
    at = (country, period)
    return {
        "series_id": country + starts["series_id"],
        "country": country + starts["country"],
        "title": np.full(len(country), starts["title"]),
        "unit": starts["unit"] + slot.is_rebased[at].astype(np.int64),
        "period": block.periods[at],
        "known_at": slot.known[at],
        "scheduled_at": slot.scheduled[at],
        "status": np.full(len(country), slot.status),
        "importance": np.full(len(country), block.indicator.importance),
        "consensus": slot.consensus[at],
        "expected_at": slot.expected_at[at],
        "previous": slot.previous[at],
        "actual": slot.actual[at],
    }


def _slots(block: Block) -> list[_Slot]:
    times, made = block.times, block.made
    shape = times.scheduled.shape
    nothing, never = np.full(shape, _NAN), np.full(shape, NEVER)
    wide = np.zeros(shape, dtype=bool)
    is_late = times.noticed < NEVER
    expected_at = np.minimum(times.scheduled - _EXPECTED_DAYS * DAY_US, times.noticed - HOUR_US)
    expected_at = np.maximum(expected_at, times.announced + HOUR_US)
    is_expected = np.full(shape, block.indicator.importance >= 2)
    consensus = np.where(is_expected, block.consensus, _NAN)
    expected_at = np.where(is_expected, expected_at, NEVER)
    before, revised = _previous(block)
    old_unit = wide | (expected_at >= made.rebased_at[:, None]) & is_expected
    rebased = made.rebased_at[:, None]
    noticed = np.where(is_late, times.noticed, NEVER)
    known_before = _known_by(block, before, expected_at)
    before_late = np.where(is_expected, known_before, _NAN)
    first_rebased = made.is_rebased[:, :, 0]
    announced = (times.announced, times.scheduled, 0)
    expected = (expected_at, times.scheduled, 0)
    late = (noticed, times.actual, 1)
    first = (made.known[:, :, 0], times.actual, 2)
    return [
        _Slot(*announced, nothing, never, nothing, nothing, times.announced >= rebased),
        _Slot(*expected, consensus, expected_at, known_before, nothing, old_unit),
        _Slot(*late, consensus, expected_at, before_late, nothing, noticed >= rebased),
        _Slot(*first, consensus, expected_at, revised, made.values[:, :, 0], first_rebased),
    ]


def _previous(block: Block) -> tuple[Floats, Floats]:
    """The first print of the period before, and what it was revised to on the day."""
    values = block.made.values
    before, revised = np.full(values.shape[:2], _NAN), np.full(values.shape[:2], _NAN)
    before[:, 1:] = values[:, :-1, 0]
    revised[:, 1:] = values[:, :-1, min(1, values.shape[2] - 1)]
    return before, revised


def _known_by(block: Block, before: Floats, moment: Ints) -> Floats:
    """`before` where it had been printed by then."""
    printed = np.full(moment.shape, NEVER)
    printed[:, 1:] = block.made.known[:, :-1, 0]
    return np.where(printed <= moment, before, _NAN)
