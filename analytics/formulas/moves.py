"""A formula as a line among instruments: its dates, and whether it moves by ratio or difference."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from analytics.core.closes import Floats
from analytics.formulas.formula import FormulaReading
from analytics.formulas.lines import FormulaTrack
from analytics.formulas.names import meanings_of, read_formula
from analytics.formulas.text import (
    FormulaCall,
    FormulaName,
    FormulaNode,
    FormulaNumber,
    FormulaOperation,
    names_in,
)
from analytics.formulas.units import FormulaUnit
from data.errors import ConfigError
from data.query import Answer, At

# What these give can be zero or below it, so that a share of it means nothing.
DIFFERENCES = frozenset({"change", "log", "roc", "spread", "yoy"})
RATES = ("percent", "basis points")


@dataclass(frozen=True, slots=True)
class FormulaMoves:
    """A formula on its dates. `is_difference` says that it moves by its difference, like a rate;
    else it moves by its ratio, like a price. `late` names its parts that are too old."""

    track: FormulaTrack
    is_difference: bool
    late: tuple[str, ...]

    @property
    def level(self) -> Floats:
        """What moves are differences of: the value, or its log; NaN where there is none."""
        value = self.track.line.value
        if self.is_difference:
            return value
        return np.log(np.where(value > 0, value, np.nan))


def formula_moves(reading: FormulaReading, text: str, beside: str | None = None) -> FormulaMoves:
    """A formula by what is read at a clock; one of series alone has the sessions of the instrument
    `beside`, where that is given, and else the periods of its series."""
    node = reading.tree(text)
    reading.read(node)
    track = reading.track(node) if beside is None else reading.beside(node, beside)
    is_difference = moves_by_difference(node, reading.units())
    return FormulaMoves(track, is_difference, tuple(reading.late(node)))


def moves_by_difference(node: FormulaNode, units: Mapping[str, FormulaUnit]) -> bool:
    """Whether a part can be zero or below by what it is made of: rates, differences, logarithms."""
    match node:
        case FormulaNumber():
            return node.value < 0
        case FormulaName():
            return any(
                word in name.lower() for name, _ in units[node.text].powers for word in RATES
            )
        case FormulaOperation():
            return node.sign == "-" or any(
                moves_by_difference(part, units) for part in (node.left, node.right)
            )
        case FormulaCall():
            return node.function in DIFFERENCES or any(
                moves_by_difference(part, units) for part in node.parts
            )


def formula_instruments(at: At, texts: list[str]) -> tuple[list[str], list[Answer]]:
    """The instruments that formulas name, each once, and the answers by which they were found.

    What cannot be read names none.
    """
    names: dict[str, FormulaName] = {}
    found, answers = list[str](), list[Answer]()
    for text in texts:
        with suppress(ConfigError):  # said by what computes it
            node, looked_up = read_formula(at, text)
            names |= {name.text: name for name in names_in(node)}
            answers += looked_up
    for name in names.values():
        with suppress(ConfigError):
            meanings, looked_up = meanings_of(at, [name], None)
            found += [meaning.symbol for meaning in meanings.values() if meaning.frequency is None]
            answers += looked_up
    return list(dict.fromkeys(found)), answers
