"""What words name: in four languages, as analysts write, and no part of another word."""

from __future__ import annotations

import random
import time

import polars as pl
import pytest

from analytics.claims.naming.candidates import candidates
from analytics.claims.naming.directory import make_directory
from analytics.claims.naming.names import ideas
from analytics.claims.naming.nearest import nearest
from analytics.claims.naming.subjects import SubjectDirectory, directory_of, named
from analytics.core.catalogue import run
from data.query import At
from data.vocabulary import vocabulary
from tests.analytics.claims.world import about, ids, kinds
from tests.demo_fixture import DemoLake
from tests.golden import gold

PARTS = ("series", "instruments", "companies", "accounts", "countries")
SIX = ("CHN", "DEU", "FRA", "GBR", "JPN", "USA")


@pytest.fixture(scope="module")
def directory(demo_lake: DemoLake) -> SubjectDirectory:
    """All that the small world names at its end."""
    return directory_of(demo_lake.at())


@pytest.fixture(scope="module")
def frames(demo_lake: DemoLake) -> dict[str, pl.DataFrame]:
    """What a directory is made of."""
    return frames_at(demo_lake.at())


def frames_at(at: At) -> dict[str, pl.DataFrame]:
    """The same at any clock."""
    return {part: run(at, f"parts/nameable_{part}").frame for part in PARTS}


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("The jobless rate in Britain", "en", "demo:UNEMP:GBR"),
        ("British joblessness", "en", "demo:UNEMP:GBR"),
        ("Japan's core", "en", "demo:CORE:JPN"),
        ("headline inflation in the US", "en", "demo:CPIYOY:USA"),
        ("The Fed's policy rate", "en", "demo:POLICY:USA"),
        ("The Bank of Japan left its rate", "en", "demo:POLICY:JPN"),
        ("Chinese industrial output", "en", "demo:IP:CHN"),
        ("American payrolls", "en", "demo:EMPL:USA"),
        ("U.S. services PMI", "en", "demo:PMISERV:USA"),
        ("German ten-year yield", "en", "demo:Y10:DEU"),
        ("US two-year notes", "en", "demo:par:USA:2y"),
        ("the US ten-year TIPS yield", "en", "demo:real:USA:10y"),
        ("Die Teuerung in Frankreich", "de", "demo:CPIYOY:FRA"),
        ("Die britische Erwerbslosenquote", "de", "demo:UNEMP:GBR"),
        ("Deutschlands Ausfuhren", "de", "demo:EXPORTS:DEU"),
        ("Der Leitzins der Bundesbank", "de", "demo:POLICY:DEU"),
        ("le chômage au Royaume-Uni", "fr", "demo:UNEMP:GBR"),
        ("l’inflation sous-jacente allemande", "fr", "demo:CORE:DEU"),
        ("le déficit commercial américain", "fr", "demo:TRADEBAL:USA"),
        ("el paro alemán", "es", "demo:UNEMP:DEU"),
        ("el tipo de interés oficial en Estados Unidos", "es", "demo:POLICY:USA"),
        ("la producción industrial japonesa", "es", "demo:IP:JPN"),
        ("Northmarch Crude", "en", "demo:CRUDE-N"),
        ("Gold (Northmarch)", "en", "demo:GOLD-N"),
        ("le brut Northmarch", "fr", "demo:CRUDE-N"),
        ("world equities", "en", "demo:WORLD"),
        ("XD0000000048", "en", "demo:FIRF"),
        ("EURUSD", "en", "demo:EURUSD"),
        ("EUR/USD", "en", "demo:EURUSD"),
        ("euro-dollar", "en", "demo:EURUSD"),
        ("cable", "en", "demo:GBPUSD"),
        ("sterling against the dollar", "en", "demo:GBPUSD"),
        ("the dollar bought 9.08 yuan", "en", "demo:USDCNY"),
        ("the dollar against its Canadian cousin", "en", "demo:USDCAD"),
    ],
)
def test_words_find_what_they_name(
    directory: SubjectDirectory, text: str, language: str, wanted: str
) -> None:
    found = about(directory, text, language, grain="month" if "Y10" in wanted else None)
    assert (ids(found), found.state) == ([wanted], "found")


