"""Every page through the router: what an analyst sees on a good day and on a bad one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from analytics.core.catalogue import full_name
from analytics.home import overview
from data.clock import FIRST, iso, utc_now
from data.datasets import DATASETS
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from data.query.guard import dataset_of
from data.settings import Settings
from pages.frame.cached import AnalyticCall, observe
from pages.frame.nav import PAGES
from tests.pages import browse, world
from tests.pages.examples import EVENING, addresses
from tests.spoil import spoil, write_format

NAMES = [page.name for page in PAGES]
BY_NAME = {page.name: page for page in PAGES}
READING = [page.name for page in PAGES if page.reads]
LIST = "pages/frame/nav.py"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake that nobody damages."""
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_economy(built)
    world.add_ticks(built, EVENING)
    return built


def fullest(page: str) -> dict[str, str]:
    """Where a page shows most, on the last evening: at Now the live desk shows the bus."""
    return addresses(BY_NAME[page])[0] | {"as_of": iso(EVENING)}


@dataclass
class Looked:
    """What a page draws and asks under its examples."""

    charts: list[str] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)

    def hear(self, call: AnalyticCall) -> None:
        """Keep the datasets of each query but those over the whole lake and of the directory."""
        if call.name == full_name(overview.directory):
            return
        for asked in call.answer.asked if call.answer else ():
            named = {dataset_of(table) for table in asked.tables}
            self.reads |= named if len(named) < len(DATASETS) else set()


@pytest.fixture(scope="module")
def look(settings: Settings) -> Callable[[str], Looked]:
    """A page under each of its examples on the last evening, and under the fullest at Now."""

    @cache
    def at(page: str) -> Looked:
        found, examples = Looked(), addresses(BY_NAME[page])
        past = [address | {"as_of": iso(EVENING)} for address in examples]
        for address in (*past, examples[0]):
            with observe(found.hear):
                app = browse.visit(settings, page, **address)
            assert not app.exception, address
            found.charts += browse.charts(app)
        return found

    return at


def one(app: AppTest, *words: str) -> str:
    """The one notice that holds these words."""
    found = [s for s in browse.sentences(app) if all(word in s for word in words)]
    assert len(found) == 1, browse.sentences(app)
    return found[0]


@pytest.mark.parametrize("page", NAMES)
def test_page_shows_facts_and_no_exception(settings: Settings, page: str) -> None:
    app = browse.visit(settings, page)
    assert not app.exception
    assert "prices" in browse.text(app)
    assert "NOW" in app.get("popover")[1].proto.popover.label


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_demo_is_in_plain_sight(settings: Settings, page: str, tmp_path: Path) -> None:
    assert browse.text(browse.visit(settings, page)).count(">DEMO</span>") >= 2
    real = world.build(tmp_path, "real")
    assert "DEMO" not in browse.text(browse.visit(real, page))


@pytest.mark.parametrize("page", NAMES)
def test_every_demo_chart_is_marked(look: Callable[[str], Looked], page: str) -> None:
    charts = look(page).charts
    assert all("DEMO · invented data" in chart for chart in charts)
    assert bool(charts) == BY_NAME[page].charts, (
        f'{LIST}, PAGES: the line of "{page}" needs charts={bool(charts)}, or an example under '
        "which its charts are drawn"
    )


