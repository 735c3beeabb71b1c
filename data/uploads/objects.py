"""A JSON document with a list of records, as brokers and portfolio programs export it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from data.errors import UploadError
from data.uploads.grid import MOST_ROWS, Grid

DEEPEST = 6  # levels in which the records are looked for


def is_json(text: str) -> bool:
    """Whether a text begins as a document of objects or of lists does."""
    return text.lstrip()[:2].replace("\n", "").replace("\r", "").strip() in (
        "{",
        '{"',
        "{}",
        "[",
        "[{",
        "[[",
        '["',
        "[]",
    )


def json_grid(text: str, notices: list[str]) -> Grid | None:
    """The longest list of records as rows under their names; none where the text is no JSON."""
    try:
        document = _document(text)
    except RecursionError:
        raise UploadError("its lists are nested too deeply; give the table as CSV") from None
    except ValueError:
        return None
    lists = [found for found in _lists(document, 0) if found]
    if not lists:
        raise UploadError("this JSON has no list of records; expected a record per row")
    records = max(lists, key=len)
    if len(records) > MOST_ROWS:
        raise UploadError(f"it has more than {MOST_ROWS:,} rows; split it")
    said = [*notices, "JSON: its longest list of records is read"]
    return Grid(_rows(records), said, [], is_typed=True)


def _document(text: str) -> Any:
    """One document, or one in each line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [json.loads(line) for line in lines]


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        kinds = {type(item) for item in value}
        if kinds in ({dict}, {str}):
            yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        if isinstance(item, list | dict):
            yield from _lists(item, depth + 1)


def _rows(records: list[Any]) -> list[tuple[int, list[str | None]]]:
    if isinstance(records[0], str):
        return [(number, [each.strip() or None]) for number, each in enumerate(records, 1)]
    flat = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    rows: list[tuple[int, list[str | None]]] = [(1, list[str | None](names))]
    rows += [
        (number, [record.get(name) for name in names]) for number, record in enumerate(flat, 2)
    ]
    return rows


def _flat(record: dict[str, Any]) -> dict[str, str | None]:
    """The plain values of a record, those of a record inside it under both names."""
    found: dict[str, str | None] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            inner = {f"{name} {under}": each for under, each in value.items()}
            found |= {key: _cell(each) for key, each in inner.items()}
        else:
            found[name] = _cell(value)
    return found


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, list | dict):
        return None
    return str(value).strip() or None
