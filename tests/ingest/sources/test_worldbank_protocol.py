"""The World Bank's protocol: numbered pages, errors inside a success, HTML from a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import worldbank
from tests.ingest.desk import Desk, opened, outage
from tests.ingest.server import Handler, document, status

GDP, PEOPLE = "NY.GDP.MKTP.CD", "SP.POP.TOTL"
PLACES = {"DEU": "DE", "FRA": "FR", "ITA": "IT"}
VALUES = "SELECT series_id, period, value FROM macro ORDER BY ALL"
HISTORY = "SELECT series_id, period, value, known_at FROM macro_vintages ORDER BY ALL"
GERMANY = "SELECT value FROM macro WHERE series_id = $id AND period = DATE '2022-01-01'"
PROXY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Bank:
    """Per indicator, country and year a value or none; three rows a page."""

    figures: dict[tuple[str, str, str], float | None]
    titles: dict[str, str]
    page: int = 3

    def __call__(self, to: Handler) -> None:
        name = to.path.partition("?")[0].rpartition("/")[2]
        if name not in self.titles:
            words = "The indicator was not found. It may have been deleted or archived."
            told = {"id": "175", "key": "Invalid format", "value": words}
            return document([{"message": [told]}])(to)
        rows = [self.row(*key, value) for key, value in self.figures.items() if key[0] == name]
        first, _, last = to.query.get("date", "1900:2100").partition(":")
        rows = [row for row in rows if first <= row["date"] <= last]
        page = int(to.query.get("page", "1"))
        pages = -(-len(rows) // self.page)
        head = {"page": page, "pages": pages, "per_page": self.page, "total": len(rows)}
        shown = rows[(page - 1) * self.page : page * self.page]
        return document([{**head, "lastupdated": "2024-02-21"}, shown])(to)

    def row(self, name: str, iso3: str, year: str, value: float | None) -> dict[str, Any]:
        return {
            "indicator": {"id": name, "value": self.titles[name]},
            "country": {"id": PLACES[iso3], "value": iso3.title()},
            "countryiso3code": iso3,
            "date": year,
            "value": value,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }


def bank() -> Bank:
    """Seven figures of output on three pages, the last of which holds one; three of people."""
    years = [("DEU", "2021"), ("DEU", "2022"), ("FRA", "2021"), ("FRA", "2022")]
    years += [("ITA", "2020"), ("ITA", "2021"), ("ITA", "2022")]
    output = {(GDP, *each): 1000.0 + at for at, each in enumerate(years)}
    people = {(PEOPLE, place, "2022"): 50.0 for place in PLACES}
    return Bank(output | people, {GDP: "GDP (current US$)", PEOPLE: "Population, total"})


PATHS = tuple(f"/v2/country/all/indicator/{name}" for name in (GDP, PEOPLE))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(worldbank.SOURCE, tmp_path) as found:
        yield found


def test_a_first_fill_takes_every_page(desk: Desk) -> None:
    desk.speak(bank(), *PATHS)
    outcome = desk.run(GDP).outcome
    assert (outcome.status, outcome.calls) == ("ok", 3)
    assert desk.asked("page") == [None, "2", "3"]
    assert len(desk.rows(VALUES)) == 7
    assert desk.rows(GERMANY, desk.now, id=f"wb:{GDP}:DEU") == [(1001.0,)]
    assert desk.rows(VALUES, desk.now - timedelta(minutes=1)) == []
    assert len(desk.rows("SELECT * FROM series")) == 3


def test_a_page_without_a_value_does_not_hide_the_pages_behind_it(desk: Desk) -> None:
    far = bank()
    nothing: dict[tuple[str, str, str], float | None]
    nothing = {(GDP, "DEU", str(year)): None for year in range(1960, 1964)}
    far.figures = nothing | far.figures
    desk.speak(far, *PATHS)
    assert desk.run(GDP).outcome.status == "ok"
    assert len(desk.rows(VALUES)) == 7


def test_a_refresh_adds_what_is_new_and_a_revision_one_vintage_each(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(GDP)
    first, before = desk.now, desk.rows(HISTORY)
    desk.sleep(hours=3)
    asked = len(desk.server.hits)
    assert desk.counts(GDP) == ("ok", 0, 0)
    assert len(desk.server.hits) == asked, "an answer of today is not asked for again"
    desk.sleep(days=30)
    assert desk.counts(GDP) == ("ok", 0, 0)
    assert len(desk.server.hits) == asked + 3
    far.figures |= {(GDP, "DEU", "2023"): 1100.0, (GDP, "DEU", "2022"): 990.0}
    desk.sleep(days=30)
    assert desk.counts(GDP)[1:] == (1, 1)
    added = sorted(set(desk.rows(HISTORY)) - set(before))
    assert [row[:3] for row in added] == [
        (f"wb:{GDP}:DEU", date(2022, 1, 1), 990.0),
        (f"wb:{GDP}:DEU", date(2023, 1, 1), 1100.0),
    ]
    assert all(desk.now - timedelta(minutes=1) < row[3] <= desk.now for row in added)
    assert set(before) < set(desk.rows(HISTORY))
    assert desk.rows(GERMANY, first, id=f"wb:{GDP}:DEU") == [(1001.0,)]
    assert desk.rows(GERMANY, desk.now, id=f"wb:{GDP}:DEU") == [(990.0,)]


def test_a_renamed_indicator_is_a_vintage_of_its_description(desk: Desk) -> None:
    far = bank()
    far.titles["XX.OLD"] = "Old words"
    far.figures = {("XX.OLD", "DEU", "2022"): 1.0}
    desk.speak(far, "/v2/country/all/indicator/XX.OLD")
    desk.run("XX.OLD")
    first = desk.now
    far.titles["XX.OLD"] = "New words"
    desk.sleep(days=31)
    desk.run("XX.OLD")
    titles = "SELECT title FROM series"
    assert desk.rows(titles, first) == [("Old words: Deu",)]
    assert desk.rows(titles, desk.now) == [("New words: Deu",)]
    assert len(desk.rows(HISTORY)) == 1


def test_an_archived_indicator_is_a_failure_though_it_answers_200(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(GDP, PEOPLE)
    held = desk.rows(VALUES)
    assert len(held) == 10
    desk.sleep(days=30)
    del far.titles[GDP]
    outcome = desk.run(GDP, PEOPLE).outcome
    assert outcome.status == "partial"
    assert "deleted or archived" in outcome.message
    assert desk.rows(VALUES) == held


def test_a_502_in_html_is_asked_again(desk: Desk) -> None:
    api = desk.speak(bank(), *PATHS)
    api.first = [status(502, PROXY, Content_Type="text/html")] * 2
    assert desk.counts(GDP)[:2] == ("ok", 10)
    assert desk.asked("page") == [None, None, None, "2", "3"]


def test_html_with_200_between_two_pages_keeps_what_came_and_is_taken_up(desk: Desk) -> None:
    far = bank()
    page = status(200, PROXY, Content_Type="text/html")
    due = desk.now
    desk.speak(lambda to: (page if to.query.get("page") == "2" else far)(to), *PATHS)
    outcome = desk.run(GDP, due=due).outcome
    assert outcome.status == "partial"
    assert "HTML came where data were due" in outcome.message
    assert len(desk.rows(VALUES)) == 3
    desk.speak(far, *PATHS)
    again = desk.run(GDP, due=due)
    assert (again.outcome.status, again.attempt) == ("ok", 2)
    assert desk.asked("page") == [None, "2", "2", "3"]
    assert len(desk.rows(VALUES)) == 7


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(bank(), *PATHS)
    desk.run(GDP)
    desk.sleep(days=30)
    outage(desk, api, HISTORY, lambda: desk.run(GDP))
