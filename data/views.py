"""What a dataset looks like under a clock, as SQL: the one home of the rule of visibility."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from data.contracts import Dataset
from data.manifest import Manifest
from data.parquet import literal, name, scan

Mode = Literal["public", "house"]
MODES: tuple[Mode, ...] = ("public", "house")
VINTAGES = "_vintages"
AS_OF = "getvariable('as_of')"


def visible(dataset: Dataset, root: Path, manifest: Manifest, mode: Mode) -> str:
    """The rows that were known: a plain filter in public mode, the last vintage in house mode.

    `superseded_at` is left out, since on a visible row it could only speak of the future.
    """
    rows = _rows(dataset, root, manifest)
    if mode == "house":
        return _last_vintage(dataset, rows, f"ingested_at <= {AS_OF} AND known_at <= {AS_OF}")
    if dataset.appended:
        return f"{_select(dataset)} {rows} WHERE known_at <= {AS_OF}"
    return (
        f"{_select(dataset)} {rows} WHERE known_at <= {AS_OF} "
        f"AND (superseded_at IS NULL OR superseded_at > {AS_OF})"
    )


def pinned(dataset: Dataset, root: Path, manifest: Manifest, mode: Mode, pin: str) -> str:
    """The same rows as `visible` gave when the version of the instant `pin` was the last.

    `superseded_at` may have been set by what came later, so the last vintage is sought again.
    """
    condition = f"known_at <= {AS_OF} AND ingested_at <= TIMESTAMPTZ {literal(pin)}"
    if mode == "house":
        condition += f" AND ingested_at <= {AS_OF}"
    return _last_vintage(dataset, _rows(dataset, root, manifest), condition)


def vintages(dataset: Dataset, root: Path, manifest: Manifest) -> str:
    """Every row ever stored; the clock does not apply."""
    return f"SELECT * FROM {_rows(dataset, root, manifest)}"  # noqa: S608 - names are quoted


def pinned_vintages(dataset: Dataset, root: Path, manifest: Manifest, pin: str) -> str:
    """The same rows as `vintages` gave then, each ending where its next one of then began."""
    condition = f"WHERE ingested_at <= TIMESTAMPTZ {literal(pin)}"
    if dataset.appended:
        return f"{vintages(dataset, root, manifest)} {condition}"
    keys = ", ".join(name(column) for column in dataset.key)
    ends = f"lead(known_at) OVER (PARTITION BY {keys} ORDER BY known_at)"
    rows = _rows(dataset, root, manifest)
    return f"SELECT * REPLACE ({ends} AS superseded_at) FROM {rows} {condition}"  # noqa: S608 - names are quoted


def _rows(dataset: Dataset, root: Path, manifest: Manifest) -> str:
    return scan(dataset, root / dataset.name, manifest.files, manifest.schemas)


def _select(dataset: Dataset) -> str:
    shown = (column for column in dataset.schema.names if column != "superseded_at")
    return f"SELECT {', '.join(name(column) for column in shown)} FROM"


def _last_vintage(dataset: Dataset, rows: str, condition: str) -> str:
    if dataset.appended:
        return f"{_select(dataset)} {rows} WHERE {condition}"
    keys = ", ".join(name(column) for column in dataset.key)
    return (
        f"{_select(dataset)} {rows} WHERE {condition} "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY known_at DESC) = 1"
    )
