"""Documents that are read anew: the watched, those never checked, those of other rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.claims.check import check_draft
from analytics.claims.ledger import content, entry
from analytics.claims.ledger import recheck as module
from analytics.claims.ledger.entry import record_check
from analytics.claims.ledger.recheck import check_watched
from data.drafts.draft import DraftBlock, DraftText
from data.lake import Lake
from data.query import Db
from data.state import documents
from data.state.db import State
from data.state.documents import Document, DocumentHeading
from data.state.hash_chain import head
from data.state.values import Edit
from tests.analytics.claims.recorded_claims import (
    ENTERED,
    LATER,
    PUBLISHED,
    VALUES,
    again,
    enter,
    revise,
    words,
)
from tests.analytics.claims.small_lakes import months
from tests.analytics.months import describe


def _describe_unemployment(lake: Lake) -> None:
    describe(lake, {"UNEMP": "percent"})
    months(lake, VALUES, name="UNEMP")


def test_a_watched_document_finds_what_the_lake_has_come_to_name(
    world: Lake, db: Db, state: State
) -> None:
    text = "US unemployment rose to 3.42% in March."
    draft = DraftText(text, "text", (DraftBlock("paragraph", 0, 0, len(text)),))
    entered = Edit("ann", ENTERED)
    heading = DocumentHeading("theirs", "A", PUBLISHED, site="Rival")
    document = documents.add(state, draft, heading=heading, edit=entered)
    documents.watch(state, document.id, True, edit=entered)
    later = db.at(ENTERED)
    checked = check_draft(later.earlier(PUBLISHED), draft, later=later)
    record_check(state, document, checked, later=later, edit=entered)
    assert words(state, document) == [["not in the lake"]]
    unwatched = enter(state, db)
    _describe_unemployment(world)
    assert again(state, db, ENTERED + timedelta(days=1)).judged == 0
    report = check_watched(state, db, edit=Edit("house", LATER))
    assert (report.documents, report.judged, report.waiting) == (1, 1, ())
    assert words(state, document) == [["not in the lake", "supported"]]
    assert words(state, unwatched) == [["supported"]] * 4
    count = head(state).count
    after = LATER + timedelta(days=1)
    assert check_watched(state, db, edit=Edit("house", after)).recorded == ()
    assert head(state).count == count
    revise(world, "UNEMP")
    assert again(state, db, after).judged == 1
    assert words(state, document, after) == [["not in the lake", "supported", "superseded"]]


def _rates(state: State) -> Document:
    """A document that was entered and not checked."""
    text = "US unemployment rose to 3.42% in March."
    draft = DraftText(text, "text", (DraftBlock("paragraph", 0, 0, len(text)),))
    heading = DocumentHeading("ours", "A", PUBLISHED)
    return documents.add(state, draft, heading=heading, edit=Edit("ann", ENTERED))


@pytest.mark.parametrize(
    "lost", ["", "DELETE FROM claim_check", "UPDATE claim_check SET lake = '{'"]
)
def test_what_was_never_checked_is_read_by_the_next_check(
    world: Lake, db: Db, state: State, lost: str
) -> None:
    """Whatever ended the first check of a document, or lost what it rested on."""
    _describe_unemployment(world)
    document = _rates(state)
    if lost:
        assert again(state, db).judged == 1
        with state.transaction() as connection:
            connection.execute(lost)
    assert again(state, db).judged == 1
    assert words(state, document) == [["supported"]]
    assert again(state, db).judged == 0


def test_new_rules_reach_every_document(
    world: Lake, db: Db, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict of old rules does not stand until the data happen to change."""
    _describe_unemployment(world)
    document = _rates(state)
    again(state, db)
    count = head(state).count
    for place in (content, entry, module):
        monkeypatch.setattr(place, "RULES", "next")
    assert again(state, db).judged == 1
    assert head(state).count == count + 1  # the statement by the new rules; its verdict is the same
    assert words(state, document) == [["supported"]]
    assert again(state, db).judged == 0
    with state.transaction() as connection:  # as it was kept before the rules were kept with it
        connection.execute("UPDATE claim_check SET lake = json_remove(lake, '$.rules')")
    assert again(state, db).judged == 1
