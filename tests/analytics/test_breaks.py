"""Change points: exact against brute force, on series that people marked, blind to the future."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.closes import Floats
from analytics.regimes.breaks import LEAST, divide, regime_breaks, series_breaks, turns
from data.lake import Lake
from data.query import Db
from tests.analytics.months import describe, keep, known, month

# Series, penalty as by default: where people and the exact division see new segments begin.
DIVIDED = {
    "nile": [28],
    "seatbelts": [10, 72, 169],
    "gdp_japan": [24],
    "businv": [69, 165, 248],
    "quality_control_1": [144],
    "quality_control_2": [97],
    "uk_coal_employ": [18, 54],
}
TOLD = {
    "nile": (100, [(28, 34)]),
    "quality_control_2": (250, [(98, 103)]),
    "seatbelts": (60, [(60, 65), (72, 77), (169, 175)]),
}


@pytest.fixture(scope="module")
def marked(shared: Path) -> dict[str, dict[str, Any]]:
    """Public series in which five people marked the changes."""
    found: dict[str, dict[str, Any]] = json.loads(
        (shared / "real/changepoints_tcpd.json").read_text(encoding="utf-8")
    )
    return found


def numbers(series: dict[str, Any]) -> Floats:
    """The values, a gap filled along a straight line."""
    raw = series["y"][0]
    values = np.array([np.nan if item is None else item for item in raw], dtype=np.float64)
    held = np.isfinite(values)
    return np.interp(np.arange(len(values)), np.flatnonzero(held), values[held])


def test_marked_series_are_divided_as_published(marked: dict[str, dict[str, Any]]) -> None:
    assert {name: divide(numbers(one)) for name, one in marked.items()} == DIVIDED
    nile = numbers(marked["nile"])
    assert [round(float(part.mean()), 2) for part in np.split(nile, [28])] == [1097.75, 849.97]


def test_agreement_with_the_people_who_marked_them(marked: dict[str, dict[str, Any]]) -> None:
    scores = [f1(divide(numbers(item)), item["annotations"]) for item in marked.values()]
    assert np.mean(scores) == pytest.approx(0.73, abs=0.01)
    never = [f1([], item["annotations"]) for item in marked.values()]
    assert np.mean(never) == pytest.approx(0.69, abs=0.01)


def f1(found: list[int], annotations: dict[str, list[int]], margin: int = 5) -> float:
    """Precision against all marks together, recall against each person's; the first counts."""
    mine = [0, *found]
    union = {0}.union(*map(set, annotations.values()))
    precision = sum(any(abs(x - y) <= margin for y in union) for x in mine) / len(mine)
    recall = np.mean(
        [
            sum(any(abs(x - y) <= margin for x in mine) for y in {0, *marks}) / len({0, *marks})
            for marks in annotations.values()
        ]
    )
    return float(2 * precision * recall / (precision + recall))


def test_what_could_be_told_at_the_time(marked: dict[str, dict[str, Any]]) -> None:
    for name, (every, wanted) in TOLD.items():
        found = [(turn.start, turn.told) for turn in turns(numbers(marked[name]), 1 / every)]
        assert found == wanted, name
    assert turns(numbers(marked["quality_control_1"]), 1 / 250)[-1].start == 144


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=12), st.floats(0.1, 30))
@settings(max_examples=60, deadline=None)
def test_a_division_costs_no_more_than_any_other(values: list[int], penalty: float) -> None:
    series = np.array(values, dtype=np.float64)

    def cost(starts: tuple[int, ...]) -> float:
        parts = np.split(series, starts)
        return sum(float(((p - p.mean()) ** 2).sum()) for p in parts) + penalty * len(starts)

    size = len(series)
    every = [
        starts
        for count in range(size // LEAST)
        for starts in combinations(range(1, size), count)
        if all(b - a >= LEAST for a, b in pairwise((0, *starts, size)))
    ] or [()]
    found = tuple(divide(series, penalty))
    assert found in every
    assert cost(found) == pytest.approx(min(map(cost, every)), abs=1e-9)


def test_what_was_told_never_changes() -> None:
    rng = np.random.default_rng(5)
    series = np.concatenate([rng.normal(level, 1, 60) for level in (0, 2, -1, 1)])
    whole = turns(series, 1 / 60)
    assert len(whole) == 3
    for size in range(31, len(series) + 1, 7):
        assert turns(series[:size], 1 / 60) == [turn for turn in whole if turn.told < size]


def test_false_alarms_are_rare_in_noise() -> None:
    rng = np.random.default_rng(11)
    told = sum(len(turns(rng.normal(0, 1, 1_000), 1 / 250)) for _ in range(10))
    assert told <= 4  # of 10,000 observations; published is one
    heavy = sum(len(turns(rng.standard_t(4, 1_000), 1 / 250)) for _ in range(10))
    assert heavy <= 15  # seven published


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 50, [1.0, 2.0, 3.0, 4.0, 5.0], [1e9] * 31])
def test_nothing_is_found_where_nothing_moved(values: list[float]) -> None:
    series = np.array(values, dtype=np.float64)
    assert divide(series) == []
    assert turns(series, 1 / 60) == []


def test_the_breaks_of_a_series_with_their_moments(lake: Lake, db: Db) -> None:
    rng = np.random.default_rng(2)
    level = np.concatenate([rng.normal(2, 0.5, 60), rng.normal(5, 0.5, 40)])
    describe(lake, {"CPIYOY": "percent, year on year"})
    keep(
        lake,
        "CPIYOY",
        {month(n): float(v) for n, v in enumerate(level)},
        lag=40,
        unit="percent, year on year",
    )
    clock = known(month(99))
    for frame in (
        series_breaks(db.at(clock), series="CPIYOY", frequency="monthly").frame,
        regime_breaks(db.at(clock), country="USA").frame.drop("input"),
    ):
        late, live = (
            frame.row(by_predicate=pl.col("seen") == name, named=True)
            for name in ("hindsight", "live")
        )
        assert late["end"].replace(day=1) == live["end"].replace(day=1) == month(60)
        assert late["known_at"] == clock
        assert (late["before"], late["after"]) == pytest.approx((2, 5), abs=0.2)
        assert known(month(63)) <= live["known_at"] <= known(month(70))
    early = series_breaks(db.at(known(month(62))), series="CPIYOY", frequency="monthly").frame
    assert early.filter(seen="live").is_empty()
    assert series_breaks(db.at(clock), series="none").frame.is_empty()
    assert regime_breaks(db.at(clock), country="FRA").frame.is_empty()
