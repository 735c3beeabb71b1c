"""Every contract keeps the promises that the lake's merging rests on."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data.contracts import Dataset
from data.datasets import DATASETS, dataset_named
from data.errors import ConfigError
from data.fields import BITEMPORAL

EVERY = pytest.mark.parametrize("dataset", list(DATASETS.values()), ids=list(DATASETS))


@EVERY
def test_columns_are_named_once_and_described(dataset: Dataset) -> None:
    names = dataset.schema.names
    assert len(names) == len(set(names))
    for column in dataset.schema:
        assert column.metadata[b"about"], column.name
    assert dataset.about.endswith(".")


@EVERY
def test_keys_partitions_and_order_are_columns(dataset: Dataset) -> None:
    for name in (*dataset.key, *dataset.partition_by, *dataset.order, dataset.time):
        assert name in dataset.schema.names
    for name, (_, origin) in dataset.derived.items():
        assert name in dataset.partition_by
        assert origin in dataset.schema.names


@EVERY
def test_no_part_of_a_key_or_a_partition_may_be_null(dataset: Dataset) -> None:
    for name in (*dataset.key, *dataset.partition_by):
        assert not dataset.schema.field(name).nullable


@EVERY
def test_the_partition_of_a_row_follows_from_its_key(dataset: Dataset) -> None:
    """All vintages of a fact share one file. The class of an instrument belongs to its symbol."""
    if dataset.appended:
        return
    for name in dataset.partition_by:
        origin = dataset.derived[name][1] if name in dataset.derived else name
        assert origin in dataset.key or (dataset.name, name) == ("prices", "asset_class")


@EVERY
def test_the_source_is_part_of_the_key(dataset: Dataset) -> None:
    """Two sources that say different things are two facts, not two vintages."""
    assert "source" in dataset.key or dataset.appended


@EVERY
def test_the_order_ends_in_the_whole_key_and_the_vintage(dataset: Dataset) -> None:
    assert set(dataset.key) <= set(dataset.order)
    assert len(dataset.order) == len(set(dataset.order))
    assert dataset.appended or dataset.order[-1] == "known_at"


@EVERY
def test_a_change_of_any_column_beside_the_key_is_a_vintage(dataset: Dataset) -> None:
    lake_keeps = {column.name for column in BITEMPORAL}
    rest = set(dataset.schema.names) - set(dataset.values)
    assert rest == {*dataset.key, *dataset.partition_by, *lake_keeps}
    assert dataset.values


@EVERY
def test_limits_fit_their_columns(dataset: Dataset) -> None:
    for column in dataset.schema:
        notes = {key.decode(): value.decode() for key, value in column.metadata.items()}
        known = {
            "about",
            "unit",
            "min",
            "max",
            "one_of",
            "longest",
            "prose",
            "quote",
            "left_out_by",
        }
        assert set(notes) <= known
        if "min" in notes or "max" in notes:
            assert pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
            low, high = notes.get("min", "-inf"), notes.get("max", "inf")
            assert float(low) <= float(high)
        if "one_of" in notes:
            assert pa.types.is_string(column.type)
        is_text = pa.types.is_string(column.type) or pa.types.is_list(column.type)
        assert ("longest" in notes) == is_text, column.name


@EVERY
def test_bounds_of_dates_name_dates_and_conditions(dataset: Dataset) -> None:
    for lead in dataset.leads:
        kind = dataset.schema.field(lead.of).type
        assert pa.types.is_temporal(kind) or lead.of == "year"
        assert not (lead.when and lead.unless)
        assert {lead.when, lead.unless} - {""} <= set(dataset.schema.names)


@EVERY
def test_instants_are_utc_microseconds(dataset: Dataset) -> None:
    for column in dataset.schema:
        if pa.types.is_timestamp(column.type):
            assert column.type == pa.timestamp("us", tz="UTC")


def test_names_are_those_of_the_list() -> None:
    for name, dataset in DATASETS.items():
        assert dataset.name == name
        assert dataset_named(name) is dataset
        assert not name.endswith("_vintages")
    with pytest.raises(ConfigError, match="no dataset named 'price'; there are attention"):
        dataset_named("price")
