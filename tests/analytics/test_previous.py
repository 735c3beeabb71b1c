"""The period before: stated, or from the lake just before the print; never later, never in
another unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import called, function_named, run
from analytics.core.query_texts import ROOMS
from analytics.home.overview import next_releases
from analytics.macro.agenda import agenda
from data.clock import utc_now
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests.analytics.test_surprises import keep, noon, release
from tests.demo_fixture import DemoLake

JANUARY, FEBRUARY, MARCH = date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)


def values(lake: Lake, *rows: tuple[date, float | None, datetime], **more: Any) -> None:
    """Prints of the series: period, value, when it became known."""
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": "s:X",
                    "period": period,
                    "value": value,
                    "unit": "thousand",
                    "is_forecast": False,
                    "known_at": known,
                    "vintage_grade": "native",
                    "source": "office",
                }
                | more
                for period, value, known in rows
            ],
            schema_overrides={"value": pl.Float64},
        ),
    )


def shown(at: At) -> dict[date, tuple[float | None, str | None]]:
    """The previous value of each period of the calendar."""
    frame = agenda(at, back=100, ahead=100).frame
    return {row["period"]: (row["previous"], row["previous_from"]) for row in frame.to_dicts()}


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """January printed on day 40 and revised on days 60, 70 and 80; February due on day 70."""
    schedule = ((40, 1.0, JANUARY), (70, 2.0, FEBRUARY), (100, None, MARCH))
    keep(
        lake,
        *(
            release(day, actual, None, period=period, known_at=noon(9))
            for day, actual, period in schedule
        ),
    )
    prints = ((40, 1.0), (60, 1.1), (70, 1.2), (80, 1.3))
    values(
        lake,
        *((JANUARY, value, noon(day)) for day, value in prints),
        (FEBRUARY, 2.0, noon(70)),
        (FEBRUARY, 2.5, noon(90)),
    )
    return lake


def test_what_is_printed_has_the_value_from_just_before_it(filled: Lake, db: Db) -> None:
    at_end = shown(db.at(noon(95)))
    assert at_end[FEBRUARY] == (1.1, "lake")  # neither what came with the print nor after it
    assert at_end[MARCH] == (2.5, "lake")  # to come: as known at the clock
    assert at_end[JANUARY] == (None, None)  # no December is known


@pytest.mark.parametrize(
    ("day", "february", "march"),
    [
        (39, None, None),
        (41, 1.0, None),
        (61, 1.1, None),
        (71, 1.1, 2.0),
        (89, 1.1, 2.0),
        (91, 1.1, 2.5),
    ],
)
def test_at_a_past_clock_nothing_later_is_in_it(
    filled: Lake, db: Db, day: int, february: float | None, march: float | None
) -> None:
    found = shown(db.at(noon(day)))
    assert found[FEBRUARY] == (february, None if february is None else "lake")
    assert found[MARCH] == (march, None if march is None else "lake")
    before = agenda(db.at(noon(day)), back=100, ahead=100).frame
    values(filled, (JANUARY, 77.0, noon(95)), (FEBRUARY, 88.0, noon(95)))
    assert agenda(db.at(noon(day)), back=100, ahead=100).frame.equals(before)


def test_what_the_release_states_is_kept(filled: Lake, db: Db) -> None:
    keep(filled, release(100, None, None, period=MARCH, previous=9.0, known_at=noon(92)))
    assert shown(db.at(noon(91)))[MARCH] == (2.5, "lake")
    assert shown(db.at(noon(95)))[MARCH] == (9.0, "release")


def test_another_unit_is_not_shown(filled: Lake, db: Db) -> None:
    values(filled, (FEBRUARY, 0.002, noon(92)), unit="million")
    assert shown(db.at(noon(91)))[MARCH] == (2.5, "lake")
    assert shown(db.at(noon(93)))[MARCH] == (None, None)


def test_a_withdrawn_value_and_a_forecast_are_none(filled: Lake, db: Db) -> None:
    values(filled, (FEBRUARY, 2.6, noon(92)), is_forecast=True)
    assert shown(db.at(noon(93)))[MARCH] == (2.5, "lake")
    values(filled, (FEBRUARY, None, noon(94)))
    assert shown(db.at(noon(95)))[MARCH] == (None, None)


def test_a_restated_value_was_known_when_it_was_taken_in(filled: Lake, db: Db) -> None:
    """Its source gives it only as it is today, whatever day it is told to be of."""
    then = noon(95)
    values(filled, (FEBRUARY, 7.0, noon(92)), (JANUARY, 6.0, noon(65)), vintage_grade="current")
    assert shown(db.at(then))[MARCH] == (2.5, "lake")
    assert shown(db.at(then, "restated"))[MARCH] == (7.0, "lake")
    now = utc_now() + timedelta(minutes=1)
    frame = run(db.at(now), "parts/previous_values", series=["s:X"], since=noon(0), until=noon(200))
    held = dict(frame.frame.select("period", "previous_value").iter_rows())
    # In February it was not there to be compared with; by now it is the value before March.
    assert held == {FEBRUARY: 1.1, MARCH: 7.0}


def test_no_query_reads_vintages_without_the_clock() -> None:
    """`_known` tells of every vintage what the clock may know of it; `_vintages` tells all."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in ROOMS.rglob("*.sql")}
    assert len(texts) > 60
    assert [name for name, text in texts.items() if "_known" in text]
    assert [name for name, text in texts.items() if "_vintages" in text] == []


