"""JSON-stat 2: flat places read as dimensions, whichever way they are written."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import json_stat
from ingest.jobs import ReplyError


def dataset(value: Any, status: Any = None, **more: Any) -> dict[str, Any]:
    """Two areas over three months."""
    return {
        "id": ["unit", "geo", "time"],
        "size": [1, 2, 3],
        "value": value,
        "dimension": {
            "unit": {"category": {"label": {"I15": "Index, 2015=100"}}},
            "geo": {"category": {"index": {"EL": 1, "DE": 0}}},
            "time": {"category": {"index": ["2026-01", "2026-02", "2026-03"]}},
        },
        **({} if status is None else {"status": status}),
        **more,
    }


def read(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    frame = json_stat.message(document).frame
    return list(frame.select("unit", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").iter_rows())


@pytest.mark.parametrize(
    "value",
    [
        {"0": 1.5, "4": 7},
        [1.5, None, None, None, 7, None],
        {"4": "7", "0": "1.5"},
    ],
)
def test_an_object_and_an_array_say_the_same(value: Any) -> None:
    assert read(dataset(value, {"4": "p"})) == [
        ("I15", "DE", "2026-01", 1.5, None),
        ("I15", "EL", "2026-02", 7.0, "p"),
    ]


def test_a_status_without_a_value_is_a_gap_with_a_reason() -> None:
    assert read(dataset({}, {"5": ":"})) == [("I15", "EL", "2026-03", None, ":")]
    assert [row[3] for row in read(dataset({"0": ":"}))] == [None]
    assert {row[4] for row in read(dataset({"0": 1, "1": 2}, "e"))} == {"e"}


@pytest.mark.parametrize(
    "document",
    [
        dataset({"6": 1.0}),
        dataset({"-1": 1.0}),
        dataset({"0": 1.0}, size=[1, 2]),
        dataset({"0": 1.0}, size=[1, 3, 3]),
        dataset({"0": 1.0}, id=["unit", "geo", "year"]),
        dataset({"0": 1.0}, size=[10**6, 10**6, 3]),
    ],
)
def test_what_does_not_fit_its_sizes_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises((ReplyError, KeyError)):
        json_stat.message(document)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_every_place_is_that_of_nested_loops(sizes: list[int]) -> None:
    names = [f"d{at}" for at in range(len(sizes) - 1)] + ["time"]
    codes = [
        [f"{name}.{number}" for number in range(size)]
        for name, size in zip(names, sizes, strict=True)
    ]
    cells = list(itertools.product(*codes))
    document = {
        "id": names,
        "size": sizes,
        "value": list(range(len(cells))),
        "dimension": {
            name: {"category": {"index": {code: at for at, code in enumerate(of)}}}
            for name, of in zip(names, codes, strict=True)
        },
    }
    frame = json_stat.message(document).frame
    found = frame.select(*names[:-1], "TIME_PERIOD", "OBS_VALUE").rows()
    assert found == [(*cell, float(at)) for at, cell in enumerate(cells)]
