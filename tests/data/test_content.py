"""The hash sees every value and no order."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest

from data.datasets import DATASETS
from data.lake.content import Content, hashed_columns

COUNTRIES, EVENTS = DATASETS["countries"], DATASETS["events"]
KNOWN = datetime(2020, 1, 1, tzinfo=UTC)


def countries(**changes: object) -> pl.DataFrame:
    """Two countries, the second one changed as asked."""
    rows = [{name: None for name in COUNTRIES.schema.names} for _ in range(2)]
    fixed = {"source": "demo", "vintage_grade": "native", "known_at": KNOWN}
    rows[0].update(fixed, country="AAA", name="One", population=1.5, iso_numeric=1)
    rows[1].update(fixed, country="BBB", name="Two", population=2.5, iso_numeric=2)
    rows[1].update(changes)
    empty = pl.DataFrame(pl.from_arrow(COUNTRIES.schema.empty_table()))
    return pl.DataFrame(rows, schema=empty.schema)


def digest(*frames: pl.DataFrame) -> str:
    """The hash of the frames, one after another."""
    content = Content()
    for frame in frames:
        content.add(COUNTRIES, frame.to_arrow())
    return content.digest()


def test_order_and_cuts_do_not_matter() -> None:
    frame = countries()
    assert digest(frame) == digest(frame.reverse()) == digest(frame.tail(1), frame.head(1))


def test_moments_of_ingestion_do_not_matter() -> None:
    stamped = countries(ingested_at=KNOWN, superseded_at=KNOWN)
    assert digest(stamped) == digest(countries())
    assert not {"ingested_at", "superseded_at"} & set(hashed_columns(COUNTRIES))
    assert "year" not in hashed_columns(EVENTS)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "two"},
        {"population": 2.5000000001},
        {"population": None},
        {"population": 0.0},
        {"iso_numeric": 3},
        {"iso_numeric": None},
        {"iso_numeric": 0},
        {"iso2": ""},
        {"known_at": datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=UTC)},
        {"vintage_grade": "lagged"},
        {"source": "other"},
    ],
)
def test_every_value_matters(change: dict[str, object]) -> None:
    assert digest(countries(**change)) != digest(countries())


def test_a_row_too_many_and_the_dataset_matter() -> None:
    frame = countries()
    assert digest(frame, frame.head(1)) != digest(frame)
    one, two = Content(), Content()
    one.add(COUNTRIES, frame.to_arrow())
    two.add(DATASETS["companies"], DATASETS["companies"].schema.empty_table())
    assert one.digests().keys() != two.digests().keys()


def test_lists_are_read_to_their_last_word() -> None:
    found = []
    for symbols in (["demo:A"], ["demo:A", "demo:B"], None):
        values = {field.name: pa.nulls(1, field.type) for field in EVENTS.schema}
        values["symbols"] = pa.array([symbols], pa.list_(pa.string()))
        content = Content()
        content.add(EVENTS, pa.table(values))
        found.append(content.digest())
    assert len(set(found)) == 3
