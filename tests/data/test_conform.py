"""A table that breaks its contract is refused whole, in one sentence that says what and where."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.datasets import DATASETS
from data.errors import ContractError
from data.lake import Lake
from data.lake.conform import conform, same_as_before, sorted_by
from tests.data.samples import day, observation, price, stored, table, tick

MACRO, PRICES, NEWS = DATASETS["macro"], DATASETS["prices"], DATASETS["news"]


def refusal(name: str, frame: pl.DataFrame | pa.Table, workspace: str = "live") -> str:
    """The sentence with which a table is refused."""
    with pytest.raises(ContractError) as caught:
        conform(DATASETS[name], frame, workspace=workspace)
    return str(caught.value)


def test_a_missing_column_is_named() -> None:
    said = refusal("macro", table(observation(1.0, day(1))).drop("value", "unit", "period"))
    assert said == "macro: required columns period, unit are missing"


def test_an_unknown_column_is_named_with_what_was_expected() -> None:
    said = refusal("macro", table(observation(1.0, day(1), valeu=2)))
    assert said.startswith("macro: unknown columns valeu; expected series_id, period, value")
    assert "ingested_at" not in said


@pytest.mark.parametrize("name", ["value", "ingested_at"])
def test_a_column_that_appears_twice_is_refused(name: str) -> None:
    good = table(observation(1.0, day(1))).to_arrow()
    twice = good.append_column(name, pa.array([1.0])).append_column(name, pa.array([1.0]))
    assert "a column appears twice" in refusal("macro", twice)


@pytest.mark.parametrize(
    ("column", "bad", "problem"),
    [
        ("value", "many", r"macro\.value: 4 rows of 5 cannot be read as double"),
        ("period", "soon", r"macro\.period: 4 rows of 5 cannot be read as date32"),
        ("period", "2020-02-30", r"macro\.period: 4 rows of 5 cannot be read as date32"),
        ("known_at", "now", r"macro\.known_at: 4 rows of 5 cannot be read as timestamp"),
        ("is_forecast", "maybe", r"macro\.is_forecast: 4 rows of 5 cannot be read as bool"),
    ],
)
def test_text_that_is_no_such_value_is_counted_and_shown(
    column: str, bad: str, problem: str
) -> None:
    good = {name: str(value) for name, value in observation(1.0, day(1)).items()}
    rows = [good | {column: bad, "series_id": f"s:{n}"} for n in range(4)]
    said = refusal("macro", table(good, *rows))
    assert re.search(problem, said)
    assert said.count(f"{column}={bad}") == 3
    assert said.endswith("the table was refused whole and the lake is as it was")


def test_text_that_can_be_read_is_taken() -> None:
    words = observation(1.0, day(1)) | {
        "value": "2.5",
        "period": "2020-03-01",
        "known_at": "2020-05-01T10:30:00+02:00",
        "is_forecast": "true",
    }
    frame = conform(MACRO, table(words), workspace="live")
    assert frame["value"][0] == 2.5
    assert frame["period"][0] == date(2020, 3, 1)
    assert frame["known_at"][0] == datetime.fromisoformat("2020-05-01T08:30:00+00:00")
    assert frame["is_forecast"][0] is True


def test_an_instant_without_a_zone_is_utc() -> None:
    frame = conform(
        MACRO, table(observation(1.0, day(1)) | {"known_at": "2020-05-01"}), workspace="live"
    )
    assert frame["known_at"][0] == datetime.fromisoformat("2020-05-01T00:00:00+00:00")


def test_text_becomes_a_list_at_its_bars() -> None:
    headline = {
        "news_id": "1",
        "event_at": day(1),
        "headline": "x",
        "symbols": "a:B|c:D",
        "known_at": day(1),
        "vintage_grade": "native",
        "source": "wire",
    }
    assert conform(NEWS, table(headline), workspace="live")["symbols"].to_list() == [["a:B", "c:D"]]


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("known_at", 2020, "a bare number has no unit"),
        ("known_at", 1.5e9, "a bare number has no unit"),
        ("period", 18262, "a bare number has no origin"),
        ("is_forecast", 7, "7 is neither true nor false"),
        ("is_forecast", 0.5, "0.5 is neither true nor false"),
        ("value", {"a": 1}, "a structure is no number"),
        ("value", [1.0], "a list is no number"),
    ],
)
def test_a_value_of_another_meaning_is_not_cast(column: str, value: Any, why: str) -> None:
    said = refusal("macro", table(observation(1.0, day(1)) | {column: value}))
    assert said.startswith(f"macro.{column}: 1 row of 1 cannot be read as"), why


def test_zero_and_one_are_truth_values() -> None:
    rows = [observation(1.0, day(1), is_forecast=n, series_id=f"s:{n}") for n in (0, 1)]
    assert conform(MACRO, table(*rows), workspace="live")["is_forecast"].to_list() == [False, True]


def test_nulls_in_a_required_column_are_counted() -> None:
    rows = [observation(1.0, day(1), series_id=f"s:{n}", unit=None) for n in range(5)]
    said = refusal("macro", table(*rows).with_columns(pl.col("unit").cast(pl.String)))
    assert said.startswith("macro.unit: 5 rows without a value in a required column (e.g. ")
    assert said.count("series_id=") == 3
    assert "known_at=2020-01-02 00:00:00+00:00" in said


def test_an_empty_text_in_the_key_is_refused() -> None:
    said = refusal("macro", table(observation(1.0, day(1), series_id="")))
    assert said.startswith("macro.series_id: 1 row with an empty text in the key")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_are_refused(value: float) -> None:
    said = refusal("macro", table(observation(value, day(1)), observation(1.0, day(2))))
    assert said.startswith("macro.value: 1 row with NaN or infinity")


@pytest.mark.parametrize("written", ["infinity", "-infinity", "20000-01-01", "0044-03-15 (BC)"])
@pytest.mark.parametrize("column", ["known_at", "period"])
def test_an_instant_that_python_cannot_hold_is_refused(column: str, written: str) -> None:
    said = refusal("macro", table(observation(1.0, day(1)) | {column: written}))
    assert said.startswith(f"macro.{column}: 1 row o")


def test_an_endless_session_does_not_break_the_year_it_would_fall_in() -> None:
    said = refusal("prices", table(price(1.0, date(2020, 1, 2), day(1)) | {"date": "infinity"}))
    assert said.startswith("prices.date: 1 row outside the years 1 to 9999")


def test_values_below_the_least_are_refused() -> None:
    said = refusal("prices", table(price(1.0, date(2020, 1, 2), day(1), volume=-1.0)))
    assert said.startswith("prices.volume: 1 row below 0")


def test_values_above_the_most_are_refused() -> None:
    link = {
        "from_id": "a",
        "to_id": "b",
        "kind": "drives",
        "strength": 1.5,
        "lag_days": 1,
        "evidence": "asserted",
        "known_at": day(1),
        "vintage_grade": "native",
        "source": "us",
    }
    assert refusal("links", table(link)).startswith("links.strength: 1 row above 1")


def test_values_outside_a_closed_list_are_refused_with_the_list() -> None:
    said = refusal("prices", table(price(1.0, date(2020, 1, 2), day(1), asset_class="stock")))
    assert said.startswith("prices.asset_class: 1 row outside equity, index, etf")
    said = refusal("macro", table(observation(1.0, day(1), vintage_grade="guess")))
    assert said.startswith("macro.vintage_grade: 1 row outside native, lagged, snapshot, current")


def test_rows_that_contradict_each_other_are_refused() -> None:
    said = refusal("macro", table(observation(1.0, day(1)), observation(2.0, day(1))))
    assert "macro.series_id: 1 row contradicting another of the same table" in said


def test_a_null_contradicts_a_value() -> None:
    said = refusal("macro", table(observation(1.0, day(1)), observation(None, day(1))))
    assert "contradicting" in said


def test_a_fact_in_two_partitions_at_once_is_refused() -> None:
    """It would be shown twice: each partition keeps its own last vintage."""
    session = date(2020, 1, 2)
    rows = [
        price(1.0, session, day(1)),
        price(2.0, session, day(2), asset_class="etf"),
        price(2.0, session, day(2), symbol="x:BBB"),
    ]
    said = refusal("prices", table(*rows))
    assert said.startswith("prices.asset_class: 2 rows of facts that lie in two partitions")
    other_day = price(2.0, date(2020, 1, 3), day(2), asset_class="etf")
    assert conform(PRICES, table(rows[0], other_day), workspace="live").height == 2


def test_identical_rows_are_folded() -> None:
    row = observation(1.0, day(1))
    assert conform(MACRO, table(row, row, row), workspace="live").height == 1


def test_two_ticks_alike_are_two_ticks() -> None:
    row = tick(1, day(1))
    assert conform(DATASETS["ticks"], table(row, row), workspace="live").height == 2


def test_derived_partitions_are_computed_and_held_against_what_is_given() -> None:
    row = price(1.0, date(2020, 1, 2), day(1))
    assert conform(PRICES, table(row), workspace="live")["year"].to_list() == [2020]
    assert conform(PRICES, table(row | {"year": 2020}), workspace="live")["year"][0] == 2020
    said = refusal("prices", table(row | {"year": 2019}))
    assert said.startswith("prices.year: 1 row where it does not follow from date (e.g. ")
    assert "year=2019" in said


def test_a_tick_lies_in_the_five_minutes_of_its_arrival() -> None:
    arrived = day(1, hours=13, minutes=59, seconds=59)
    frame = conform(DATASETS["ticks"], table(tick(1, arrived)), workspace="live")
    assert frame.select("date", "segment").rows() == [(arrived.date(), "1355")]


@pytest.mark.parametrize("workspace", ["demo", "demo-tour"])
def test_a_demo_workspace_takes_demo_rows_only(workspace: str) -> None:
    said = refusal("macro", table(observation(1.0, day(1))), workspace)
    assert f"workspace {workspace!r} takes only rows whose source is demo" in said
    rows = table(observation(1.0, day(1), source="demo"))
    assert conform(MACRO, rows, workspace=workspace).height == 1


@pytest.mark.parametrize("workspace", ["live", "research", "demonstration"])
def test_no_other_workspace_takes_a_demo_row(workspace: str) -> None:
    rows = table(observation(1.0, day(1)), observation(1.0, day(1), source="demo"))
    said = refusal("macro", rows, workspace)
    assert said.startswith("macro.source: 1 row refused")
    assert f"workspace {workspace!r} takes no demo rows" in said


def test_what_the_lake_sets_is_ignored_if_given() -> None:
    row = observation(1.0, day(1)) | {"ingested_at": "yesterday", "superseded_at": "tomorrow"}
    frame = conform(MACRO, table(row), workspace="live")
    assert frame["ingested_at"].to_list() == [None]
    assert frame["superseded_at"].to_list() == [None]


def test_columns_come_in_the_contracts_order_with_optional_ones_null() -> None:
    row = price(1.0, date(2020, 1, 2), day(1))
    frame = conform(PRICES, table(row).select(sorted(row)), workspace="live")
    assert frame.columns == PRICES.schema.names
    assert frame["dividend"].to_list() == [None]


def test_an_empty_table_conforms() -> None:
    for dataset in DATASETS.values():
        assert conform(dataset, dataset.schema.empty_table(), workspace="live").height == 0


def test_sorting_leaves_a_sorted_frame_alone() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2], "b": [1, 2, 0]})
    assert sorted_by(frame, ["a", "b"]) is frame
    assert sorted_by(frame[::-1], ["a", "b"]).equals(frame)
    with_null = pl.DataFrame({"a": [2, None, 1]})
    assert sorted_by(with_null, ["a"])["a"].to_list() == [1, 2, None]


def test_null_equals_null_and_lists_are_compared_whole() -> None:
    frame = pl.DataFrame({"a": [None, None, 1], "b": [["x"], ["x"], ["x", "y"]]})
    assert frame.select(same_as_before(("a",))).to_series().to_list() == [False, True, False]
    assert frame.select(same_as_before(("b",))).to_series().to_list() == [False, True, False]


def test_a_refused_table_is_kept_with_its_reason_and_the_lake_stays(lake: Lake) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))))
    before = stored(lake)
    bad = table(observation(2.0, day(2)), observation(float("nan"), day(3)))
    with pytest.raises(ContractError) as caught:
        lake.upsert("macro", bad)
    assert stored(lake).equals(before)
    (kept,) = (lake.rejects / "macro").glob("*.parquet")
    assert pq.read_table(kept).num_rows == 2
    note = json.loads(kept.with_suffix(".json").read_text())
    assert note["dataset"] == "macro"
    assert note["reason"] == str(caught.value)


def test_a_table_with_a_column_twice_is_kept_as_well(lake: Lake) -> None:
    bad = pa.table([[1.0], [2.0]], names=["value", "value"])
    with pytest.raises(ContractError, match="appears twice"):
        lake.upsert("macro", bad)
    assert len(list((lake.rejects / "macro").glob("*.json"))) == 1


def test_rejects_that_cannot_be_kept_do_not_hide_the_reason(lake: Lake) -> None:
    lake.rejects.parent.mkdir(parents=True)
    lake.rejects.write_text("a file in the way")
    with pytest.raises(ContractError, match="NaN"):
        lake.upsert("macro", table(observation(float("nan"), day(1))))
