"""What people brought for the lake, left where the lake's one writer takes it in.

A page writes a whole file here and asks for the job; the job keeps the rows and takes the file
away. What is taken in twice adds nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from data.disk import make_folder, write_file
from data.settings import Settings


def leave(settings: Settings, dataset: str, rows: pl.DataFrame) -> Path:
    """The rows as one file under a name that is the same for the same rows."""
    content = rows.write_json().encode()
    folder = _folder(settings, dataset)
    make_folder(folder)
    path = folder / f"{hashlib.sha256(content).hexdigest()[:32]}.json"
    write_file(path, content)
    return path


def waiting(settings: Settings, dataset: str) -> list[Path]:
    """Files that are whole and not taken in yet."""
    return sorted(_folder(settings, dataset).glob("[0-9a-f]*.json"))


def _folder(settings: Settings, dataset: str) -> Path:
    return settings.root / "inbox" / dataset
