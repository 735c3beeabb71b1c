"""Numbers of a draft against the measure that the lake has: right, or in which way wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from analytics.claims.finding import ClaimVerdict, Finding
from analytics.claims.judging.measures import (
    ClaimValue,
    Wanted,
    measured,
    moved_between,
    neighbours,
)
from analytics.claims.judging.movements import (
    Movement,
    direction_of,
    most_of_flat,
    movement,
)
from analytics.claims.judging.observations import Observations
from analytics.claims.judging.relations import (
    FAR_ABOVE,
    FLAT_PERCENT,
    agrees,
    is_exact,
    same_digits,
)
from analytics.claims.judging.units import ClaimUnit, readings, written_unit
from analytics.claims.statement import Direction, Measure, Quantity, Statement
from analytics.claims.wording import as_spoken, with_unit

MOVES: tuple[Measure, ...] = ("change", "percent change", "spread", "difference")
LEVELS: tuple[Measure, ...] = ("level", "close")
OTHER_SCALES = tuple(10.0**power for power in (2, -2, 3, -3, 6, -6, 9, -9, 12, -12))
OF_A_SHARE = 100.0  # basis points, and hundredths of a currency


@dataclass(frozen=True, slots=True)
class DraftFigure:
    """A number as it is judged: the measure it is of, and `sign`, by which a value is turned so
    that "fell by 3" and a value of -3 agree. `direction` is the way that is left to be checked."""

    statement: Statement
    quantity: Quantity
    measure: Measure
    sign: float
    direction: Direction | None
    wanted: Wanted


def figure_of(statement: Statement, quantity: Quantity, wanted: Wanted) -> DraftFigure:
    """What is to be compared, whatever the words of change that the draft chose."""
    found = wanted.observations
    measure = _measure(statement, quantity, found)
    is_turned = measure != statement.measure and measure == "level"
    is_move = measure in MOVES or is_turned
    is_down = statement.direction == "down" and is_move and quantity.value >= 0
    left = None if is_move or measure not in LEVELS else statement.direction
    compare = None if is_turned else statement.compare
    return DraftFigure(
        statement,
        quantity,
        measure,
        -1.0 if is_down else 1.0,
        left,
        replace(wanted, measure=measure, compare=compare, extreme=_extreme(statement, quantity)),
    )


def _measure(statement: Statement, quantity: Quantity, found: Observations) -> Measure:
    """Percent and points may be said of each other's kind, and a series may itself be a change."""
    measure, unit = statement.measure, quantity.unit
    if measure == "percent change" and quantity.relation == "flat" and found.unit.is_rate:
        return "change"
    if measure not in ("change", "percent change") or quantity.relation == "flat":
        return measure
    if unit in (None, "%", "persons") and _is_said_of_change(statement, found):
        return "level"
    if unit == "%":
        return "percent change"
    if measure == "percent change" and unit is not None:
        return "percent change" if unit == "bp" and found.is_price else "change"
    return "percent change" if unit == "bp" and found.is_price else measure


def _is_said_of_change(statement: Statement, found: Observations) -> bool:
    """Whether the change that a draft speaks of is what the series itself has."""
    place = found.place(statement.period)
    if place is None:
        return False
    base = found.base(statement.compare, place)
    if found.is_itself_change:
        return statement.compare is None or base == place - 1
    is_yearly = found.is_yearly_change and statement.compare is not None
    return is_yearly and base == found.year_before(place)


def _extreme(statement: Statement, quantity: Quantity) -> Callable[[list[float]], float] | None:
    """Over a span "above" has to hold of the lowest value, and "not above" of the highest."""
    if statement.period is None or statement.period.grain != "span":
        return None
    if quantity.relation not in ("<", ">"):
        return None
    return max if (quantity.relation == "<") != statement.is_negated else min


def judge_figure(figure: DraftFigure) -> Finding:
    """The verdict on a number."""
    value = measured(figure.wanted)
    if isinstance(value, str):
        return Finding("not in the lake", f"Not in the lake: {value}.")
    factors = _factors(figure, value)
    if not factors:
        return _of_other_kind(figure, value)
    flat = _flat(figure, value)
    best = next((f for f in factors if _agrees(figure, value, f, flat)), factors[0])
    ok = _agrees(figure, value, best, flat)
    if figure.statement.is_negated:
        return _negated(figure, value, best, ok)
    if not ok:
        return _why_wrong(figure, value, factors)
    drafted = figure.sign * value.value * best
    exact = is_exact(figure.quantity, figure.quantity.value, drafted)
    verdict: ClaimVerdict = "supported" if exact else "within rounding"
    if figure.direction is not None:
        moved = _moved_so(figure, value)
        if moved is not None:
            is_unclear = moved[0] == "wrong direction" and figure.statement.is_open
            why = f"{moved[1]}, and since when is not said" if is_unclear else moved[1]
            return _finding("ambiguous" if is_unclear else moved[0], figure, value, best, why)
    more = _far_above(figure, drafted)
    return _finding(verdict, figure, value, best, f"as stated{more}")


