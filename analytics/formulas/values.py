"""Formulas in lists and rules: `=GOLD/SILVER`, told from an id by the sign before it; last values.

A name is read once for all formulas; one that cannot be computed says why and the others remain.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import polars as pl

from analytics.core.entries import split_outside
from analytics.core.resolve import resolve
from analytics.formulas.formula import FormulaReading
from analytics.formulas.text import names_in, parse_formula
from data.errors import ConfigError
from data.query import Answer, At

MARK = "="
MOST_FORMULAS = 50  # of a list; each new name is read by itself: thousands would take minutes
VALUES: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "date": pl.Date,
    "value": pl.Float64,
    "previous": pl.Float64,
    "change": pl.Float64,
    "unit": pl.String,
    "known_at": pl.Datetime("us", "UTC"),
    "problem": pl.String,
    "late": pl.String,
}


def formula_of(symbol: str) -> str | None:
    """The formula that a member of a list or the subject of a rule is; none where it is an id."""
    return symbol[len(MARK) :].strip() if symbol.startswith(MARK) else None


def formula_symbol(text: str) -> str:
    """A formula as a member or subject; a ConfigError where it cannot be read."""
    plain = " ".join(text.strip().removeprefix(MARK).split())
    if not names_in(parse_formula(plain)):
        raise ConfigError("the formula names no instrument or series; write one, as in GOLD/SILVER")
    return f"{MARK}{plain}"


def formulas_in(symbols: Iterable[str]) -> list[str]:
    """The formulas among members or subjects, each once, in their order."""
    return list(dict.fromkeys(text for item in symbols if (text := formula_of(item)) is not None))


def entries_of(text: str) -> list[str]:
    """Ids and formulas written in one text, as `x:A x:B; =GOLD/SILVER; =sma(x:A, 20)`.

    A formula begins with its sign and ends at the next semicolon outside its brackets.
    """
    found = list[str]()
    for part in split_outside(text, ";"):
        ids, mark, formula = _halves(part)
        found += ids.replace(",", " ").split()
        if mark and formula:
            found.append(f"{MARK}{formula}")
    return list(dict.fromkeys(found))


def entries_text(entries: Iterable[str]) -> str:
    """The text that `entries_of` reads as these entries."""
    parts = [
        [" ".join(group)] if not is_formula else list(group)
        for is_formula, group in groupby(entries, key=lambda entry: entry.startswith(MARK))
    ]
    return "; ".join(part for group in parts for part in group)


def _halves(part: str) -> tuple[str, str, str]:
    """What stands before the first word that begins with the sign, the sign, and the formula."""
    before, mark, after = f" {part}".replace(f",{MARK}", f" {MARK}").partition(f" {MARK}")
    return before, mark, " ".join(after.split())


def formula_values(at: At, *, texts: list[str], country: str | None = None) -> Answer:
    """The last value of each formula, with the value before it, the change between and the unit.

    `problem` says why a formula has no value. The change is a difference in the formula's unit.
    `late` names its parts whose last value lies more than five of their steps before the clock (a
    week at least): the value is then that of an earlier time.
    """
    reading, rows = FormulaReading(at, country), list[dict[str, object]]()
    for text in dict.fromkeys(texts):
        try:
            node = reading.tree(text)
            values = reading.values(node)
        except ConfigError as error:
            rows.append({"text": text, "problem": str(error)})
            continue
        late = ", ".join(reading.late(node)) or None
        rows.append({"text": text, "late": late} | _last(values))
    found = reading.joined(resolve(at, words=texts))
    frame = pl.DataFrame(rows, schema=VALUES)
    return found.derive(frame, "the last two values of each formula")


def _last(frame: pl.DataFrame) -> dict[str, object]:
    known = frame.drop_nulls("value")
    if known.is_empty():
        return {"problem": "its parts have no common date at this time"}
    last = known.row(-1, named=True)
    previous = known["value"][-2] if known.height > 1 else None
    change = None if previous is None else last["value"] - previous
    return last | {"previous": previous, "change": change, "problem": None}
