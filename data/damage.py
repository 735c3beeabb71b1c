"""Find the files of a dataset that are not what their manifest says, once a query has failed."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.disk import sha256
from data.manifest import LakeFile


def find_damage(folder: Path, files: tuple[LakeFile, ...]) -> list[str]:
    """Names of missing, truncated or altered files; hashes are read only if sizes tell nothing."""
    return [entry.file for entry in files if not _looks_whole(folder, entry)] or [
        entry.file for entry in files if sha256(folder / entry.file) != entry.sha256
    ]


def _looks_whole(folder: Path, entry: LakeFile) -> bool:
    path = folder / entry.file
    try:
        return path.stat().st_size == entry.bytes and pq.read_metadata(path).num_rows == entry.rows
    except (OSError, pa.ArrowInvalid):
        return False
