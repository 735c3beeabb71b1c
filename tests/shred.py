"""The shredder: a copy of a lake from which everything later than an instant is physically gone.

What is shown under a clock must equal what is shown from such a copy: a reader that looks into
the future finds nothing there. It knows the files and the manifest, and nothing of `data.query`.
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data.contracts import Dataset
from data.datasets import DATASETS

INSTANT = pl.Datetime("us", "UTC")
# What says only what things are called may be of today; everything else is a figure.
DESCRIPTIONS = ("companies", "countries", "instruments", "series")


def shred(lake: Path, target: Path, as_of: datetime, *, mode: str = "public") -> Path:
    """Copy the lake folder `lake` to `target` without what came after `as_of`.

    Public: rows with a later `known_at` are dropped, and figures of grade `current` that were
    ingested later. House: all rows ingested later. What is left is told nothing of what went:
    `superseded_at` is worked out again from the rows kept.
    Files and manifests are written anew with their hashes, at the same versions.
    """
    for name, dataset in DATASETS.items():
        if (lake / name / "_meta" / "manifest.json").exists():
            _shred_dataset(dataset, lake / name, target / name, as_of, mode)
    return target


def disguise(lake: Path) -> None:
    """Publish a shredded lake as if at another time: other versions, instants and ids.

    What is shown at an earlier clock may depend on none of these, since each later publication
    changes them.
    """
    for path in sorted(lake.glob("*/_meta/manifest.json")):
        manifest = json.loads(path.read_bytes())
        manifest |= {
            "version": manifest["version"] + 1000,
            "published_at": "2001-01-01T00:00:00Z",
            "publishes": [],
            "positions": {},
        }
        path.write_text(json.dumps(manifest, indent=1))


def known_rows(dataset: Dataset, rows: pl.DataFrame, as_of: datetime, mode: str) -> pl.DataFrame:
    """The rows that were there at an instant."""
    came = {"house": pl.col("ingested_at"), "restated": pl.col("known_at")}
    return rows.filter(pl.col("known_at") <= as_of, came.get(mode, in_view(dataset)) <= as_of)


def in_view(dataset: Dataset) -> pl.Expr:
    """Since when the public could see a row in this lake."""
    if dataset.name in DESCRIPTIONS:
        return pl.col("known_at")
    restated = pl.col("vintage_grade").is_in(["current"])
    return (
        pl.when(restated & (pl.col("ingested_at") > pl.col("known_at")))
        .then("ingested_at")
        .otherwise("known_at")
    )


def _shred_dataset(
    dataset: Dataset, source: Path, target: Path, as_of: datetime, mode: str
) -> None:
    manifest = json.loads((source / "_meta" / "manifest.json").read_bytes())
    kept = []
    for entry in manifest["files"]:
        stored = pq.ParquetFile(source / entry["file"]).read()
        rows = known_rows(dataset, pl.DataFrame(stored), as_of, mode)
        if rows.height:
            if not dataset.appended:
                rows = _superseded(dataset, rows)
            kept.append(_write(dataset, target, entry, rows.to_arrow().cast(stored.schema)))
    (target / "_meta").mkdir(parents=True, exist_ok=True)
    (target / "_meta" / "lock").touch()
    shredded = manifest | {"files": kept, "retired": {}}
    (target / "_meta" / "manifest.json").write_text(json.dumps(shredded, indent=1))


def _superseded(dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    """All vintages of a key share a file, so each file can be worked out by itself.

    A vintage ends where the first of those after it came into view, whichever that is.
    """
    key = list(dataset.key)
    newest_first = rows.with_row_index("_place").with_columns(in_view(dataset).alias("_seen"))
    newest_first = newest_first.sort("known_at", descending=True)
    after = pl.col("_seen").cum_min().shift(1).over(key)
    ended = newest_first.with_columns(after.cast(INSTANT).alias("superseded_at"))
    return ended.sort("_place").select(rows.columns)


def _write(
    dataset: Dataset, target: Path, entry: dict[str, Any], table: pa.Table
) -> dict[str, Any]:
    folder = (target / entry["file"]).parent
    folder.mkdir(parents=True, exist_ok=True)
    unnamed = folder / "unnamed"
    pq.write_table(table, unnamed, row_group_size=32_768, compression="lz4")
    content = unnamed.read_bytes()
    digest = sha256(content).hexdigest()
    version = Path(entry["file"]).name.split("-")[1]
    final = folder / f"part-{version}-{digest[:16]}.parquet"
    unnamed.rename(final)
    times = [value for value in table[dataset.time].to_pylist() if value is not None]
    return entry | {
        "file": str(final.relative_to(target)),
        "rows": table.num_rows,
        "bytes": len(content),
        "sha256": digest,
        "low": str(min(times)) if times else None,
        "high": str(max(times)) if times else None,
    }
