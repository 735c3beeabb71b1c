"""A draft checked against the lake: every statement that is found in it, with what was found."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.claims.finding import Finding
from analytics.claims.judging.judge import judge_many
from analytics.claims.naming.directory import directory_of
from analytics.claims.sentences.compose import statements
from analytics.claims.statement import Language, Statement
from data.drafts.draft import DraftText
from data.query import At


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement of a draft and the verdict on it; `quote` are its words."""

    quote: str
    statement: Statement
    finding: Finding


def check_draft(
    at: At, draft: DraftText, *, language: Language = "en", later: At | None = None
) -> list[CheckedStatement]:
    """The statements of a draft by the clock that is its date; what holds there and no more at
    `later` is superseded. No model is asked, and words that speak to the checker change nothing."""
    found = statements(draft, language=language, clock=at.as_of.date(), directory=directory_of(at))
    return [
        CheckedStatement(draft.text[statement.start : statement.end], statement, finding)
        for statement, finding in zip(found, judge_many(at, found, later), strict=True)
    ]
