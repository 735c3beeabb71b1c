"""Vintages merged in any order: nothing stored is changed, nothing is lost, nothing is doubled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from data.datasets import DATASETS
from data.lake import Lake
from data.lake.conform import conform, stamped
from data.lake.merge import Merged, merge
from data.query import Db
from tests.data.samples import FAR, day, history, observation, stored, table

MACRO = DATASETS["macro"]
EMPTY = stamped(conform(MACRO, MACRO.schema.empty_table(), workspace="live"), day(1))
# Everything below is ingested after day 100 and known before it, unless a test says otherwise.
LATER = 100


def merged(old: pl.DataFrame, rows: list[dict[str, Any]], ingested_at: datetime) -> Merged:
    """Merge rows into what is stored, as the lake would."""
    new = stamped(conform(MACRO, table(*rows), workspace="live"), ingested_at)
    return merge(MACRO, old, new)


def visible(frame: pl.DataFrame, as_of: datetime) -> list[float | None]:
    """What a plain filter shows: the rule that readers rely on."""
    ended = pl.col("superseded_at").is_null() | (pl.col("superseded_at") > as_of)
    return frame.filter((pl.col("known_at") <= as_of) & ended)["value"].to_list()


def test_the_same_payload_twice_adds_nothing(lake: Lake) -> None:
    payload = table(*(observation(float(n), day(n), series_id=f"s:{n}") for n in range(1, 6)))
    first = lake.upsert("macro", payload)
    again = lake.upsert("macro", payload)
    assert (first.rows_added, first.vintages_added, first.unchanged) == (5, 0, 0)
    assert (again.rows_added, again.vintages_added, again.unchanged) == (0, 0, 5)
    assert again.version == first.version == 1


def test_a_revised_payload_adds_exactly_what_was_revised(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(*(observation(n, day(1), series_id=f"s:{n}") for n in range(5))))
    revised = [observation(n + (n > 2), day(9), series_id=f"s:{n}") for n in range(5)]
    done = lake.upsert("macro", table(*revised))
    assert (done.rows_added, done.vintages_added, done.unchanged) == (0, 2, 3)
    ordered = "SELECT value FROM macro ORDER BY series_id"
    assert db.at(day(8)).sql(ordered).frame["value"].to_list() == [0, 1, 2, 3, 4]
    assert db.at(day(9)).sql(ordered).frame["value"].to_list() == [0, 1, 2, 4, 5]
    assert stored(lake).height == 7


def test_a_new_date_of_an_unchanged_value_adds_nothing(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    done = lake.upsert("macro", table(observation(1.0, day(2), vintage_grade="snapshot")))
    assert (done.rows_added, done.vintages_added, done.unchanged) == (0, 0, 1)
    assert history(lake) == [(1.0, day(1))]


def test_many_vintages_of_one_key_come_in_one_table(lake: Lake) -> None:
    rows = [observation(v, day(n)) for n, v in enumerate([1.0, 1.0, 2.0, 2.0, 1.0], 1)]
    done = lake.upsert("macro", table(*reversed(rows)))
    assert (done.rows_added, done.vintages_added, done.unchanged) == (1, 2, 2)
    assert history(lake) == [(1.0, day(1)), (2.0, day(3)), (1.0, day(5))]


def test_a_late_vintage_takes_its_place(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1)), observation(3.0, day(3))))
    done = lake.upsert("macro", table(observation(2.0, day(2))))
    assert (done.rows_added, done.vintages_added) == (0, 1)
    ends = stored(lake).sort("known_at").select("value", "superseded_at").rows()
    assert ends == [(1.0, day(2)), (2.0, day(3)), (3.0, None)]


def test_a_vintage_before_the_first_takes_its_place(lake: Lake) -> None:
    lake.upsert("macro", table(observation(2.0, day(2))))
    lake.upsert("macro", table(observation(1.0, day(1))))
    assert history(lake) == [(1.0, day(1)), (2.0, day(2))]


def test_a_withdrawn_value_is_a_vintage_without_one(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    withdrawn = table(observation(None, day(2))).with_columns(pl.col("value").cast(pl.Float64))
    assert lake.upsert("macro", withdrawn).vintages_added == 1
    assert lake.upsert("macro", withdrawn).unchanged == 1
    assert db.at(day(2)).sql("SELECT value FROM macro").frame.rows() == [(None,)]
    assert db.at(day(1)).sql("SELECT value FROM macro").frame.rows() == [(1.0,)]


def test_a_silent_change_is_dated_when_it_was_seen(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(2))
    done = lake.upsert("macro", table(observation(2.0, day(1))), ingested_at=day(5))
    assert (done.rows_added, done.vintages_added, done.conflicts) == (0, 1, 0)
    assert history(lake) == [(1.0, day(1)), (2.0, day(5))]
    assert stored(lake).sort("known_at")["vintage_grade"].to_list() == ["native", "snapshot"]
    assert db.at(day(4)).sql("SELECT value FROM macro").frame.rows() == [(1.0,)]
    # The source goes on sending what it has: nothing new.
    again = lake.upsert("macro", table(observation(2.0, day(1))), ingested_at=day(6))
    assert (again.vintages_added, again.unchanged) == (0, 1)


def test_a_silent_change_back_is_a_third_vintage(lake: Lake) -> None:
    for seen, value in ((2, 1.0), (5, 2.0), (6, 2.0), (7, 1.0), (8, 1.0)):
        lake.upsert("macro", table(observation(value, day(1))), ingested_at=day(seen))
    assert history(lake) == [(1.0, day(1)), (2.0, day(5)), (1.0, day(7))]


def test_a_later_print_follows_a_silent_change(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(2))
    lake.upsert("macro", table(observation(2.0, day(1))), ingested_at=day(5))
    both = table(observation(2.0, day(1)), observation(3.0, day(8)))
    done = lake.upsert("macro", both, ingested_at=day(9))
    assert (done.vintages_added, done.unchanged, done.conflicts) == (1, 1, 0)
    assert history(lake) == [(1.0, day(1)), (2.0, day(5)), (3.0, day(8))]


def test_a_contradiction_of_a_superseded_print_is_kept_with_the_rejects(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1)), observation(2.0, day(2))))
    done = lake.upsert("macro", table(observation(9.0, day(1))))
    assert (done.rows_added, done.vintages_added, done.unchanged, done.conflicts) == (0, 0, 0, 1)
    assert history(lake) == [(1.0, day(1)), (2.0, day(2))]
    (note,) = (lake.rejects / "macro").glob("*.json")
    assert "contradicts a vintage that a later one has superseded" in note.read_text()
    assert pl.read_parquet(note.with_suffix(".parquet"))["value"].to_list() == [9.0]


def test_a_restated_print_never_hides_the_later_print_it_came_with(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(5))
    both = table(observation(9.0, day(1)), observation(2.0, day(2)))
    done = lake.upsert("macro", both, ingested_at=day(6))
    assert (done.vintages_added, done.conflicts) == (1, 1)
    assert history(lake) == [(1.0, day(1)), (2.0, day(2))]


def test_a_print_ingested_at_its_own_instant_is_no_change_of_ours(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(1))
    lake.upsert("macro", table(observation(2.0, day(2))), ingested_at=day(2))
    done = lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(5))
    assert (done.vintages_added, done.unchanged) == (0, 1)
    assert history(lake) == [(1.0, day(1)), (2.0, day(2))]


def test_changes_seen_at_one_given_instant_keep_their_order(lake: Lake) -> None:
    for value in (1.0, 2.0, 3.0):
        lake.upsert("macro", table(observation(value, day(1))), ingested_at=day(5))
    assert history(lake) == [
        (1.0, day(1)),
        (2.0, day(5)),
        (3.0, day(5, microseconds=1)),
    ]
    repeated = lake.upsert("macro", table(observation(3.0, day(1))), ingested_at=day(5))
    assert repeated.unchanged == 1


def test_a_change_before_an_assumed_lag_is_over_is_not_lost(lake: Lake, db: Db) -> None:
    lagged = {"vintage_grade": "lagged"}
    lake.upsert("macro", table(observation(1.0, day(9), **lagged)), ingested_at=day(5))
    lake.upsert("macro", table(observation(2.0, day(9), **lagged)), ingested_at=day(6))
    again = lake.upsert("macro", table(observation(2.0, day(9), **lagged)), ingested_at=day(7))
    assert again.unchanged == 1
    assert db.at(day(8)).sql("SELECT value FROM macro").frame.height == 0
    assert db.at(day(10)).sql("SELECT value FROM macro").frame.rows() == [(2.0,)]
    back = lake.upsert("macro", table(observation(1.0, day(9), **lagged)), ingested_at=day(8))
    assert back.vintages_added == 1
    assert db.at(day(10)).sql("SELECT value FROM macro").frame.rows() == [(1.0,)]


def test_rows_of_the_lake_played_in_again_add_nothing(lake: Lake) -> None:
    for seen, value in ((2, 1.0), (5, 2.0), (7, 1.0)):
        lake.upsert("macro", table(observation(value, day(1))), ingested_at=day(seen))
    done = lake.upsert("macro", stored(lake), ingested_at=day(9))
    assert (done.rows_added, done.vintages_added, done.conflicts) == (0, 0, 0)
    assert len(history(lake)) == 3


VALUES = st.one_of(st.none(), st.integers(0, 3).map(float))
KEYS = st.sampled_from(["s:A", "s:B"])


@st.composite
def distinct_vintages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Vintages of two series, no value twice, in any order."""
    rows = []
    for key in ("s:A", "s:B"):
        days = draw(st.lists(st.integers(1, 20), unique=True, max_size=6))
        rows += [observation(float(n), day(known), series_id=key) for n, known in enumerate(days)]
    return draw(st.permutations(rows))


