"""Reading ease by its published formulas, and syllables as they are counted by hand."""

from __future__ import annotations

import pytest

from analytics.claims.statement import Language
from analytics.editorial.reading_ease import ease, syllables

BY_HAND: dict[Language, dict[str, int]] = {
    "en": {"rate": 1, "rates": 1, "inflation": 3, "economy": 4, "market": 2, "table": 2, "the": 1}
    | {"rose": 1, "traded": 2, "wages": 2, "said": 1, "unemployment": 4, "eased": 1},
    "de": {"Zins": 1, "Inflation": 4, "steigt": 1, "Preise": 2, "Häuser": 2, "Theater": 3},
    "fr": {"prix": 1, "inflation": 3, "hausse": 1, "taux": 1, "économie": 4},
    "es": {"precio": 2, "inflación": 3, "tasa": 2, "economía": 5, "sube": 2},
}


@pytest.mark.parametrize("language", BY_HAND)
def test_syllables_are_counted_as_by_hand(language: Language) -> None:
    found = {word: syllables(word, language) for word in BY_HAND[language]}
    assert found == BY_HAND[language]


def test_the_formulas_are_the_published_ones() -> None:
    sentences = ["The rate rose.", "It fell in May."]
    # 7 words, 2 sentences, 7 syllables
    assert ease(sentences, "en") == (pytest.approx(206.835 - 1.015 * 3.5 - 84.6), 7)
    assert ease(["Der Zins steigt."], "de") == (pytest.approx(180 - 3 - 58.5), 3)
    assert ease(["Le taux monte."], "fr") == (pytest.approx(207 - 1.015 * 3 - 73.6), 3)
    assert ease(["La tasa sube."], "es") == (pytest.approx(206.84 - 1.02 * 3 - 60 * 5 / 3), 3)
    assert ease(["3.4, 5.1 and"], "en") == (pytest.approx(206.835 - 1.015 - 84.6), 1)
    assert ease([], "en") is None
