"""Documents: dated versions that none changes, and what an earlier clock has of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from data.drafts.draft import DraftBlock, DraftText
from data.errors import ConfigError, StateError
from data.state import documents
from data.state.db import State
from data.state.documents import DocumentHeading
from data.state.values import Edit

At = Callable[[float], datetime]
Edits = Callable[..., Edit]
DRAFT = DraftText("Rates rose to 5.3%.", "text", (DraftBlock("paragraph", 0, 0, 19),))
OTHER = DraftText("Rates rose to 5.4%.", "text", (DraftBlock("paragraph", 0, 0, 19),))


def heading(at: datetime, **more: str) -> DocumentHeading:
    return DocumentHeading(**{"side": "ours", "title": "Rates", "published_at": at, **more})


def test_a_version_is_never_changed_and_earlier_clocks_have_theirs(
    state: State, at: At, edit: Edits
) -> None:
    first = documents.add(state, DRAFT, heading=heading(at(0), author="Ann"), edit=edit(1))
    assert (first.id, first.version, first.heading.author, first.format) == (1, 1, "Ann", "text")
    assert documents.draft_of(state, first) == DRAFT
    second = documents.revise(state, 1, OTHER, heading=first.heading, edit=edit(3, "corrected"))
    assert (second.version, second.note) == (2, "corrected")
    assert documents.revise(state, 1, OTHER, heading=first.heading, edit=edit(4)) == second
    assert documents.get(state, 1, as_of=at(0.9)) is None
    assert documents.get(state, 1, as_of=at(2)) == first
    assert documents.get(state, 1, as_of=at(3)) == second
    assert documents.get(state, 1, as_of=at(3), version=1) == first
    assert documents.get(state, 1, as_of=at(2), version=2) is None
    assert documents.history(state, 1, as_of=at(9)) == (second, first)
    assert documents.known(state, as_of=at(2)) == (first,)
    assert documents.draft_of(state, first) == DRAFT
    assert documents.draft_of(state, second) == OTHER


def test_sides_watching_and_withdrawing_are_dated(state: State, at: At, edit: Edits) -> None:
    mine = documents.add(state, DRAFT, heading=heading(at(0)), edit=edit(1))
    theirs = documents.add(
        state, DRAFT, heading=heading(at(0.5), side="theirs", site="Rival"), edit=edit(1)
    )
    assert documents.known(state, as_of=at(1)) == (theirs, mine)
    assert documents.known(state, as_of=at(1), side="theirs") == (theirs,)
    watched = documents.watch(state, theirs.id, True, edit=edit(2))
    assert watched == replace(theirs, is_watched=True)
    assert documents.watch(state, theirs.id, True, edit=edit(3)) == watched
    assert documents.get(state, theirs.id, as_of=at(1.5)) == theirs
    assert documents.withdraw(state, theirs.id, edit=edit(5))
    assert not documents.withdraw(state, theirs.id, edit=edit(6))
    assert not documents.withdraw(state, 99, edit=edit(6))
    assert documents.known(state, as_of=at(6)) == (mine,)
    assert documents.get(state, theirs.id, as_of=at(5)) is None
    assert documents.get(state, theirs.id, as_of=at(4)) == watched
    assert documents.history(state, theirs.id, as_of=at(6))[0].is_withdrawn
    for change in (
        lambda: documents.watch(state, theirs.id, False, edit=edit(7)),
        lambda: documents.revise(state, theirs.id, OTHER, heading=theirs.heading, edit=edit(7)),
    ):
        with pytest.raises(ConfigError, match="there is no document 2"):
            change()


def test_what_is_no_document_is_refused(state: State, at: At, edit: Edits) -> None:
    bad: list[tuple[DraftText, DocumentHeading, str]] = [
        (DRAFT, heading(at(25)), "dated 2024-01-03 10:30 UTC, which lies ahead"),
        (replace(DRAFT, text=" \n"), heading(at(0)), "has no text"),
        (DRAFT, heading(at(0), title=" "), "the title is empty"),
        (DRAFT, heading(at(0), side="others"), "the side is 'others'"),
        (DRAFT, heading(at(0), language="it"), "the language is 'it'"),
        (DRAFT, heading(at(0), url="javascript:alert(1)"), "not one of the web"),
        (DRAFT, heading(at(0).replace(tzinfo=None)), "has no zone"),
    ]
    for draft, said, why in bad:
        with pytest.raises(ConfigError, match=why):
            documents.add(state, draft, heading=said, edit=edit(1))
    assert documents.known(state, as_of=at(99)) == ()
    assert state.rows("SELECT * FROM document") == []
    documents.add(state, DRAFT, heading=heading(at(0)), edit=edit(1))
    with pytest.raises(ConfigError, match="cannot be of the other side"):
        documents.revise(state, 1, OTHER, heading=heading(at(0), side="theirs"), edit=edit(2))


def test_any_text_is_kept_letter_by_letter(state: State, at: At, edit: Edits) -> None:
    text = "שלום 3.5% 🙂 \ud800 <script>alert(1)</script> \u202e4%"
    kept = documents.add(state, DraftText(text, "text"), heading=heading(at(0)), edit=edit(1))
    assert documents.draft_of(state, kept).text == text


def test_a_clock_that_went_back_does_not_unsettle_the_order(
    state: State, at: At, edit: Edits
) -> None:
    first = documents.add(state, DRAFT, heading=heading(at(0)), edit=edit(5))
    second = documents.revise(state, 1, OTHER, heading=first.heading, edit=edit(2))
    assert second.entered_at == at(5)
    assert documents.get(state, 1, as_of=at(4)) is None


@pytest.mark.parametrize("table", ["document_version", "claim_ledger"])
def test_the_database_itself_refuses_changes(state: State, at: At, edit: Edits, table: str) -> None:
    documents.add(state, DRAFT, heading=heading(at(0)), edit=edit(1))
    for change in (f"UPDATE {table} SET version = 7", f"DELETE FROM {table}"):
        with pytest.raises(StateError, match="never changed"), state.transaction() as connection:
            connection.execute(change)
