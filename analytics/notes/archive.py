"""A note put into the archive, and its view registered as a hypothesis that is scored later."""

from __future__ import annotations

from analytics.notes.fact import FactPack
from analytics.notes.gate import GatedNote
from analytics.notes.view import hypothesis_of
from data.query import At
from data.state import hypotheses
from data.state.analyst_notes import (
    DAILY_LIMIT,
    AnalystNote,
    AnalystNoteStatus,
    NewNote,
    NoteCost,
    WithheldFor,
    archive,
    is_past,
    refuse_over_limit,
)
from data.state.db import State
from data.state.values import Edit

TEMPLATE = NoteCost()


def keep_note(  # noqa: PLR0913 - what a note is kept with
    state: State,
    at: At,
    pack: FactPack,
    note: GatedNote,
    *,
    edit: Edit,
    cost: NoteCost = TEMPLATE,
    limit: int = DAILY_LIMIT,
) -> AnalystNote:
    """Archive a note; its view is registered unless it is withheld or of a past clock.

    `cost` names the model; without one the template wrote the note.
    """
    status: AnalystNoteStatus = "model" if cost.model else "template"
    if note.is_withheld:
        status = "withheld"
    with state.transaction():
        refuse_over_limit(state, edit.author, now=edit.at, limit=limit)
        number = None
        if status != "withheld" and not is_past(pack.as_of, edit.at):
            number = _registered(state, at, pack, edit)
        return archive(
            state,
            NewNote(
                kind=pack.kind,
                entity=pack.entity,
                title=pack.title,
                as_of=pack.as_of,
                status=status,
                sections=note.sections,
                facts=pack.as_text(),
                problems=tuple(WithheldFor(p.section, p.quote, p.reason) for p in note.problems),
                cost=cost,
                hypothesis_id=number,
            ),
            edit=edit,
            limit=limit,
        )


def _registered(state: State, at: At, pack: FactPack, edit: Edit) -> int | None:
    """The id of the hypothesis of a pack's view; none where nothing could settle it."""
    view = hypothesis_of(at, pack)
    if view is None:
        return None
    made = hypotheses.claim(
        state,
        hypotheses.Claim(view.title, view.statement, view.resolution, view.deadline),
        edit=edit,
    )
    hypotheses.forecast(state, made.id, view.probability, edit=edit)
    return made.id
