"""Notes of which every section is answered: checked, archived, and their requests ended.

So that a note is there although the page on which it was asked for was closed long ago. A note of
which no section was answered is not archived: the template writes the same at any time.
"""

from __future__ import annotations

import logging
from datetime import datetime

from analytics.notes.archive import keep_note
from analytics.notes.roles import note_of_roles
from analytics.notes.subject_pack import subject_pack
from data.errors import StateError, WorkstationError
from data.lake.views import MODES
from data.query import Db
from data.settings import Settings
from data.state import checks, note_requests
from data.state.db import State
from data.state.note_requests import NoteRequest
from data.state.values import Edit, choice

# The limit was held when the note was asked for; one that is paid for is not thrown away.
NO_LIMIT = 1_000_000
NO_ANSWER = "No section was answered, so no note was written."

log = logging.getLogger(__name__)


def write_answered_notes(settings: Settings, state: State, now: datetime) -> int:
    """Compose and archive what is answered; how many notes came of it."""
    ready = [one for one in note_requests.waiting(state) if not _is_waiting(state, one)]
    if not ready:
        return 0
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    try:
        return sum(_finish(state, db, one, now) for one in ready)
    finally:
        db.close()


def _finish(state: State, db: Db, request: NoteRequest, now: datetime) -> bool:
    """Whether a note came of a request whose questions are all at their end."""
    try:
        at = db.at(request.as_of, choice(request.subject.mode, "the mode", MODES))
        pack = subject_pack(at, state, request.subject)
        found = note_of_roles(state, at, pack, request.questions)
        if found is None:
            return False
        note, cost = found
        if not cost.model:
            note_requests.end(state, request, now=now, message=_why(state, request))
            return False
        edit = Edit(request.asked_by, now)
        with state.transaction():
            kept = keep_note(state, at, pack, note, edit=edit, cost=cost, limit=NO_LIMIT)
            said = _why(state, request, least="")
            note_requests.end(state, request, now=now, note_id=kept.id, message=said)
    except WorkstationError as error:
        if isinstance(error, StateError):
            raise
        log.info("note_request_id=%d without_a_note", request.id)
        note_requests.end(state, request, now=now, message=str(error))
        return False
    return True


def _is_waiting(state: State, request: NoteRequest) -> bool:
    found = (checks.read(state, number) for number in request.questions.values())
    return any(one is not None and one.status in ("requested", "claimed") for one in found)


def _why(state: State, request: NoteRequest, least: str = NO_ANSWER) -> str:
    """Which sections have no answer, and why; the template wrote them."""
    failed: dict[str, list[str]] = {}
    for section, number in request.questions.items():
        one = checks.read(state, number)
        if one is None or one.status == "failed":
            failed.setdefault(one.message if one else "", []).append(section)
    reasons = " ".join(f"{', '.join(names).capitalize()}: {why}" for why, names in failed.items())
    if len(failed) == 1 and len(next(iter(failed.values()))) == len(request.questions):
        reasons = next(iter(failed))
    return f"{least} {reasons}".strip()
