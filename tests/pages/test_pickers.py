"""Pickers find by name, ticker, ISIN and alias what is known at the clock, and keep ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.lake import Lake
from data.settings import Settings
from pages.frame.links import plain
from pages.frame.resources import open_resources, resources
from pages.frame.run import PageRun, begin
from pages.frame.view import View, read_view
from pages.search.directory import found, letters, matches, surest, title
from pages.search.pickers import SHOWN, Box, acted, contents, searched
from tests.pages import browse, world

LONG = "A very long name of a company " * 6 + "whose end is here..."
ARABIC = "شركة الزيت العربية"
MARKUP = "<b>Bold</b> *star* [link](http://example.org) :red[x]"
LATE = timedelta(days=200)
CROWD = 5_000


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world with a crowd of companies, some of which have awkward names."""
    held = world.build(tmp_path_factory.mktemp("world"))
    world.add_named(held)
    start = utc_now() - timedelta(days=500)
    lines = [company(f"demo:{n}", f"TK{n}", f"Crowd Holdings {n}", start) for n in range(CROWD)]
    lines += [
        company("demo:AP", "AAPL", "Apple Inc.", start)
        | {"isin": "US0378331005", "aliases": "Apple Computer|Cupertino", "figi": "BBG000B9XRY4"},
        company("demo:APH", "APLE", "Apple Hospitality", start),
        company("demo:LONG", "LNG", LONG, start),
        company("demo:RTL", "ARAM", ARABIC, start),
        company("demo:HTML", "BOLD", MARKUP, start),
        company("demo:NEW", "NEWC", "Newcomer", utc_now() - LATE),
        company("demo:TW1", "TWIN", "Twin of one", start),
        company("demo:TW2", "TWIN", "Twin of two", start),
    ]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("instruments", world.rows("instruments", lines), publish_id="crowd")
    return held


def company(symbol: str, ticker: str, name: str, known: datetime) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "ticker": ticker,
        "name": name,
        "asset_class": "equity",
        "country": "USA",
        "currency": "USD",
        "known_at": known,
        "source": "demo",
    }


def run_at(settings: Settings, moment: datetime | None = None) -> PageRun:
    held = open_resources(settings)
    now = utc_now()
    view = View(moment or now, moment is None)
    return PageRun(view, held.db.at(view.as_of), settings, "dark", held.services.found())


@pytest.fixture
def run(settings: Settings) -> PageRun:
    return run_at(settings)


def ids(run: PageRun, text: str, kind: str = "instrument") -> list[str]:
    return found(run, kind, text, SHOWN)["id"].to_list()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aapl", "demo:AP"),
        ("Apple Inc.", "demo:AP"),
        ("ple hosp", "demo:APH"),
        ("US0378331005", "demo:AP"),
        ("us0378331005", "demo:AP"),
        ("cupertino", "demo:AP"),
        ("BBG000B9XRY4", "demo:AP"),
        ("\u200fالعربية\u200e", "demo:RTL"),
        ("end is here", "demo:LONG"),
        ("<b>bold", "demo:HTML"),
        ("TK49", "demo:49"),
        ("demo:equity0", "demo:equity0"),
    ],
)
def test_an_instrument_is_found_however_it_is_called(run: PageRun, text: str, first: str) -> None:
    assert ids(run, text)[0] == first


def test_series_and_countries_are_found_by_words(run: PageRun) -> None:
    assert ids(run, "prices deu", "series") == ["demo:DEU.CPI"]
    assert ids(run, "united states", "country") == ["USA"]
    assert ids(run, "gy", "country") == ["GUY"]


def test_nothing_typed_and_nothing_meant_find_nothing(run: PageRun) -> None:
    assert ids(run, "  ") == []
    assert ids(run, "(.*[") == []
    assert ids(run, "x" * 300) == []


def test_what_was_listed_later_is_not_found_before(settings: Settings) -> None:
    assert ids(run_at(settings), "newcomer") == ["demo:NEW"]
    assert ids(run_at(settings, utc_now() - LATE - timedelta(days=1)), "newcomer") == []


def test_a_text_means_what_is_called_just_so_else_all_that_holds_it(run: PageRun) -> None:
    assert surest(found(run, "instrument", "AAPL", 24)) == ["demo:AP"]
    assert surest(found(run, "instrument", "TWIN", 24)) == ["demo:TW1", "demo:TW2"]
    assert surest(found(run, "instrument", "apple", 24)) == ["demo:AP", "demo:APH"]
    assert surest(found(run, "instrument", "nothing so called", 24)) == []


