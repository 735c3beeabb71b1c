"""Edits of companies on the pages: the form, the wait, the team's value and the filed one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.settings import Settings
from data.state import company_edits
from data.state.company_edits import Change, CompanyEdit
from data.state.db import State
from data.state.values import Edit
from ingest.maintenance.company_edits import take_company_edits
from pages.filings.edit_form import ADD, EDIT, changes_of, new_id
from tests.pages import browse, company_rows, world

WORKS = company_rows.works("demo")
SECOND = timedelta(seconds=1)
NOON = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def all_words(app: AppTest) -> str:
    return browse.words(app) + browse.said(app)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def edit(
    settings: Settings, at: datetime, *, company: str = WORKS, **changes: Change
) -> CompanyEdit:
    """An edit that was asked for and written at an instant."""
    state = State.open(settings.state)
    try:
        made = company_edits.ask(state, company, changes, edit=Edit("ann", at))
        take_company_edits(settings, state, at)
    finally:
        state.close()
    return made


def waiting(settings: Settings) -> tuple[CompanyEdit, ...]:
    state = State.open(settings.state)
    try:
        return company_edits.waiting(state)
    finally:
        state.close()


def test_the_form_says_what_will_change_and_asks_for_it(settings: Settings) -> None:
    app = browse.unfold(browse.visit(settings, "company", id=WORKS), EDIT)
    assert "Nothing is changed." in all_words(app)
    key = f"{EDIT}-{WORKS}"
    app.text_input(key=f"{key}-name").input("Right Works")
    app.checkbox(key=f"{key}-withdrawn").check()
    app = app.run()
    said = all_words(app)
    assert f"Name: Right Works instead of {company_rows.NAME}, marked" in company_text(app)
    assert "Withdrawn from all screens." in said
    app = app.button(key=f"{key}-save").click().run()
    assert "handed to the scheduler" in all_words(app)
    assert "Waiting for the scheduler: name Right Works, withdrawn from all screens" in all_words(
        app
    )
    (made,) = waiting(settings)
    assert (made.company, dict(made.changes)) == (WORKS, {"name": "Right Works", "withdrawn": True})


def company_text(app: AppTest) -> str:
    """What is shown, with the markup of names that have some as it was written."""
    return unescape(browse.text(app))


def test_screen_and_page_show_the_edit_from_its_second_on(settings: Settings) -> None:
    edit(settings, NOON, sector="Software", note="sells software")
    before, after = iso(NOON - SECOND), iso(NOON)
    for page in ("companies", "company"):
        early = all_words(browse.visit(settings, page, id=WORKS, as_of=before))
        late = all_words(browse.visit(settings, page, id=WORKS, as_of=after))
        assert "Software" not in early
        assert "Software ✎ (filed: Manufacturing)" in late
    assert "note: sells software (ann, " in late
    assert "Edits by the team" in late
    assert "Edits by the team" not in early


def test_a_withdrawn_company_is_on_its_own_page_alone(settings: Settings) -> None:
    edit(settings, NOON, withdrawn=True)
    for moment, count in ((NOON - SECOND, 1), (NOON, 0)):
        screen = all_words(browse.visit(settings, "companies", as_of=iso(moment)))
        assert ("Invented" in screen) == bool(count)
        page = all_words(browse.visit(settings, "company", id=WORKS, as_of=iso(moment)))
        assert ("is withdrawn from all screens by the team" in page) == (not count)
        assert "Revenue" in page


def test_a_company_is_added(settings: Settings) -> None:
    app = browse.unfold(browse.visit(settings, "company"), ADD)
    app.text_input(key=f"{ADD}-name").input("New Works")
    app = app.run().button(key=f"{ADD}-save").click().run()
    assert "Its id is demo:team-new-works" in all_words(app)
    (made,) = waiting(settings)
    assert (made.company, dict(made.changes)) == ("demo:team-new-works", {"name": "New Works"})
    edit(settings, NOON, company=made.company, name="New Works")
    page = all_words(browse.visit(settings, "company", id=made.company))
    assert "added by the team, nothing was filed" in page
    assert "New Works ✎" in all_words(browse.visit(settings, "companies"))
    for view in ("ratios", "places", "exposure", "macro", "simulate"):
        bare = all_words(browse.visit(settings, "company", id=made.company, view=view))
        assert "not foreseen" not in bare, view


def test_a_refused_edit_says_why(settings: Settings) -> None:
    edit(settings, NOON, note="an \x07 bell")
    page = all_words(browse.visit(settings, "company", id=WORKS))
    assert "The last edit was not written" in page


def test_a_past_clock_has_no_form(settings: Settings) -> None:
    app = browse.unfold(browse.visit(settings, "company", id=WORKS, as_of=iso(NOON)), EDIT)
    assert not [box for box in app.text_input if str(box.key).startswith(EDIT)]


STANDING: Mapping[str, object] = {
    "name": "Works",
    "filed_name": "Works",
    "sector": "Software",
    "filed_sector": "Energy",
    "industry": None,
    "filed_industry": None,
    "country": "USA",
    "filed_country": "USA",
    "edited": "sector",
    "note": None,
    "withdrawn": False,
}
BOXES: Mapping[str, Change] = {
    "name": "Works",
    "sector": "Software",
    "industry": "",
    "country": "USA",
    "note": "",
    "withdrawn": False,
}


@pytest.mark.parametrize(
    ("typed", "changes"),
    [
        ({}, {}),
        ({"sector": "Energy"}, {"sector": None}),
        ({"sector": None}, {"sector": None}),
        ({"name": ""}, {}),
        ({"name": " New  Works "}, {"name": "New Works"}),
        ({"note": "  "}, {}),
        ({"note": "a", "withdrawn": True}, {"note": "a", "withdrawn": True}),
    ],
)
def test_boxes_give_only_what_they_change(
    typed: dict[str, Change], changes: dict[str, Change]
) -> None:
    assert changes_of(STANDING, {**BOXES, **typed}) == changes


def test_the_id_of_an_added_company_is_its_first_name() -> None:
    assert new_id("Müller & Söhne AG", demo=False) == "team:m-ller-s-hne-ag"
    assert new_id("New Works", demo=True) == "demo:team-new-works"
