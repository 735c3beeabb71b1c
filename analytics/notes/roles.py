"""The part of a model: each role is asked for its section, and the answers pass one gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from analytics.claims.model_questions import expected_cost
from analytics.notes.fact import FactPack
from analytics.notes.gate import GatedNote, compose_note
from analytics.notes.sections import role_payloads
from analytics.notes.template import template_note
from data.model_prices import CostEstimate
from data.query import At
from data.state import checks, model_calls, note_requests
from data.state.analyst_notes import DAILY_LIMIT, NoteCost, refuse_over_limit
from data.state.checks import Check, CheckSubject
from data.state.db import State
from data.state.note_requests import NoteRequest, NoteSubject
from data.state.values import Edit

TASK = "write_role"
WAITING = ("requested", "claimed")
VALID = timedelta(hours=6)  # a question that nobody answers by then is moot


def ask_roles(
    state: State,
    pack: FactPack,
    *,
    edit: Edit,
    subject: NoteSubject | None = None,
    limit: int = DAILY_LIMIT,
) -> NoteRequest:
    """Put the questions of a note, a check for each section; the scheduler's worker answers.

    `subject` says what the facts are of, where a list or a portfolio is part of it.
    """
    of = subject or NoteSubject(pack.kind, pack.entity, pack.title, pack.symbols)
    asked = {}
    with state.transaction():
        refuse_over_limit(state, edit.author, now=edit.at, limit=limit)
        for section, payload in role_payloads(pack).items():
            words = f"{section} of {pack.title}, {pack.as_of.isoformat()}"
            put = CheckSubject(payload, expires_at=edit.at + VALID)
            asked[section] = checks.ask_soon(state, TASK, words, edit=edit, subject=put).id
        return note_requests.add(state, of, asked, as_of=pack.as_of, edit=edit)


def note_cost(pack: FactPack, model: str) -> CostEstimate:
    """What a note by a model takes at most, for readers to see before they ask for it."""
    parts = [expected_cost(TASK, payload, model) for payload in role_payloads(pack).values()]
    dollars = [part.dollars for part in parts]
    is_priced = None not in dollars
    return CostEstimate(
        sum(part.tokens_in for part in parts),
        sum(part.most_tokens_out for part in parts),
        sum(part for part in dollars if part is not None) if is_priced else None,
    )


def note_of_roles(
    state: State, at: At, pack: FactPack, asked: Mapping[str, int]
) -> tuple[GatedNote, NoteCost] | None:
    """The note of the answers, and what they cost; none while one of them is waited for.

    A section without an answer, and those of the rule, are the template's.
    """
    found = {section: checks.read(state, number) for section, number in asked.items()}
    if any(one is not None and one.status in WAITING for one in found.values()):
        return None
    answered = {section: one for section, one in found.items() if one is not None and _text_of(one)}
    texts = {section: _text_of(one) for section, one in answered.items()}
    note = compose_note(at, pack, template_note(pack) | texts)
    return note, _cost(state, list(answered.values()))


def _text_of(check: Check) -> str:
    reply = check.verdict.reply if check.verdict is not None else None
    return str((reply or {}).get("text") or "").strip()


def _cost(state: State, answered: list[Check]) -> NoteCost:
    """What wrote the answers; a sum with an unknown part is unknown."""
    calls = [
        call
        for one in answered
        if one.model_call_id is not None
        and (call := model_calls.read(state, one.model_call_id)) is not None
    ]
    if not answered:
        return NoteCost()
    models = sorted({one.verdict.model for one in answered if one.verdict is not None})
    versions = sorted({call.key.prompt_version for call in calls})
    dollars = [call.cost.dollars for call in calls]
    is_priced = len(calls) == len(answered) and None not in dollars
    return NoteCost(
        model=", ".join(models) or "unknown",
        prompt_version=", ".join(versions),
        temperature=max((call.temperature for call in calls), default=None),
        tokens=sum(one.verdict.tokens for one in answered if one.verdict is not None),
        dollars=sum(part for part in dollars if part is not None) if is_priced else None,
    )