@pytest.mark.parametrize(
    ("text", "word"),
    [("Unemployment rose", "UNEMP"), ("Inflation is up", "CPIYOY"), ("Leitzins", "POLICY")],
)
def test_without_a_country_every_one_of_them_is_meant(
    directory: SubjectDirectory, text: str, word: str
) -> None:
    assert ids(about(directory, text)) == [f"demo:{word}:{country}" for country in SIX]


def test_what_fits_several_gives_all_of_them(directory: SubjectDirectory) -> None:
    assert ids(about(directory, "Germany's PMI")) == ["demo:PMI:DEU", "demo:PMISERV:DEU"]
    assert ids(about(directory, "The pound fell")) == ["demo:EURGBP", "demo:GBPUSD"]
    assert ids(about(directory, "trade with Japan")) == ["demo:EXPORTS:JPN", "demo:IMPORTS:JPN"]
    family = ids(about(directory, "Fictor's shares"))
    assert len(family) == 11
    assert "demo:FIRP.2" in family


@pytest.mark.parametrize(
    "text",
    [
        *("The ECB's deposit rate", "EZB Einlagensatz", "Brent", "the DAX", "Bitcoin", "S&P 500"),
        *("Österreichs Inflationsrate", "Spanish unemployment", "German GDP per head"),
        *("Fictor Oilfields", "the Swiss franc against the euro", "Brazil's exports"),
    ],
)
def test_what_the_lake_lacks_is_absent(directory: SubjectDirectory, text: str) -> None:
    found = about(directory, text)
    assert (found.subjects, found.state) == ((), "absent")


@pytest.mark.parametrize("text", ["", "Nothing of the kind was seen", "5 %", "in Germany", "$12"])
def test_what_names_nothing_is_told_apart(directory: SubjectDirectory, text: str) -> None:
    assert about(directory, text).state == "unnamed"


@pytest.mark.parametrize(
    "text",
    [
        *("Let us see it", "a hardcore reinflation", "turkey and polish", "the fed animals"),
        *("42% of GDP", "a ten-year high", "within ten years", "FIRE in the hall", "gilding"),
        *("the job market", "Exporttag", "pounding"),
    ],
)
def test_parts_of_words_and_words_of_the_language_name_nothing(
    directory: SubjectDirectory, text: str
) -> None:
    assert kinds(directory, text) == {}


def test_a_ticker_that_is_a_word_needs_a_word_of_the_market(directory: SubjectDirectory) -> None:
    assert kinds(directory, "FIRE shares fell") == {"FIRE: instrument": ("demo:FIRE",)}
    assert kinds(directory, "NORS fell") == {"NORS: instrument": ("demo:NORS",)}
    assert kinds(directory, "nors fell") == {}


def test_the_base_of_a_pair_is_what_is_priced(directory: SubjectDirectory) -> None:
    def turned(text: str, **given: str) -> list[tuple[str, bool]]:
        return [(one.id, one.inverse) for one in about(directory, text, **given).subjects]

    assert turned("the yen gained against the dollar") == [("demo:USDJPY", True)]
    assert turned("the yen at 105 per dollar") == [("demo:USDJPY", False)]
    assert turned("against the pound the euro stood") == [("demo:EURGBP", False)]
    assert turned("un dollar s’échange contre 0,74 euro") == [("demo:EURUSD", True)]
    assert turned("Sterling stood at 1.79", unit="USD") == [("demo:GBPUSD", False)]
    assert turned("USD/EUR") == [("demo:EURUSD", True)]