def test_order_of_matches() -> None:
    names = {
        "whole word": ("ZA", "The gold of", None),
        "inside": ("ZB", "Marigolds", None),
        "name begins": ("ZC", "Goldman", None),
        "code begins": ("GOLDX", "Metal", None),
        "whole name": ("ZD", "Gold", None),
        "code": ("GOLD", "Barrick", None),
        "alias": ("ZE", "Bullion", "commodity gold"),
    }
    frame = pl.DataFrame(
        [
            {
                "kind": "instrument",
                "id": key,
                "code": code,
                "label": name,
                "detail": "",
                "more": more,
                "bare": False,
            }
            for key, (code, name, more) in names.items()
        ]
    )
    order = ["code", "whole name", "code begins", "name begins", "alias", "whole word", "inside"]
    assert matches(frame, "gold", 10)["id"].to_list() == order


def test_titles_and_letters() -> None:
    row = {"kind": "instrument", "id": "x:1", "code": "AAPL", "label": "Apple Inc."}
    assert title(row) == "AAPL · Apple Inc."
    assert title(row | {"label": "AAPL"}) == "AAPL"
    assert title(row | {"kind": "series", "code": "CPIYOY", "label": "Prices"}) == "Prices"
    assert title({"kind": "country", "id": "DEU", "code": "DE", "label": "Germany"}) == (
        "DEU · Germany"
    )
    assert letters("  Two\u200f  WORDS ") == "two words"
    assert plain("*a* [b](c) <i> :red[x]") == r"\*a\* \[b\]\(c\) \<i\> \:red\[x\]"


def script(box: object, told: list[object]) -> None:
    from tests.pages.test_pickers import drive

    drive(box, told)


def drive(box: Any, told: list[Any]) -> None:
    """One run of a page that has this box, after the browser told it these things."""
    view = read_view({"as_of": st.query_params.get("as_of", "")}, utc_now())
    held = resources()
    begin(PageRun(view, held.db.at(view.as_of), held.settings, "dark", held.services.found()))
    for word in told:
        (searched if "text" in word else acted)(box, word)
    st.session_state["shown"] = contents(box)
    st.session_state["kept"] = box.chosen()


def use(settings: Settings, box: Box, *told: dict[str, Any], **address: str) -> AppTest:
    """What a box shows and keeps after the browser told it these things."""
    open_resources(settings)
    app = AppTest.from_function(script, default_timeout=30, kwargs={"box": box, "told": list(told)})
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


ONE = Box("instrument", "page_id", "Instrument", "id")
SOME = Box("instrument", "page_vs", "Compare with", "vs", most=3)
LOOSE = Box("instrument", "page_names", "Instruments", default=("demo:AP",), most=40)
CODES = Box("country", "page_with", "Compare", "with", most=2, among=("DEU", "USA"))


def test_typing_shows_what_may_be_meant(settings: Settings) -> None:
    shown = use(settings, ONE, {"text": "apple"}, id="demo:49").session_state["shown"]
    assert shown["chosen"] == [
        {"id": "demo:49", "title": "TK49 · Crowd Holdings 49", "detail": "equity · USA · USD"}
    ]
    assert [hit["title"] for hit in shown["hits"]] == [
        "AAPL · Apple Inc.",
        "APLE · Apple Hospitality",
    ]
    assert shown["asked"] == "apple"
    many = use(settings, ONE, {"text": "crowd"}).session_state["shown"]
    assert len(many["hits"]) == SHOWN
    assert many["note"] == "More than 12 instruments: type more letters."
    none = use(settings, ONE, {"text": "<i>no such"}).session_state["shown"]
    assert none["note"] == "No instrument called '<i>no such' is known at this clock."


def test_what_is_taken_is_kept_as_an_id_and_offered_again(settings: Settings) -> None:
    app = use(settings, ONE, {"take": "demo:APH"}, {"take": "demo:AP"})
    assert browse.asked(app, "id") == "demo:AP"
    assert [line["id"] for line in app.session_state["shown"]["recents"]] == ["demo:APH"]
    early = iso(utc_now() - LATE - timedelta(days=1))
    app = use(settings, ONE, {"take": "demo:NEW"}, {"take": "demo:AP"}, as_of=early)
    assert app.session_state["shown"]["recents"] == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("US0378331005", ["demo:AP"]),
        ("aapl, APLE", ["demo:AP", "demo:APH"]),
        ("demo:AP demo:APH demo:49 demo:50", ["demo:AP", "demo:APH", "demo:49"]),
        ("Apple Hospitality", ["demo:APH"]),
    ],
)
def test_a_typed_text_that_means_one_thing_is_taken(
    settings: Settings, typed: str, kept: list[str]
) -> None:
    app = use(settings, SOME, {"type": typed})
    assert app.session_state["kept"] == kept
    assert browse.asked(app, "vs") == " ".join(kept)


