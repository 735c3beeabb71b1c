"""A draft checked at the reader's clock: at its own date, and by what was revised until now.

The last few are kept by the version of the draft and the state of the lake, so that a click costs
no second check.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from analytics.claims.check import CheckedStatement, check_draft
from analytics.claims.corrections.corrections import corrections
from analytics.claims.corrections.proposals import updated
from analytics.claims.evidence import ClaimLine, claim_lines
from analytics.claims.naming.directory import directory_of
from analytics.editorial.check import editorial_findings
from analytics.editorial.draft_reading import reading_of
from analytics.editorial.finding import EditorialFinding
from analytics.editorial.search import PageReport, search_report
from data.drafts.draft import DraftText
from data.drafts.edits import DraftEdit
from data.query import At
from data.state.documents import Document

MOST = 8
MOST_SCORES = 64


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """The claims of a draft; `instead` has the edits that would make one right, by its number.
    `remarks` are an editor's, `page` is how searchers see it."""

    checked: tuple[CheckedStatement, ...]
    instead: dict[int, tuple[DraftEdit, ...]]
    lines: tuple[ClaimLine | None, ...]
    remarks: tuple[EditorialFinding, ...]
    page: PageReport


_SCORES: OrderedDict[Hashable, float | None] = OrderedDict()
_KEPT: OrderedDict[Hashable, DraftCheck] = OrderedDict()
_LOCK = threading.Lock()


def live_check(at: At, document: Document, draft: DraftText) -> DraftCheck:
    """The check of one version of a document, by what was known at its date; `at` is the reader's
    clock and says what was superseded."""
    key = (document.id, document.version, document.sha256, at.identity())
    with _LOCK:
        if (kept := _KEPT.get(key)) is not None:
            _KEPT.move_to_end(key)
            return kept
    made = _made(at, document, draft)
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return made


def _made(at: At, document: Document, draft: DraftText) -> DraftCheck:
    then = at.earlier(min(document.heading.published_at, at.as_of))
    language = document.heading.language
    checked = check_draft(then, draft, language=language, later=at)
    instead = {
        one.statement: one.edits for one in corrections(then, draft, checked, language=language)
    }
    for number, one in enumerate(checked):
        if one.finding.verdict == "superseded":
            edit = updated(draft.text, one.statement, one.finding, language)
            if edit is not None:
                instead[number] = (edit,)
    reading = reading_of(
        draft, language=language, clock=then.as_of.date(), directory=directory_of(then)
    )
    url = document.heading.url or None
    return DraftCheck(
        tuple(checked),
        instead,
        tuple(claim_lines(then, checked)),
        tuple(editorial_findings(reading, checked=checked, url=url)),
        search_report(reading, url=url),
    )


def page_score(at: At, document: Document, read: Callable[[], DraftText]) -> float | None:
    """How searchers see one version of a text, of 100; none where too little of it is known."""
    key = (document.id, document.version, document.sha256, at.identity())
    with _LOCK:
        if key in _SCORES:
            return _SCORES[key]
    then = at.earlier(min(document.heading.published_at, at.as_of))
    reading = reading_of(
        read(),
        language=document.heading.language,
        clock=then.as_of.date(),
        directory=directory_of(then),
    )
    score = search_report(reading, url=document.heading.url or None).score
    with _LOCK:
        _SCORES[key] = score
        while len(_SCORES) > MOST_SCORES:
            _SCORES.popitem(last=False)
    return score
