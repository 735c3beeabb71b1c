"""Fact check: a draft is entered, checked, corrected and kept; a past clock has what it had."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.claims.check import check_draft
from data.clock import iso
from data.drafts.draft import DraftText
from data.drafts.edits import DraftEdit
from data.drafts.formats import draft_of_text
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import claim_ledger, documents
from data.state.db import State
from data.state.documents import Document, DocumentHeading
from data.state.values import Edit
from pages.drafting import draft_files
from pages.drafting.live_check import DraftCheck, live_check
from pages.drafting.marked import DraftMark, marked_blocks
from pages.drafting.marked_draft import accepted_of, edits_of
from pages.drafting.new_draft import dated, form_of, title_of
from tests.demo_fixture import DemoLake
from tests.pages import browse, world

CLOCK = datetime(2024, 6, 20, 12, tzinfo=UTC)
SAID = "US unemployment was 4.9% in May. It fell to 4.4% from 4.3%."


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("world"))


def write(app: AppTest, text: str, **said: str) -> AppTest:
    """The form, opened, filled and sent."""
    app.button(key="drafts_make").click().run()
    turn = app.session_state["drafts_turn"]
    app.text_area(key=f"drafts_text_{turn}").set_value(text)
    for name, value in said.items():
        app.text_input(key=f"drafts_{name}_{turn}").set_value(value)
    app.run()
    return app.button(key="drafts_check").click().run()


def test_a_draft_is_entered_and_opened(settings: Settings) -> None:
    app = write(browse.visit(settings, "drafts"), "Invented fx closed at 1.5.", title="Mine")
    shown = browse.text(app)
    assert "Contradicted" in shown
    assert app.query_params["id"]
    state = State.open(settings.state)
    try:
        found = documents.known(state, as_of=datetime.now(UTC))
        mine = next(one for one in found if one.heading.title == "Mine")
        claims = claim_ledger.claims_of(state, mine.id, 1, as_of=datetime.now(UTC))
        assert len(claims) == len(documents.draft_of(state, mine).text.split("1.5")) - 1
    finally:
        state.close()


@pytest.mark.parametrize(
    ("text", "said", "words"),
    [
        ("", {}, "there is no text to check"),
        ("US unemployment was 4.9%.", {"dated": "2100-01-01"}, "lies ahead"),
        ("US unemployment was 4.9%.", {"dated": "the other day"}, "not an instant"),
    ],
)
def test_what_cannot_be_checked_is_said(
    settings: Settings, text: str, said: dict[str, str], words: str
) -> None:
    app = write(browse.visit(settings, "drafts"), text, **said)
    assert words in browse.text(app).lower()
    assert "id" not in app.query_params


@pytest.mark.parametrize(
    "number", ["9" * 30, "9" * 5000, "\u0661", "-1", "1.0", "1e3", "0x1", "%00"]
)
def test_an_address_of_no_text_is_said(settings: Settings, number: str) -> None:
    for asked in ({"id": number}, {"id": "1", "version": number}):
        app = browse.visit(settings, "drafts", **asked)
        assert not app.exception
        if "version" not in asked:
            assert "There is no text" in browse.text(app)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\u202eUS rates\u202c \u05e9\u05dc\u05d5\u05dd", "US rates \u05e9\u05dc\u05d5\u05dd"),
        ("4\u200b.\u200d9% \ufeffwas it", "4.9% was it"),
        ("\u200f\u200f\n\u200e", "Untitled"),
    ],
)
def test_a_title_of_the_text_has_no_marks_that_nobody_sees(text: str, title: str) -> None:
    """Else a text that begins with a mark of direction could not be entered at all."""
    assert title_of(draft_of_text(text, "text")) == title


def test_of_two_who_save_at_once_the_second_is_told(tmp_path: Path) -> None:
    """What the first has corrected is not lost unseen in the version of the second."""
    state = State.open(tmp_path / "state.db")
    first, second = (draft_of_text(text, "text") for text in ("It was 1.", "It was 2."))
    edit = Edit("ann", CLOCK)
    heading = DocumentHeading("ours", "A", CLOCK)
    seen = documents.add(state, draft_of_text(SAID, "text"), heading=heading, edit=edit)
    assert documents.revise_last(state, seen, first, edit=edit).version == 2
    with pytest.raises(ConfigError, match="version 2 of 'A' stands now"):
        documents.revise_last(state, seen, second, edit=edit)
    assert len(documents.history(state, seen.id, as_of=CLOCK)) == 2
    state.close()


def test_a_draft_is_shown_as_text_and_never_as_markup(settings: Settings) -> None:
    app = browse.visit(settings, "drafts", id="1")
    placed = "\n".join(browse.bodies(app))
    assert "<b>again</b>" not in placed
    assert "<script>" not in placed


def test_a_past_clock_has_what_had_been_entered(settings: Settings) -> None:
    state = State.open(settings.state)
    first = documents.get(state, 1, as_of=datetime.now(UTC))
    state.close()
    assert first is not None
    before = browse.visit(settings, "drafts", as_of=iso(first.entered_at - timedelta(minutes=1)))
    after = browse.visit(settings, "drafts", as_of=iso(first.entered_at + timedelta(minutes=1)))
    assert "Prices" not in browse.text(before)
    assert "Prices" in browse.text(after)
    assert not [one for one in after.button if one.key == "drafts_make"]
    gone = browse.visit(
        settings, "drafts", id="1", as_of=iso(first.entered_at - timedelta(minutes=1))
    )
    assert "There is no text" in browse.text(gone)


@pytest.mark.parametrize("asked", ["99", "x", "-1", "1; DROP"])
def test_an_unknown_text_is_said(settings: Settings, asked: str) -> None:
    assert "There is no text" in browse.text(browse.visit(settings, "drafts", id=asked))


def test_a_text_is_watched_and_withdrawn(settings: Settings, tmp_path: Path) -> None:
    own = world.build(tmp_path)
    app = browse.visit(own, "drafts", id="1")
    app.button(key="drafts_watch").click().run()
    assert app.button(key="drafts_watch").label == "Stop watching"
    app.button(key="drafts_withdraw").click().run()
    assert "No text has been checked yet" in browse.text(browse.visit(own, "drafts"))


# The pieces.


def test_marks_cut_a_draft_where_claims_begin_and_end() -> None:
    draft = draft_of_text("Rates rose to 4.4% in May.", "text")
    marks = [DraftMark(0, 6, 18), DraftMark(1, 14, 18)]
    edits = [DraftEdit(14, 18, "4.5%")]
    (block,) = marked_blocks(draft, marks, edits)
    assert block["runs"] == [
        {"text": "Rates "},
        {"text": "rose to ", "claims": [0]},
        {"text": "4.4%", "claims": [0, 1], "state": "gone"},
        {"text": "4.5%", "claims": [0, 1], "state": "new"},
        {"text": " in May."},
    ]


def test_tables_keep_their_cells() -> None:
    draft = draft_of_text("| US | 4.4 |\n| --- | --- |\n| DE | 3.8 |\n", "markdown")
    start = draft.text.index("3.8")
    blocks = marked_blocks(draft, [DraftMark(0, start, start + 3)])
    assert [block["head"] for block in blocks] == [True, False]
    assert blocks[1]["cells"] == [[{"text": "DE"}], [{"text": "3.8", "claims": [0]}]]


def checked(lake: DemoLake, text: str) -> tuple[Document, DraftText, DraftCheck]:
    draft = draft_of_text(text, "markdown")
    heading = DocumentHeading("ours", "Jobs & <prices>", CLOCK)
    document = Document(1, 1, heading, draft.format, "0" * 64, "me", CLOCK, "", False, False)
    return document, draft, live_check(lake.at(CLOCK), document, draft)


def test_the_browser_is_not_believed(demo_lake: DemoLake) -> None:
    _, _, check = checked(demo_lake, SAID)
    assert accepted_of([0, 0, 99, -1, "0", None, True], check) == tuple(
        sorted({number for number in (0, 1) if number in check.instead})
    )
    assert accepted_of("0", check) == ()
    assert accepted_of(None, check) == ()
    assert accepted_of({"0": 1}, check) == ()


def test_the_corrected_text_holds(demo_lake: DemoLake) -> None:
    _, draft, check = checked(demo_lake, SAID)
    edits = edits_of(check, sorted(check.instead))
    corrected = draft_files.corrected_text(draft, edits)
    assert corrected.suffix == "md"
    assert corrected.text == "US unemployment was 4.4% in May. It rose to 4.4% from 4.3%."
    again = check_draft(demo_lake.at(CLOCK), draft_of_text(corrected.text, "markdown"))
    assert {one.finding.verdict_class for one in again} == {"supported"}


def test_evidence_runs_again_to_the_value(demo_lake: DemoLake) -> None:
    _, _, check = checked(demo_lake, SAID)
    frame = draft_files.evidence(check)
    assert frame["verdict"].to_list()[0] == "wrong value"
    row = frame.row(0, named=True)
    db: Db = demo_lake.db
    at = db.at(datetime.fromisoformat(row["as_of"]), row["mode"])
    params = json.loads(row["params"])
    rows = at.sql(row["sql"], **params).frame
    assert rows.filter(period=row["first"])["value"].to_list() == [row["found"]]


def test_the_report_stands_alone_and_is_no_markup(demo_lake: DemoLake) -> None:
    document, draft, check = checked(demo_lake, f"{SAID} <img src=x onerror=alert(1)>")
    about = {"as_of": CLOCK.isoformat(), "notice": "DEMO"}
    page = draft_files.report(document, draft, check, [], about).decode()
    assert "Jobs &amp; &lt;prices&gt;" in page
    assert "<img" not in page
    assert "DEMO DATA" in page
    assert "wrong value" in page
    assert "http" not in page.split("<h2>Claims</h2>")[0]


def test_evidence_as_a_file_has_no_formula(demo_lake: DemoLake) -> None:
    from pages.frame import exports

    _, _, check = checked(demo_lake, "The US policy rate moved by -0.25 points in June 2024.")
    payload = exports.to_csv(draft_files.evidence(check), {"title": "x"}).decode()
    rows = list(csv.DictReader(io.StringIO(payload.split("\n", 1)[1])))
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=@+"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Sales rose 4 %.", "text"),
        ("# Sales\n\nrose", "markdown"),
        ("- rose\n- fell", "markdown"),
        ("| a | b |\n|---|---|", "markdown"),
        ("Sales **rose**", "markdown"),
        ("<p>Sales rose</p>", "html"),
        ("<!DOCTYPE html><html>", "html"),
        ("a < b and c > d", "text"),
        ("3 - 4 = -1", "text"),
    ],
)
def test_the_form_of_a_paste_is_told_by_its_marks(text: str, form: str) -> None:
    assert form_of(text) == form


def test_a_title_is_the_draft_s_own() -> None:
    assert title_of(draft_of_text("# Jobs *again*\n\nRose.", "markdown")) == "Jobs again"
    assert title_of(draft_of_text("Jobs rose.\nSo it was.", "text")) == "Jobs rose."
    assert len(title_of(draft_of_text("word " * 100, "text"))) <= 120


def test_a_day_ends_in_the_reader_s_zone() -> None:
    now = datetime(2024, 6, 20, 12, tzinfo=UTC)
    assert dated("", "UTC", now) == now
    assert dated("2024-06-20", "UTC", now) == now
    assert dated("2024-06-19", "UTC", now) == datetime(2024, 6, 19, 23, 59, tzinfo=UTC)
    assert dated("2024-06-19", "Asia/Tokyo", now) == datetime(2024, 6, 19, 14, 59, tzinfo=UTC)
    assert dated("2024-06-19 09:00", "Asia/Tokyo", now) == datetime(2024, 6, 19, 0, tzinfo=UTC)
    with pytest.raises(ConfigError, match="not an instant"):
        dated("once", "UTC", now)


def test_a_version_is_kept_beside_the_one_before(settings: Settings, tmp_path: Path) -> None:
    own = world.build(tmp_path)
    state = State.open(own.state)
    edit = Edit("me", datetime.now(UTC))
    (one,) = documents.known(state, as_of=edit.at)
    text = draft_of_text("Invented fx closed at 2.", "text")
    documents.revise(state, one.id, text, heading=one.heading, edit=edit)
    state.close()
    app = browse.visit(own, "drafts", id="1")
    assert "Versions" in browse.text(app)
    old = browse.text(browse.visit(own, "drafts", id="1", version="1"))
    assert "version 1" in old


def test_rows_that_come_late_change_what_is_shown_at_the_same_clock(tmp_path: Path) -> None:
    """A back-fill that the public knew before the clock is seen at once, and not the check before
    it: the clock of the page is the same, the lake is not."""
    own = world.build(tmp_path)
    state = State.open(own.state)
    (one,) = documents.known(state, as_of=datetime.now(UTC))
    state.close()
    dated = one.heading.published_at
    clock = iso(one.entered_at + timedelta(days=1))

    def shown() -> str:
        return str(
            browse.component(browse.visit(own, "drafts", id="1", as_of=clock), "marked_draft")
        )

    before = shown()
    month = (dated.replace(day=1) - timedelta(days=40)).date().replace(day=1)
    late = {
        "series_id": "demo:DEU.CPI",
        "period": month,
        "value": 5.0,
        "unit": "index",
        "is_forecast": False,
        "known_at": dated - timedelta(hours=1),
        "source": "demo",
    }
    world.put(Lake(own.lake, workspace=own.workspace), "macro", [late])
    after = shown()
    assert before != after
    assert "has 5 points" in after
    assert "has 5 points" not in before


def test_a_hundred_pages_are_checked_and_say_that_they_are_not_corrected(tmp_path: Path) -> None:
    own = world.build(tmp_path)
    state = State.open(own.state)
    edit = Edit("me", datetime.now(UTC))
    text = draft_of_text("Prices were of interest to nobody at all. " * 1_500, "text")
    heading = DocumentHeading("ours", "Long", edit.at)
    number = documents.add(state, text, heading=heading, edit=edit).id
    state.close()
    shown = browse.text(browse.visit(own, "drafts", id=str(number)))
    assert "Corrections are offered in drafts of up to 60,000 characters" in shown