def test_the_period_before_is_no_older_one(filled: Lake, db: Db) -> None:
    """In March of a monthly series without February, January is not the month before."""
    assert shown(db.at(noon(65)))[MARCH] == (None, None)
    # Meetings have no step: the last one is the one before.
    keep(
        filled,
        release(64, None, None, "s:M", period=MARCH, known_at=noon(9)),
        frequency="irregular",
    )
    values(filled, (JANUARY, 5.0, noon(40)), series_id="s:M")
    frame = agenda(db.at(noon(63)), back=100, ahead=100).frame
    row = frame.row(by_predicate=pl.col("series_id") == "s:M", named=True)
    assert (row["previous"], row["previous_from"]) == (5.0, "lake")
    assert (row["previous_period"], row["previous_known_at"]) == (JANUARY, noon(40))


def test_the_overview_shows_the_same_of_what_is_next(filled: Lake, db: Db) -> None:
    for day in (39, 41, 61, 95):
        at = db.at(noon(day))
        (row, *_) = next_releases(at).frame.to_dicts()
        assert (row["previous"], row["previous_from"]) == shown(at)[row["period"]]
    assert next_releases(db.at(noon(400))).frame.is_empty()


def test_the_receipt_runs_again_to_the_same_value(filled: Lake, db: Db) -> None:
    receipt = make_receipt(called(next_releases, db.at(noon(95))))
    assert "from the lake" in str(receipt)
    verdicts = verify(receipt, db.root, function_named)
    assert [verdict.part for verdict in verdicts] == ["query 1", "query 2", "figure"]
    assert all(verdict.same for verdict in verdicts), verdicts


def test_every_upcoming_release_of_the_demo_world_has_its_period_before(
    demo_lake: DemoLake,
) -> None:
    at = demo_lake.at(datetime.fromisoformat("2020-06-10T12:00:00+00:00"))
    frame = agenda(at, countries=["USA"], back=30, ahead=30).frame
    # Without one are only those whose period before was not printed yet.
    without = frame.filter(pl.col("previous").is_null()).select("series_id", "period")
    due = frame.filter(pl.col("actual").is_null()).select("series_id", "period")
    waiting = without.join(due, on="series_id").filter(pl.col("period_right") < pl.col("period"))
    assert without.join(waiting, on=["series_id", "period"], how="anti").is_empty()
    held = frame.filter(pl.col("previous_from") == "lake")
    assert held.height >= 5
    assert (held["previous_known_at"] <= at.as_of).all()
    assert (held["previous_period"] < held["period"]).all()
    printed = held.drop_nulls("released_at")
    assert (printed["previous_known_at"] < printed["released_at"]).all()
    for row in held.head(10).to_dicts():
        until = row["released_at"] or at.as_of + timedelta(microseconds=1)
        (value,) = at.sql(
            "SELECT max_by(value, known_at) FROM macro_vintages WHERE series_id = $series "
            "AND period = $period AND known_at < $until AND known_at <= getvariable('as_of')",
            series=row["series_id"],
            period=row["previous_period"],
            until=until,
        ).frame.row(0)
        assert value == row["previous"]
