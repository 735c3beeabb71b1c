"""The macro pages: which series is meant, what they show of it, and what they refuse to show."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from data.clock import iso
from data.settings import Settings
from pages.frame.tables import table
from pages.macro.country_table import heading, usual
from pages.macro.previous import PREVIOUS, before
from tests.pages import browse, world

USA = "demo:USA.CPI"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world, with series of consumer prices printed twice, a country that has regimes, and one
    of which nothing but the name is known."""
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_economy(built)
    world.add_named(built)
    return built


def test_a_series_is_shown_with_its_prints(settings: Settings) -> None:
    app = browse.visit(settings, "series", id=USA)
    assert not app.exception
    shown = " ".join(browse.bodies(app))
    for title in ("Consumer prices USA", "First print and as of the clock", "Revision triangle"):
        assert title in shown
    triangle = next(
        body for body in browse.bodies(app) if ">period<" in body and ">last print<" in body
    )
    assert "2nd" in triangle
    assert "3rd" not in triangle  # nothing was printed three times
    assert len(app.get("plotly_chart")) == 1


def test_a_print_is_invisible_one_second_before(settings: Settings) -> None:
    period = (world.last_day() - timedelta(days=100)).replace(day=1)
    due = datetime.combine(period + timedelta(days=44), time(13, 30, tzinfo=UTC))
    heads = []
    for moment in (due - timedelta(seconds=1), due):
        app = browse.visit(settings, "series", id=USA, as_of=iso(moment))
        heads.append(next(body for body in browse.bodies(app) if "First print<" in body))
    assert f"<small>{period:%b %Y}</small>" not in heads[0]
    assert f"<small>{period:%b %Y}</small>" in heads[1]


def test_of_several_it_is_asked_which(settings: Settings) -> None:
    app = browse.visit(settings, "series", id="consumer prices")
    assert any("2 series are called" in said for said in browse.sentences(app))
    app.button(key="choose-id-consumer prices-demo:DEU.CPI").click().run()
    assert browse.asked(app, "id") == "demo:DEU.CPI"
    assert "Consumer prices DEU" in " ".join(browse.bodies(app))
    app = browse.visit(settings, "series", id=USA, vs="consumer,demo:USA.CPI")
    app.button(key="choose-vs-consumer-demo:DEU.CPI").click().run()
    assert (browse.asked(app, "id"), browse.asked(app, "vs")) == (USA, "demo:DEU.CPI demo:USA.CPI")
    app = browse.visit(settings, "series", id="usa CPI")
    assert "Consumer prices USA" in " ".join(browse.bodies(app))
    app = browse.visit(settings, "series", id="<script>")
    assert any("No series called" in said for said in browse.sentences(app))
    assert not app.exception


def test_others_stand_beside_it_at_common_periods(settings: Settings) -> None:
    app = browse.visit(settings, "series", id=USA, vs="demo:DEU.CPI nothing", align="quarterly")
    assert not app.exception
    assert "Side by side" in " ".join(browse.bodies(app))
    assert any("No series called" in said for said in browse.sentences(app))
    assert len(app.get("plotly_chart")) == 2


@pytest.mark.parametrize(
    "measure", ["change", "growth", "year", "annualised", "z", "index", "luck"]
)
def test_every_measure_is_drawn_or_said(settings: Settings, measure: str) -> None:
    app = browse.visit(settings, "series", id=USA, measure=measure)
    assert not app.exception
    said = browse.sentences(app)
    if measure in ("z", "index"):
        assert any("looks at a whole vintage" in sentence for sentence in said)
    elif measure == "luck":
        assert any("no measure named" in sentence for sentence in said)
    else:
        assert "Revision triangle" in " ".join(browse.bodies(app))


@pytest.mark.parametrize("clock", ["1999-01-01T00:00:00Z", ""])
def test_an_empty_lake_and_an_early_clock_are_said(
    tmp_path: Path, settings: Settings, clock: str
) -> None:
    where = settings if clock else world.settings(tmp_path)
    app = browse.visit(where, "series", id=USA, **({"as_of": clock} if clock else {}))
    assert not app.exception
    assert any("No series called" in said for said in browse.sentences(app))


def test_countries_are_ranked_compared_and_profiled(settings: Settings) -> None:
    app = browse.visit(settings, "countries", **{"with": "USA, DEU XXX", "id": "DEU"})
    assert not app.exception
    shown = browse.bodies(app)
    ranking = next(body for body in shown if "<caption>Ranking" in body)
    assert ranking.count("<tr>") == 3  # two countries have it, and the head
    profile = next(body for body in shown if "<caption>Profile" in body)
    assert 'href="series?id=demo%3ADEU.CPI"' in profile
    assert any("for XXX at this time" in said for said in browse.sentences(app))
    assert len(app.get("plotly_chart")) == 1
    app = browse.visit(settings, "countries", indicator="nothing", id="<b>")
    assert any("no indicator named" in said for said in browse.sentences(app))
    assert any("no id named" in said for said in browse.sentences(app))
    assert not app.exception