def _moved_so(figure: DraftFigure, value: ClaimValue) -> tuple[ClaimVerdict, str] | None:
    """What is wrong with the way that a level is said to have gone; none if nothing is."""
    found, said = figure.wanted.observations, figure.direction
    if value.place is None or said is None:
        return None
    moved = movement(found, value.place, figure.statement.compare)
    if isinstance(moved, str):
        return "not in the lake", f"the value agrees, but {moved}"
    if figure.quantity.relation in ("<", ">"):
        return _not_crossed(figure, value, moved)
    way = direction_of(found, value.place, figure.quantity, said)
    if moved.went(way):
        return None
    words = with_unit(moved.value, moved.unit.text)
    return (
        "wrong direction",
        f"the value agrees, but it moved by {words} from {as_spoken(moved.before)}",
    )


def _not_crossed(
    figure: DraftFigure, value: ClaimValue, moved: Movement
) -> tuple[ClaimVerdict, str] | None:
    """ "Fell below 50" of a value that lay below it before: true of the value, not of the fall."""
    found = figure.wanted.observations
    base = found.place(moved.before)
    if base is None:
        return None
    before = replace(value, value=found.values[base])
    if not any(_agrees(figure, before, each, 0.0) for each in _factors(figure, before)):
        return None
    return "ambiguous", f"so was the value before, of {as_spoken(moved.before)}"


def _agrees(figure: DraftFigure, value: ClaimValue, factor: float, flat: float) -> bool:
    drafted = figure.sign * value.value * factor
    return agrees(figure.quantity, figure.quantity.value, drafted, flat * factor)


def _flat(figure: DraftFigure, value: ClaimValue) -> float:
    if figure.measure == "percent change":
        return FLAT_PERCENT
    base = value.base
    found = figure.wanted.observations
    return most_of_flat(found, base) if base is not None else most_of_flat(found, 0)


def _factors(figure: DraftFigure, value: ClaimValue) -> list[float]:
    """By what the value is multiplied to stand in the draft's unit; none if it cannot."""
    quantity, found = figure.quantity, figure.wanted.observations
    if figure.measure == "percent change":
        if quantity.unit == "bp" and found.is_price:
            return [OF_A_SHARE]
        return [1.0] if quantity.unit in ("%", None) or quantity.relation == "flat" else []
    if figure.measure == "ratio":
        return [100.0] if quantity.unit == "%" else [1.0]
    if figure.measure in MOVES and found.unit.is_rate:
        if quantity.relation == "flat":
            return [1.0]
        return {"pp": [1.0], "points": [1.0], None: [1.0], "bp": [OF_A_SHARE]}.get(
            quantity.unit, []
        )
    if figure.measure in MOVES and quantity.relation == "flat":
        return [1.0]
    return readings(quantity, value.unit)


def _of_other_kind(figure: DraftFigure, value: ClaimValue) -> Finding:
    """Units that do not go together: the digits decide between an error and another quantity."""
    if error := _unit_error(figure, value, []):
        return error
    draft = written_unit(figure.quantity)
    text = draft.text if draft is not None else "the draft's unit"
    if figure.measure in MOVES and figure.quantity.unit in ("%", "pp", "bp", "points"):
        return _finding("wrong value", figure, value, None, "neither the size nor the unit agrees")
    words = f"it is in {_unit_words(value.unit)} and cannot be compared with {text}"
    return _finding("not in the lake", figure, value, None, words)


def _unit_error(figure: DraftFigure, value: ClaimValue, factors: list[float]) -> Finding | None:
    """Where the digits are right in a unit or scale that the draft does not name."""
    if figure.quantity.relation not in ("=", "about"):
        return None
    as_named = [value.value * factor for factor in factors]
    for other, drafted in _other_units(figure, value):
        if not other.value or any(math.isclose(drafted, each) for each in as_named):
            continue
        if same_digits(figure.quantity, figure.quantity.value, drafted):
            words = f"the digits agree, the unit does not: it is in {_unit_words(other.unit)}"
            return _finding("unit error", figure, other, None, words)
    return None


def _other_units(figure: DraftFigure, value: ClaimValue) -> Iterator[tuple[ClaimValue, float]]:
    """A value with what the draft would have written for it in another unit or scale."""
    found = figure.wanted.observations
    if figure.measure == "change" and not found.unit.is_rate:
        yield value, value.value
    if value.base is not None and value.place is not None and figure.measure != "ratio":
        measure: Measure = "change" if figure.measure == "percent change" else "percent change"
        moved = moved_between(found, value.base, value.place, measure)
        if isinstance(moved, ClaimValue) and (found.unit.is_rate or measure == "percent change"):
            yield moved, moved.value
            if measure == "change":
                yield moved, moved.value * OF_A_SHARE
    if figure.measure == "percent change":
        if figure.quantity.unit not in ("%", None):
            yield value, value.value
        return
    plain = value.value * value.unit.factor
    yield from ((value, each) for each in (value.value, plain))
    yield from ((value, plain * scale) for scale in OTHER_SCALES)


