"""What a draft states without a number, and what of a number is told apart from it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.claims.check import check_draft
from analytics.claims.statement import Language
from data.drafts.formats import draft_of_text
from tests.demo_fixture import DemoLake

CLOCK = datetime(2024, 6, 26, 12, tzinfo=UTC)


def checked(lake: DemoLake, text: str, language: Language = "en") -> list[tuple[str, str]]:
    found = check_draft(lake.at(CLOCK), draft_of_text(text, "text"), language=language)
    return [(one.quote, one.finding.verdict) for one in found]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Core inflation in the US was unchanged in May.", ("unchanged", "supported")),
        ("en", "Japan's core inflation did not fall in May.", ("fall", "supported")),
        ("en", "Unemployment in China rose in May.", ("rose", "wrong direction")),
        ("en", "The Bank of Japan cut rates in June.", ("cut", "supported")),
        ("en", "The Fed raised rates in June.", ("raised", "wrong direction")),
        ("en", "The Bank of England left rates unchanged in June.", ("unchanged", "supported")),
        ("en", "US real GDP contracted in the first quarter.", ("contracted", "supported")),
        ("en", "French GDP expanded in the first quarter.", ("expanded", "wrong value")),
        ("de", "Die Arbeitslosenquote in Frankreich sank im Mai.", ("sank", "wrong direction")),
        ("es", "La tasa de paro de Francia aumentó en mayo.", ("aumentó", "supported")),
    ],
)
def test_movements(
    demo_lake: DemoLake, language: Language, text: str, found: tuple[str, str]
) -> None:
    assert checked(demo_lake, text, language) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "The minister's inflation debate slowed in May.",  # the debate slowed
        "Unemployment benefits in the US rose in May.",
        "US inflation watchers fell in number in May.",
        "We expect US unemployment to fall.",
        "The Fed slowed its pace of work in June.",
    ],
)
def test_another_subject_moves_nothing(demo_lake: DemoLake, text: str) -> None:
    assert [
        one for one in checked(demo_lake, text) if one[1] in ("supported", "wrong direction")
    ] == []


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Unemployment in Germany is lower than in France.", "supported"),
        ("Unemployment in France is higher than in the United Kingdom.", "wrong value"),
        ("Britain's unemployment rate exceeds France's.", "supported"),
        ("China's inflation is the highest of the six.", "supported"),
        ("Japan's unemployment is the lowest of the six.", "wrong value"),
        ("Japan's unemployment is the lowest of the nine.", "ambiguous"),
        ("Japan's unemployment is the lowest.", "ambiguous"),
    ],
)
def test_comparisons_and_ranks(demo_lake: DemoLake, text: str, verdict: str) -> None:
    ((_, found),) = checked(demo_lake, text)
    right = {"wrong value", "wrong direction"} if verdict == "wrong value" else {verdict}
    assert found in right


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        # The way is told by itself: the level is right, the way is not.
        ("Unemployment in the US fell in May, to 4.4%.", ["wrong direction", "supported"]),
        # Of the yen, which falls as the pair rises.
        ("The yen weakened to 104.63 per dollar on Tuesday.", ["within rounding"]),
        ("The yen strengthened to 104.63 per dollar on Tuesday.", ["wrong direction"]),
        # The value lay below the mark before.
        ("China's manufacturing PMI fell below 50 in May.", ["supported"]),
        ("The US manufacturing PMI fell below 50 in May.", ["ambiguous"]),
        # The span that owns a number is that of the number.
        ("The US ten-year yield closed below last Friday's 3.26%.", ["supported"]),
        # Each base belongs to its number.
        (
            "EUR/USD ended Tuesday up 0.6% on the day and up 9.1% since the end of 2023.",
            ["within rounding", "within rounding"],
        ),
        # "Has fallen" does not say since when.
        ("Unemployment in the US has fallen to 4.4%.", ["ambiguous"]),
        # No name is known for what fell.
        (
            "UK unemployment was 5.1% in May. Sickness absence fell by 0.8%.",
            ["supported", "ambiguous"],
        ),
    ],
)
def test_numbers_beside_them(demo_lake: DemoLake, text: str, verdicts: list[str]) -> None:
    assert [verdict for _, verdict in checked(demo_lake, text)] == verdicts
