"""A checked draft put on record: its statements, the verdicts on them, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.claims.check import CheckedStatement
from analytics.claims.ledger.content import RULES, LakeContent, keys_of, state_of_lake
from analytics.claims.ledger.records import statement_record, verdict_record
from data.query import At
from data.state import claim_ledger
from data.state.claim_ledger import StatementRecord
from data.state.db import State
from data.state.documents import Document
from data.state.hash_chain import ChainPlace, canonical, text_hash
from data.state.values import Edit


def rule_of(statements: Sequence[StatementRecord]) -> str:
    """The rules with what they found: names that the lake learned since make another one."""
    found = text_hash(canonical({"statements": [one.statement for one in statements]}))
    return f"{RULES}-{found[:16]}"


def record_check(
    state: State,
    document: Document,
    checked: Sequence[CheckedStatement],
    *,
    later: At,
    edit: Edit,
) -> tuple[ChainPlace, ...]:
    """Record what a check of a version found at the document's own date, whole or not at all;
    `later` is the clock that says what was superseded. The places whose verdict is new."""
    at = later.earlier(document.heading.published_at)
    statements = [statement_record(one) for one in checked]
    keys = {key for one in statements for key in keys_of(one.statement)}
    lake = state_of_lake(LakeContent(later, keys), keys)
    verdicts = [verdict_record(one.finding, at, later) for one in checked]
    with state.transaction():
        places = claim_ledger.enter_statements(
            state, document, rule_of(statements), statements, edit=edit
        )
        return claim_ledger.record_verdicts(
            state,
            list(zip(places, verdicts, strict=True)),
            edit=edit,
            checked=[(document, lake)],
        )