@pytest.mark.parametrize("page", NAMES)
def test_the_list_names_what_a_page_reads(look: Callable[[str], Looked], page: str) -> None:
    stated, found = BY_NAME[page].reads, look(page).reads
    first = [name for name in stated if name in found][:1]
    line = (*first, *sorted(found.difference(first)))
    assert stated == line, (
        f'{LIST}, PAGES: the line of "{page}" needs reads={line} (what it is about first), or '
        "an example under which it asks the rest"
    )


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize("workspace", ["demo", "live"])
def test_empty_lake_says_what_fills_it(page: str, workspace: str, tmp_path: Path) -> None:
    app = browse.visit(world.settings(tmp_path, workspace), page)
    assert not app.exception
    step = "scripts.seed_demo" if workspace == "demo" else "scripts.scheduler"
    assert step in one(app, "This lake is empty.")


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_malformed_clock_is_one_sentence_and_the_page_is_at_now(
    settings: Settings, page: str
) -> None:
    app = browse.visit(settings, page, as_of="16/03/<b>")
    assert "&lt;b&gt;" in one(app, "The clock in the address cannot be read")
    assert "NOW" in app.get("popover")[1].proto.popover.label
    assert "prices" in browse.text(app)


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_clock_before_everything_and_after_now(settings: Settings, page: str) -> None:
    early = browse.visit(settings, page, as_of="1999-01-01")
    assert not early.exception
    one(early, "Nothing in this lake was known at Fri 01 Jan 1999 00:00 UTC.")
    late = browse.visit(settings, page, as_of="2099-01-01")
    one(late, "later than this machine&#x27;s time, so Now is shown")
    assert "prices" in browse.text(late)


def test_unknown_symbol_series_and_dataset(settings: Settings) -> None:
    app = browse.visit(settings, "data", dataset="prices", id="<i>NOPE</i>")
    said = [s for s in browse.sentences(app) if "No symbol" in s]
    assert said
    assert all("&lt;i&gt;NOPE" in s for s in said)
    app = browse.visit(settings, "data", dataset="../../etc")
    one(app, "There is no dataset named", "prices is shown")


def half_corrupt(folder: Path, page: str, dataset: str) -> AppTest:
    """A page on a lake in which every second file of a dataset is cut short."""
    settings = world.build(folder)
    world.add_economy(settings)
    world.add_ticks(settings, EVENING)
    held = read_manifest(DiskStore(settings.lake), dataset).files
    for file in sorted(settings.lake / dataset / entry.file for entry in held)[::2]:
        file.write_bytes(file.read_bytes()[:60])
    app = browse.visit(settings, page, **fullest(page))
    assert not app.exception
    said = [s for s in browse.sentences(app) if "damaged on the disk" in s]
    assert said
    assert all(f"{dataset}/" in s for s in said)
    assert "PARTIAL" in browse.text(app)
    return app


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", READING)
def test_half_corrupt_lake_names_the_files_and_shows_the_rest(page: str, tmp_path: Path) -> None:
    app = half_corrupt(tmp_path, page, BY_NAME[page].reads[0])
    assert "<table" in browse.text(app) or browse.charts(app)