@pytest.mark.parametrize("typed", ["twin", "apple", "nothing so called", "aapl, nothing"])
def test_a_typed_text_that_is_not_clear_asks(settings: Settings, typed: str) -> None:
    app = use(settings, SOME, {"type": typed}, vs="demo:49")
    assert app.session_state["kept"] == ["demo:49"]
    shown = app.session_state["shown"]
    assert shown["asked"] == typed
    assert shown["stay"] == 1
    assert bool(shown["hits"]) == (typed in ("twin", "apple"))


MIXED = Box("instrument", "page_vs", "Compare with", "vs", most=9, formulas=True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("aapl/APLE", ["=aapl/APLE"]),
        ("=AAPL", ["=AAPL"]),
        ("sma(aapl, 20) - USA policy rate", ["=sma(aapl, 20) - USA policy rate"]),
        ("aapl - APLE", ["=aapl - APLE"]),
        ("aapl, APLE", ["demo:AP", "demo:APH"]),
        ("US0378331005", ["demo:AP"]),
        ("nothing so called", []),
        ("=AAPL/", []),
        ("1 + 2", []),
    ],
)
def test_a_box_of_instruments_takes_formulas_where_these_are_drawn(
    settings: Settings, typed: str, kept: list[str]
) -> None:
    app = use(settings, MIXED, {"type": typed}, vs="demo:49; =A/B")
    assert app.session_state["kept"] == ["demo:49", "=A/B", *kept]
    again = use(settings, MIXED, vs=browse.asked(app, "vs") or "")
    assert again.session_state["kept"] == app.session_state["kept"]
    assert not [line for line in again.session_state["shown"]["recents"] if "=" in line["id"]]
    if "/" in typed or "=" in typed:
        assert use(settings, SOME, {"type": typed}).session_state["kept"] == []


def test_a_typed_formula_is_offered_or_said_to_be_wrong(settings: Settings) -> None:
    def shown(text: str) -> dict[str, Any]:
        return use(settings, MIXED, {"text": text}, vs="=A/B").session_state["shown"]

    line = {"id": "=aapl/APLE", "title": "aapl/APLE", "detail": "formula"}
    assert (shown("aapl/APLE")["hits"], shown("aapl/APLE")["note"]) == ([line], "")
    assert shown("aapl/APLE")["chosen"] == [{"id": "=A/B", "title": "A/B", "detail": ""}]
    wrong = shown("sma(aapl")
    assert wrong["hits"] == []
    assert "at character" in wrong["note"]
    assert shown("apple")["hits"][0]["title"] == "AAPL · Apple Inc."
    assert "No instrument called" in shown("no such")["note"]


def test_one_of_several_is_removed_and_the_address_follows(settings: Settings) -> None:
    app = use(settings, SOME, {"drop": ["demo:49"]}, vs="demo:49,demo:AP")
    assert browse.asked(app, "vs") == "demo:AP"
    app = use(settings, SOME, {"drop": ["demo:AP"]}, vs="demo:AP")
    assert "vs" not in app.query_params


def test_what_is_being_made_keeps_its_choice_in_the_session(settings: Settings) -> None:
    app = use(settings, LOOSE, {"take": "demo:APH"})
    assert app.session_state["kept"] == ["demo:AP", "demo:APH"]
    assert dict(app.query_params) == {}
    assert use(settings, LOOSE, {"drop": ["demo:AP"]}).session_state["kept"] == []


def test_only_what_can_be_shown_is_offered(settings: Settings) -> None:
    shown = use(settings, CODES, {"text": "g"}).session_state["shown"]
    assert [hit["id"] for hit in shown["hits"]] == ["DEU"]  # and neither Guyana
    assert [line["id"] for line in shown["recents"]] == ["DEU", "USA"]
    assert use(settings, CODES, {"type": "guyana"}).session_state["kept"] == []


def test_of_a_short_list_an_id_that_nothing_names_is_found_too(settings: Settings) -> None:
    box = Box("instrument", "live_show", "Lines", "show", ("s:BTCUSD",), 4, ("s:BTCUSD", "demo:AP"))
    assert use(settings, box, {"type": "btcusd"}).session_state["kept"] == ["s:BTCUSD"]
    shown = use(settings, box, {"text": "a"}).session_state["shown"]
    assert [hit["id"] for hit in shown["hits"]] == ["demo:AP"]


