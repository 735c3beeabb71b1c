"""The write path measured: 5,000 rows into a full partition, beside Polars' own rewrite of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path as Folder

import numpy as np
import polars as pl

from data.lake import Lake
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from scripts.benchmarks import peers
from scripts.benchmarks.timing import OURS, Goal, TimedPath, Variant, disk_share
from scripts.benchmarks.world import WORKSPACE, Size

PUBLISHED = datetime(2026, 1, 2, 21, tzinfo=UTC)


class Scratch:
    """A lake of one partition that is put back before each round, by links to the same file."""

    def __init__(self, home: Folder, size: Size) -> None:
        self.origin = home / "upsert" / "lake"
        self.root = home / "scratch" / "lake"
        self._changes = home / "upsert" / "changes.parquet"
        if not self._changes.exists():
            _changes(self.origin, size).write_parquet(self._changes)
        self.new = pl.read_parquet(self._changes)

    def restore(self) -> None:
        """As generated, nothing written yet."""
        shutil.rmtree(self.root.parent, ignore_errors=True)
        shutil.copytree(self.origin, self.root, copy_function=_link)

    def upsert(self) -> pl.DataFrame:
        """Ours: from the table to the commit."""
        Lake(self.root, workspace=WORKSPACE).upsert("prices", self.new, ingested_at=PUBLISHED)
        return pl.DataFrame()

    def rewrite(self) -> pl.DataFrame:
        """Polars': the same rows in a new file, flushed and renamed."""
        written = self.root / "prices" / "rewritten.tmp"
        rows = self.new.with_columns(
            pl.lit(PUBLISHED).cast(pl.Datetime("us", "UTC")).alias("ingested_at"),
            pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("superseded_at"),
        )
        peers.polars_rewrite(self.root, rows, written)
        handle = os.open(written, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        os.replace(written, written.with_suffix(".parquet"))
        return pl.DataFrame()

    def file_bytes(self) -> int:
        """Size of the partition's file."""
        return read_manifest(DiskStore(self.origin), "prices").files[0].bytes


def _link(source: str, target: str) -> None:
    """Immutable files are linked, the manifest is copied."""
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy(source, target)


def _changes(origin: Folder, size: Size) -> pl.DataFrame:
    """Four fifths new sessions, one fifth corrections of stored ones."""
    manifest = read_manifest(DiskStore(origin), "prices")
    stored = pl.scan_parquet(origin / "prices" / manifest.files[0].file, hive_partitioning=False)
    rows = stored.filter(pl.col("superseded_at").is_null()).collect()
    rng = np.random.default_rng(3)
    corrected = rows[rng.choice(rows.height, size.upsert_new // 5, replace=False)].with_columns(
        pl.col("close") * 1.01, pl.lit(PUBLISHED).cast(pl.Datetime("us", "UTC")).alias("known_at")
    )
    last = rows.filter(pl.col("date") == pl.col("date").max())
    days = -(-size.upsert_new * 4 // 5 // last.height)
    added = pl.concat(
        [
            last.with_columns(
                pl.col("date") + timedelta(days=day), pl.col("known_at") + timedelta(days=day)
            )
            for day in range(1, days + 1)
        ]
    )[: size.upsert_new * 4 // 5]
    return pl.concat([corrected, added]).drop("ingested_at", "superseded_at")


def upsert_path(scratch: Scratch, size: Size) -> TimedPath:
    """The path, its variants restored before each round."""

    def variant(name: str, run: Callable[[], pl.DataFrame]) -> Variant:
        return Variant(name, run, agrees=False, before=scratch.restore)

    return TimedPath(
        "upsert",
        f"{size.upsert_new:,} rows into a partition of {size.upsert_rows:,}",
        (variant(OURS, scratch.upsert), variant("Polars' own rewrite", scratch.rewrite)),
        (Goal("Polars' own rewrite", 1.15),),
        file_mb=scratch.file_bytes() / 1e6,
        most_files=12.0,
        disk_share=lambda: _share(scratch),
    )


def _share(scratch: Scratch) -> float:
    scratch.restore()
    return disk_share(scratch.upsert)
