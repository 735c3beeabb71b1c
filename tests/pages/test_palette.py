"""The command palette finds what is known at the clock, best first."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analytics.home import overview
from data.clock import utc_now
from data.query import Db
from data.settings import Settings
from data.state import watchlists
from data.state.values import Edit
from pages.frame.resources import open_resources
from pages.frame.run import PageRun
from pages.frame.view import View
from pages.search.palette import Hit, directory_hits, search
from tests.pages import world


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_named(built)
    return built


@pytest.fixture
def run(settings: Settings) -> PageRun:
    held = open_resources(settings)
    now = utc_now()
    return PageRun(View(now, True), held.db.at(now), settings, "dark", held.services.found())


def labels(run: PageRun, text: str) -> list[str]:
    return [hit.label for hit in search(run, text)[0]]


def ids(frame: pl.DataFrame, text: str) -> list[str]:
    return [hit.params["id"] for part in directory_hits(frame, text) for hit in part]


def test_nothing_typed_lists_the_pages(run: PageRun) -> None:
    assert [hit.page for hit in search(run, "")[0]][:2] == ["overview", "heatmaps"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "equity0",
            Hit("EQUITY0 · Invented equity · instrument", "instrument", {"id": "demo:equity0"}),
        ),
        (
            "prices deu",
            Hit(
                "Consumer prices DEU · DEU · monthly · index · series",
                "series",
                {"id": "demo:DEU.CPI"},
            ),
        ),
        ("germany", Hit("DEU · Germany · country", "countries", {"id": "DEU"})),
        ("guyana", Hit("GUY · Guyana · country", "countries", {"id": "GUY"})),
        ("what changed", Hit("Home · markets, what changed, what is due", "overview")),
    ],
)
def test_first_hit(run: PageRun, text: str, first: Hit) -> None:
    assert search(run, text)[0][0] == first


def test_what_was_not_known_is_not_found(settings: Settings, run: PageRun) -> None:
    early = utc_now().replace(year=1999)
    past = PageRun(View(early, False), Db(settings.lake).at(early), settings, "dark", run.services)
    hits, said = search(past, "equity0")
    assert hits == []
    assert said == "Nothing known at this clock is called 'equity0'."


def test_watchlists_are_found_as_they_were(run: PageRun) -> None:
    assert run.services.state is not None
    member = watchlists.Member("demo:fx4")
    watchlists.create(run.services.state, "Currencies", [member], edit=Edit("me", utc_now()))
    later = PageRun(View(utc_now(), True), run.lake, run.settings, "dark", run.services)
    assert "Currencies · watchlist of 1" in labels(later, "curren")
    early = PageRun(
        View(utc_now().replace(year=1999), False), run.lake, run.settings, "dark", run.services
    )
    assert labels(early, "curren") == []


def test_command_moves_the_clock(run: PageRun) -> None:
    (hit,) = search(run, ":2020-03-16")[0]
    assert hit.params == {"as_of": "2020-03-16T00:00:00Z"}
    assert search(run, ":now")[0][0].params == {"as_of": ""}
    hits, said = search(run, ":soon")
    assert hits == []
    assert "not an instant" in said


def test_command_keeps_the_page_and_the_words_of_zones(run: PageRun) -> None:
    (hit,) = search(run, ":2020-03-16 10:30 America/New_York")[0]
    assert hit == Hit("Clock to Mon 16 Mar 2020 14:30 UTC", "", {"as_of": "2020-03-16T14:30:00Z"})


def test_what_is_called_exactly_so_comes_before_pages(run: PageRun) -> None:
    assert search(run, "germany")[0][0].params == {"id": "DEU"}
    assert search(run, "usa")[0][0].params == {"id": "USA"}
    assert search(run, "data")[0][0].page == "data"


def test_code_before_name_before_anything_else() -> None:
    frame = pl.DataFrame(
        {
            "kind": ["instrument"] * 3,
            "id": ["x:1", "x:2", "x:3"],
            "code": ["ZZZ", "GOLD", "MINE"],
            "label": ["A goldsmith", "Metal", "Gold mine"],
            "detail": ["equity", "commodity", "equity"],
            "more": [None, None, None],
            "bare": [False, False, False],
        },
        schema_overrides={"more": pl.String},
    )
    assert ids(frame, "gold") == ["x:2", "x:3", "x:1"]


def test_a_country_without_data_comes_after_what_has_some(run: PageRun) -> None:
    frame = overview.directory(run.at).frame
    countries = frame.filter(pl.col("kind") == "country")
    assert countries.filter("bare")["id"].to_list() == ["FRA", "GUY"]
    assert countries.filter(~pl.col("bare"))["id"].to_list() == ["DEU", "USA"]
    crowd = [
        {
            "kind": "country",
            "id": f"A{number:02}",
            "code": f"G{number}",
            "label": f"Land {number}",
            "detail": None,
            "more": None,
            "bare": True,
        }
        for number in range(20)
    ]
    held = [
        {
            "kind": "series",
            "id": "s:1",
            "code": "GDP",
            "label": "Output",
            "detail": None,
            "more": None,
            "bare": False,
        }
    ]
    both = pl.DataFrame([*crowd, *held], schema=frame.schema)
    assert ids(both, "g")[:2] == ["s:1", "A00"]
    assert ids(both, "land 19") == ["A19"]


def test_letters_are_no_pattern(run: PageRun) -> None:
    assert labels(run, "(.*[") == []


def test_closed_lake_still_finds_pages(settings: Settings, run: PageRun, tmp_path: Path) -> None:
    closed = PageRun(run.view, OSError("gone"), settings, "dark", run.services)
    hits, said = search(closed, "data")
    assert any(hit.page == "data" for hit in hits)
    assert said
