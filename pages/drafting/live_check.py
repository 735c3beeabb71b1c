"""A draft checked at the reader's clock: at its own date, and by what was revised until now.

What follows from the draft's date alone is kept by the version of the draft and the state of the
lake; what was superseded is looked up anew at each clock. So a click costs no second check, and
the minute that passes at Now only the second look.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from analytics.claims.check import CheckedStatement, check_draft
from analytics.claims.corrections.corrections import corrections
from analytics.claims.corrections.proposals import updated
from analytics.claims.evidence import ClaimLine, claim_lines
from analytics.claims.judging.judge import judge_many
from analytics.claims.naming.directory import directory_of
from analytics.editorial.check import editorial_findings
from analytics.editorial.draft_reading import DraftReading, reading_of
from analytics.editorial.finding import EditorialFinding
from analytics.editorial.search import PageReport, search_report
from data.drafts.draft import DraftText
from data.drafts.edits import DraftEdit
from data.query import At
from data.state.documents import Document
from pages.frame.last_used import LastUsed, lake_state

MOST_CORRECTED = 60_000  # characters: each proof of a correction checks the whole draft again
Edits = dict[int, tuple[DraftEdit, ...]]


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """The claims of a draft; `instead` has the edits that would make one right, by its number.
    `remarks` are an editor's, `page` is how searchers see it."""

    checked: tuple[CheckedStatement, ...]
    instead: Edits
    lines: tuple[ClaimLine | None, ...]
    remarks: tuple[EditorialFinding, ...]
    page: PageReport


@dataclass(frozen=True, slots=True)
class _AtItsDate:
    """What follows from a draft and its date: nothing that was known later is in it."""

    checked: tuple[CheckedStatement, ...]
    corrected: Edits
    lines: tuple[ClaimLine | None, ...]
    reading: DraftReading
    remarks: tuple[EditorialFinding, ...]


def _is_whole(check: DraftCheck | _AtItsDate) -> bool:
    """Whether no file had to be left out."""
    answers = (one.finding.answer for one in check.checked)
    return not any(answer.damaged for answer in answers if answer is not None)


_AT_DATE = LastUsed[_AtItsDate](8, _is_whole)
_CHECKS = LastUsed[DraftCheck](8, _is_whole)
_SCORES = LastUsed["float | None"](64)


def live_check(at: At, document: Document, draft: DraftText) -> DraftCheck:
    """The check of one version of a document, by what was known at its date; `at` is the reader's
    clock and says what was superseded."""
    then = _date_of(at, document)
    base = _AT_DATE.get(
        (_version(document), lake_state(then)), lambda: _at_its_date(then, document, draft)
    )
    key = (_version(document), lake_state(then), lake_state(at))
    return _CHECKS.get(key, lambda: _at_the_clock(at, then, document, draft, base))


def page_score(at: At, document: Document, read: Callable[[], DraftText]) -> float | None:
    """How searchers see one version of a text, of 100; none where too little of it is known."""
    then = _date_of(at, document)

    def score() -> float | None:
        return _page(at, document, _reading(then, document, read())).score

    return _SCORES.get((_version(document), lake_state(then), at.as_of.date()), score)


def _version(document: Document) -> Hashable:
    return document.id, document.version, document.sha256, document.heading


def _date_of(at: At, document: Document) -> At:
    return at.earlier(min(document.heading.published_at, at.as_of))


def _at_its_date(then: At, document: Document, draft: DraftText) -> _AtItsDate:
    language = document.heading.language
    checked = tuple(check_draft(then, draft, language=language))
    reading = _reading(then, document, draft)
    is_long = len(draft.text) > MOST_CORRECTED
    proven = [] if is_long else corrections(then, draft, checked, language=language)
    return _AtItsDate(
        checked,
        {one.statement: one.edits for one in proven},
        tuple(claim_lines(then, checked)),
        reading,
        tuple(editorial_findings(reading, checked=checked, url=document.heading.url or None)),
    )


def _at_the_clock(
    at: At, then: At, document: Document, draft: DraftText, base: _AtItsDate
) -> DraftCheck:
    """With what was revised between the draft's date and the clock."""
    findings = judge_many(then, [one.statement for one in base.checked], at)
    checked = [
        replace(one, finding=finding) for one, finding in zip(base.checked, findings, strict=True)
    ]
    instead = dict(base.corrected)
    for number, one in enumerate(checked):
        if one.finding.verdict == "superseded":
            edit = updated(draft.text, one.statement, one.finding, document.heading.language)
            if edit is not None:
                instead[number] = (edit,)
    page = _page(at, document, base.reading)
    return DraftCheck(tuple(checked), instead, base.lines, base.remarks, page)


def _reading(then: At, document: Document, draft: DraftText) -> DraftReading:
    return reading_of(
        draft,
        language=document.heading.language,
        clock=then.as_of.date(),
        directory=directory_of(then),
    )


def _page(at: At, document: Document, reading: DraftReading) -> PageReport:
    """How searchers see it at the clock: a text that was fresh at its date need not be so now."""
    seen = replace(reading, clock=at.as_of.date())
    return search_report(seen, url=document.heading.url or None)
