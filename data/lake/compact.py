"""Fewer, larger files for a dataset that is appended to, and the end of what is kept no longer.

Rows are moved, never changed: their `ingested_at` stays, so that receipts of earlier readings hold.
Files are retired in the same commit that brings their rows elsewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from data.clock import utc_now
from data.contracts import Dataset
from data.datasets import dataset_named
from data.errors import ContractError
from data.lake import Lake
from data.lake.batch import disk_trouble
from data.lake.damage import refuse_damage
from data.lake.draft import begin, mark, undo, unmark
from data.lake.manifest import LakeFile, Manifest, Publication, commit, schema_id
from data.lake.parquet import Writing, literal, name, scan, sql_type
from data.lake.versions import until_first
from data.lake.witness import published, refuse_wrong_clock

Target = Callable[[LakeFile], str | None]


def compact(
    lake: Lake, dataset_name: str, target: Target, *, publish_id: str, order: Sequence[str] = ()
) -> Publication:
    """Gather files in the partitions that `target` names, one file each; none leaves a file be.

    `order` is the one of the new files, that of the dataset by default.
    """
    dataset = _appended(dataset_name)
    return until_first(lambda: _gather(lake, dataset, target, publish_id, order))


def _gather(
    lake: Lake, dataset: Dataset, target: Target, publish_id: str, order: Sequence[str]
) -> Publication:
    with rewriting(lake, dataset) as (manifest, writing):
        groups: dict[str, list[LakeFile]] = {}
        for file in manifest.files:
            if partition := target(file):
                groups.setdefault(partition, []).append(file)
        changed = {
            partition: files
            for partition, files in groups.items()
            if len(files) > 1 or files[0].partition != partition
        }
        if not changed:
            return Publication(publish_id, manifest.version)
        now = _now(lake, manifest)
        with lake.connected() as con:
            for partition, files in sorted(changed.items()):
                refuse_damage(lake.store, dataset.name, files)
                sql = _moved(dataset, lake, manifest, partition, files)
                writing.query(con, partition, sql, sum(file.rows for file in files), order)
        retired = [file.file for files in changed.values() for file in files]
        done = Publication(publish_id, writing.version)
        publish(lake, dataset, manifest, manifest.next(writing.entries, done, now, retire=retired))
    return done


def retire(
    lake: Lake, dataset_name: str, is_over: Callable[[LakeFile], bool], *, publish_id: str
) -> int:
    """Take files out of the lake for good; the collector deletes them after their grace."""
    dataset = _appended(dataset_name)
    return until_first(lambda: _end(lake, dataset, is_over, publish_id))


def _end(lake: Lake, dataset: Dataset, is_over: Callable[[LakeFile], bool], publish_id: str) -> int:
    with rewriting(lake, dataset) as (manifest, writing):
        over = [file.file for file in manifest.files if is_over(file)]
        if over:
            now, done = _now(lake, manifest), Publication(publish_id, writing.version)
            publish(lake, dataset, manifest, manifest.next([], done, now, retire=over))
    return len(over)


@contextlib.contextmanager
def rewriting(lake: Lake, dataset: Dataset) -> Iterator[tuple[Manifest, Writing]]:
    """A dataset held for a version that moves rows: as safe from a death as an upsert is.

    What a dead writer left is removed first; the marker says for the next one that this one
    worked here, and what it wrote is taken back where it fails before its commit.
    """
    store = lake.store
    with (
        disk_trouble(f"{dataset.name}: could not write to {store}"),
        store.turn(f"{dataset.name}/_meta/lock"),
    ):
        manifest, writing = begin(store, dataset)
        try:
            mark(store, dataset)
            yield manifest, writing
        except BaseException:
            undo(store, manifest, writing)
            raise
        unmark(store, dataset)


def publish(lake: Lake, dataset: Dataset, base: Manifest, following: Manifest) -> None:
    """Commit the version that follows another, with the columns that its files have."""
    names = following.schemas | {schema_id(dataset): dataset.schema.names}
    commit(lake.store, [(base, replace(following, schemas=names))])


def _now(lake: Lake, manifest: Manifest) -> datetime:
    """The instant of a publication that moves rows: never before the last one."""
    now = utc_now()
    refuse_wrong_clock(lake.store, manifest, now)
    return max(now, published(manifest) or now)


def _appended(dataset_name: str) -> Dataset:
    dataset = dataset_named(dataset_name)
    if not dataset.appended:
        raise ContractError(f"{dataset_name} is merged by key and keeps every row for ever")
    return dataset


def _moved(
    dataset: Dataset, lake: Lake, manifest: Manifest, partition: str, files: Sequence[LakeFile]
) -> str:
    """The rows of some files, with the values that their new partition says."""
    values = dict(part.split("=", 1) for part in partition.split("/"))
    replaced = ", ".join(
        f"CAST({literal(value)} AS {sql_type(_type(dataset, column))}) AS {name(column)}"
        for column, value in values.items()
    )
    rows = scan(dataset, lake.store, tuple(files), manifest.schemas)
    return f"SELECT * REPLACE ({replaced}) FROM {rows}"  # noqa: S608 - names are quoted


def _type(dataset: Dataset, column: str) -> pa.DataType:
    return dataset.schema.field(column).type
