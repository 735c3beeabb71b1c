"""The facts of a subject at the reader's clock and the note that the template writes of them.

The last few are kept by the state of the lake, so that a click gathers nothing anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace

from analytics.macro import weights
from analytics.notes.fact import FactPack
from analytics.notes.gate import GatedNote, compose_note
from analytics.notes.subject_pack import subject_pack
from analytics.notes.template import template_note
from data.query import At
from data.state.db import State
from data.state.note_requests import NoteSubject

MOST = 12


@dataclass(frozen=True, slots=True)
class LiveNote:
    """A note with the facts that it rests on; its figures know theirs."""

    pack: FactPack
    note: GatedNote


_KEPT: OrderedDict[Hashable, LiveNote] = OrderedDict()
_LOCK = threading.Lock()


def live_note(at: At, state: State | None, subject: NoteSubject) -> LiveNote:
    """The template's note on a subject at a clock."""
    # Positions change with the state, of which the lake knows nothing.
    if subject.portfolio:
        return _by_template(at, state, subject)
    key = (subject, at.identity(), weights.state_of(at))
    return _once(key, lambda: _by_template(at, state, subject))


def checked_again(
    at: At, subject: NoteSubject, number: int, sections: Mapping[str, str]
) -> LiveNote:
    """An archived note beside the facts of its clock, so that its figures find theirs."""

    def make() -> LiveNote:
        pack = subject_pack(at, None, subject)
        return LiveNote(pack, compose_note(at, pack, sections))

    return _once((number, subject, at.identity(), weights.state_of(at)), make)


def _by_template(at: At, state: State | None, subject: NoteSubject) -> LiveNote:
    pack = subject_pack(at, state, subject)
    if pack.kind in ("instrument", "company"):
        pack = replace(pack, entity=subject.entity)
    return LiveNote(pack, compose_note(at, pack, template_note(pack)))


def _once(key: Hashable, make: Callable[[], LiveNote]) -> LiveNote:
    with _LOCK:
        if (kept := _KEPT.get(key)) is not None:
            _KEPT.move_to_end(key)
            return kept
    made = make()
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return made
