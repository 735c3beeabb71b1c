"""Layouts of brokers' files: small plain profiles, found by the names of a table's columns.

A profile says only what the names and cells do not: which of several columns counts, the order of
dates, the currency of an account, what words and signs mean. One that a reader's choices made is
kept in the state and found in the same way.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from data.errors import UploadError
from data.uploads.dates import Order
from data.uploads.table import Table
from data.uploads.vocabulary import TradeSide, fold, heading, sided

FOLDER = Path(__file__).with_name("layouts")


@dataclass(frozen=True, slots=True)
class Layout:
    """One broker's file: `headings` are those that a table must have to be it.

    `columns` has the headings of a role, `sides` and `kinds` what words mean beyond the common
    ones, `patterns` the parts of a text column, `take` a column of which one word counts.
    """

    name: str
    headings: frozenset[str]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: Order = ""
    currency: str = ""
    price: str = ""
    quantity: str = ""
    amount: str = ""
    fee_currency: str = ""
    sides: Mapping[str, TradeSide] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    take: tuple[str, tuple[str, ...]] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)


NO_LAYOUT = Layout("", frozenset())


@cache
def shipped() -> tuple[Layout, ...]:
    """The profiles that come with the program, by name."""
    files = sorted(FOLDER.glob("*.toml"))
    return tuple(layout_of(tomllib.loads(path.read_text(encoding="utf-8"))) for path in files)


def layout_of(raw: Mapping[str, object]) -> Layout:
    """A profile from its document."""
    try:
        return _layout(raw)
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise UploadError(f"a layout cannot be read: {error!r}; mend or remove it") from None


def _layout(raw: Mapping[str, object]) -> Layout:
    texts = {word: str(raw.get(word, "")) for word in ("currency", "price", "quantity", "amount")}
    take = _table(raw, "take")
    return Layout(
        str(raw["name"]),
        frozenset(fold(str(name)) for name in _list(raw["headings"])),
        {
            role: tuple(fold(name) for name in _list(names))
            for role, names in _table(raw, "columns").items()
        },
        raw.get("order", ""),  # type: ignore[arg-type]  # one of the words of Order
        **texts,
        fee_currency=str(raw.get("fee_currency", "")),
        sides=sided({side: _list(words) for side, words in _table(raw, "sides").items()}),
        kinds={
            fold(word): str(kind)
            for kind, words in _table(raw, "kinds").items()
            for word in _list(words)
        },
        patterns={
            fold(name): re.compile(str(pattern), re.IGNORECASE)
            for name, pattern in _table(raw, "patterns").items()
        },
        take=(fold(str(take["column"])), tuple(fold(w) for w in _list(take["words"])))
        if take
        else None,
        choices={str(key): str(said) for key, said in _table(raw, "choices").items()},
    )


def find(names: Sequence[str], learnt: Sequence[Layout] = ()) -> Layout:
    """The layout of a table with these columns: the one that asks for most of them, or none."""
    there = {fold(name) for name in names} | {heading(name).plain for name in names}
    fitting = [item for item in (*learnt, *shipped()) if item.headings <= there]
    return max(fitting, key=lambda layout: len(layout.headings), default=NO_LAYOUT)


def place_of(layout: Layout, role: str, names: Sequence[str]) -> int | None:
    """The column that a layout gives to a role."""
    for wanted in layout.columns.get(role, ()):
        for place, name in enumerate(names):
            if wanted in (fold(name), heading(name).plain):
                return place
    return None


def extended(table: Table, layout: Layout) -> Table:
    """With a column for each part that the layout's patterns find in a text."""
    names, rows = list(table.names), [(line, list(cells)) for line, cells in table.rows]
    for place, name in enumerate(table.names):
        pattern = layout.patterns.get(fold(name))
        if pattern is None:
            continue
        groups = list(pattern.groupindex)
        names += [f"{group} of {name}" for group in groups]
        for _, cells in rows:
            cells += [None] * (len(names) - len(groups) - len(cells))
            text = cells[place] if place < len(cells) else None
            found = pattern.search(text) if text else None
            cells += [found[group] if found else None for group in groups]
    return replace(
        table, names=tuple(names), rows=tuple((line, tuple(cells)) for line, cells in rows)
    )


def learnt_from(
    names: Sequence[str], columns: Mapping[str, int], said: Mapping[str, str], title: str
) -> dict[str, object]:
    """The document of a layout that a reader's choices make."""
    return {
        "name": title,
        "headings": [fold(name) for name in names],
        "columns": {role: [fold(names[place])] for role, place in columns.items()},
        "order": said.get("order", ""),
        "choices": {key: value for key, value in said.items() if key != "order"},
    }


def _table(raw: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = raw.get(name, {})
    if not isinstance(found, Mapping):
        raise TypeError(name)
    return found


def _list(found: object) -> list[str]:
    return [found] if isinstance(found, str) else [str(item) for item in found]  # type: ignore[attr-defined]  # a list of words, else TypeError
