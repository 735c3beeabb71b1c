"""A model points, the lake judges: nothing that it points to changes what the rules found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from analytics.claims.check import check_draft
from analytics.claims.model_reading import Proposal, by_the_model, period_span, with_picks
from analytics.claims.rewrite import rewrite_faults
from analytics.claims.statement import Span
from data.drafts.formats import draft_of_text
from tests.demo_fixture import DemoLake

CLOCK = datetime(2024, 6, 20, 12, tzinfo=UTC)
TEXT = "Of every hundred Britons who want work, 5.1% found none in May. US unemployment was 4.4%."
START, END = 0, TEXT.index(" US")
GOOD = Proposal(START, END, "demo:UNEMP:GBR", "level", 5.1, "2024-05")


def reading(lake: DemoLake, text: str, *proposals: Proposal):
    return by_the_model(lake.at(CLOCK), draft_of_text(text, "text"), proposals)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subject": "demo:UNEMP:ATL"}, "no such subject"),
        ({"value": 7.7}, "does not stand"),
        ({"period": "2024-04"}, "names no period"),
        ({"period": "last May"}, "names no period"),
        ({"end": 5000}, "outside"),
        ({"start": -1}, "outside"),
        ({"value": None}, "neither a number nor a direction"),
        ({"start": END, "end": len(TEXT), "value": 4.4}, "have read these words"),
    ],
)
def test_what_it_points_to_must_be_there(
    demo_lake: DemoLake, change: dict[str, object], words: str
) -> None:
    assert [one.quote for one in reading(demo_lake, TEXT, GOOD).checked] == ["5.1%"]
    found = reading(demo_lake, TEXT, replace(GOOD, **change))
    assert found.checked == () and words in found.left_out[0]


@pytest.mark.parametrize(
    "text",
    [
        "Of every hundred Britons who want work, 5.1% will find none in May.",
        "Did 5.1% of the Britons who want work find none in May?",
        "Of the Britons who want work, it is not 5.1% that found none in May.",
    ],
)
def test_what_is_supposed_or_denied_is_left_out(demo_lake: DemoLake, text: str) -> None:
    found = reading(demo_lake, text, replace(GOOD, end=len(text)))
    assert found.checked == () and len(found.left_out) == 1


def test_the_same_words_count_once(demo_lake: DemoLake) -> None:
    other = replace(GOOD, subject="demo:UNEMP:FRA")
    assert len(reading(demo_lake, TEXT, GOOD, other, GOOD).checked) == 1


def test_a_direction_is_judged_too(demo_lake: DemoLake) -> None:
    text = "More Britons than before were looking for work in May."
    up = Proposal(0, len(text), "demo:UNEMP:GBR", "direction", None, "2024-05", "up")
    (one,) = reading(demo_lake, text, up).checked
    (two,) = reading(demo_lake, text, replace(up, direction="down")).checked
    assert {one.finding.holds, two.finding.holds} <= {True, False}
    assert one.finding.verdict != "ambiguous"


def test_picks_are_judged_and_only_what_was_ambiguous(demo_lake: DemoLake) -> None:
    at = demo_lake.at(CLOCK)
    (sure,) = check_draft(at, draft_of_text("US unemployment was 4.4% in May.", "text"))
    (open_one,) = check_draft(at, draft_of_text("Unemployment was 5.1% in May.", "text"))
    checked = [open_one, sure]
    assert [one.finding.verdict for one in checked] == ["ambiguous", "supported"]
    picks = {0: "demo:UNEMP:GBR", 1: "demo:UNEMP:GBR", 9: "demo:UNEMP:GBR"}
    found = with_picks(at, checked, picks)
    assert list(found) == [0] and found[0].finding.verdict_class == "supported"
    assert with_picks(at, checked, {0: "demo:CPIYOY:GBR"}) == {}
    french = with_picks(at, checked, {0: "demo:UNEMP:FRA"})
    assert french[0].finding.verdict_class == "contradicted"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2024", Span(date(2024, 1, 1), date(2024, 12, 31), "year")),
        ("2024-Q2", Span(date(2024, 4, 1), date(2024, 6, 30), "quarter")),
        ("2024-02", Span(date(2024, 2, 1), date(2024, 2, 29), "month")),
        ("2024-05-31", Span(date(2024, 5, 31), date(2024, 5, 31), "day")),
        ("2024-13", None),
        ("2024-02-30", None),
        ("0000", None),
        ("May", None),
    ],
)
def test_periods(text: str, span: Span | None) -> None:
    assert period_span(text) == span


PASSAGE = "US unemployment was 4.4% in May, British unemployment 5.1%. Our desk has 12 analysts."
DRAFT = f"A note.\n\n{PASSAGE}\n\nMore follows."
SPAN = (DRAFT.index(PASSAGE), DRAFT.index(PASSAGE) + len(PASSAGE))


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (PASSAGE, ""),
        ("In May, US unemployment was 4.4% and British unemployment 5.1%.", ""),
        ("US unemployment was 4.4% in May. Our desk has 12 analysts.", ""),
        ("The desk grew.", ""),
        ("US unemployment was 5.1% in May, British unemployment 4.4%.", "contradicts"),
        ("US unemployment was 4.5% in May.", "4.5 does not stand"),
        ("US unemployment was 4.4% in April.", "contradicts"),
        ("US unemployment was 4.4% in May 2023.", "2023 does not stand"),
        ("Unemployment was 4.4% in May.", "can no longer"),
        ("Our desk has 13 analysts.", "13 does not stand"),
        ("US unemployment doubled to 4.4% in May.", "does not stand"),
        ("US unemployment was 44% in May.", "44 does not stand"),
        ("US unemployment was 4.4 million in May.", "does not stand"),
        ("US unemployment was \u0664.\u0664% in May.", "does not stand"),
    ],
)
def test_a_rewritten_passage_keeps_its_numbers(demo_lake: DemoLake, new: str, words: str) -> None:
    found = rewrite_faults(demo_lake.at(CLOCK), DRAFT, SPAN, new)
    assert bool(found) == bool(words), found
    assert words in " ".join(found)
