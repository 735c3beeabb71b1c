"""Fewer, larger files for a dataset that is appended to, and the end of what is kept no longer.

Rows are moved, never changed: their `ingested_at` stays, so that receipts of earlier readings hold.
Files are retired in the same commit that brings their rows elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa

from data.clock import utc_now
from data.contracts import Dataset
from data.datasets import dataset_named
from data.disk import locked
from data.errors import ContractError
from data.lake import Lake
from data.manifest import LakeFile, Manifest, Publication, commit, read_manifest, schema_id
from data.parquet import Writing, literal, name, scan, sql_type

Target = Callable[[LakeFile], str | None]


def compact(
    lake: Lake, dataset_name: str, target: Target, *, publish_id: str, order: Sequence[str] = ()
) -> Publication:
    """Gather files in the partitions that `target` names, one file each; none leaves a file be.

    `order` is the one of the new files, that of the dataset by default.
    """
    dataset = _appended(dataset_name)
    folder = lake.root / dataset.name
    with locked(folder / "_meta" / "lock"):
        manifest = read_manifest(folder, dataset.name)
        groups: dict[str, list[LakeFile]] = {}
        for file in manifest.files:
            if partition := target(file):
                groups.setdefault(partition, []).append(file)
        changed = {
            partition: files
            for partition, files in groups.items()
            if len(files) > 1 or files[0].partition != partition
        }
        done = Publication(publish_id, manifest.version + 1)
        if not changed:
            return replace(done, version=manifest.version)
        writing = Writing(dataset, folder, done.version)
        try:
            with lake.connected() as con:
                for partition, files in sorted(changed.items()):
                    sql = _moved(dataset, lake, manifest, partition, files)
                    writing.query(con, partition, sql, sum(file.rows for file in files), order)
            retired = [file.file for files in changed.values() for file in files]
            _commit(lake, manifest.next(writing.entries, done, utc_now(), retire=retired), dataset)
        except BaseException:
            if read_manifest(folder, dataset.name).version == manifest.version:
                writing.undo()
            raise
    return done


def retire(
    lake: Lake, dataset_name: str, is_over: Callable[[LakeFile], bool], *, publish_id: str
) -> int:
    """Take files out of the lake for good; the collector deletes them after their grace."""
    dataset = _appended(dataset_name)
    folder = lake.root / dataset.name
    with locked(folder / "_meta" / "lock"):
        manifest = read_manifest(folder, dataset.name)
        over = [file.file for file in manifest.files if is_over(file)]
        if over:
            done = Publication(publish_id, manifest.version + 1)
            _commit(lake, manifest.next([], done, utc_now(), retire=over), dataset)
        return len(over)


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
    rows = scan(dataset, lake.root / dataset.name, tuple(files), manifest.schemas)
    return f"SELECT * REPLACE ({replaced}) FROM {rows}"  # noqa: S608 - names are quoted


def _type(dataset: Dataset, column: str) -> pa.DataType:
    return dataset.schema.field(column).type


def _commit(lake: Lake, following: Manifest, dataset: Dataset) -> None:
    names = following.schemas | {schema_id(dataset): dataset.schema.names}
    commit(lake.root / dataset.name, replace(following, schemas=names))
