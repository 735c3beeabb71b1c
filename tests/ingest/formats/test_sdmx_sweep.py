"""Observations swept from bytes and observations decoded one by one are the same observations."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import sdmx, sdmx_sweep
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


@given(series)
def test_both_roads_lead_to_the_same_rows(held: dict[str, dict[str, list[Any]]]) -> None:
    compact = json.dumps(message(held), separators=(",", ":"))
    assert read(compact) == read(json.dumps(message(held), indent=1))


def test_a_plain_message_is_swept() -> None:
    held = {"0:0": {"0": ["2.9", None, 0], "3": [None, None, 1]}, "2:0": {"1": [7, None, "P"]}}
    body = json.dumps(message(held), separators=(",", ":")).encode()
    document = sdmx_sweep.document(reply(body, URL), body)
    pieces = [one["observations"] for one in document["data"]["dataSets"][0]["series"].values()]
    assert pieces == [b'"0":["2.9",null,0],"3":[null,null,1]', b'"1":[7,null,"P"]']
    assert read(body.decode()) == [
        ("USA", "GDP", 2.9, "2021", "A"),
        ("USA", "GDP", None, "2024", "E"),
        ("JPN", "GDP", 7.0, "2022", "P"),
    ]


@pytest.mark.parametrize("place", ["4", "x", "-1"])
def test_a_period_that_is_not_listed_is_refused(place: str) -> None:
    body = json.dumps(message({"0:0": {place: ["1"]}}), separators=(",", ":"))
    assert "Error" in str(read(body))