@given(distinct_vintages(), st.data())
@settings(max_examples=30)
def test_any_order_of_arrival_gives_the_same_history(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Against the plainest model there is: of what is known, the last known counts."""
    frame, rest, batch = EMPTY[:0], rows, 0
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        frame = merged(frame, rest[:size], day(LATER + batch)).frame
        rest, batch = rest[size:], batch + 1
    assert frame.height == len(rows)
    for clock in range(22):
        known: dict[str, dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: row["known_at"]):
            if row["known_at"] <= day(clock):
                known[row["series_id"]] = row
        for key in ("s:A", "s:B"):
            expected = [known[key]["value"]] if key in known else []
            assert visible(frame.filter(pl.col("series_id") == key), day(clock)) == expected


def by_hand(kept: list[tuple[int, float | None]], batch: list[tuple[int, float | None]]) -> None:
    """The rule for one key, a row at a time: equal to the one before it adds nothing."""
    kept_days = {known for known, _ in kept}
    everything = sorted([*kept, *((n, v) for n, v in batch if n not in kept_days)])
    previous: tuple[float | None] | None = None
    result = []
    for known, value in everything:
        if known in kept_days or previous != (value,):
            result.append((known, value))
        previous = (value,)
    kept[:] = result


@given(
    st.lists(st.dictionaries(st.integers(1, 12), VALUES, min_size=1, max_size=5), max_size=5),
)
@settings(max_examples=30)
def test_batches_of_repeating_values_follow_the_rule_by_hand(
    batches: list[dict[int, float | None]],
) -> None:
    frame, kept = EMPTY[:0], list[tuple[int, float | None]]()
    taken: dict[int, float | None] = {}
    for number, drawn in enumerate(batches):
        # A print keeps its value here; silent changes have tests of their own.
        batch = {known: taken.setdefault(known, value) for known, value in drawn.items()}
        before = len(kept)
        by_hand(kept, list(batch.items()))
        result = merged(
            frame,
            [observation(value, day(known)) for known, value in batch.items()],
            day(LATER + number),
        )
        assert result.rows_added + result.vintages_added == len(kept) - before
        assert result.unchanged == len(batch) - (len(kept) - before)
        assert result.conflicts.height == 0
        frame = result.frame
    assert frame.select("known_at", "value").rows() == [(day(n), v) for n, v in kept]
    ends = [*(day(n) for n, _ in kept[1:]), None][: len(kept)]
    assert frame["superseded_at"].to_list() == ends


def test_a_print_that_comes_after_a_silent_change_is_shown(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(5))
    lake.upsert("macro", table(observation(2.0, day(1))), ingested_at=day(6))
    late = table(observation(3.0, day(3)))
    done = lake.upsert("macro", late, ingested_at=day(7))
    assert (done.vintages_added, done.unchanged, done.conflicts) == (2, 0, 0)
    assert history(lake) == [(1.0, day(1)), (3.0, day(3)), (2.0, day(6)), (3.0, day(7))]
    assert lake.upsert("macro", late, ingested_at=day(8)).unchanged == 1
    assert db.at(FAR).sql("SELECT value FROM macro").frame.rows() == [(3.0,)]


@given(
    st.lists(
        st.dictionaries(st.integers(1, 3), VALUES, min_size=1, max_size=3), min_size=1, max_size=5
    )
)
@settings(max_examples=40)
def test_silent_changes_lose_nothing_and_what_is_said_last_is_shown(
    batches: list[dict[int, float | None]],
) -> None:
    frame = EMPTY[:0]
    fixed = [name for name in MACRO.schema.names if name != "superseded_at"]
    newest = 0
    for number, batch in enumerate(batches):
        rows = [observation(value, day(known)) for known, value in batch.items()]
        result = merged(frame, rows, day(LATER + number))
        kept = result.frame.join(frame.select(fixed), on=fixed, how="semi", nulls_equal=True)
        assert kept.height == frame.height
        assert result.unchanged >= 0
        assert result.frame.height == frame.height + result.rows_added + result.vintages_added
        frame = result.frame
        assert frame["known_at"].is_unique().all()
        newest = max(newest, *batch)
        if newest in batch:
            assert visible(frame, FAR) == [batch[newest]]
        repeated = merged(frame, rows, day(LATER + number, hours=1))
        assert repeated.rows_added + repeated.vintages_added == 0
