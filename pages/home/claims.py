"""Claims of documents that turned between two clocks, a line for each document."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from data.errors import WorkstationError
from data.state import claim_ledger
from data.state.claim_ledger import TurnedClaim
from pages.frame.errors import explain
from pages.frame.panel import say
from pages.frame.run import current

WEIGHT = 7.0
MOST_DOCUMENTS = 3  # more are one line, which leads to all of them
NOTHING = ("country", "period", "before", "after", "expected", "unit", "was", "frequency")


def turned_claims(since: datetime) -> list[dict[str, Any]]:
    """The documents of which a claim became superseded or contradicted after the earlier clock."""
    run = current()
    if run.services.state is None:
        return []
    try:
        found = claim_ledger.turned(run.services.state, since=since, as_of=run.view.as_of)
    except WorkstationError as error:
        say(explain(error, "claims"), "error")
        return []
    by_document: dict[int, list[TurnedClaim]] = {}
    for claim in found:
        record = claim.now.record
        if record.verdict == "superseded" or record.verdict_class == "contradicted":
            by_document.setdefault(claim.document.id, []).append(claim)
    if len(by_document) <= MOST_DOCUMENTS:
        return [
            _row(str(number), claims[0].document.heading.title, claims)
            for number, claims in by_document.items()
        ]
    every = [claim for claims in by_document.values() for claim in claims]
    return [_row("", f"{len(by_document)} documents", every)]


def _row(subject: str, title: str, claims: list[TurnedClaim]) -> dict[str, Any]:
    words = Counter(claim.now.record.verdict for claim in claims)
    return {
        **dict.fromkeys(NOTHING),
        "kind": "claims",
        "subject": subject,
        "title": title,
        "weight": WEIGHT,
        "moment": max(claim.now.recorded_at for claim in claims),
        "count": len(claims),
        "is": ", ".join(f"{count} {word}" for word, count in words.most_common()),
    }
