"""The facts of a subject at the reader's clock and the note that the template writes of them.

The last few are kept by the state of the lake, so that a click gathers nothing anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analytics.macro import weights
from analytics.notes.fact import FactPack
from analytics.notes.gate import GatedNote, compose_note
from analytics.notes.subject_pack import subject_pack
from analytics.notes.template import template_note
from data.query import At
from data.state.db import State
from data.state.note_requests import NoteSubject
from pages.frame.last_used import LastUsed, lake_state

MOST = 12


@dataclass(frozen=True, slots=True)
class LiveNote:
    """A note with the facts that it rests on; its figures know theirs."""

    pack: FactPack
    note: GatedNote


def _is_whole(live: LiveNote) -> bool:
    """Whether no file had to be left out of its facts."""
    return not any(fact.answer.damaged for fact in live.pack.facts)


_NOTES = LastUsed[LiveNote](MOST, _is_whole)


def live_note(at: At, state: State | None, subject: NoteSubject) -> LiveNote:
    """The template's note on a subject at a clock."""
    # Positions change with the state, of which the lake knows nothing.
    if subject.portfolio:
        return _by_template(at, state, subject)
    key = (subject, lake_state(at), weights.state_of(at))
    return _NOTES.get(key, lambda: _by_template(at, state, subject))


def checked_again(
    at: At, subject: NoteSubject, number: int, sections: Mapping[str, str]
) -> LiveNote:
    """An archived note beside the facts of its clock, so that its figures find theirs."""

    def make() -> LiveNote:
        pack = subject_pack(at, None, subject)
        return LiveNote(pack, compose_note(at, pack, sections))

    return _NOTES.get((number, subject, lake_state(at), weights.state_of(at)), make)


def _by_template(at: At, state: State | None, subject: NoteSubject) -> LiveNote:
    pack = subject_pack(at, state, subject)
    if pack.kind in ("instrument", "company"):
        pack = replace(pack, entity=subject.entity)
    return LiveNote(pack, compose_note(at, pack, template_note(pack)))
