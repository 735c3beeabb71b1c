"""Questions about a draft as the worker takes them, and its answers as the checks take them.

What is asked is data alone: the words of a task are the worker's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.claims.check import CheckedStatement
from analytics.claims.model_reading import Proposal, subjects_for
from analytics.claims.statement import Language
from data.clock import iso
from data.drafts.draft import DraftText
from data.drafts.prompt_text import MOST_SENT
from data.model_prices import CostEstimate, estimate
from data.query import At

MOST_KEPT = MOST_SENT + 10_000  # invisible characters do not count against what is sent
AROUND = 15_000  # of a passage: the text in which its numbers are looked up
INSTRUCTION_BYTES = 4_000
MOST_TOKENS = {"rewrite": 4096, "write_role": 4096}
Asked = dict[str, Any]


def claims_question(
    at: At, draft: DraftText, checked: Sequence[CheckedStatement], language: Language = "en"
) -> Asked:
    """`find_claims`: which statements the rules missed."""
    subjects = subjects_for(at, draft, language=language)
    return {
        **_of_draft(draft),
        **_of_clock(at),
        "language": language,
        "subjects": [{"id": one.id, "title": one.title} for one in subjects],
        "known": [one.quote for one in checked],
    }


def subjects_question(draft: DraftText, checked: Sequence[CheckedStatement]) -> Asked:
    """`pick_subjects`: which candidate is meant where the words fit several; `place` is that of
    the statement in `checked`."""
    statements = [
        {
            "place": place,
            "quote": draft.text[max(0, one.statement.start - 80) : one.statement.end],
            "candidates": [{"id": row.id, "title": row.title} for row in one.statement.candidates],
        }
        for place, one in enumerate(checked)
        if one.finding.verdict == "ambiguous" and len(one.statement.candidates) > 1
    ]
    return {**_of_draft(draft), "statements": statements}


def style_question(draft: DraftText) -> Asked:
    """`judge_style`: what readers will find unclear or one-sided."""
    return _of_draft(draft)


def rewrite_question(
    at: At, draft: DraftText, span: tuple[int, int], aim: str, language: Language = "en"
) -> Asked:
    """`rewrite`: a passage made shorter, plainer or more neutral."""
    start, end = span
    first = max(0, start - AROUND)
    return {
        "text": draft.text[first : end + AROUND],
        "offset": first,
        "start": start - first,
        "end": end - first,
        "aim": aim,
        "language": language,
        **_of_clock(at),
    }


def expected_cost(task: str, asked: Mapping[str, Any], model: str) -> CostEstimate:
    """What the question takes at most, for readers to see before they ask it."""
    size = len(json.dumps(asked, ensure_ascii=False).encode()) + INSTRUCTION_BYTES
    return estimate(size, MOST_TOKENS.get(task, 8192), model)


def proposals_in(reply: Mapping[str, Any]) -> list[Proposal]:
    """What an answer to `find_claims` points to, for `by_the_model`."""
    names = ("start", "end", "subject", "measure", "value", "period", "direction")
    return [Proposal(**{name: row[name] for name in names}) for row in reply.get("claims", ())]


def picks_in(reply: Mapping[str, Any]) -> dict[int, str]:
    """What an answer to `pick_subjects` picks, for `with_picks`."""
    return {int(row["place"]): str(row["subject"]) for row in reply.get("picks", ())}


def _of_draft(draft: DraftText) -> Asked:
    return {"text": draft.text[:MOST_KEPT], "length": len(draft.text)}


def _of_clock(at: At) -> Asked:
    return {"as_of": iso(at.as_of), "mode": at.mode}