def test_half_corrupt_lake_is_said_beside_what_the_jobs_feed(tmp_path: Path) -> None:
    assert "<table" in browse.text(half_corrupt(tmp_path, "jobs", "prices"))


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_lake_of_a_newer_version_is_said_once_and_the_frame_works(
    page: str, tmp_path: Path
) -> None:
    settings = world.build(tmp_path)
    write_format(settings.lake, "prices", 99)
    app = browse.visit(settings, page, as_of="2026-01-05")
    assert not app.exception
    one(app, "format 99", "update Barograph")
    app.button(key="step-day-back").click().run()
    assert browse.asked(app) == "2026-01-04T00:00:00Z"


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_damaged_manifest_is_said_once(page: str, tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    world.add_economy(settings)
    world.add_ticks(settings, EVENING)
    spoil(settings.lake, "events")
    app = browse.visit(settings, page, **fullest(page))
    assert not app.exception
    one(app, ".json is damaged", "backup")
    assert "prices" in browse.text(app)
    assert "<table" in browse.text(app) or browse.charts(app)


def test_data_calls_a_closed_dataset_unreadable_not_empty(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    spoil(settings.lake, "events")
    shown = browse.text(browse.visit(settings, "data"))
    row = next(part for part in shown.split("<tr>") if ">events<" in part.split("</td>")[0])
    assert "unreadable" in row


def test_a_closed_dataset_leaves_the_panels_of_the_others(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    spoil(settings.lake, "events")
    shown = browse.text(browse.visit(settings, "overview"))
    assert "events cannot be opened; the reason is above" in shown
    assert "equity" in shown
    assert "CPI USA" in shown


def test_pages_write_nothing_below_the_lake(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in settings.lake.rglob("*")}
    for page in NAMES:
        browse.visit(settings, page)
    assert {path: path.stat().st_mtime_ns for path in settings.lake.rglob("*")} == before


def test_workspace_that_cannot_be_written_still_shows_its_lake(tmp_path: Path) -> None:
    settings = world.build(tmp_path / "a")
    (tmp_path / "b" / "demo").mkdir(parents=True)
    (tmp_path / "b" / "demo" / "lake").symlink_to(settings.lake)
    (tmp_path / "b" / "demo" / "state.db").mkdir()
    app = browse.visit(replace(settings, data_dir=tmp_path / "b"))
    one(app, "state.db", "cannot be opened")
    assert "Largest moves" in browse.text(app)
    assert "equity" in browse.text(app)


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_locked_state_is_one_sentence(page: str, tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    browse.visit(settings, page)
    holder = sqlite3.connect(settings.state, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        app = browse.visit(settings, page)
    finally:
        holder.close()
    assert not app.exception
    one(app, "state.db", "held by another program")
    assert "prices" in browse.text(app)


@pytest.mark.sampled(30)
@pytest.mark.parametrize("page", NAMES)
def test_bus_that_is_gone_is_one_sentence(settings: Settings, page: str) -> None:
    gone = replace(settings, redis_url="redis://127.0.0.1:1/0")
    app = browse.visit(gone, page)
    assert not app.exception
    one(app, "tick bus", "127.0.0.1:1")
    assert "prices" in browse.text(app)


def test_sessions_with_different_clocks_do_not_touch_each_other(settings: Settings) -> None:
    last = world.last_day()
    first = browse.visit(settings, as_of=f"{last}T12:00:00Z")
    second = browse.arrive(as_of=f"{last.year - 1}-{last.month:02}-01")
    before = browse.text(first)
    second.button(key="step-week-back").click().run()
    first.run()
    assert browse.text(first) == before
    assert first.query_params["as_of"] != second.query_params["as_of"]


def test_clock_steps_back_forward_and_to_now(settings: Settings) -> None:
    app = browse.visit(settings, as_of="2026-05-13T14:30:00Z")
    for key, moment in (
        ("step-month-back", "2026-04-13T14:30:00Z"),
        ("step-week-forward", "2026-04-20T14:30:00Z"),
        ("step-day-back", "2026-04-19T14:30:00Z"),
        ("step-minute-forward", "2026-04-19T14:31:00Z"),
    ):
        app.button(key=key).click().run()
        assert browse.asked(app) == moment
    app.button(key="step-now").click().run()
    assert "as_of" not in app.query_params


def test_step_past_the_present_is_now(settings: Settings) -> None:
    app = browse.visit(settings, as_of=f"{world.last_day()}T12:00:00Z")
    app.button(key="step-month-forward").click().run()
    assert "as_of" not in app.query_params
    assert browse.sentences(app) == [s for s in browse.sentences(app) if "clock" not in s]


def test_typed_clock_is_written_as_the_address_keeps_it(settings: Settings) -> None:
    app = browse.unfold(browse.visit(settings, as_of="2026-03-15T09:00:00Z"), "clock")
    app.text_input(key="frame_as_of").set_value("2026-03-16 10:30 America/New_York").run()
    assert browse.asked(app) == "2026-03-16T14:30:00Z"
    browse.unfold(app, "clock").text_input(key="frame_as_of").set_value("gibberish").run()
    assert browse.asked(app) == "2026-03-16T14:30:00Z"  # as it was
    assert "What was typed cannot be read, so the clock stays" in app.error[0].value
    again = browse.unfold(app, "clock").text_input(key="frame_as_of")
    assert again.value == "gibberish"  # to be corrected
    again.set_value("Mon 16 Mar 2026 10:31").run()
    assert browse.asked(app) == "2026-03-16T10:31:00Z"
    browse.unfold(app, "clock").text_input(key="frame_as_of").set_value("now").run()
    assert "as_of" not in app.query_params


def test_the_settings_of_the_clock_stay_open_when_its_minute_turns(settings: Settings) -> None:
    app = browse.unfold(browse.visit(settings, as_of="2026-03-15T09:00:00Z"), "clock")
    assert app.text_input(key="frame_as_of").value == "2026-03-15T09:00:00Z"
    app.query_params["as_of"] = "2026-03-15T09:01:00Z"
    app.run()
    assert app.text_input(key="frame_as_of").value == "2026-03-15T09:01:00Z"
    app.text_input(key="frame_as_of").set_value("2026-03-14").run()
    assert not [item for item in app.text_input if item.key == "frame_as_of"], "they were used"


def test_a_day_picked_in_the_calendar_is_taken_to_its_end_in_the_zone(settings: Settings) -> None:
    place = {"tz": "America/New_York", "as_of": "2026-03-15T09:00:00Z"}
    app = browse.unfold(browse.visit(settings, **place), "clock")
    app.date_input(key="frame_day").set_value(date(2026, 3, 16)).run()
    assert browse.asked(app) == "2026-03-17T03:59:00Z"
    shown = browse.unfold(app, "clock").date_input(key="frame_day")
    assert shown.value == date(2026, 3, 16)
    today = utc_now().astimezone(ZoneInfo("America/New_York")).date()
    shown.set_value(today).run()
    assert "as_of" not in app.query_params


def test_the_first_instant_is_in_the_calendar_of_every_zone(settings: Settings) -> None:
    """West of Greenwich it lies on the day before."""
    app = browse.visit(settings, as_of=iso(FIRST), tz="America/Los_Angeles")
    shown = browse.unfold(app, "clock").date_input(key="frame_day")
    assert shown.value == FIRST.date() - timedelta(days=1)


def test_jump_to_an_event_that_was_known(settings: Settings) -> None:
    app = browse.unfold(browse.visit(settings), "clock")
    box = app.selectbox(key="frame_event")
    box.set_value("e20").run()
    moment = iso(world.event_known(20))
    assert browse.asked(app) == moment
    assert len(browse.unfold(app, "clock").selectbox(key="frame_event").options) == 1


def test_zone_and_house_clock_are_kept_in_the_address(settings: Settings) -> None:
    app = browse.visit(settings, as_of="2026-05-13T14:30:00Z", tz="America/New_York", mode="house")
    label = app.get("popover")[1].proto.popover.label
    assert label == "AS OF Wed 13 May 2026 10:30 EDT · house"
    one(app, "Nothing in this lake was known")  # this lake has everything since today only
    browse.unfold(app, "clock").radio(key="frame_mode").set_value("public").run()
    assert "mode" not in app.query_params
    assert "<table" in browse.text(app)


def test_page_that_fails_shows_a_sentence_and_a_mark(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from analytics.home import overview

    def moves(at: object, **params: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(overview, "moves", moves)
    app = browse.visit(settings)
    assert not app.exception
    said = one(app, "not foreseen")
    assert "secret" not in browse.text(app)
    mark = said.split("under ")[1][:8]
    assert any(f"mark={mark}" in record.message for record in caplog.records)
    assert "Due next" in browse.text(app)


def test_names_from_the_data_are_never_markup(settings: Settings) -> None:
    assert "=Event &lt;b&gt;" in browse.text(browse.visit(settings))
    assert "=Event <b>" not in "".join(browse.bodies(browse.visit(settings)))