def test_the_table_of_countries_comes_first_with_periods(settings: Settings) -> None:
    app = browse.visit(settings, "countries")
    captions = re.findall("<caption>([^<]*)", " ".join(browse.bodies(app)))
    assert captions[0] == "Countries by indicator"
    shown = next(body for body in browse.bodies(app) if "<caption>Countries by" in body)
    assert shown.count("<tr>") == 3  # two countries have indicators, and the head
    assert 'href="countries?id=DEU"' in shown
    assert re.search(r'data-sort="[-0-9.e]+" title="[^"]*published \d\d \w{3} \d{4}">', shown)
    assert re.search(r'<small class="b-dim">\w{3} \d{4}</small>', shown)


def test_the_columns_of_the_table_stay_in_the_address(settings: Settings) -> None:
    app = browse.visit(settings, "countries", columns="CPI nothing")
    assert any("No indicator named nothing" in said for said in browse.sentences(app))
    assert app.multiselect(key="countries_columns").value == ["CPI"]
    app.multiselect(key="countries_columns").set_value([]).run()
    assert "columns" not in app.query_params


@pytest.mark.parametrize(
    ("name", "unit", "shown"),
    [
        ("Policy rate", "percent", "Policy rate, %"),
        ("Inflation", "percent per year", "Inflation, %"),
        ("Inflation", "percent, year on year", "Inflation, %, year on year"),
        (
            "GDP growth, quarter on quarter",
            "percent, quarter on quarter",
            "GDP growth, quarter on quarter, %",
        ),
        ("Reserves, in months of imports", "months of imports", "Reserves, in months of imports"),
        ("Debt", "percent of GDP", "Debt, % of GDP"),
    ],
)
def test_a_heading_has_its_unit_once(name: str, unit: str, shown: str) -> None:
    assert heading(name, unit) == shown


def test_the_usual_columns_are_the_most_covered_of_each_kind() -> None:
    coverage = {"gdp_growth": 30, "GDPG": 2, "cpi_inflation": 9, "x": 50, "y": 40, "z": 1}
    assert usual(coverage) == ["gdp_growth", "cpi_inflation", "x", "y"]
    assert usual({}) == []


def test_a_country_without_data_says_so_and_is_no_choice_elsewhere(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="GUY", **{"with": "GUY USA"})
    assert not app.exception
    said = browse.sentences(app)
    assert sum("Guyana: no indicator is known at this clock." in item for item in said) == 1
    assert any("for GUY at this time" in item for item in said)
    assert not any("no id named" in item for item in said)
    shown = " ".join(browse.bodies(app))
    assert "Profile: GUY" in shown
    assert "Guyana" not in shown.replace("Guyana: no indicator", "")  # in no ranking, no group
    named = ["DEU · Germany", "GUY · Guyana", "USA · United States"]
    assert app.selectbox(key="countries_id").options == named
    others = browse.visit(settings, "countries").selectbox(key="countries_id").options
    assert others == [named[0], named[2]]


def test_a_country_without_this_indicator_has_its_profile_of_others(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="FRA")
    assert not app.exception
    profile = next(body for body in browse.bodies(app) if "<caption>Profile" in body)
    assert 'href="series?id=demo%3AUNEMP%3AFRA"' in profile
    assert not any("no id named" in item for item in browse.sentences(app))


def test_the_calendar_says_what_comes_and_what_came(settings: Settings) -> None:
    app = browse.visit(settings, "releases", reach="3m")
    assert not app.exception
    shown = browse.bodies(app)
    coming = next(body for body in shown if "<caption>Upcoming" in body)
    came = next(body for body in shown if "<caption>Released" in body)
    assert 'href="series?id=demo%3AUSA.CPI"' in coming
    assert "CPI DEU" not in coming + came  # one country is chosen
    assert "first print" in came
    assert any(">Next<" in body for body in shown)
    strip = next(body for body in shown if ">Next<" in body)
    assert re.search(r"<dt>Released</dt><dd>\d+ <small>of which \d+ with a forecast<", strip)
    every = browse.visit(settings, "releases", reach="3m", country="all")
    assert "CPI DEU" in " ".join(browse.bodies(every))


def test_the_bias_is_made_of_what_is_shown(settings: Settings) -> None:
    app = browse.visit(settings, "releases", asset="gold")
    assert not app.exception
    shown = browse.bodies(app)
    rows = next(body for body in shown if "<caption>Bias</caption>" in body)
    assert "weights of" in rows
    assert "equities" in rows
    assert any("which is the score" in body for body in shown)
    every = browse.visit(settings, "releases", country="all")
    heat = next(body for body in browse.bodies(every) if "<caption>Bias</caption>" in body)
    assert "DEU" in heat


def test_an_actual_is_unknown_one_second_before(settings: Settings) -> None:
    period = (world.last_day() - timedelta(days=100)).replace(day=1)
    due = datetime.combine(period + timedelta(days=44), time(13, 30, tzinfo=UTC))
    seen = []
    for moment in (due - timedelta(seconds=1), due):
        app = browse.visit(settings, "releases", as_of=iso(moment), reach="1w")
        came = [body for body in browse.bodies(app) if "<caption>Released" in body]
        seen.append(f"{due:%A %d %B %Y}" in " ".join(came))
    assert seen == [False, True]


