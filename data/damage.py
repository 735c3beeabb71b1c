"""Find the files of a dataset that are not what their manifest says, once a query has failed."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.disk import sha256
from data.manifest import LakeFile


def find_damage(folder: Path, files: tuple[LakeFile, ...], *, deep: bool = True) -> list[str]:
    """Names of missing, truncated or altered files.

    Hashes are read only if sizes and footers tell nothing, and if the failure was of a kind
    (`deep`) that content can cause: a mistyped query must not read the whole dataset.
    """
    odd = [entry.file for entry in files if not _looks_whole(folder, entry)]
    if odd or not deep:
        return odd
    return [entry.file for entry in files if _hash(folder / entry.file) != entry.sha256]


def _hash(path: Path) -> str | None:
    try:
        return sha256(path)
    except OSError:
        return None


def _looks_whole(folder: Path, entry: LakeFile) -> bool:
    path = folder / entry.file
    try:
        return path.stat().st_size == entry.bytes and pq.read_metadata(path).num_rows == entry.rows
    except (OSError, pa.ArrowInvalid):
        return False
