"""SDMX-JSON: numbered slots become words, whatever the layout of the text."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import sdmx
from ingest.formats.sdmx import Message
from ingest.jobs import ReplyError
from tests.ingest.macro_replies import reply

URL = "https://example.org/data"
PLACES = ("USA", "DEU", "JPN")
YEARS = ("2021", "2022", "2023", "2024")
STATUS = ("A", "E")

values = st.one_of(
    st.none(), st.integers(-99, 99), st.floats(-1e6, 1e6).map(str), st.just("NaN"), st.just("n/a")
)
literals = st.sampled_from(["P", "a,b", "a]b", "a}b", 'a"b', "a\\b", "", "12", "[1]", "nul"])
statuses = st.one_of(st.none(), st.integers(0, 3), literals)
cells = st.one_of(
    st.tuples(values), st.tuples(values, st.none()), st.tuples(values, st.none(), statuses)
)
series = st.dictionaries(
    st.sampled_from([f"{at}:0" for at in range(len(PLACES))]),
    st.dictionaries(st.sampled_from([str(at) for at in range(len(YEARS))]), cells.map(list)),
    min_size=1,
)


def message(held: dict[str, dict[str, list[Any]]]) -> dict[str, Any]:
    """A message of places by years, with a remark and a status for each observation."""

    def listed(name: str, key: str, *words: str) -> dict[str, Any]:
        return {"id": name, "values": [{key: word} for word in words]}

    dimensions = {
        "series": [listed("PLACE", "id", *PLACES), listed("WHAT", "id", "GDP")],
        "observation": [listed("TIME_PERIOD", "value", *YEARS)],
    }
    attributes = {"observation": [listed("REMARK", "id"), listed("STATUS", "id", *STATUS)]}
    data = {key: {"observations": observations} for key, observations in held.items()}
    structure = {"dimensions": dimensions, "attributes": attributes}
    return {"data": {"dataSets": [{"series": data}], "structures": [structure]}}


def read(body: str) -> list[tuple[object, ...]] | str:
    """Rows, or why there are none."""
    try:
        found = sdmx.message(reply(body, URL), body.encode())
    except (ReplyError, pl.exceptions.PolarsError) as error:
        return f"{type(error).__name__}: {error}"
    assert isinstance(found, Message)
    return found.frame.rows()


def by_hand(held: dict[str, dict[str, list[Any]]]) -> list[tuple[object, ...]]:
    """The rows of a message, one observation after the other."""
    rows: list[tuple[object, ...]] = []
    for key, observations in held.items():
        for place, (value, *rest) in observations.items():
            slot = rest[1] if len(rest) > 1 else None
            status = STATUS[slot] if isinstance(slot, int) and slot < len(STATUS) else slot
            number = None if value in (None, "NaN", "n/a") else float(value)
            country = PLACES[int(key.partition(":")[0])]
            word = None if status is None else str(status)
            rows.append((country, "GDP", number, YEARS[int(place)], word))
    return rows


@given(series)
def test_every_observation_is_read_whatever_the_layout(
    held: dict[str, dict[str, list[Any]]],
) -> None:
    expected = by_hand(held)
    for layout in ({"separators": (",", ":")}, {"indent": 1}):
        found = read(json.dumps(message(held), **layout))
        if expected:
            assert found == expected
        else:
            assert "matches no series" in str(found)


def test_a_message_is_read_by_hand() -> None:
    observations = {
        "0:0": {"0": ["2.9", None, 0], "3": [None, None, 1]},
        "2:0": {"1": [7, None, "P"]},
    }
    assert read(json.dumps(message(observations))) == [
        ("USA", "GDP", 2.9, "2021", "A"),
        ("USA", "GDP", None, "2024", "E"),
        ("JPN", "GDP", 7.0, "2022", "P"),
    ]


def test_a_value_that_json_lacks_is_null() -> None:
    body = json.dumps(message({"0:0": {"0": ["2.9"], "1": [1]}})).replace("[1]", "[NaN]")
    assert "NaN" in body
    assert read(body) == [("USA", "GDP", 2.9, "2021", None), ("USA", "GDP", None, "2022", None)]


@pytest.mark.parametrize("place", ["4", "x", "-1"])
def test_a_period_that_is_not_listed_is_refused(place: str) -> None:
    body = json.dumps(message({"0:0": {place: ["1"]}}), separators=(",", ":"))
    assert "Error" in str(read(body))
