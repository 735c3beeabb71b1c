"""The same facts as another lake holds, in other files, partitions turned about and rows mixed.

What is asked of either must come out alike: whatever follows the order in which rows happen to
lie has no order of its own. A second source repeats every fact, so that ties are there to be told.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from data.contracts import Dataset
from data.datasets import DATASETS
from data.lake.manifest import LakeFile, Manifest, commit, read_manifest
from data.lake.store import DiskStore

SECOND = "-second"


def rewrite(lake: Path, target: Path, *, seed: int | None) -> Path:
    """Copy a lake with a second source; with a seed, its rows and files in another order."""
    manifests = [_rewrite(dataset, lake, target, seed) for dataset in DATASETS.values()]
    steps = [(Manifest(found.dataset), found) for found in manifests if found.files]
    commit(DiskStore(target), steps)
    return target


def _rewrite(dataset: Dataset, lake: Path, target: Path, seed: int | None) -> Manifest:
    manifest = read_manifest(DiskStore(lake), dataset.name)
    (target / dataset.name / "_meta").mkdir(parents=True)
    files: list[LakeFile] = []
    for number, entry in enumerate(manifest.files):
        table = pq.ParquetFile(lake / dataset.name / entry.file).read()
        for partition, cuts in _cut(dataset, entry, pl.DataFrame(table), seed, number):
            for cut in cuts:
                file = f"{partition or '.'}/part-{number}-{len(files)}.parquet"
                path = target / dataset.name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(cut.to_arrow().cast(table.schema), path, row_group_size=2_048)
                digest, size = sha256(path.read_bytes()).hexdigest(), path.stat().st_size
                told = {"file": file, "partition": partition, "rows": cut.height}
                files.append(replace(entry, **told, bytes=size, sha256=digest))
    return replace(manifest, files=tuple(files if seed is None else reversed(files)), retired={})


def _cut(
    dataset: Dataset, entry: LakeFile, rows: pl.DataFrame, seed: int | None, number: int
) -> list[tuple[str, list[pl.DataFrame]]]:
    """The files that a file becomes, by partition; a source that has partitions of its own keeps
    to them, since the folder says whose rows they are."""
    second = rows.with_columns(
        (pl.col("source").cast(pl.String) + SECOND).cast(rows.schema["source"]).alias("source")
    )
    if "source" not in dataset.partition_by:
        parts = [(entry.partition, [rows, second])]
    else:
        own = f"source={rows['source'][0]}"
        other = entry.partition.replace(own, own + SECOND)
        assert other != entry.partition
        parts = [(entry.partition, [rows]), (other, [second])]
    if seed is None:
        return parts
    return [(partition, _mixed(frames, seed + number)) for partition, frames in parts]


def _mixed(frames: list[pl.DataFrame], seed: int) -> list[pl.DataFrame]:
    """The same rows in three files, without any order."""
    rows = pl.concat(frames).sample(fraction=1.0, shuffle=True, seed=seed)
    third = rows.height // 3
    cuts = [rows[:third], rows[third : 2 * third], rows[2 * third :]]
    return [cut for cut in cuts if cut.height]
