"""What a sentence says more, or else, of a number than its value: never supported by chance."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.claims.check import check_draft
from analytics.claims.statement import Language
from data.drafts.formats import draft_of_text
from tests.demo_fixture import DemoLake

CLOCK = datetime(2024, 6, 20, 21, tzinfo=UTC)


def verdicts(lake: DemoLake, text: str, language: Language = "en") -> list[str]:
    found = check_draft(lake.at(CLOCK), draft_of_text(text, "text"), language=language)
    return [one.finding.verdict for one in found]


def assert_none_holds(lake: DemoLake, text: str, language: Language = "en") -> None:
    found = check_draft(lake.at(CLOCK), draft_of_text(text, "text"), language=language)
    numbers = [one for one in found if one.statement.quantity is not None]
    held = [one.quote for one in numbers if one.finding.holds]
    assert held == [], text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Japan's jobless rate, unlike that of the United States, was 4.4% in May."),
        ("en", "Unemployment in the United States and Japan came to 4.2% and 4.4% in May."),
        ("en", "Britain's jobless rate is higher than America's: 4.4% against 5.1%."),
        ("en", "France and Germany: unemployment at 3.8% and 4.8%."),
        ("en", "US (UK) unemployment was 5.1% (4.4%) in May."),
        ("en", "China's manufacturing and services PMIs were 50.4 and 48.7 in May."),
        ("en", "Inflation and unemployment in the US were 4.4% and 1.7% in May."),
        ("en", "Exports and imports of Germany: 133.98 and 111.20 billion dollars in April."),
        ("en", "With core inflation at 3.1% and headline at 2.0%, Germany is puzzling."),
        ("en", "In April and May German inflation was 3.1% and 3.2%."),
        ("en", "Inflation in May (April) was 3.2% (3.1%) in Germany."),
        ("en", "Nowheror Media, which makes Fictor Motors look cheap, closed at $153.88."),
        ("en", "Chinese exports to the US were $631.81 billion in April."),
        ("en", "Neither the US nor Japan has unemployment of 4.2%."),
        ("en", "Inflation in Hong Kong, China, was 6.0% in May."),
        ("en", "Chinese Taipei reported inflation of 6.0% in May."),
        ("en", "Together, Fictor Motors and Fictor Foods had revenue of $1.87 billion in Q1 2024."),
        ("fr", "Le chômage au Japon et aux États-Unis était de 4,4 % et 4,2 % en mai."),
        ("es", "La inflación de Francia, frente al 1,8 % de Alemania, fue del 3,1 % en mayo."),
        ("de", "Deutschland und Frankreich hatten im Mai Arbeitslosenquoten von 4,8 % und 3,8 %."),
    ],
)
def test_which_of_several_is_not_guessed(
    demo_lake: DemoLake, language: Language, text: str
) -> None:
    assert_none_holds(demo_lake, text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "US unemployment is no longer 4.4%."),
        ("en", "US inflation is not 1.7% but 2.7%."),
        ("en", "Nobody should say that UK inflation was 2.2% in May."),
        ("en", "It is untrue that US unemployment was 4.4% in May."),
        ("en", "US unemployment failed to reach 4.4% in May."),
        ("en", "UK inflation was anything but 2.2% in May."),
        ("en", "US unemployment was 4.9%, instead of 4.4%, in May."),
        ("de", "Die Arbeitslosenquote in den USA lag im Mai nicht bei 4,4 %."),
        ("de", "Es stimmt nicht, dass die Inflation in Deutschland im Mai 3,1 % betrug."),
        ("fr", "Le taux de chômage en France n’était pas de 4,8 % en mai."),
        ("es", "La tasa de paro de Japón no fue del 4,2 % en mayo."),
    ],
)
def test_what_is_denied_does_not_hold(demo_lake: DemoLake, language: Language, text: str) -> None:
    assert_none_holds(demo_lake, text, language)


def test_a_denied_number_is_turned_round(demo_lake: DemoLake) -> None:
    said = verdicts(demo_lake, "US inflation is not 2.7% but 1.7%.")
    assert said == ["supported", "supported"]
    assert verdicts(demo_lake, "US unemployment is not 4.4%.") == ["wrong value"]
    assert verdicts(demo_lake, "US unemployment is not only 4.4% but rising.") == ["supported"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "US unemployment could reach 4.4% soon."),
        ("en", "US unemployment may have been 4.4% in May."),
        ("en", "Was US unemployment 4.4% in May?"),
        ("en", "Consensus was for US unemployment of 4.4% in May."),
        ("en", "By August, US unemployment will have reached 4.4%."),
        ("en", "Unless US unemployment falls below 4.4%, nothing changes."),
        ("de", "Läge die Arbeitslosenquote in Deutschland bei 3,8 %, wäre alles gut."),
        ("de", "Die Arbeitslosenquote in Deutschland dürfte im Mai bei 3,8 % gelegen haben."),
        ("fr", "Si le chômage en France était de 4,8 %, la banque agirait."),
        ("es", "La tasa de paro de Japón podría llegar al 4,2 %."),
    ],
)
def test_what_is_supposed_is_no_statement(
    demo_lake: DemoLake, language: Language, text: str
) -> None:
    assert verdicts(demo_lake, text, language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A year ago, US unemployment was 4.4%."),
        ("en", "Last year's May saw US unemployment at 4.4%."),
        ("en", "US unemployment was 4.4% in the previous month."),
        ("en", "US unemployment was once 4.4%."),
        ("en", "US unemployment has been 4.4% since January."),
        ("en", "US unemployment was 4.4% throughout the spring."),
        ("en", "Since January, US unemployment has risen by 0.1 points."),
        ("en", "Over the past year US unemployment rose by 0.1 points."),
        ("en", "The Demo World Index has lost 0.3% since its peak."),
        ("en", "Year to date, the Demo World Index is down 0.3%."),
        ("en", "UK inflation was 2.2% month on month in May."),
        ("en", "UK retail sales rose 0.4% in the year to May."),
        ("en", "US unemployment in the 12 months to May was 4.4%."),
        ("de", "Vor einem Jahr lag die Arbeitslosenquote in Deutschland bei 3,8 %."),
        ("fr", "Il y a un an, le chômage en France était de 4,8 %."),
        ("es", "Hace un año la tasa de paro de Japón era del 4,2 %."),
    ],
)
def test_what_is_of_another_time_is_not_of_the_last(
    demo_lake: DemoLake, language: Language, text: str
) -> None:
    assert_none_holds(demo_lake, text, language)


@pytest.mark.parametrize(
    "text",
    [
        "US long-term unemployment was 4.4% in May.",
        "US food inflation was 1.7% in May.",
        "Services inflation in the UK was 2.2% in May.",
        "US real wages rose 2.3% in the year to May.",
        "US corporate yields were 3.54% in May.",
        "Excluding energy, UK inflation was 2.2% in May.",
        "In Berlin the unemployment rate was 3.8%.",
        "Unemployment among US women was 4.4% in May.",
        "US exports of cars were $631.81 billion in April.",
        "China's Caixin manufacturing PMI was 48.7 in May.",
        "China's inflation stood at 159.21 in May.",
        "US initial jobless claims were 382 in the latest week.",
        "The first estimate for US unemployment in May was 4.4%.",
        "Fictor Motors Europe closed at $153.88 on Thursday.",
        "Fictor Motors paid a dividend of $153.88.",
        "The Demo World Index opened at 4,905.51 on Thursday.",
        "Fictor Motors' adjusted net income was $246 million in the first quarter.",
        "Fictor Motors' European revenue was $7.19 billion in the first quarter.",
        "Fictor Motors reported a net loss of $246 million for the first quarter.",
    ],
)
def test_a_part_of_what_is_named_is_not_the_whole(demo_lake: DemoLake, text: str) -> None:
    assert_none_holds(demo_lake, text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("US employers shed more than 40,000 jobs in May.", True),
        ("US employers shed more than 50,000 jobs in May.", False),
        ("US employers shed fewer than 50,000 jobs in May.", True),
        ("US employers shed fewer than 40,000 jobs in May.", False),
        ("Fewer than 43,000 jobs were lost in the US in May.", False),
        ("US GDP shrank by more than 0.5% in the first quarter.", False),
        ("US GDP shrank by less than 0.5% in the first quarter.", True),
        ("The US trade deficit was more than $200bn in April.", True),
        ("The US trade deficit was more than $210bn in April.", False),
        ("Nowheror Media fell more than 5% on Thursday.", False),
        ("Nowheror Media fell less than 5% on Thursday.", True),
    ],
)
def test_more_than_of_a_fall_is_a_larger_fall(demo_lake: DemoLake, text: str, holds: bool) -> None:
    (found,) = check_draft(demo_lake.at(CLOCK), draft_of_text(text, "text"))
    assert found.finding.holds == holds


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "America's inflation (1.7%) is lower than Britain's (2.2%)."),
        ("en", "The US, where unemployment was 4.4% in May, is behind Japan at 4.2%."),
        ("en", "Unemployment is 5.1% in the UK and 4.4% in the US."),
        ("en", "Unemployment (May): 4.4% (US), 5.1% (UK)."),
        ("en", "Between April and May, US manufacturing PMI fell from 47.0 to 45.5."),
        ("de", "Die Inflation in Deutschland sank im Mai von 3,2 % auf 3,1 %."),
        ("fr", "L’inflation en Allemagne est passée de 3,2 % à 3,1 % en mai."),
    ],
)
def test_what_is_plain_is_judged(demo_lake: DemoLake, language: Language, text: str) -> None:
    assert set(verdicts(demo_lake, text, language)) == {"supported"}
