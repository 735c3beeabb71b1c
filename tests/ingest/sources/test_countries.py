"""Countries: a split, a new currency, a new number; answers of REST Countries old and new."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.country_codes import country
from ingest.jobs import Window
from ingest.lists import FOLDER, listed
from ingest.sources.countries import HOUSE, SOURCE
from tests.ingest.macro_replies import NOW, problem, recorded, reply, rows

URL = "https://restcountries.com/v3.1/alpha?codes=de"


def states(code: str) -> list[tuple[date, object, str, str]]:
    """What our table says of a code, and since when."""
    table = reply((FOLDER / "countries.csv").read_bytes(), HOUSE)
    found = [row for row in rows(SOURCE, table, "countries") if row["country"] == code]
    return [(r["known_at"].date(), r["iso_numeric"], r["currency"], r["name"]) for r in found]


def test_the_list_holds_every_code_of_today() -> None:
    ours = listed("countries", "iso3").values()
    today = [row for row in ours if not row["until"] and row["iso3"] != "XKX"]
    assert len(today) == 249
    for name in ("iso2", "numeric"):
        assert len({row[name] for row in today}) == 249
    assert all(row["zone"] == "" or ZoneInfo(row["zone"]) for row in ours)
    followers = {code for row in ours for code in row["into"].split("|") if code}
    assert followers <= set(listed("countries", "iso3"))


def test_a_country_that_split_ends_and_its_parts_begin() -> None:
    begun, ended = states("SCG")
    assert (begun[0], ended[0]) == (date(2003, 7, 23), date(2006, 9, 26))
    assert ended[3] == "Serbia and Montenegro (until 2006-09-25, then SRB, MNE)"
    assert states("SRB")[0][0] == states("MNE")[0][0] == date(2006, 9, 26)
    assert [row[:2] for row in states("SDN")] == [
        (date(1974, 12, 15), 736),
        (date(2011, 8, 9), 729),
    ]
    assert states("SSD")[0][:2] == (date(2011, 8, 9), 728)
    assert states("ANT")[-1][0] == states("CUW")[0][0] == date(2010, 12, 15)


def test_a_new_currency_is_a_vintage() -> None:
    assert [(row[0], row[2]) for row in states("HRV")] == [
        (date(1992, 5, 1), "HRK"),
        (date(2023, 1, 1), "EUR"),
    ]
    assert [(row[0], row[2]) for row in states("BGR")][-1] == (date(2026, 1, 1), "EUR")


def test_codes_mean_countries_and_groups_mean_none() -> None:
    assert [country(c) for c in ("DE", "deu", " XK ", "CS", "1W", "WLD", "EUU", "")] == [
        "DEU",
        "DEU",
        "XKX",
        "SCG",
        None,
        None,
        None,
        None,
    ]


def test_the_plan_needs_no_network() -> None:
    (call,) = SOURCE.plan(Window((), NOW))
    table = rows(SOURCE, reply(b"", call.url), "countries")
    assert {row["source"] for row in table} == {"countries"}
    assert len({row["country"] for row in table}) == 262


def test_both_schemas_of_rest_countries_say_the_same() -> None:
    old = {
        "name": {"common": "Peru"},
        "cca2": "PE",
        "cca3": "PER",
        "ccn3": "604",
        "currencies": {"USD": {}, "PEN": {}},
        "capital": ["Lima"],
        "population": 33,
        "area": 1285216,
    }
    new = {
        "names": {"common": "Peru"},
        "codes": {"alpha_2": "PE", "alpha_3": "PER", "ccn3": "604"},
        "currencies": [{"code": "PEN"}],
        "capitals": [{"name": "Lima"}],
        "population": 33,
        "area": {"kilometers": 1285216},
    }
    (first,) = rows(SOURCE, reply([old], URL), "countries")
    page = {"data": {"objects": [new], "meta": {"more": True}}}
    answer = reply(page, "https://api.restcountries.com/countries/v5?limit=1&offset=5")
    (second,) = rows(SOURCE, answer, "countries")
    assert first == second
    assert (first["currency"], first["iso_numeric"], first["area_km2"]) == ("PEN", 604, 1285216)
    assert SOURCE.parse(answer).follow[0].params["offset"] == "6"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"success": False, "data": None, "errors": [{"message": "deprecated"}]}, 200, "client"),
        ({"message": "Not Found", "status": 404}, 404, "empty"),
        ({"errors": [{"message": "Invalid API key"}]}, 401, "auth"),
        ([], 200, "empty"),
        ([1], 200, "upstream"),
        ("<html><body>x</body></html>", 200, "upstream"),
        ("a,b\n1,2\n", 200, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL, status)).problem == expected


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    everyone = rows(
        SOURCE, recorded(shared, "restcountries/derived_v3.1_all_fields.json"), "countries"
    )
    assert len(everyone) == 250
    aruba = everyone[0]
    assert (aruba["country"], aruba["population"], aruba["area_km2"]) == ("ABW", 107566, 180)
    edge = "restcountries/derived_v3.1_subset_dependencies_and_edge.json"
    found = {r["country"]: r for r in rows(SOURCE, recorded(shared, edge), "countries")}
    assert (found["ATA"]["capital"], found["ATA"]["currency"]) == (None, None)
    four = "restcountries/derived_v3.1_alpha_codes_pe_co_no_ee.json"
    names = {r["country"]: r["capital"] for r in rows(SOURCE, recorded(shared, four), "countries")}
    assert names["COL"] == "Bogotá"
    gone = problem(SOURCE, recorded(shared, "restcountries/quoted_v3.1_retired_deprecation.json"))
    assert gone.problem == "client"
