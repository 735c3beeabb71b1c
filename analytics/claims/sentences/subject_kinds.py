"""What the subjects of a sentence are counted in, as far as words about them depend on it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analytics.claims.naming.candidates import Candidates
from analytics.claims.statement import Quantity, Step, Subject

LEAST_AMOUNT = 100.0  # no rate of growth is as high
POINTS = {"pp", "bp"}
# Series whose value is itself a change: "GDP grew 0.4%" states a value of one.
CHANGES = re.compile(r"quarter on quarter|month on month|\bchange in\b|\bq/q\b|\bm/m\b", re.I)


def is_share(subject: Subject) -> bool:
    return subject.unit.lower().startswith(("percent", "%"))


def are_changes(subjects: Sequence[Subject]) -> bool:
    """Whether a value of these is itself a change, so that a fall is a value below zero."""
    return bool(subjects) and all(
        CHANGES.search(f"{subject.unit} {subject.title}") for subject in subjects
    )


def are_of_sessions(subjects: Sequence[Subject]) -> bool:
    """Whether these have a value of every session."""
    return bool(subjects) and all(
        one.kind == "instrument" or one.frequency == "daily" for one in subjects
    )


def is_yearly(subjects: Sequence[Subject]) -> bool:
    return bool(subjects) and all("year on year" in subject.unit for subject in subjects)


def fitting(
    quantity: Quantity, found: Candidates, ago: Step | None, *, is_rate: bool
) -> tuple[Subject, ...]:
    """The subjects, or what the same words mean in another unit where that alone fits: an amount,
    or a change on the year of what has a rate for the quarter. What is called inflation is no level
    of prices."""
    if not found.otherwise or not found.subjects:
        return found.subjects
    if (
        not is_rate
        and quantity.unit == "%"
        and ago in ("month", "quarter")
        and is_yearly(found.subjects)
    ):
        of_index = tuple(one for one in found.otherwise if "index" in one.unit)
        return of_index or found.subjects
    are_shares = all(is_share(subject) for subject in found.subjects)
    is_amount = quantity.unit not in ("%", *POINTS) and abs(quantity.value) >= LEAST_AMOUNT
    if is_rate and any("index" in subject.unit for subject in found.otherwise):
        return found.subjects
    is_of_year = ago == "year" and quantity.unit == "%" and are_changes(found.subjects)
    return found.otherwise if are_shares and (is_amount or is_of_year) else found.subjects
