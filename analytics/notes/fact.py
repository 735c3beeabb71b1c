"""Facts that a note may state, each with its value, unit, period, source and receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args

from analytics.claims.statement import Span
from analytics.claims.wording import as_spoken
from data.clock import iso
from data.query import Answer

FactRole = Literal["fundamentals", "technicals", "macro", "news", "positions", "view"]
FactKind = Literal["level", "change", "state", "date", "headline"]
SubjectKind = Literal["instrument", "company", "country", "entity", "list"]
ROLES: tuple[FactRole, ...] = get_args(FactRole)
PERCENT, POINTS, DEVIATIONS, NUMBER = "percent", "percentage points", "standard deviations", ""
AFTER_NUMBER = {PERCENT: "%", "% of GDP": "% of GDP", POINTS: " percentage points", NUMBER: ""}
LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was known at the clock.

    `named_by` are groups of words: a text speaks of the fact where it has a word of every group,
    and the first group is what a number stands nearest to. A `level` and a `change` have a `value`,
    a `state` has a word, of `words` that it could have had, a `date` a `day`, a `headline` its
    words. `decimals` is how a note prints it. `settles` is the relation that a state stands for:
    "above", "below" of the two facts that it compares.
    """

    id: str
    role: FactRole
    kind: FactKind
    subject: str
    label: str
    named_by: tuple[tuple[str, ...], ...]
    known_at: datetime
    source: str
    answer: Answer = field(repr=False, compare=False)
    value: float | None = None
    unit: str = NUMBER
    decimals: int = 2
    text: str = ""
    words: tuple[str, ...] = ()
    day: date | None = None
    period: Span | None = None
    indicator: str = ""

    @property
    def printed(self) -> str:
        """The value as a note prints it, with its unit."""
        if self.kind == "date" and self.day is not None:
            return as_spoken(Span(self.day, self.day, "day"))
        if self.value is None:
            return self.text
        return printed_value(self.value, self.unit, self.decimals)

    def as_json(self) -> dict[str, Any]:
        """As plain values, for the archive and for a model."""
        return {
            "id": self.id,
            "role": self.role,
            "kind": self.kind,
            "subject": self.subject,
            "label": self.label,
            "value": self.value,
            "unit": self.unit,
            "printed": self.printed,
            "period": None if self.period is None else as_spoken(self.period),
            "known_at": iso(self.known_at),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class MissingFact:
    """What is not known at the clock, and why; it is never a nought."""

    role: FactRole
    subject: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class FactPack:
    """Every fact for one note at one clock, in a fixed order.

    `names` are the subjects that the note may name, with the words for each; `own` are those that
    are meant where a sentence names none.
    """

    kind: SubjectKind
    entity: str
    title: str
    as_of: datetime
    facts: tuple[Fact, ...]
    missing: tuple[MissingFact, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def of(self, *roles: FactRole) -> tuple[Fact, ...]:
        """The facts of some roles."""
        return tuple(fact for fact in self.facts if fact.role in roles)

    def get(self, name: str) -> Fact | None:
        """The fact of an id."""
        return next((fact for fact in self.facts if fact.id == name), None)

    def lacking(self, *roles: FactRole) -> tuple[MissingFact, ...]:
        """What some roles lack."""
        return tuple(item for item in self.missing if item.role in roles)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts)

    def as_json(self) -> dict[str, Any]:
        """As plain values, the same for the same pack, letter by letter."""
        return {
            "kind": self.kind,
            "entity": self.entity,
            "title": self.title,
            "as_of": iso(self.as_of),
            "facts": [fact.as_json() for fact in self.facts],
            "missing": [
                {"role": m.role, "subject": m.subject, "label": m.label, "reason": m.reason}
                for m in self.missing
            ],
        }

    def as_text(self) -> str:
        """The JSON as it is archived."""
        return json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)


def printed_value(value: float, unit: str, decimals: int) -> str:
    """A value with its unit behind it; large amounts in millions and more."""
    for least, word in LARGE:
        if abs(value) >= least and unit != NUMBER:
            return f"{value / least:,.2f} {word} {unit}"
    text = f"{value + 0.0:z,.{decimals}f}"
    return f"{text}{AFTER_NUMBER.get(unit, f' {unit}')}"
