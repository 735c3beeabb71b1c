"""Copy the live files of a lake for other tools: `python -m scripts.export_lake FOLDER`.

The copy is plain Hive-partitioned Parquet, all vintages of one instant, safe to glob. Nothing is
overwritten.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import polars as pl

from data.datasets import DATASETS
from data.disk import sha256
from data.errors import ConfigError, LakeError
from data.lake.snapshot import read_snapshot
from data.lake.store import DiskStore
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Copy, verify, print what was copied."""
    target = Path(arguments.folder)
    if target.exists() and any(target.iterdir()):
        raise ConfigError(f"{target} is not empty; expected a new or an empty folder")
    lake = console.settings(arguments).lake
    rows, now = [], read_snapshot(DiskStore(lake))
    for name in DATASETS:
        manifest = now.of(name)
        for entry in manifest.files:
            copy = target / name / entry.file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(lake / name / entry.file, copy)
            if sha256(copy) != entry.sha256:
                raise LakeError(f"{name}/{entry.file} is not what its manifest says; stopped there")
        rows.append((name, manifest.version, len(manifest.files), manifest.rows))
        console.say(f"{name}: {len(manifest.files)} files, {manifest.rows} rows")
    console.emit(
        pl.DataFrame(rows, schema=["dataset", "version", "files", "rows"], orient="row"),
        arguments.format,
    )
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("export_lake", __doc__ or "")
    made.add_argument("folder", help="a new or empty folder")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
