"""What changed, on Overview: the lake's own items and what failed, each leading to its page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from data.clock import iso
from data.drafts.draft import DraftText
from data.lake import Lake
from data.settings import Settings
from data.state import claim_ledger, documents, runs
from data.state.claim_ledger import StatementRecord, VerdictRecord
from data.state.db import State
from data.state.documents import DocumentHeading
from data.state.runs import Holder, Outcome
from data.state.values import Edit
from tests.pages import browse, world


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world, and a job that failed twice three days before its last."""
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_economy(built)
    state = State.open(built.state)
    for hours in (0, 1):
        moment = _clock() - timedelta(days=3, hours=hours)
        planned = runs.plan(state, "office.daily", "office", due_at=moment, now=moment)
        holder = Holder("scheduler", 1, moment + timedelta(minutes=5))
        held = runs.claim(state, planned.id, holder, now=moment)
        assert held is not None
        outcome = Outcome("failed", message="office answered 503")
        runs.finish(state, held, outcome, now=moment + timedelta(minutes=1))
    state.close()
    return built


def test_many_jobs_that_failed_are_one_line(tmp_path: Path) -> None:
    built = world.build(tmp_path)
    state = State.open(built.state)
    moment = _clock() - timedelta(days=3)
    for number, word in enumerate(("failed", "partial", "failed", "failed", "partial")):
        planned = runs.plan(state, f"office.{number}", "office", due_at=moment, now=moment)
        holder = Holder("scheduler", number, moment + timedelta(minutes=5))
        held = runs.claim(state, planned.id, holder, now=moment)
        assert held is not None
        status: Literal["failed", "partial"] = "failed" if word == "failed" else "partial"
        runs.finish(state, held, Outcome(status), now=moment + timedelta(minutes=number))
    state.close()
    shown = listed(built, as_of=iso(_clock()), since="month")
    assert "5 jobs" in shown
    assert "3 failed, 2 partial" in shown
    assert "office." not in shown
    assert f'href="jobs?as_of={iso(moment + timedelta(minutes=4)).replace(":", "%3A")}"' in shown


def _clock() -> datetime:
    return datetime.combine(world.last_day(), datetime.min.time(), UTC) + timedelta(hours=23)


def listed(settings: Settings, **query: str) -> str:
    """The rows of the list as they are sent to the browser."""
    app = browse.visit(settings, "overview", **query)
    assert not app.exception
    found = [body for body in browse.bodies(app) if "before → after" in body]
    return found[0] if found else ""


def test_each_line_opens_its_page_at_its_moment(settings: Settings) -> None:
    shown = listed(settings, as_of=iso(_clock()), since="month")
    links = re.findall(r'href="([^"]+)"', shown)
    assert len(links) == shown.count("<tr>") - 1
    assert any(link.startswith("series?") and "id=demo%3A" in link for link in links)
    assert all("as_of=" in link for link in links)
    failed = _clock() - timedelta(days=3) + timedelta(minutes=1)
    assert f"jobs?as_of={iso(failed).replace(':', '%3A')}&amp;job=office.daily" in links
    assert "failed · 2 runs" in shown


def test_an_outage_counts_between_its_clocks_only(settings: Settings) -> None:
    assert "office.daily" in listed(settings, as_of=iso(_clock()), since="week")
    assert "office.daily" not in listed(settings, as_of=iso(_clock()), since="day")
    earlier = _clock() - timedelta(days=4)
    assert "office.daily" not in listed(settings, as_of=iso(earlier), since="month")


def test_a_document_whose_claims_turned_is_a_line_from_that_day_on(tmp_path: Path) -> None:
    built = world.build(tmp_path)
    state = State.open(built.state)
    entered, turned = _clock() - timedelta(days=9), _clock() - timedelta(days=2)
    heading = DocumentHeading("ours", "Rates <b>up</b>", entered)
    draft = DraftText("Rates rose to 5.3%.", "text")
    document = documents.add(state, draft, heading=heading, edit=Edit("ann", entered))
    words = [StatementRecord("5.3%", 14, 18, {}), StatementRecord("rose", 6, 10, {})]
    places = claim_ledger.enter_statements(state, document, "1", words, edit=Edit("ann", entered))
    for at, word, kind in (
        (entered, "supported", "supported"),
        (turned, "superseded", "supported"),
        (turned + timedelta(days=1), "ambiguous", "unverifiable"),
    ):
        record = VerdictRecord(entered, "public", at, {"verdict": word, "class": kind})
        given = [(of, record) for of in places[: 1 if word == "ambiguous" else 2]]
        claim_ledger.record_verdicts(state, given, edit=Edit("ann", at))
    state.close()
    shown = listed(built, as_of=iso(_clock()), since="week")
    assert "Rates &lt;b&gt;up&lt;/b&gt;" in shown
    assert "2 superseded" in shown
    assert f'href="drafts?as_of={iso(turned).replace(":", "%3A")}&amp;id={document.id}"' in shown
    assert "superseded" not in listed(built, as_of=iso(_clock()), since="day")
    assert "superseded" not in listed(built, as_of=iso(turned - timedelta(days=1)), since="month")


def test_equal_clocks_and_bad_ones_say_so(settings: Settings, tmp_path: Path) -> None:
    clock = iso(_clock())
    app = browse.visit(settings, "overview", as_of=clock, since=clock)
    assert any("No data were published between" in body for body in browse.bodies(app))
    app = browse.visit(settings, "overview", as_of=clock, since=iso(_clock() + timedelta(days=1)))
    assert any("earlier clock lies after" in said for said in browse.sentences(app))
    app = browse.visit(settings, "overview", as_of=clock, since="<b>soon</b>")
    assert any("There is no since named" in said for said in browse.sentences(app))
    assert not app.exception
    app = browse.visit(world.settings(tmp_path), "overview")
    assert not app.exception


def test_a_late_release_names_its_country(tmp_path: Path) -> None:
    held = world.build(tmp_path)
    world.add_economy(held)
    due = _clock() - timedelta(days=1)
    release = {
        "series_id": "demo:USA.CREDIT",
        "period": due.date().replace(day=1),
        "year": due.year,
        "country": "USA",
        "title": "Credit to the private sector",
        "scheduled_at": due,
        "precision": "minute",
        "status": "scheduled",
        "importance": 3,
        "unit": "percent",
        "known_at": due - timedelta(days=9),
        "source": "demo",
    }
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("releases", world.rows("releases", [release]), publish_id="late-release")
    shown = listed(held, as_of=iso(_clock()), since="month")
    assert "United States: Credit to the private sector" in shown
