"""Formulas among the rows of an imported list."""

from __future__ import annotations

from analytics.formulas.values import MARK, formula_symbol
from data.errors import ConfigError
from data.uploads.check import Meaning, Meanings


def formulas_of(words: list[str]) -> Meanings:
    """What words that begin as formulas mean; a word that is none is left to be refused."""
    found: dict[str, list[Meaning]] = {}
    for word in words:
        if not word.startswith(MARK):
            continue
        try:
            symbol = formula_symbol(word)
        except ConfigError:
            continue
        found[word] = [Meaning(symbol, "a formula")]
    return found
