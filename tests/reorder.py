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
        rows = pl.DataFrame(table)
        second = rows.with_columns(
            (pl.col("source").cast(pl.String) + SECOND).cast(rows.schema["source"]).alias("source")
        )
        cuts = [rows, second] if seed is None else _mixed([rows, second], seed + number)
        for part, cut in enumerate(cuts):
            file = f"{entry.partition or '.'}/part-{number}-{part}.parquet"
            path = target / dataset.name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(cut.to_arrow().cast(table.schema), path, row_group_size=2_048)
            digest, size = sha256(path.read_bytes()).hexdigest(), path.stat().st_size
            files.append(replace(entry, file=file, rows=cut.height, bytes=size, sha256=digest))
    return replace(manifest, files=tuple(files if seed is None else reversed(files)), retired={})


def _mixed(frames: list[pl.DataFrame], seed: int) -> list[pl.DataFrame]:
    """The same rows in three files, without any order."""
    rows = pl.concat(frames).sample(fraction=1.0, shuffle=True, seed=seed)
    third = rows.height // 3
    cuts = [rows[:third], rows[third : 2 * third], rows[2 * third :]]
    return [cut for cut in cuts if cut.height]
