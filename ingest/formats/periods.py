"""Written reference periods as the first day they speak of: `2023-Q1`, `2012M06`, `YR1970`, ...

It refuses what it does not know instead of reading a year into it.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

FORMS = (
    ("daily", re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?")),
    ("monthly", re.compile(r"(\d{4})-?M?(\d\d)")),
    ("monthly", re.compile(r"(\d{4})-?M(\d)")),
    ("quarterly", re.compile(r"(\d{4})-?Q([1-4])")),
    ("semester", re.compile(r"(\d{4})-?[SHB]([12])")),
    ("weekly", re.compile(r"(\d{4})-?W(\d\d?)")),
    ("annual", re.compile(r"(?:YR|FY)?(\d{4})(?:-?A1?)?")),
)
STEP = {"monthly": 1, "quarterly": 3, "semester": 6}
FREQUENCY = {"semester": "irregular"}


def first_day(word: str) -> tuple[date, str]:
    """First day of a written period and how long it is."""
    text = word.strip()
    for kind, form in FORMS:
        found = form.fullmatch(text)
        if not found:
            continue
        parts = [int(part) for part in found.groups()]
        if kind == "daily":
            return date(*parts), kind
        if kind == "weekly":
            return date.fromisocalendar(parts[0], parts[1], 1), kind
        month = (parts[1] - 1) * STEP[kind] + 1 if kind in STEP else 1
        return date(parts[0], month, 1), FREQUENCY.get(kind, kind)
    raise ValueError(f"not a period: {text[:40]!r}")


def periods(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """With `period` and `frequency` for the written periods of a column.

    Few distinct words stand in many rows, so each is read once.
    """
    words = frame[name].unique().drop_nulls().to_list()
    read = [first_day(word) for word in words]
    known = pl.DataFrame(
        {
            name: pl.Series(words, dtype=pl.String),
            "period": pl.Series([day for day, _ in read], dtype=pl.Date),
            "frequency": pl.Series([kind for _, kind in read], dtype=pl.String),
        }
    )
    return frame.join(known, on=name, how="left", maintain_order="left")
