"""Every page through the router: what an analyst sees on a good day and on a bad one."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, parse_instant
from data.settings import Settings
from pages.frame.nav import PAGES, guide
from tests.pages import browse, world
from tests.spoil import spoil, write_format

NAMES = [page.name for page in PAGES]
# Where a page needs to be told of what to show charts, and tables.
CHARTED = {
    "overview": {},
    "heatmaps": {},
    "correlation": {},
    "instrument": {"id": "demo:equity0"},
    "countries": {"with": "USA DEU"},
    "releases": {"reach": "3m"},
    "series": {"id": "demo:USA.CPI"},
    "regimes": {"of": "demo:equity0", "span": "all"},
    "studies": {"by": "events", "id": "demo:equity0"},
    "data": {"dataset": "macro", "id": "demo:USA.CPI"},
}
TABLED = {
    "heatmaps": {"lens": "grid", "class": "all"},
    "instrument": {"id": "demo:equity0"},
    "releases": {"reach": "3m"},
    "series": {"id": "demo:USA.CPI"},
    "regimes": {"of": "demo:equity0", "span": "all"},
    "studies": {"by": "falls", "share": "0.05", "id": "demo:equity0"},
    "watchlists": {"list": world.LIST},
    "positions": {"portfolio": world.BOOK},
    "live": {"as_of": "2026-09-14T13:30:00Z"},  # at Now it shows the bus, not the lake
}
# What a page reads first, where that is not prices.
READS = {"countries": "countries", "releases": "releases", "series": "macro", "live": "ticks"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake that nobody damages."""
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_economy(built)
    return built


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


@pytest.mark.parametrize("page", NAMES)
def test_page_says_what_it_is_and_how_to_read_it(page: str) -> None:
    what, how = guide(next(line.file for line in PAGES if line.name == page))
    assert what
    assert len(how.split()) > 20


@pytest.mark.sampled(4)
@pytest.mark.parametrize("page", NAMES)
def test_demo_is_in_plain_sight(settings: Settings, page: str, tmp_path: Path) -> None:
    assert browse.text(browse.visit(settings, page)).count(">DEMO</span>") >= 2
    real = world.build(tmp_path, "real")
    assert "DEMO" not in browse.text(browse.visit(real, page))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("page", CHARTED)
def test_every_demo_chart_is_marked(settings: Settings, page: str) -> None:
    app = browse.visit(settings, page, **CHARTED[page])
    plotted, drawn = app.get("plotly_chart"), app.get("echarts_chart")
    assert plotted or drawn
    for chart in plotted:
        (note,) = json.loads(chart.proto.spec)["layout"]["annotations"]
        assert note["text"] == "DEMO · invented data"
    for chart in app.get("arrow_vega_lite_chart"):
        assert "DEMO · invented data" in json.dumps(
            json.loads(chart.proto.spec), ensure_ascii=False
        )
    for chart in drawn:
        assert json.loads(chart.proto.spec)["title"]["text"] == "DEMO · invented data"


@pytest.mark.parametrize("page", sorted({*NAMES} - {*CHARTED}))
def test_every_page_with_charts_is_looked_at(settings: Settings, page: str) -> None:
    app = browse.visit(settings, page, **TABLED.get(page, {}))
    drawn = [app.get(kind) for kind in ("plotly_chart", "echarts_chart", "arrow_vega_lite_chart")]
    assert not any(drawn), f"{page} draws charts: add it to CHARTED in tests/pages/test_frame.py"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize("workspace", ["demo", "live"])
def test_empty_lake_says_what_fills_it(page: str, workspace: str, tmp_path: Path) -> None:
    app = browse.visit(world.settings(tmp_path, workspace), page)
    assert not app.exception
    step = "scripts.seed_demo" if workspace == "demo" else "scripts.scheduler"
    assert step in one(app, "This lake is empty.")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("page", NAMES)
def test_malformed_clock_is_one_sentence_and_the_page_is_at_now(
    settings: Settings, page: str
) -> None:
    app = browse.visit(settings, page, as_of="16/03/<b>")
    assert "&lt;b&gt;" in one(app, "The clock in the address cannot be read")
    assert "NOW" in app.get("popover")[1].proto.popover.label
    assert "prices" in browse.text(app)


@pytest.mark.sampled(4)
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


@pytest.mark.sampled(4)
@pytest.mark.parametrize("page", sorted({*NAMES} - {"alerts"}))  # whose rules lie in the state
def test_half_corrupt_lake_names_the_files_and_shows_the_rest(page: str, tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    if page == "regimes":
        world.add_economy(settings)
    if page == "live":
        world.add_ticks(settings, parse_instant(TABLED["live"]["as_of"]))
    dataset = READS.get(page, "prices")
    for file in sorted(settings.lake.glob(f"{dataset}/**/*.parquet"))[::2]:
        file.write_bytes(file.read_bytes()[:60])
    app = browse.visit(settings, page, **TABLED.get(page, {}))
    assert not app.exception
    said = [s for s in browse.sentences(app) if "damaged on the disk" in s]
    assert said
    assert all(f"{dataset}/" in s for s in said)
    assert "PARTIAL" in browse.text(app)
    assert "<table" in browse.text(app) or app.get("echarts_chart")


@pytest.mark.sampled(4)
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


@pytest.mark.sampled(4)
@pytest.mark.parametrize("page", NAMES)
def test_damaged_manifest_is_said_once(page: str, tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    world.add_economy(settings)
    if page == "live":
        world.add_ticks(settings, parse_instant(TABLED["live"]["as_of"]))
    spoil(settings.lake, "events")
    app = browse.visit(settings, page, **TABLED.get(page, {}))
    assert not app.exception
    one(app, ".json is damaged", "backup")
    assert "prices" in browse.text(app)
    assert "<table" in browse.text(app)


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


@pytest.mark.sampled(4)
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


@pytest.mark.sampled(4)
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
    app = browse.unfold(browse.visit(settings), "clock")
    app.text_input(key="frame_as_of").set_value("2026-03-16 10:30 America/New_York").run()
    assert browse.asked(app) == "2026-03-16T14:30:00Z"
    browse.unfold(app, "clock").text_input(key="frame_as_of").set_value("gibberish").run()
    assert browse.asked(app) == "gibberish"
    one(app, "cannot be read")
    browse.unfold(app, "clock").text_input(key="frame_as_of").set_value("now").run()
    assert "as_of" not in app.query_params


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
    assert "Next releases" in browse.text(app)


def test_names_from_the_data_are_never_markup(settings: Settings) -> None:
    assert "=Event &lt;b&gt;" in browse.text(browse.visit(settings))
    assert "=Event <b>" not in "".join(browse.bodies(browse.visit(settings)))
