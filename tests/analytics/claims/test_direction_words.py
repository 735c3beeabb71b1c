"""Which way something went, by the words of four languages."""

from __future__ import annotations

import pytest

from analytics.claims.sentences.direction_words import direction_words
from analytics.claims.statement import Language


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "unemployment rose to 4.4%", [("rose", "up", False, "reached")]),
        ("en", "employment fell by 43,000", [("fell", "down", False, "moved")]),
        ("en", "inflation did not rise in May", [("rise", "up", True, None)]),
        ("en", "it hasn't fallen", [("fallen", "down", True, None)]),
        ("en", "earnings picked up to 2.3%", [("picked up", "up", False, "reached")]),
        ("en", "the cutting edge of growth", []),
        ("de", "Die Teuerung stieg im Mai auf 3,1 %", [("stieg", "up", False, None)]),
        ("de", "die Zahl nahm um 2.000 zu", [("nahm um 2.000 zu", "up", False, None)]),
        ("de", "der Satz blieb unverändert bei 4,0 %", "flat"),
        ("fr", "le PIB a reculé de 0,33 %", [("reculé", "down", False, "moved")]),
        ("fr", "la banque n’a pas relevé ses taux", [("relevé", "up", True, None)]),
        ("es", "la tasa subió al 4,4 %", [("subió", "up", False, "reached")]),
        ("es", "el PIB cayó un 0,42 %", [("cayó", "down", False, "moved")]),
        ("de", "Exports rose 2 %", [("rose", "up", False, None)]),
    ],
)
def test_words(language: Language, text: str, found: list[object] | str) -> None:
    seen = direction_words(text, language)
    if isinstance(found, str):
        assert {word.direction for word in seen} == {found}
        return
    assert [
        (text[word.start : word.end], word.direction, word.is_negated, word.leads) for word in seen
    ] == found


def test_none_overlap_and_all_are_in_order() -> None:
    text = "Prices legten im Mai kräftig zu, rose, fell to 3 and stayed unchanged at 4. " * 20
    for language in ("en", "de", "fr", "es"):
        found = direction_words(text, language)
        assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
