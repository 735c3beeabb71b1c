"""Claims on record for tests: documents entered with some statements, and checked again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from analytics.claims.check import CheckedStatement
from analytics.claims.judging.judge import judge_many
from analytics.claims.ledger.entry import record_check
from analytics.claims.ledger.recheck import RecheckReport, recheck
from analytics.claims.statement import Statement
from data.drafts.draft import DraftText
from data.lake import Lake
from data.query import Db
from data.state import claim_ledger, documents
from data.state.db import State
from data.state.documents import Document, DocumentHeading
from data.state.values import Edit
from tests.analytics.claims.small_lakes import day, of, says, series, share
from tests.analytics.months import month

PUBLISHED = datetime(2020, 6, 1, tzinfo=UTC)
ENTERED = datetime(2020, 6, 2, tzinfo=UTC)
LATER = datetime(2020, 9, 1, tzinfo=UTC)
# The months of 2020 up to March had been printed by the date of the drafts.
MARCH = 242
VALUES: list[float | None] = [1.0 + 0.01 * n for n in range(MARCH + 1)]


def a_claim(name: str = "x:A", number: int = MARCH, text: str = "3.42") -> Statement:
    return Statement(0, 1, "level", (series(name),), says(text), period=of(number))


def a_close(symbol: str = "x:AAA", text: str = "240") -> Statement:
    return Statement(2, 3, "close", (share(symbol),), says(text, "USD"), period=day(140))


CLAIMS = (a_claim(), a_claim("x:B"), a_claim(text="3.41", number=MARCH - 1), a_close())


def enter(
    state: State, db: Db, statements: tuple[Statement, ...] = CLAIMS, **more: Any
) -> Document:
    """A document with these statements, checked as it is entered."""
    at = more.pop("at", ENTERED)
    heading = DocumentHeading(**{"side": "ours", "title": "A", "published_at": PUBLISHED, **more})
    draft = DraftText("some words of a draft", "text")
    document = documents.add(state, draft, heading=heading, edit=Edit("ann", at))
    later = db.at(at)
    found = judge_many(later.earlier(heading.published_at), statements, later)
    checked = [CheckedStatement("w", *pair) for pair in zip(statements, found, strict=True)]
    record_check(state, document, checked, later=later, edit=Edit("ann", at))
    return document


def again(state: State, db: Db, at: datetime = LATER) -> RecheckReport:
    return recheck(state, db, edit=Edit("house", at))


def words(state: State, document: Document, as_of: datetime = LATER) -> list[list[str]]:
    """The verdicts of each claim, in the order in which they came."""
    found = claim_ledger.claims_of(state, document.id, document.version, as_of=as_of)
    return [
        [one.record.verdict for one in claim.verdicts]
        for claim in sorted(found, key=lambda claim: claim.of.place)
    ]


def revise(lake: Lake, name: str = "x:A", number: int = MARCH, value: float = 4.0) -> None:
    """Another print of a month, of July 2020."""
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": name,
                    "period": month(number),
                    "value": value,
                    "unit": "percent",
                    "is_forecast": False,
                    "known_at": datetime(2020, 7, 1, tzinfo=UTC),
                    "vintage_grade": "native",
                    "source": "office",
                }
            ]
        ),
    )