def test_an_account_needs_its_company(directory: SubjectDirectory) -> None:
    found = about(directory, "Fictor Motors’ net income")
    assert [(one.kind, one.id, one.concept) for one in found.subjects] == [
        ("account", "demo:co-0004", "NetIncomeLoss")
    ]
    assert about(directory, "Revenue rose").state == "unnamed"
    margin = named("Fictor Foods: gross margin", 0, 26, directory, "en")[-1]
    assert (margin.ids, margin.idea) == (("GrossProfit",), "gross margin")


def test_the_money_of_an_amount_is_no_subject(directory: SubjectDirectory) -> None:
    text = "Japan's exports fell by 1% in dollars, to 277 billion dollars"
    near = nearest(named(text, 0, len(text), directory, "en"), text, 24, 26)
    assert ids(candidates(near, directory, unit="%")) == ["demo:EXPORTS:JPN"]


def test_the_unit_tells_growth_from_an_amount(directory: SubjectDirectory) -> None:
    growth = about(directory, "German GDP", unit="%")
    assert (ids(growth), [one.id for one in growth.otherwise]) == (
        ["demo:GDPG:DEU"],
        ["demo:GDP:DEU"],
    )
    assert ids(about(directory, "German GDP", unit="EUR")) == ["demo:GDP:DEU"]


def test_the_ranking_chooses_among_sources(directory: SubjectDirectory) -> None:
    assert ids(about(directory, "Germany's public debt")) == ["demo:DEBT:DEU"]


def test_every_word_of_the_vocabulary_has_names() -> None:
    parts = {word for idea in ideas().values() for word in idea.words}
    begins = tuple(part[:-1] for part in parts if part.endswith("*"))
    assert [w for w in vocabulary() if w not in parts and not w.startswith(begins)] == []
    assert all(word in vocabulary() or word.startswith("real_") for word in parts)


def test_at_each_clock_what_stood_then(demo_lake: DemoLake) -> None:
    for draft in gold.drafts("demo")[::4]:
        at = demo_lake.at(draft.date)
        kept, made = directory_of(at), make_directory(frames_at(at))
        assert kept == made
        assert kept.names.by_first == made.names.by_first
        assert directory_of(at) is kept


def test_any_text_is_read(directory: SubjectDirectory) -> None:
    rng = random.Random(5)
    words = " ".join(draft.text for draft in gold.drafts("demo")).split(" ")
    marks = [
        chr(code) for code in (*range(9, 0x250), *range(0x5D0, 0x660), *range(0x1F5FF, 0x1F64F))
    ]
    for _ in range(400):
        text = " ".join(rng.choices(words, k=12)) + "".join(rng.choices(marks, k=30))
        start, end = sorted(rng.choices(range(-5, len(text) + 9), k=2))
        found = named(text, 0, len(text), directory, rng.choice(("en", "de", "fr", "es")))
        assert all(0 <= name.start < name.end <= len(text) for name in found)
        near = nearest(found, text, max(0, start), max(0, end))
        candidates(near, directory, unit=rng.choice((None, "%", "USD", "bp")))
        named(text, start, end, directory, "en")


def test_five_thousand_names_are_no_burden(frames: dict[str, pl.DataFrame]) -> None:
    rng = random.Random(2)
    parts = ["ba", "ko", "mer", "lin", "tor", "sen", "fal", "quin", "dra", "zel", "nor", "vik"]
    one = frames["instruments"].filter(asset_class="equity").row(0, named=True)
    rows = [
        one
        | {
            "symbol": f"x:{number}",
            "ticker": f"T{number}",
            "name": " ".join("".join(rng.choices(parts, k=3)).title() for _ in range(2)),
            "aliases": None,
            "isin": None,
        }
        for number in range(5_000)
    ]
    more = pl.DataFrame(rows, schema=frames["instruments"].schema)
    many = make_directory(frames | {"instruments": pl.concat([frames["instruments"], more])})
    words = " ".join(draft.text for draft in gold.drafts("demo")).split(" ")[:1_000]
    text = " ".join(words)
    began = time.process_time()
    named(text, 0, len(text), many, "en")
    assert time.process_time() - began <= 0.15
