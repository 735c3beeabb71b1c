"""Checks the claims on record again: those that a refresh can reach, and each morning the watched.

What turned is in the ledger from then on, where Home and the history of a document show it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from analytics.claims.ledger.recheck import RecheckReport, check_watched, recheck
from data.query import Db
from data.settings import Settings
from data.state import claim_ledger
from data.state.db import State
from data.state.runs import Outcome
from data.state.values import Edit

AUTHOR = "scheduler"
DAY = timedelta(days=1)


def check_claims(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work after a refresh: every claim that what changed can reach."""
    return _checked(settings, state, now, recheck, since=now)


def check_watched_documents(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the morning: every watched document anew, and what turned since yesterday."""
    return _checked(settings, state, now, check_watched, since=now - DAY)


def _checked(
    settings: Settings,
    state: State,
    now: datetime,
    check: Callable[..., RecheckReport],
    *,
    since: datetime,
) -> Outcome:
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    try:
        report = check(state, db, edit=Edit(AUTHOR, now))
    finally:
        db.close()
    recorded = set(report.recorded)
    turned = [
        one
        for one in claim_ledger.turned(state, since=since - timedelta(microseconds=1), as_of=now)
        if since < now or one.of in recorded
    ]
    words = f"{report.judged} claims judged again in {report.documents} documents"
    if turned:
        kinds = Counter(one.now.record.verdict for one in turned)
        words += f"; turned: {', '.join(f'{n} {kind}' for kind, n in kinds.most_common())}"
        words += " since yesterday" if since < now else ""
    if report.waiting:
        words += f"; {len(report.waiting)} documents wait for data that cannot be read"
        return Outcome("partial", message=words)
    return Outcome("ok" if report.recorded else "empty", message=words)