def test_a_reaction_is_shown_or_said_to_be_unknown(settings: Settings) -> None:
    app = browse.visit(settings, "releases", reach="3m", of="demo:equity0")
    came = next(body for body in browse.bodies(app) if "<caption>Released" in body)
    assert "demo:equity0" in came
    assert " %</span>" in came
    app = browse.visit(settings, "releases", reach="3m", of="<b>nothing")
    assert not app.exception
    assert any("No price of this id" in body for body in browse.bodies(app))
    assert "<b>nothing" not in " ".join(browse.bodies(app))


def test_regimes_are_read_shaded_and_counted(settings: Settings) -> None:
    app = browse.visit(settings, "regimes", of="demo:equity0", span="all")
    assert not app.exception
    shown = " ".join(browse.bodies(app))
    for title in (
        "Now",
        "Price by regime",
        "Model and rule",
        "Month by month",
        "Transitions",
        "Returns by regime",
        "Compared with recession dates",
    ):
        assert f"<h3>{title}</h3>" in shown
    assert "What would change it: growth turns when" in shown
    assert "from the day after it could be known" in shown
    assert any("No dates of recessions" in said for said in browse.sentences(app))
    assert any("No quarterly growth" in said for said in browse.sentences(app))


def test_a_month_is_known_from_its_last_print_on(settings: Settings) -> None:
    """Prices come a day after production: until then the month has no quadrant."""
    period = (world.last_day() - timedelta(days=120)).replace(day=1)
    due = datetime.combine(period + timedelta(days=36), time(21, 0, tzinfo=UTC))
    seen = []
    for moment in (due - timedelta(seconds=1), due):
        app = browse.visit(settings, "regimes", as_of=iso(moment))
        (head,) = (body for body in browse.bodies(app) if "<dt>Rule</dt>" in body)
        seen.append(f"months, {period:%b %Y}" in head)
    assert seen == [False, True]


def test_a_series_is_shaded_by_the_regime_of_its_country(settings: Settings) -> None:
    app = browse.visit(settings, "series", id="demo:IP:FRA", shade="regime", span="all")
    assert not app.exception
    assert any("from the day after it could be known" in body for body in browse.bodies(app))
    app = browse.visit(settings, "series", id=USA, shade="regime")
    assert any("no quadrant is known in this time" in body for body in browse.bodies(app))


@pytest.mark.parametrize("clock", ["1999-01-01T00:00:00Z", ""])
def test_without_both_series_there_is_no_regime(
    tmp_path: Path, settings: Settings, clock: str
) -> None:
    where = settings if clock else world.settings(tmp_path)
    app = browse.visit(where, "regimes", **({"as_of": clock} if clock else {}))
    assert not app.exception
    assert any("No country has a monthly series" in said for said in browse.sentences(app))


def test_questions_without_parameters_do_not_answer_each_other(settings: Settings) -> None:
    """Which countries, which indicators and which index are asked without any parameter."""
    clock = f"{world.last_day()}T22:00:00Z"
    browse.visit(settings, "overview", as_of=clock)
    for page, title in (
        ("regimes", "Model and rule"),
        ("countries", "Ranking"),
        ("releases", "Released"),
        ("regimes", "Model and rule"),
    ):
        app = browse.arrive(page, as_of=clock)  # what the pages before asked is kept
        assert not app.exception
        assert f"<h3>{title}</h3>" in " ".join(browse.bodies(app))
        assert not any("not foreseen" in said for said in browse.sentences(app))


def test_expectations_are_checked_and_handed_to_the_scheduler(tmp_path: Path) -> None:
    built = world.build(tmp_path)
    app = browse.visit(built, "releases")
    held = next(box for box in app.text_area if box.label.startswith("Or paste"))
    month = world.last_day().replace(day=1)
    rows = f"{USA},{month:%Y-%m},2.5\nnone,2024,1\n"
    app = held.set_value(f"series,period,consensus\n{rows}").run()
    assert not app.exception
    shown = " ".join(browse.bodies(app))
    assert "no release of &#x27;none&#x27; is in the calendar" in shown
    app = next(b for b in app.button if b.key == "expectations_keep").click().run()
    assert any("1 expectations were handed" in said for said in browse.sentences(app))
    assert len(list((built.root / "inbox" / "expectations").glob("*.json"))) == 1
    past = browse.visit(built, "releases", as_of=f"{world.last_day()}T22:00:00Z")
    assert not any(box.label.startswith("Or paste") for box in past.text_area)


def test_a_previous_value_says_where_it_is_from() -> None:
    taken = before({"previous": 2.1, "previous_from": "lake"})
    shown = table([taken], (PREVIOUS,), caption="Releases")
    assert "from series" in shown
    assert ">2.1" in shown
    stated = before({"previous": 2.1, "previous_from": "release"})
    assert "from series" not in table([stated], (PREVIOUS,), caption="Releases")
