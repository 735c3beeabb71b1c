"""A formula typed in a box of instruments: told from a name, and offered as a line of its list."""

from __future__ import annotations

from analytics.formulas.text import FormulaName, parse_formula
from analytics.formulas.values import MARK, formula_of, formula_symbol
from data.errors import ConfigError
from pages.frame.errors import sentence

FORMULA_HINT = ", or a formula: A/B"
Line = dict[str, str]


def typed_formula(text: str) -> str | None:
    """The formula that a text is; a name by itself is one only behind the sign."""
    try:
        symbol = formula_symbol(text)
        is_name = isinstance(parse_formula(formula_of(symbol) or ""), FormulaName)
    except ConfigError:
        return None
    return symbol if text.startswith(MARK) or not is_name else None


def with_formula(lines: list[Line], text: str) -> tuple[list[Line], str]:
    """What was found with the formula below it, and what is wrong with one that begins so.

    Instruments come first: a ticker may have a hyphen.
    """
    if symbol := typed_formula(text):
        return [*lines, {"id": symbol, "title": formula_of(symbol) or "", "detail": "formula"}], ""
    if lines or not (text.startswith(MARK) or "(" in text):
        return lines, ""
    try:
        formula_symbol(text)
    except ConfigError as error:
        return lines, sentence(str(error))
    return lines, ""