def _why_wrong(figure: DraftFigure, value: ClaimValue, factors: list[float]) -> Finding:
    """In which way a number is wrong: its direction, its unit, its period, or its value."""
    factor = factors[0]
    if way := _other_way(figure, value, factors):
        return _finding("wrong direction", figure, value, factor, way)
    if _is_scale(figure, value) and (error := _unit_error(figure, value, factors)):
        return error
    if figure.quantity.relation == "=":
        for near in neighbours(figure.wanted, value):
            if any(_agrees(figure, near, each, 0.0) for each in factors):
                span = as_spoken(near.period)
                found = _finding(
                    "wrong period", figure, value, factor, f"the value stated is that of {span}"
                )
                return replace(found, other=near.value, other_period=near.period)
    return _finding("wrong value", figure, value, factor, "")


def _is_scale(figure: DraftFigure, value: ClaimValue) -> bool:
    """Whether another unit or scale can be the fault: of percent changes only where points are
    meant."""
    found, unit = figure.wanted.observations, figure.quantity.unit
    if figure.measure == "percent change":
        return found.unit.is_rate and unit in ("%", None)
    return figure.measure not in ("ratio",) and bool(value.value)


def _other_way(figure: DraftFigure, value: ClaimValue, factors: list[float]) -> str | None:
    """The size is right and the sign is not; none where it is otherwise."""
    quantity = figure.quantity
    for factor in factors:
        drafted = figure.sign * value.value * factor
        is_move = figure.measure in MOVES
        if quantity.relation in ("=", "about") and quantity.value * drafted < 0:
            if not agrees(quantity, quantity.value, -drafted):
                continue
            if figure.direction is not None and not is_move and _moved_so(figure, value) is None:
                return None  # it went so: what is wrong is the level
            return "the size agrees, the direction does not"
        if quantity.relation in ("<", ">", "just below", "multiple") and is_move:
            is_against = quantity.value * drafted < 0 or (quantity.value == 0 and drafted != 0)
            if is_against and agrees(quantity, quantity.value, -drafted):
                return "it is the other way round"
    return None


def _negated(figure: DraftFigure, value: ClaimValue, factor: float, ok: bool) -> Finding:
    """A negated sentence says the opposite of its parts together."""
    if ok and figure.direction is not None and _moved_so(figure, value) is not None:
        ok = False
    if ok:
        return _finding("wrong value", figure, value, factor, "which is what the draft denies")
    return _finding("supported", figure, value, factor, "as the draft says")


def _far_above(figure: DraftFigure, drafted: float) -> str:
    quantity = figure.quantity
    if quantity.relation == ">" and drafted > FAR_ABOVE * quantity.value > 0:
        return ", and more than 10% above the number named"
    return ""


def _finding(
    verdict: ClaimVerdict, figure: DraftFigure, value: ClaimValue, factor: float | None, words: str
) -> Finding:
    drafted = None if factor is None else round(figure.sign * value.value * factor, 10)
    place = value.place
    found = figure.wanted.observations
    what = with_unit(value.value, _unit_words(value.unit))
    note = f"The lake has {what} for {as_spoken(value.period)}"
    if value.compare is not None:
        note += f" against {as_spoken(value.compare)}"
    if verdict not in ("supported", "within rounding"):
        note += f", the draft {_stated(figure.quantity)}"
    return Finding(
        verdict,
        f"{note}{f': {words}' if words else ''}.",
        value=value.value,
        unit=value.unit.text,
        drafted=drafted,
        draft_unit=_draft_unit(figure.quantity, value.unit),
        period=value.period,
        compare=value.compare,
        known_at=found.known[place] if place is not None else max(found.known),
    )


def _draft_unit(quantity: Quantity, lake: ClaimUnit) -> str:
    draft = written_unit(quantity)
    return draft.text if draft is not None else lake.measure


def _stated(quantity: Quantity) -> str:
    hedges = {"about": "about ", ">": "more than ", "<": "less than ", "just below": "nearly "}
    draft = written_unit(quantity)
    said = with_unit(quantity.value, draft.text if draft is not None else "")
    return f"{hedges.get(quantity.relation, '')}{said}"


def _unit_words(unit: ClaimUnit) -> str:
    """The unit of a value in the words of a note."""
    if unit.measure == "%":
        return "percentage points" if unit.text == "percentage points" else "%"
    return "points" if unit.measure == "index" else unit.text
