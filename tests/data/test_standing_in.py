"""An answer says of itself that it rests on rows which their source gives only as of today."""

from __future__ import annotations

from datetime import date

import pytest

from data.lake import Lake
from data.query import Answer, Db
from data.query.standing_in import described_today, restated
from tests.data.samples import day, observation, price, table

TAKEN_IN = day(50)
READ = "SELECT * FROM prices ORDER BY ALL"


@pytest.fixture
def lake(lake: Lake) -> Lake:
    """Shares with a history, a commodity and a country without."""
    lake.upsert("prices", table(price(1.0, date(2020, 1, 10), day(10))), ingested_at=day(11))
    oil = price(
        1.0,
        date(2020, 1, 10),
        day(10),
        symbol="x:OIL",
        asset_class="commodity",
        vintage_grade="current",
    )
    lake.upsert("prices", table(oil), ingested_at=TAKEN_IN)
    lake.upsert(
        "countries",
        table(
            {
                "country": "XYZ",
                "name": "Xyz",
                "known_at": day(1),
                "vintage_grade": "current",
                "source": "list",
            }
        ),
        ingested_at=TAKEN_IN,
    )
    return lake


def test_figures_are_marked_under_that_clock_until_they_were_here(lake: Lake, db: Db) -> None:
    assert restated(db.at(day(20), "restated").sql(READ)) == ["prices"]
    assert restated(db.at(day(49), "restated").sql(READ)) == ["prices"]
    # From then on it is no more than what this lake had, and the public clock shows the same.
    assert restated(db.at(TAKEN_IN, "restated").sql(READ)) == []
    for mode in ("public", "house"):
        assert restated(db.at(day(20), mode).sql(READ)) == []


def test_each_part_that_was_read_counts_whatever_was_read_after_it(lake: Lake, db: Db) -> None:
    at = db.at(day(20), "restated")
    parts = {
        kind: at.part("prices", asset_class=kind).sql(READ) for kind in ("commodity", "equity")
    }
    for first, second in (("commodity", "equity"), ("equity", "commodity")):
        joined = parts[first].join(parts[second], parts[first].frame, "both")
        assert restated(joined) == ["prices"]
    assert restated(parts["equity"]) == []
    earlier: Answer = (
        at.earlier(day(19)).sql(READ).join(parts["equity"], at.sql(READ).frame, "both")
    )
    assert restated(earlier) == ["prices"]


def test_descriptions_are_marked_under_every_clock_until_they_were_here(lake: Lake, db: Db) -> None:
    read = "SELECT * FROM countries"
    for mode in ("public", "restated"):
        assert described_today(db.at(day(20), mode).sql(read)) == ["countries"]
        assert described_today(db.at(TAKEN_IN, mode).sql(read)) == []
    assert described_today(db.at(day(20)).sql(READ)) == []


def test_a_dataset_without_such_rows_bears_no_mark(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    assert restated(db.at(day(20), "restated").sql("SELECT * FROM macro")) == []
