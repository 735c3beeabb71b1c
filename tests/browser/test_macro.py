"""The macro pages: from the calendar to a series, shaded by the regime, at one clock and narrow."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Desk, serving, settle
from tests.browser.test_journeys import facts
from tests.demo_fixture import DemoLake
from tests.pages import world

pytestmark = pytest.mark.sampled(5)

CLOCK = f"{world.last_day() - timedelta(days=30)}T14:30:00Z"


@pytest.fixture(scope="module")
def economy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a world with a country that has regimes."""
    folder = tmp_path_factory.mktemp("economy")
    world.add_economy(world.build(folder))
    with serving(folder, "demo") as found:
        yield found


def test_a_release_leads_to_its_series_at_the_same_clock(economy: str, browser: Browser) -> None:
    desk = Desk(economy, browser.new_context(viewport={"width": 1440, "height": 900}))
    page = desk.open(f"releases?as_of={CLOCK}&reach=3m")
    expect(page.get_by_role("heading", name="Released")).to_be_visible()
    page.get_by_role("table").get_by_role("link", name="CPI USA").first.click()
    expect(page.get_by_role("heading", name="Revision triangle")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/series\?.*id=demo(:|%3A)USA\.CPI"))
    assert CLOCK[:10] in page.url
    page.locator('[data-testid="stMain"]').get_by_text("growth", exact=True).click()
    expect(page).to_have_url(re.compile("measure=growth"))
    settle(page)
    other = Desk(economy, browser.new_context(viewport={"width": 1440, "height": 900}))
    second = other.open(page.url.removeprefix(economy + "/"))
    expect(second.get_by_role("heading", name="Revisions")).to_be_visible()
    assert facts(settle(second)) == facts(page)
    assert desk.wrong == other.wrong == []
    desk.context.close()
    other.context.close()


@pytest.mark.sampled(3)
def test_the_macro_pages_fit_a_narrow_window(economy: str, browser: Browser) -> None:
    narrow = Desk(economy, browser.new_context(viewport={"width": 1024, "height": 768}))
    for path, title in (
        ("countries?with=USA,DEU", "Map"),
        ("countries?measure=year", "Ranking"),
        ("countries?id=DEU&tab=ties&partner=USA", "Terms of trade"),
        ("trade?view=dependency&country=DEU&product=84", "Dependency by product"),
        ("trade?view=dependency&country=DEU,FRA", "Screen of the bloc"),
        ("releases?reach=3m&of=demo:equity0", "Released"),
        ("releases?country=all", "Upcoming"),
        ("series?id=demo:IP:FRA&shade=regime&vs=demo:UNEMP:FRA", "Side by side"),
        ("regimes?of=demo:equity0&span=all", "Returns by regime"),
        (f"regimes?of=demo:equity0&as_of={CLOCK}", "Model and rule"),
    ):
        page = narrow.open(path)
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024
        page.close()
    assert narrow.wrong == []
    narrow.context.close()


@pytest.mark.sampled(2)
def test_at_a_clock_in_the_crisis_nothing_later_is_shown(
    demo_lake: DemoLake, browser: Browser, tmp_path: Path
) -> None:
    """The demo world on the evening of its worst day: every macro page speaks of that day."""
    sql = "SELECT max(known_at) AS clock FROM events WHERE kind = 'crash'"
    crash = demo_lake.at().sql(sql).frame["clock"].item()
    shutil.copytree(demo_lake.settings.root, tmp_path / "demo")
    with serving(tmp_path, "demo") as found:
        desk = Desk(found, browser.new_context(viewport={"width": 1440, "height": 900}))
        for path, title in (
            ("overview?since=month&", "What changed"),
            ("countries?", "Ranking"),
            ("releases?country=USA&", "Bias"),
            ("series?id=demo:IP:USA&", "Revision triangle"),
            ("regimes?country=USA&", "Month by month"),
        ):
            page = desk.open(f"{path}as_of={crash:%Y-%m-%dT%H:%M:%SZ}")
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            shown = page.locator('[data-testid="stMain"] table').all_inner_texts()
            years = {int(year) for text in shown for year in re.findall(r"\b20\d\d\b", text)}
            assert years
            assert max(years) <= crash.year + 1, path  # the calendar looks a fortnight ahead
            page.close()
        assert desk.wrong == []
        desk.context.close()


def test_the_map_is_drawn_and_a_country_on_it_is_the_profile(
    economy: str, browser: Browser
) -> None:
    desk = Desk(economy, browser.new_context(viewport={"width": 1440, "height": 900}))
    page = desk.open("countries")
    drawing = page.locator(".st-key-countries_map .marks").first
    expect(drawing).to_be_visible()
    settle(page)
    box = drawing.bounding_box()
    assert box is not None
    # Somewhere in the middle of the United States, on a map of the whole world.
    page.mouse.click(box["x"] + box["width"] * 0.27, box["y"] + box["height"] * 0.27)
    expect(page).to_have_url(re.compile("id=USA"))
    expect(page.get_by_role("heading", name="Profile: USA")).to_be_visible()
    page.get_by_role("table").get_by_role("link", name="Germany").first.click()
    expect(page.get_by_role("heading", name="Profile: DEU")).to_be_visible()
    assert desk.wrong == []
    desk.context.close()


@pytest.mark.sampled(3)
def test_a_yield_curve_is_compared_with_a_picked_day(economy: str, browser: Browser) -> None:
    """The day goes into the address; another session draws the same, dark and narrow."""
    desk = Desk(economy, browser.new_context(viewport={"width": 1440, "height": 900}))
    page = desk.open("curves")
    chart = page.locator(".st-key-panel-yield-curve")
    expect(chart.locator(".legendtext")).to_have_count(3)
    picked = world.last_day() - timedelta(days=60)
    while picked.weekday() > 4:
        picked -= timedelta(days=1)
    page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{picked:%Y%m%d}")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(rf"with=1m(,|%2C)1y(,|%2C){picked.isoformat()}"))
    expect(chart.locator(".legendtext")).to_have_count(4)
    expect(chart.get_by_text(f"{picked:%d %b %Y}", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("positive since")).first).to_be_visible()
    settle(page)
    narrow = Desk(
        economy,
        browser.new_context(viewport={"width": 1024, "height": 768}, color_scheme="dark"),
    )
    second = narrow.open(page.url.removeprefix(economy + "/"))
    expect(second.locator(".st-key-panel-yield-curve .legendtext")).to_have_count(4)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not second.evaluate(wide)
    assert desk.wrong == narrow.wrong == []
    desk.context.close()
    narrow.context.close()


def test_trade_and_rates_of_a_country_lead_to_the_trade_page(
    economy: str, browser: Browser
) -> None:
    """From the profile over a partner to Trade, whose dependency another session shows the same."""
    desk = Desk(economy, browser.new_context(viewport={"width": 1440, "height": 900}))
    page = desk.open("countries?id=DEU")
    page.locator('[data-testid="stMain"]').get_by_text("Trade and rates", exact=True).click()
    expect(page).to_have_url(re.compile("tab=ties"))
    for title in ("Commodity dependence", "Terms of trade"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator(".st-key-panel-ties-balance .legendtext").first).to_have_text("exports")
    page.get_by_role("link", name="Open on the Trade page").click()
    expect(page).to_have_url(re.compile(r"/trade\?.*country=DEU"))
    page.locator('[data-testid="stMain"]').get_by_text("Dependency", exact=True).click()
    expect(page).to_have_url(re.compile("view=dependency"))
    expect(page.get_by_role("heading", name="Dependency by product")).to_be_visible()
    settle(page)
    other = Desk(economy, browser.new_context(viewport={"width": 1440, "height": 900}))
    second = other.open(page.url.removeprefix(economy + "/"))
    expect(second.get_by_role("heading", name="Dependency by product")).to_be_visible()
    assert facts(settle(second)) == facts(page)
    assert desk.wrong == other.wrong == []
    desk.context.close()
    other.context.close()
