"""What a receipt keeps of a frame, and how two such records are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from data.clock import iso
from data.proof.fingerprint import difference, fingerprint

TOLERANCE = 1e-12


def result(frame: pl.DataFrame) -> dict[str, Any]:
    """Shape and fingerprint of a frame."""
    columns = {name: str(kind) for name, kind in frame.schema.items()}
    return {"columns": columns, "rows": frame.height, "fingerprint": fingerprint(frame)}


def result_hash(frame: pl.DataFrame) -> str:
    """A short text of what a frame adds up to, to be kept and compared by `is_same_result`."""
    found = fingerprint(frame)
    return " ".join([found["exact"], *found["about"]])


def is_same_result(was: str, now: str) -> bool:
    """Whether two such texts are of one result; the last digits of fractions are none of it."""
    pairs = list(zip(was.split(), now.split(), strict=False))
    return len(pairs) == 3 and any(one == other for one, other in pairs)


def values(frame: pl.DataFrame) -> list[list[Any]]:
    """The rows themselves, as JSON holds them."""
    return [[plain(value) for value in row] for row in frame.rows()]


def plain(value: object) -> Any:
    """A value as JSON holds it; instants and dates as ISO text."""
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def compare(was: Mapping[str, Any], frame: pl.DataFrame) -> str | None:
    """What a frame has otherwise than was recorded, or nothing; the order of rows is none of it.

    Where the rows were kept they must agree to 1e-12 and the record with itself; where they were
    not, the fingerprints decide.
    """
    found = result(frame)
    for part in ("columns", "rows"):
        if was[part] != found[part]:
            return f"expected {part} {was[part]}, found {found[part]}"
    if "values" in was:
        return _rows_differ(was["values"], values(frame))
    return difference(was["fingerprint"], found["fingerprint"])


def _rows_differ(was: list[list[Any]], found: list[list[Any]]) -> str | None:
    if _alike(was, found):
        return None
    if len(was) != len(found):
        return f"expected the values of {len(found)} rows, found {len(was)}"
    ordered = [sorted(rows, key=_sort_key) for rows in (was, found)]
    wrong = [at for at, (a, b) in enumerate(zip(*ordered, strict=True)) if not _alike(a, b)]
    if not wrong:
        return None
    first = wrong[0]
    return f"{len(wrong)} rows differ, e.g. {ordered[0][first]} is now {ordered[1][first]}"


def _sort_key(row: list[Any]) -> list[str]:
    return [f"{value:.9e}" if isinstance(value, float) else str(value) for value in row]


def _alike(was: Any, found: Any) -> bool:
    if isinstance(was, list) and isinstance(found, list):
        pairs = zip(was, found, strict=False)
        return len(was) == len(found) and all(_alike(a, b) for a, b in pairs)
    if isinstance(was, float) and isinstance(found, float):
        both_nan = math.isnan(was) and math.isnan(found)
        return both_nan or math.isclose(was, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(was == found)