def test_countries_seen_last_stand_first(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="USA")
    assert app.selectbox(key="countries_id").options == ["DEU · Germany", "USA · United States"]
    again = app.run().selectbox(key="countries_id")
    assert again.options == ["USA · United States", "DEU · Germany"]
    assert again.value == "USA"


def test_an_unknown_word_of_an_old_link_is_shown_as_it_is(settings: Settings) -> None:
    shown = use(settings, ONE, id=MARKUP).session_state["shown"]
    assert shown["chosen"] == [{"id": MARKUP, "title": MARKUP, "detail": ""}]


@pytest.mark.parametrize("text", [None, 7, ["a"], {"b": 1}, "y" * 10_000])
def test_whatever_a_browser_tells_is_read_as_text(settings: Settings, text: Any) -> None:
    for word in ({"text": text}, {"type": text}, {"take": text}, {"drop": text}, {}):
        use(settings, SOME, word)


@pytest.mark.parametrize(
    ("page", "opened"), [("instrument", "demo:commodity7"), ("series", "demo:USA.CPI")]
)
def test_a_page_of_one_thing_opens_with_something(
    settings: Settings, page: str, opened: str
) -> None:
    held = world.build(settings.root.parent.parent / f"plain-{page}")
    app = browse.visit(held, page)
    assert not app.exception
    assert browse.asked(app, "id") == opened
    early = browse.visit(held, page, as_of="1999-01-01T00:00:00Z")
    assert not early.exception
    assert "id" not in early.query_params
    kind = "instruments" if page == "instrument" else "series"
    assert any(f"Nothing of {kind} was known at" in said for said in browse.sentences(early))


@pytest.mark.parametrize("page", ["instrument", "series", "countries", "regimes", "correlation"])
def test_on_an_empty_lake_a_page_says_what_fills_it(tmp_path: Path, page: str) -> None:
    said = browse.sentences(browse.visit(world.settings(tmp_path), page))
    answers = [sentence for sentence in said if not sentence.startswith("This lake is empty")]
    assert any("scripts.seed_demo" in sentence for sentence in answers), said
    assert not any("tep forward" in sentence or "move the clock" in sentence for sentence in said)


@pytest.mark.parametrize("page", ["countries", "regimes", "correlation"])
def test_before_the_first_row_a_page_offers_a_later_clock(tmp_path: Path, page: str) -> None:
    early = browse.visit(world.settings(tmp_path), page, as_of="1999-01-01T00:00:00Z")
    said = [words for words in browse.sentences(early) if "in this lake" not in words]
    assert any("Step forward, or press Now." in words for words in said), said


def test_a_page_opens_with_what_was_seen_last(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="AAPL")
    assert "AAPL · Apple Inc." in browse.text(app)
    del app.query_params["id"]
    assert browse.asked(app.run(), "id") == "demo:AP"


@pytest.mark.parametrize("symbol", ["demo:LONG", "demo:RTL", "demo:HTML", "demo:49"])
def test_awkward_names_are_shown_as_text(settings: Settings, symbol: str) -> None:
    app = browse.visit(settings, "instrument", id=symbol, vs="demo:HTML demo:RTL demo:none")
    assert not app.exception
    shown = browse.text(app)
    assert "<b>Bold" not in shown
    assert symbol != "demo:HTML" or "&lt;b&gt;Bold" in shown


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("instrument", {"id": "demo:equity0", "vs": "demo:equity1 demo:fx4"}),
        ("series", {"id": "demo:USA.CPI", "vs": "demo:DEU.CPI"}),
        ("releases", {"of": "demo:equity0"}),
        ("countries", {"with": "USA DEU"}),
        ("studies", {"id": "demo:equity0"}),
        ("alerts", {"new": "yes", "id": "demo:equity0"}),
        ("live", {}),
    ],
)
def test_pages_take_names_and_old_addresses(
    settings: Settings, page: str, address: dict[str, str]
) -> None:
    app = browse.visit(settings, page, **address)
    assert not app.exception
    assert {name: browse.asked(app, name) for name in address} == address
    said = " ".join(box.label for box in app.text_input)
    assert "id" not in said.split()
    assert not any("ids" in str(box.placeholder) for box in app.text_input)


def test_a_directory_that_cannot_be_read_leaves_the_choice(
    settings: Settings, tmp_path: Path
) -> None:
    empty = world.settings(tmp_path)
    Lake(empty.lake, workspace=empty.workspace)
    app = browse.visit(empty, "instrument", id="demo:AP", vs="demo:APH")
    assert not app.exception
    assert browse.asked(app, "vs") == "demo:APH"
