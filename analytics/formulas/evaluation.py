"""The value of a formula's tree over what its names stand for; units are checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analytics.formulas.lines import (
    FormulaLine,
    FormulaSteps,
    FormulaTrack,
    applied,
    beside,
    combined,
    operate,
    stepped,
)
from analytics.formulas.text import (
    FormulaCall,
    FormulaName,
    FormulaNode,
    FormulaNumber,
    FormulaOperation,
    names_in,
    written,
)
from analytics.formulas.units import (
    BASIS,
    NUMBER,
    PERCENT,
    POINTS,
    FormulaUnit,
    of_function,
    operated,
)
from data.errors import ConfigError

Part = float | FormulaTrack | FormulaSteps


@dataclass(frozen=True, slots=True)
class FormulaEvaluation:
    """`series` computes a part that is made of one series alone, whose periods it counts."""

    tracks: Mapping[str, FormulaTrack]
    series: Mapping[str, Callable[[FormulaNode], Part]] = field(default_factory=dict)

    def of(self, node: FormulaNode) -> Part:
        """The value of a part: a number, a track of dates, or steps of what was known."""
        if (computed := self._of_one_series(node)) is not None:
            return computed
        match node:
            case FormulaNumber():
                return node.value
            case FormulaName():
                return self.tracks[node.text]
            case FormulaOperation():
                return self._operation(node)
            case FormulaCall():
                return self._call(node)

    def _of_one_series(self, node: FormulaNode) -> Part | None:
        names = names_in(node) if self.series else []
        compute = self.series.get(names[0].text) if len(names) == 1 else None
        return None if compute is None else compute(node)

    def _operation(self, node: FormulaOperation) -> Part:
        left, right = self.of(node.left), self.of(node.right)
        mine, theirs = (written(node.left), _unit(left)), (written(node.right), _unit(right))
        return _operated(node.sign, left, right, operated(node.sign, mine, theirs))

    def _call(self, node: FormulaCall) -> Part:
        if node.function == "spread":
            return self._spread(node)
        part, text = self.of(node.parts[0]), written(node.parts[0])
        unit = of_function(node.function, (text, _unit(part)))
        is_rate = _unit(part).is_one(PERCENT, POINTS)
        if isinstance(part, float):
            return _of_number(node, part)
        if isinstance(part, FormulaSteps):
            if node.function != "log":
                raise ConfigError(
                    f"{node.function}({text}) counts the periods of several series, which differ "
                    f"beside prices; apply {node.function} to each series by itself"
                )
            made = applied(
                "log", FormulaLine(part.value, part.known, np.array([])), None, is_rate=False
            )
            return FormulaSteps(part.known, made.value, unit)
        made = applied(node.function, part.line, node.number, is_rate=is_rate)
        return replace(part, line=made, unit=unit)

    def _spread(self, node: FormulaCall) -> Part:
        """A difference, that of two rates in basis points."""
        found = self._operation(FormulaOperation("-", node.parts[0], node.parts[1], node.at))
        if not _unit(found).is_one(POINTS):
            return found
        return _operated("*", found, 100.0, FormulaUnit.of(BASIS))


def _of_number(node: FormulaCall, value: float) -> float:
    if node.function != "log" or value <= 0:
        raise ConfigError(
            f"{node.function} at character {node.at} is of a number; expected an instrument or "
            "series in it"
        )
    return float(np.log(value))


def _unit(part: Part) -> FormulaUnit:
    return NUMBER if isinstance(part, float) else part.unit


def _operated(sign: str, left: Part, right: Part, unit: FormulaUnit) -> Part:
    """Two parts of any kind."""
    if isinstance(left, float) and isinstance(right, float):
        found = operate(sign, np.array([left]), np.array([right]))[0]
        if np.isnan(found):
            raise ConfigError("the formula divides by zero, or its numbers grow too large")
        return float(found)
    if isinstance(left, FormulaTrack) and isinstance(right, FormulaTrack):
        return combined(sign, left, right, unit)
    if isinstance(left, FormulaSteps) and isinstance(right, FormulaSteps):
        return stepped(sign, left, right, unit)
    if isinstance(left, float) or isinstance(right, float):
        return _with_number(sign, left, right, unit)
    track, steps = (left, right) if isinstance(left, FormulaTrack) else (right, left)
    assert isinstance(track, FormulaTrack) and isinstance(steps, FormulaSteps)
    value, known = beside(track, steps)
    pair = (
        (track.line.value, value) if isinstance(left, FormulaTrack) else (value, track.line.value)
    )
    line = track.line.made(operate(sign, *pair), np.fmax(track.line.known, known))
    return replace(track, line=line, unit=unit)


def _with_number(sign: str, left: Part, right: Part, unit: FormulaUnit) -> Part:
    part = right if isinstance(left, float) else left
    assert not isinstance(part, float)
    values = part.line.value if isinstance(part, FormulaTrack) else part.value
    number = np.full(values.shape, left if isinstance(left, float) else right)
    pair = (number, values) if isinstance(left, float) else (values, number)
    found = operate(sign, *pair)
    if isinstance(part, FormulaTrack):
        return replace(part, line=part.line.made(found, part.line.known), unit=unit)
    return replace(part, value=found, unit=unit)
