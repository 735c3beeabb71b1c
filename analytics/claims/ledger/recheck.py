"""The check of recorded claims after the lake changed: of those alone that the change can reach.

Each document is judged at its own clock and by what is known now. A verdict and the state of the
lake it rests on are recorded together, so whatever ends a check early is made up for by the next.
While a file of a dataset is damaged or its manifest cannot be read, the claims that read it wait:
no verdict is made of half a dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.claims.check import check_draft
from analytics.claims.judging.judge import judge_many
from analytics.claims.judging.reads import ClaimReads
from analytics.claims.ledger.content import (
    DATASETS_OF,
    RULES,
    LakeContent,
    SubjectChange,
    SubjectContent,
    SubjectKey,
    key_named,
    keys_of,
    state_of_lake,
)
from analytics.claims.ledger.entry import record_check
from analytics.claims.ledger.records import statement_of, verdict_record
from analytics.claims.statement import Statement
from data.errors import LakeError, QueryError
from data.lake.views import MODES, Mode
from data.query import At, Db
from data.state import claim_ledger, documents
from data.state.claim_ledger import CheckedVersion, LedgerClaim, VerdictRecord
from data.state.db import State
from data.state.documents import Document
from data.state.hash_chain import ChainPlace
from data.state.values import Edit, moment

FIRST_RULES = "1"  # those of versions that were checked before the rules were kept with them
AT_ONCE = 50  # versions whose verdicts are one transaction


@dataclass(frozen=True, slots=True)
class RecheckReport:
    """What a check of recorded claims did: `judged` of all `claims`, those whose verdict says
    something new, and the documents that wait for a dataset to be whole."""

    documents: int
    judged: int
    recorded: tuple[ChainPlace, ...]
    waiting: tuple[int, ...]

    def __add__(self, other: RecheckReport) -> RecheckReport:
        """Both together."""
        return RecheckReport(
            self.documents + other.documents,
            self.judged + other.judged,
            self.recorded + other.recorded,
            self.waiting + other.waiting,
        )


@dataclass(frozen=True, slots=True)
class _Touched:
    """A version with those of its claims that a change reaches."""

    version: CheckedVersion
    claims: list[LedgerClaim]


def recheck(state: State, db: Db, *, edit: Edit) -> RecheckReport:
    """Judge again every recorded claim that a change of the lake since its last check can reach;
    what was never checked, or by other rules than those of now, is read anew."""
    checked = {one.document.id: one for one in claim_ledger.checked_versions(state, as_of=edit.at)}
    found = RecheckReport(0, 0, (), ())
    versions = list[CheckedVersion]()
    for document in documents.known(state, as_of=edit.at):
        one = checked.get(document.id)
        if one is not None and moment(one.lake["clock"]) > edit.at:
            continue  # a clock that was put back judges nothing anew
        if one is None or one.lake.get("rules", FIRST_RULES) != RULES:
            found += _read_anew(state, db, document, _mode(one), edit)
        else:
            versions.append(one)
    for mode in MODES:
        mine = [one for one in versions if one.lake["mode"] == mode]
        if mine:
            found += _recheck(state, db.at(edit.at, mode), mine, edit)
    return found


def _recheck(state: State, later: At, versions: list[CheckedVersion], edit: Edit) -> RecheckReport:
    """The same of the versions that were checked in one mode of the clock, which `later` has."""
    closed = _unreadable(later, {key for one in versions for key in _subjects(one)})
    ready, waiting = list[CheckedVersion](), list[int]()
    for one in versions:
        if closed & {key.kind for key in _subjects(one)}:
            waiting.append(one.document.id)
        else:
            ready.append(one)
    content = LakeContent(later, {key for one in ready for key in _subjects(one)})
    touched, unreached = list[_Touched](), list[CheckedVersion]()
    for one, changed in zip(ready, _changes(content, ready), strict=True):
        claims = _reached(state, one.document, changed, edit)
        if claims:
            touched.append(_Touched(one, claims))
        else:
            unreached.append(one)
    checked = [(one.document, state_of_lake(content, _subjects(one))) for one in unreached]
    claim_ledger.record_verdicts(state, [], edit=edit, checked=checked)
    touched.sort(key=lambda one: one.version.document.heading.published_at)
    judged, recorded = 0, list[ChainPlace]()
    for together in (touched[n : n + AT_ONCE] for n in range(0, len(touched), AT_ONCE)):
        done, waits = _judge(state, together, content, edit)
        recorded += done
        waiting += [one.document.id for one in waits]
        judged += sum(len(one.claims) for one in together if one.version not in waits)
    return RecheckReport(len(versions), judged, tuple(recorded), tuple(waiting))


def check_watched(state: State, db: Db, *, edit: Edit) -> RecheckReport:
    """Read and judge every watched document anew, as if it were entered now: names that the lake
    has learned since find their subjects, under the same places of the text."""
    checked = {one.document.id: one for one in claim_ledger.checked_versions(state, as_of=edit.at)}
    found = RecheckReport(0, 0, (), ())
    for document in documents.known(state, as_of=edit.at):
        if document.is_watched:
            found += _read_anew(state, db, document, _mode(checked.get(document.id)), edit)
    return found


def _mode(checked: CheckedVersion | None) -> Mode:
    """That in which a version was checked last."""
    return "public" if checked is None else next(m for m in MODES if m == checked.lake["mode"])


def _read_anew(state: State, db: Db, document: Document, mode: Mode, edit: Edit) -> RecheckReport:
    """The check of a version as if it were entered now; it waits while some data cannot be read."""
    later = db.at(edit.at, mode)
    if _unreadable(later, map(SubjectKey, DATASETS_OF)):
        return RecheckReport(1, 0, (), (document.id,))
    at = later.earlier(document.heading.published_at)
    draft = documents.draft_of(state, document)
    try:
        checked = check_draft(at, draft, language=document.heading.language, later=later)
        recorded = record_check(state, document, checked, later=later, edit=edit)
    except (LakeError, QueryError):
        return RecheckReport(1, 0, (), (document.id,))
    return RecheckReport(1, len(checked), recorded, ())


def _unreadable(at: At, keys: Iterable[SubjectKey]) -> set[str]:
    """The kinds of subjects of which some data cannot be read now."""
    kinds = {key.kind for key in keys}
    return {
        kind
        for kind in kinds
        if any(name in at.closed or at.damage(name) for name in DATASETS_OF[kind])
    }


def _subjects(version: CheckedVersion) -> dict[SubjectKey, SubjectContent]:
    said: Mapping[str, Any] = version.lake["subjects"]
    return {key_named(name): SubjectContent(**was) for name, was in said.items()}


def _changes(
    content: LakeContent, versions: list[CheckedVersion]
) -> list[dict[SubjectKey, SubjectChange]]:
    """What changed for each version; those that were checked together are compared together."""
    together: dict[tuple[datetime, datetime], list[int]] = {}
    for number, one in enumerate(versions):
        since = moment(one.lake["read_at"]), moment(one.lake["clock"])
        together.setdefault(since, []).append(number)
    found: list[dict[SubjectKey, SubjectChange]] = [{} for _ in versions]
    for (read_at, clock), numbers in together.items():
        before = {n: _subjects(versions[n]) for n in numbers}
        every = {key: was for subjects in before.values() for key, was in subjects.items()}
        changed = content.changes(every, read_at, clock)
        for n in numbers:
            found[n] = {key: changed[key] for key in before[n] if key in changed}
    return found


def _reached(
    state: State,
    document: Document,
    changes: Mapping[SubjectKey, SubjectChange],
    edit: Edit,
) -> list[LedgerClaim]:
    """The claims of a version that its changes reach."""
    clock = document.heading.published_at
    reaching = {key for key, change in changes.items() if change.reaches(clock)}
    if not reaching:
        return []
    every = claim_ledger.claims_of(state, document.id, document.version, as_of=edit.at)
    return [one for one in every if keys_of(one.record.statement) & reaching]


def _judge(
    state: State, together: Sequence[_Touched], content: LakeContent, edit: Edit
) -> tuple[tuple[ChainPlace, ...], list[CheckedVersion]]:
    """Judge claims of some versions, and record by what state of the lake they are checked now:
    the places that turned, and the versions that wait because a file went bad meanwhile."""
    verdicts, checked = list[tuple[ChainPlace, VerdictRecord]](), list[tuple[Document, Any]]()
    waiting, later = list[CheckedVersion](), content.at
    by_clock: dict[datetime, list[_Touched]] = {}
    for one in together:
        by_clock.setdefault(one.version.document.heading.published_at, []).append(one)
    then: ClaimReads | None = None
    for clock, ones in by_clock.items():
        at = later.earlier(clock)
        try:
            then = then or ClaimReads(later, _statements(together))
            found = iter(judge_many(at, _statements(ones), later, then=then))
        except (LakeError, QueryError):
            waiting += [one.version for one in ones]
            continue
        for one in ones:
            records = [verdict_record(next(found), at, later) for _ in one.claims]
            if any(record.finding["damaged"] for record in records):
                waiting.append(one.version)
                continue
            verdicts += zip((claim.of for claim in one.claims), records, strict=True)
            checked.append((one.version.document, state_of_lake(content, _subjects(one.version))))
    return claim_ledger.record_verdicts(state, verdicts, edit=edit, checked=checked), waiting


def _statements(ones: Iterable[_Touched]) -> list[Statement]:
    return [statement_of(claim.record.statement) for one in ones for claim in one.claims]
