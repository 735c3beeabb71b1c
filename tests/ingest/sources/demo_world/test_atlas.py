"""Every country by name: codes that agree with every other table, and data for forty alone."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from data.settings import REPOSITORY
from ingest.lists import listed
from ingest.sources.demo_world.atlas import NamedCountry, named
from ingest.sources.demo_world.geography import COUNTRIES, countries_of, every_place
from ingest.sources.demo_world.macro import country_table
from ingest.sources.demo_world.spec import SCALES, make_spec
from tests.demo_fixture import DemoLake

MAP = REPOSITORY / "pages" / "frame" / "static" / "countries-110m.json"
# Areas that the map outlines and that are no country of this world.
AREAS = {"ATA", "ATF", "ESH", "FLK", "GRL", "NCL", "PRI"}
NUMBERS = ["population", "area_km2"]


def written(scale: str) -> pl.DataFrame:
    """The countries of a world of one scale."""
    spec = make_spec(7, date(2024, 6, 28), scale)
    return pl.DataFrame(pl.from_arrow(country_table(spec, countries_of(spec))))


def without_accents(word: str) -> str:
    """A name as the tables of the demo world write a capital."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def test_the_members_of_the_united_nations_and_three_more() -> None:
    places = every_place()
    assert (len(COUNTRIES), len(named()), len(places)) == (40, 156, 193 + 3)
    assert {"VAT", "PSE", "TWN"} < {place.code for place in named()}
    for facts in ("code", "iso2", "numeric", "name"):
        assert len({getattr(place, facts) for place in places}) == 196, facts
    codes = [place.code for place in named()]
    assert codes == sorted(codes)


@pytest.mark.parametrize("place", every_place(), ids=lambda place: place.code)
def test_codes_currency_and_zone_are_those_of_the_table_of_all_countries(
    place: NamedCountry,
) -> None:
    row = listed("countries", "iso3")[place.code]
    assert not row["until"]
    assert (place.iso2, str(place.numeric)) == (row["iso2"], row["numeric"])
    assert (place.currency, place.zone) == (row["currency"], row["zone"])
    assert ZoneInfo(place.zone).key == place.zone


def test_names_and_capitals_are_those_of_the_table_of_all_countries() -> None:
    rows = listed("countries", "iso3")
    for place in named():
        row = rows[place.code]
        assert (place.name, place.capital) == (row["name"], without_accents(row["capital"]))


def test_regions_and_income_groups_are_the_banks_own_words() -> None:
    known = {country.region for country in COUNTRIES}
    assert {place.region for place in named()} <= known | {None}
    assert {place.income for place in named()} == {
        "High income",
        "Upper middle income",
        "Lower middle income",
        "Low income",
        None,
    }
    # The bank has no entry for the Holy See and does not classify the two others.
    assert {place.code for place in named() if place.region is None} == {"VAT"}
    assert {place.code for place in named() if place.income is None} == {"ETH", "VAT", "VEN"}


def test_every_outline_of_the_map_is_a_country_or_a_known_area() -> None:
    shapes = json.loads(MAP.read_text())["objects"]["countries"]["geometries"]
    outlined = {int(shape["id"]) for shape in shapes if "id" in shape}
    rows = listed("countries", "iso3")
    areas = {int(rows[code]["numeric"]) for code in AREAS}
    assert outlined - {place.numeric for place in every_place()} == areas


@pytest.mark.parametrize("scale", SCALES)
def test_all_are_written_and_only_those_with_data_have_people(scale: str) -> None:
    frame = written(scale)
    held = {country.code for country in countries_of(make_spec(7, date(2024, 6, 28), scale))}
    assert len(held) == SCALES[scale].countries
    assert frame["country"].to_list() == [place.code for place in every_place()]
    for name in NUMBERS:
        with_number = frame.drop_nulls(name)
        assert set(with_number["country"]) == held
        assert with_number[name].min() > 0


def test_those_with_data_have_series_and_the_others_none(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    told = at.sql("SELECT DISTINCT country FROM series WHERE country IS NOT NULL").frame
    counted = at.sql("SELECT country FROM countries WHERE population IS NOT NULL").frame
    assert set(told["country"]) == set(counted["country"])
    assert told.height == demo_lake.spec.scale.countries
    assert at.sql("SELECT count(*) AS n FROM countries").frame["n"].to_list() == [196]
