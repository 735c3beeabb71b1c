"""Of which name and of which period a number is, where a sentence has several of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.claims.check import check_draft
from analytics.claims.statement import Language
from data.drafts.formats import draft_of_text
from tests.demo_fixture import DemoLake

CLOCK = datetime(2024, 6, 20, 18, tzinfo=UTC)


def classes(lake: DemoLake, text: str, language: Language = "en") -> list[tuple[str, str]]:
    found = check_draft(lake.at(CLOCK), draft_of_text(text, "markdown"), language=language)
    return [(one.quote, one.finding.verdict_class) for one in found]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "Inflation in Germany and France was 3.1% and 1.8% respectively in May, "
            "compared with 3.2% and 2.0% in April.",
            ["supported", "supported", "supported", "contradicted"],
        ),
        (
            "Unemployment and inflation in France were 4.8% and 1.9% respectively.",
            ["supported", "contradicted"],
        ),
        (
            "Retail sales in the United States rose 1.0% and 0.4% in March and April.",
            ["supported", "contradicted"],
        ),
        (
            "Inflation in Germany and France was 3.1% and 1.8% in May.",
            ["unverifiable", "unverifiable"],
        ),
    ],
)
def test_lists_run_side_by_side_where_the_words_say_so(
    demo_lake: DemoLake, text: str, right: list[str]
) -> None:
    assert [kind for _, kind in classes(demo_lake, text)] == right


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "German industrial production rose 0.4% in May after stagnating in April and is "
            "1.5% lower than a year earlier.",
        ),
        ("en", "Japan's unemployment rate, which was 3.8% in April, jumped to 4.2%."),
        ("en", "Northmarch Copper rose 1.2% to 4,918.08 and is far from its high this year."),
        ("en", "Japan: inflation 2.3% in May (2.5% in April)."),
        ("en", "US retail sales did not rise in May: they fell 0.2%."),
        ("en", "US unemployment rate 4.4%, prior 4.3%."),
        ("en", "The US policy rate is 125 basis points below its level of a year earlier."),
        ("en", "In the US, consumer prices rose 0.4% on the month in May."),
        ("en", "UK unemployment has climbed by 1.5 percentage points over the past year."),
        ("en", "The dollar fell to 104.85 yen from 105.18 on Tuesday and the euro gained."),
        ("en", "Northmarch Crude ended last week at 622.67. Northmarch Coffee ended at 4.761."),
        ("en", "## Week ending 14 June\n\n- Northmarch Gold: 2.3119, -0.6% w/w"),
        ("en", "The Demo Energy Index is up 40.9% year to date."),
        ("de", "In Deutschland wuchs das BIP im ersten Quartal um 0,14 %, im vierten um 0,24 %."),
        ("de", "Arbeitslosenquote in Deutschland: 3,8 %; vor einem Jahr lag sie bei 1,9 %."),
        ("es", "En Japón el desempleo, que era del 3,8 % en abril, escaló al 4,2 % en mayo."),
    ],
)
def test_nothing_true_is_contradicted(demo_lake: DemoLake, language: Language, text: str) -> None:
    found = classes(demo_lake, text, language)
    assert "supported" in [kind for _, kind in found], found
    assert "contradicted" not in [kind for _, kind in found], found


@pytest.mark.parametrize(
    "text",
    [
        "US retail sales did not rise in May: they fell 0.4%.",
        "US unemployment rate 4.4%, prior 4.1%.",
        "The US policy rate is 100 basis points below its level of a year earlier.",
        "The Demo Energy Index is up 38% year to date.",
        "## Week ending 14 June\n\n- Northmarch Gold: 2.2733, -0.6% w/w",
        "UK unemployment has climbed by 1.2 percentage points over the past year.",
        "Sterling slipped 0.7% to $1.7693.",
        "Japan: inflation 2.3% in May (2.7% in April).",
    ],
)
def test_nothing_false_is_supported(demo_lake: DemoLake, text: str) -> None:
    found = classes(demo_lake, text)
    assert [kind for _, kind in found].count("supported") < len(found), found
    assert {"contradicted", "unverifiable"} & {kind for _, kind in found}, found


def test_a_number_that_is_right_for_another_period_near_it_is_not_contradicted(
    demo_lake: DemoLake,
) -> None:
    text = "Japan's services PMI was 48.4 in April. Confidence fell, and the services PMI was 48.4."
    assert [kind for _, kind in classes(demo_lake, text)][-1] != "contradicted"
    text = "Japan's services PMI was 48.4 in April. The services PMI was 48.9."
    assert [kind for _, kind in classes(demo_lake, text)] == ["supported", "contradicted"]


@pytest.mark.parametrize(
    ("stated", "right"),
    [("$0.80", "supported"), ("$0.85", "contradicted"), ("$0.75", "contradicted")],
)
def test_what_something_lies_below_is_a_value_of_its_own(
    demo_lake: DemoLake, stated: str, right: str
) -> None:
    text = f"Diluted EPS of Fictor Motors was below the {stated} of the first quarter of 2023."
    assert [kind for _, kind in classes(demo_lake, text)] == [right]
