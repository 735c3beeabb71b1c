"""How easily a text is read, by the published formula of its language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from analytics.claims.statement import Language
from analytics.editorial.word_lists import table

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
VOWELS = {
    "en": re.compile(r"[aeiouy]+"),
    # Two vowels that are one sound, else each is one.
    "de": re.compile(r"ei|ai|au|eu|äu|ie|aa|ee|oo|[aeiouyäöü]"),
    "fr": re.compile(r"[aeiouyàâéèêëîïôùûüœæ]+"),
    "es": re.compile(r"[iuü]?[aeoáéó][iuyü]?|[íú]|[iuü]+|y$"),
}
SILENT = {
    "en": re.compile(r"(?<=[^aeiouyl])e$|(?<=[^aeiouy])(?<![td])ed$|(?<=[^aeiouylszxcg])es$"),
    "fr": re.compile(r"(?<=[^aeiouyéèê])(?:e|es|ent)$"),
}


def ease(sentences: Iterable[str], language: Language) -> tuple[float, int] | None:
    """The ease on a scale of about 0 to 100, and the number of words; none without words.

    Numbers are no words here: how they are spoken is not written.
    """
    words = count = syllables_in_all = 0
    for sentence in sentences:
        found = WORD.findall(sentence)
        count += bool(found)
        words += len(found)
        syllables_in_all += sum(syllables(word, language) for word in found)
    if not words:
        return None
    rule = table("search")["ease"][language]
    found_ease = (
        rule["base"] - rule["sentence"] * words / count - rule["word"] * syllables_in_all / words
    )
    return found_ease, words


def syllables(word: str, language: Language) -> int:
    """How many syllables a word has, by its vowels; at least one."""
    small = word.casefold()
    silent = SILENT.get(language)
    if silent:
        small = silent.sub("", small) or small
    return max(len(VOWELS[language].findall(small)), 1)
