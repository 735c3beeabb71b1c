"""Ten planted topic gaps are found, no decoy is, and who was first follows from the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from analytics.claims.naming.directory import SubjectDirectory, directory_of
from analytics.competitors.comparison import SiteComparison, compare_sites
from analytics.competitors.coverage import coverage_of
from analytics.competitors.site_text import SiteText
from data.drafts.formats import draft_of_text
from data.state.documents import Side
from tests.demo_fixture import DemoLake
from tests.golden import competitors_gold as gold

CLOCK = datetime(2024, 6, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def directory(demo_lake: DemoLake) -> SubjectDirectory:
    return directory_of(demo_lake.at())


@pytest.fixture(scope="module")
def found(directory: SubjectDirectory) -> SiteComparison:
    return gold.compared(directory)


def test_every_planted_gap_is_found_and_nothing_else(found: SiteComparison) -> None:
    listed = [gold.planted(gap) for gap in found.gaps]
    assert all(listed), [gap.topic.key for gap in found.gaps if gold.planted(gap) is None]
    assert sorted(one["id"] for one in listed if one) == sorted(
        one["id"] for one in gold.SET["gap"]
    )
    assert len(listed) == 10


def test_a_gap_shows_its_sentence_and_who_was_first(found: SiteComparison) -> None:
    for gap in found.gaps:
        marked = gold.planted(gap)
        assert marked is not None
        best = gap.evidence[0]
        quotes = [one.quote for one in gap.evidence] + [gap.label]
        assert any(marked["quote"] in quote for quote in quotes), gap
        assert gap.first_site == marked["first"]
        shown = best.text.draft.text[best.start : best.end]
        assert " ".join(shown.split()) == best.quote


@pytest.mark.parametrize("decoy", gold.SET["decoy"], ids=lambda decoy: decoy["kind"])
def test_no_decoy_is_a_gap(found: SiteComparison, decoy: dict[str, list[str]]) -> None:
    assert not [gap for gap in found.gaps if gold.is_named(decoy["topic"], gap.topic.key)]


def test_the_set_is_what_was_asked_for() -> None:
    assert len(gold.SET["gap"]) == 10
    assert len(gold.SET["decoy"]) >= 10
    assert sum(text.side == "theirs" for text in gold.texts()) == 5


def test_copies_and_later_texts_are_said(found: SiteComparison) -> None:
    assert [(copy.id, model.id) for copy, model in found.copies] == [("copycat", "ours")]
    assert [text.id for text in found.later] == ["tomorrow"]


def test_a_later_clock_shows_the_later_text_and_changes_nothing_else(
    directory: SubjectDirectory, found: SiteComparison
) -> None:
    later = compare_sites(gold.texts(), clock=CLOCK + timedelta(days=2), directory=directory)
    before = {gap.topic.key: gap.first_site for gap in found.gaps}
    after = {gap.topic.key: gap.first_site for gap in later.gaps}
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"inflation@BRA", "policy_rate@BRA"}


def test_what_is_known_later_does_not_change_an_earlier_clock(directory: SubjectDirectory) -> None:
    texts = gold.texts()
    for hours in range(0, 80, 7):
        clock = CLOCK - timedelta(hours=hours)
        known = [text for text in texts if text.published_at and text.published_at <= clock]
        slow = compare_sites(known, clock=clock, directory=directory)
        fast = compare_sites(texts, clock=clock, directory=directory)
        assert fast.gaps == slow.gaps
        assert fast.cells == slow.cells
        assert fast.firsts == slow.firsts


def test_a_text_counts_from_when_it_was_seen_here(directory: SubjectDirectory) -> None:
    texts = [
        replace(text, known_at=CLOCK + timedelta(hours=1)) if text.id == "kontor" else text
        for text in gold.texts()
    ]
    found = compare_sites(texts, clock=CLOCK, directory=directory)
    assert "unemployment_rate@GBR" not in {gap.topic.key for gap in found.gaps}


def test_the_matrix_has_every_topic_and_site(found: SiteComparison) -> None:
    frame = found.frame()
    assert frame.columns[2:6] == [
        "ours",
        "meridian.example",
        "kontor.example",
        "lighthouse.example",
    ]
    assert frame.height == len(found.topics) == frame["topic"].n_unique()
    row = frame.row(by_predicate=pl.col("topic") == "Policy rate, Japan", named=True)
    assert row["ours"] is None
    assert row["meridian.example"] == "number"
    assert row["first"] == "meridian.example"


def _text(words: str, side: Side = "theirs") -> SiteText:
    return SiteText(
        str(len(words)),
        side,
        f"{side}.example",
        "",
        "",
        CLOCK - timedelta(days=1),
        draft_of_text(words, "markdown"),
    )


@pytest.mark.parametrize(
    ("words", "key", "reason"),
    [
        ("Inflation in Turkey rose to 75% in May.", "inflation@TUR", "number"),
        ("Wages in France matter. Wages in France are sticky.", "wages@FRA", "sentences"),
        ("# Wages in France\n\nThey are sticky, and wages set the pace.", "wages@FRA", "heading"),
        ("Unlike wages in France, the weather was fine.", "wages@FRA", ""),
        ("Gold fell 3% to 2,300 dollars.", "instrument:gold", "number"),
        ("This is the gold standard. Another gold standard.", "instrument:gold", None),
        ("We do not cover wages in France, which rose 3%.", "wages@FRA", None),
        ("> Wages in France rose 3%. Wages in France.", "wages@FRA", None),
        ("Advertisement: wages in France rose 3%.", "wages@FRA", None),
        ("US inflation was 3.3%, and UK inflation 2.0%.", "inflation@GBR", "number"),
        ("Brent fell 3%.", "instrument:oil", "number"),
        ("Northmarch Crude fell 3%.", "instrument:oil", "number"),
        ("The yen fell 3% in May.", "currency:JPY", "number"),
        ("Trade in 2023 was worth 3 billion yen.", "currency:JPY", None),
        (
            "A strait is shut. The Taiwan strait tolls rise, and strait tolls stay.",
            "phrase:x",
            None,
        ),
    ],
)
def test_what_covers_a_topic(
    directory: SubjectDirectory, words: str, key: str, reason: str | None
) -> None:
    found = coverage_of(_text(words), clock=CLOCK, directory=directory)
    assert (found[key].reason if key in found else None) == reason


def test_a_topic_that_ours_names_in_passing_is_still_a_gap(directory: SubjectDirectory) -> None:
    theirs = _text("Wages in France rose 3% in the first quarter.")
    ours = _text("Unlike wages in France, the weather was fine.", side="ours")
    (gap,) = compare_sites([theirs, ours], clock=CLOCK, directory=directory).gaps
    assert gap.topic.key == "wages@FRA"
    assert gap.in_passing
    undated = replace(theirs, published_at=None, known_at=CLOCK)
    (gap,) = compare_sites([undated, ours], clock=CLOCK, directory=directory).gaps
    assert gap.first_site is None


def test_a_row_of_a_table_covers_what_its_head_and_its_name_say(
    directory: SubjectDirectory,
) -> None:
    table = "| Country | Unemployment, % |\n|---|---:|\n| Spain | 11.7 |\n| Italy | 6.9 |"
    found = coverage_of(_text(table), clock=CLOCK, directory=directory)
    assert found["unemployment_rate@ESP"].is_covered
    assert found["unemployment_rate@ITA"].is_covered
