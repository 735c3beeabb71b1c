"""What a dataset looks like under a clock, as SQL: the one home of the rule of visibility.

A row comes into view when it was known; under the house clock also not before this lake had it.
A figure of grade `current` (history restated without dates) says nothing of when it was known, so
it is in view only from its ingestion on, unless the clock is `restated`, which takes it as it is.
"""

from __future__ import annotations

from typing import Literal, get_args

from data.contracts import Dataset
from data.lake.manifest import LakeFile, Manifest, schema_id
from data.lake.parquet import holds_current, literal, name, scan
from data.lake.store import Store

Mode = Literal["public", "house", "restated"]
MODES: tuple[Mode, ...] = get_args(Mode)
VINTAGES, KNOWN = "_vintages", "_known"
AS_OF = "getvariable('as_of')"
UNFINISHED = f"(superseded_at IS NULL OR superseded_at > {AS_OF})"


def visible(
    dataset: Dataset, store: Store, manifest: Manifest, mode: Mode, pin: str | None = None
) -> str:
    """The rows that were known: a plain filter in public mode, the last vintage in the others.

    `superseded_at` is left out, since on a visible row it could only speak of the future. With a
    `pin` they are those that the version of that instant gave, whose vintages later ones may have
    ended since; so the last vintage is sought again.
    """
    if pin is not None:
        condition = f"{_in_view(dataset, mode)} AND {_ingested_by(pin)}"
        return _last_vintage(dataset, _rows(dataset, store, manifest), condition)
    if mode != "public" and not dataset.appended:
        return _last_vintage(dataset, _rows(dataset, store, manifest), _in_view(dataset, mode))
    found = []
    for rows, is_plain, is_aged in _kinds(dataset, store, manifest):
        if is_aged:
            found.append(f"({_last_vintage(dataset, rows, _in_view(dataset, mode))})")
            continue
        condition = _in_view(dataset, "restated" if is_plain and mode == "public" else mode)
        if not dataset.appended:
            condition += f" AND {UNFINISHED}"
        found.append(f"{_select(dataset)} {rows} WHERE {condition}")
    return " UNION ALL ".join(found)


def known(
    dataset: Dataset, store: Store, manifest: Manifest, mode: Mode, pin: str | None = None
) -> str:
    """Every vintage in view at the clock: `seen_at` says since when, `superseded_at` until when,
    where that is over."""
    if pin is not None:
        body = f"{_rows(dataset, store, manifest)} WHERE {_ingested_by(pin)}"
        return _vintages_in_view(dataset, f"(SELECT * FROM {body})", mode)  # noqa: S608 - names are quoted
    if mode != "public" and not dataset.appended:
        return _vintages_in_view(dataset, _rows(dataset, store, manifest), mode)
    found = []
    for rows, is_plain, is_aged in _kinds(dataset, store, manifest):
        if is_aged:
            found.append(f"({_vintages_in_view(dataset, rows, mode)})")
            continue
        kind = "restated" if is_plain and mode == "public" else mode
        end = f"CASE WHEN superseded_at <= {AS_OF} THEN superseded_at END"
        found.append(
            f"SELECT * REPLACE ({end} AS superseded_at), {_seen(dataset, kind)} AS seen_at "  # noqa: S608 - names are quoted
            f"FROM {rows} WHERE {_in_view(dataset, kind)}"
        )
    return " UNION ALL ".join(found)


def vintages(dataset: Dataset, store: Store, manifest: Manifest, pin: str | None = None) -> str:
    """Every row ever stored; the clock does not apply."""
    if pin is not None:
        rows = f"{_rows(dataset, store, manifest)} WHERE {_ingested_by(pin)}"
        end = "" if dataset.appended else f" REPLACE ({ends(dataset)} AS superseded_at)"
        return f"SELECT *{end} FROM {rows}"  # noqa: S608 - names are quoted
    return " UNION ALL ".join(
        f"SELECT * REPLACE ({ends(dataset)} AS superseded_at) FROM {rows}"  # noqa: S608 - names are quoted
        if is_aged
        else f"SELECT * FROM {rows}"  # noqa: S608 - names are quoted
        for rows, _, is_aged in _kinds(dataset, store, manifest)
    )


def vintages_seen(
    dataset: Dataset, store: Store, manifest: Manifest, mode: Mode, pin: str | None = None
) -> str:
    """The same, each with since when it is in view."""
    rows = vintages(dataset, store, manifest, pin)
    return f"SELECT *, {_seen(dataset, mode)} AS seen_at FROM ({rows})"  # noqa: S608 - names are quoted


def ends(dataset: Dataset, mode: Mode = "public") -> str:
    """The first instant at which any later vintage of the key is in view: never the row's own."""
    keys = ", ".join(name(column) for column in dataset.key)
    return (
        f"min({_seen(dataset, mode)}) OVER (PARTITION BY {keys} ORDER BY known_at "
        "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
    )


def _kinds(dataset: Dataset, store: Store, manifest: Manifest) -> list[tuple[str, bool, bool]]:
    """The files as FROM clauses: those without `current` figures, which are nearly all, those with,
    and those with from before such a row ended others at its ingestion."""
    now = schema_id(dataset)
    plain, restated, aged = list[LakeFile](), list[LakeFile](), list[LakeFile]()
    for entry in manifest.files:
        if dataset.descriptive or not holds_current(store.location(f"{dataset.name}/{entry.file}")):
            plain.append(entry)
        elif dataset.appended or entry.schema == now:
            restated.append(entry)
        else:
            aged.append(entry)
    kinds = [(plain, True, False), (restated, False, False), (aged, False, True)]
    return [
        (scan(dataset, store, tuple(files), manifest.schemas), is_plain, is_aged)
        for files, is_plain, is_aged in kinds
        if files or (is_plain and not manifest.files)
    ]


def _rows(dataset: Dataset, store: Store, manifest: Manifest) -> str:
    return scan(dataset, store, manifest.files, manifest.schemas)


def _seen(dataset: Dataset, mode: Mode) -> str:
    """The instant at which a row comes into view."""
    if mode == "house":
        return "greatest(known_at, ingested_at)"
    if mode == "restated" or dataset.descriptive:
        return "known_at"
    return (
        "CASE WHEN vintage_grade = 'current' THEN greatest(known_at, ingested_at) ELSE known_at END"
    )


def _in_view(dataset: Dataset, mode: Mode) -> str:
    """That it has come, in a form by which files can be left out."""
    if mode == "house":
        return f"known_at <= {AS_OF} AND ingested_at <= {AS_OF}"
    if mode == "restated" or dataset.descriptive:
        return f"known_at <= {AS_OF}"
    return f"known_at <= {AS_OF} AND (vintage_grade <> 'current' OR ingested_at <= {AS_OF})"


def _ingested_by(pin: str) -> str:
    return f"ingested_at <= TIMESTAMPTZ {literal(pin)}"


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


def _vintages_in_view(dataset: Dataset, rows: str, mode: Mode) -> str:
    """Among the rows in view the later ones alone end a vintage: nothing speaks of the future."""
    end = "CAST(NULL AS TIMESTAMPTZ)" if dataset.appended else ends(dataset, mode)
    return (
        f"SELECT * REPLACE ({end} AS superseded_at), {_seen(dataset, mode)} AS seen_at "  # noqa: S608 - names are quoted
        f"FROM {rows} WHERE {_in_view(dataset, mode)}"
    )
