"""What lies behind the verdict on a claim: the values of its subject up to its period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.claims.check import CheckedStatement
from analytics.claims.judging.reads import ClaimReads
from analytics.claims.statement import Subject
from data.query import At

SHORT = 24  # observations of a small line


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """The last values of a claim's subject, as they were known at the clock, oldest first."""

    days: tuple[date, ...]
    values: tuple[float, ...]
    unit: str
    title: str


def claim_lines(
    at: At, checked: Sequence[CheckedStatement], most: int = SHORT
) -> list[ClaimLine | None]:
    """For each claim the last values up to its period; none where no subject was found."""
    reads = ClaimReads(at, [one.statement for one in checked])
    return [_line(reads, one, most) for one in checked]


def _line(reads: ClaimReads, one: CheckedStatement, most: int) -> ClaimLine | None:
    subject = subject_of(one)
    if subject is None:
        return None
    found = reads.of(subject, one.finding.period)
    if found is None:
        return None
    if one.finding.period is not None:
        found = found.until(one.finding.period.last)
    if not len(found):
        return None
    return ClaimLine(found.starts[-most:], found.values[-most:], found.unit.text, found.title)


def subject_of(one: CheckedStatement) -> Subject | None:
    """What a claim was found to be of; none where that is open."""
    if one.finding.subject is not None:
        return one.finding.subject
    named = [subject for subject in one.statement.candidates if subject.kind != "none"]
    return named[0] if len(named) == 1 else None


def subject_title(subject: Subject) -> str:
    """Its title; without one its id as its source has it, so AAPL and not yahoo:AAPL."""
    return subject.title or subject.id.partition(":")[2] or subject.id
