"""What a statement's measure is by the lake: levels, changes, averages, sums, ratios, spreads, each
of one period and, where there is one, of the period that it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.claims.judging.observations import (
    MONTHS,
    Observations,
    month_start,
    period_end,
    years_before,
)
from analytics.claims.judging.units import OF_GDP, PERCENT, TIMES, ClaimUnit
from analytics.claims.statement import Grain, Measure, Span
from analytics.claims.wording import as_spoken

LEAST_COVERAGE = 0.9
# After so many days the last value is none that a draft without a period can mean.
OLD = {"daily": 45, "weekly": 90, "monthly": 240, "quarterly": 400, "annual": 1000}
DIGITS = 10  # beyond them a difference is floating point
LENGTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}
POINTS = ClaimUnit(PERCENT, 1.0, "percentage points")
PERCENT_CHANGE = ClaimUnit(PERCENT, 1.0, "%")
RATIO = ClaimUnit(TIMES, 1.0, "times")


@dataclass(frozen=True, slots=True)
class ClaimValue:
    """A measure as the lake has it: of `period`, against `compare`; `place` and `base` are the two
    observations where it rests on single ones."""

    value: float
    unit: ClaimUnit
    period: Span
    compare: Span | None = None
    place: int | None = None
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured: the subject's observations and those of the other subjects, and the
    periods as the draft names them."""

    measure: Measure
    observations: Observations
    others: tuple[Observations, ...]
    period: Span | None
    compare: Span | None
    clock: date
    extreme: Callable[[list[float]], float] | None = None
    is_current: bool = False


Measured = ClaimValue | str  # or why there is none


def measured(wanted: Wanted) -> Measured:
    """The measure, or one clause that says why the lake has none."""
    found = wanted.observations
    if reason := _outside(found, wanted.period, wanted.clock):
        return reason
    if wanted.is_current and wanted.period is None and _is_old(found, wanted.clock):
        return f"its last value is of {as_spoken(found.span(len(found) - 1))}"
    if wanted.measure in ("average", "sum"):
        return _gathered(wanted.observations, wanted.period, wanted.measure)
    is_of_two = bool(wanted.others) and wanted.measure in ("ratio", "percent change")
    if wanted.measure in ("spread", "difference") or is_of_two:
        return _between(wanted)
    if wanted.measure in ("level", "close"):
        return _level(wanted)
    return _moved(wanted)


def _is_old(found: Observations, clock: date) -> bool:
    return (clock - found.ends[-1]).days > OLD.get(found.frequency, clock.toordinal())


def _outside(found: Observations, period: Span | None, clock: date) -> str | None:
    if not len(found):
        return "the lake has no value of it at this time"
    if period is None:
        return None
    if found.is_ahead(period, clock):
        return f"{as_spoken(period)} is after the date of the draft"
    if found.place(period) is not None:
        return None
    if any(period.first <= day <= period.last for day in found.withdrawn):
        return f"its value of {as_spoken(period)} was withdrawn"
    if period.last < found.starts[0]:
        return f"its history starts with {as_spoken(found.span(0))}"
    if period.first > found.starts[-1]:
        last = as_spoken(found.span(len(found) - 1))
        return f"{as_spoken(period)} was not published yet; the last one was {last}"
    return f"it has no value of {as_spoken(period)}"


def _level(wanted: Wanted) -> Measured:
    found, period = wanted.observations, wanted.period
    place = found.place(period)
    assert place is not None
    several = found.within(period) if period is not None else range(0)
    if wanted.extreme is not None and len(several) > 1:
        value = wanted.extreme([found.values[n] for n in several])
        place = next(n for n in several if found.values[n] == value)
    elif period is not None and len(several) > 1 and _is_longer(found, period.grain):
        if found.subject.kind == "account" and _is_flow(found):
            return _gathered(found, period, "sum")
        if found.unit.is_money:
            words = f"{len(several)} values in {as_spoken(period)}"
            return f"it has {words}, and the draft does not say which of them or their sum"
        return _gathered(found, period, "average")
    return ClaimValue(found.values[place], found.unit, found.span(place), None, place)


def _is_longer(found: Observations, grain: Grain) -> bool:
    """Whether a period holds several of the subject's own, which are no closing values."""
    own = 0 if found.frequency == "weekly" else MONTHS.get(found.frequency)
    return own is not None and LENGTHS.get(grain, 0) > own


def _is_flow(found: Observations) -> bool:
    """Whether the quarters of an account add up to its year: no stock, and nothing per share."""
    return found.starts[-1] != found.ends[-1] and "per share" not in found.unit.text


def _gathered(found: Observations, period: Span | None, measure: Measure) -> Measured:
    """Mean or sum of all values of a period that is covered."""
    if period is None:
        return "the draft names no period"
    places = found.within(period)
    wanted = found.expected(period)
    if not wanted:
        return "its values come without a rhythm, so a period cannot be covered"
    if len(places) < LEAST_COVERAGE * wanted or not places:
        words = as_spoken(period)
        return f"only {len(places)} of {wanted} values of {words} are known, less than 90%"
    if len({found.units[n] for n in places}) > 1:
        return f"its unit changes within {as_spoken(period)}"
    values = [found.in_shares_of(places[-1])[n] for n in places]
    total = sum(values) / (len(values) if measure == "average" else 1)
    only = places[0] if len(places) == 1 else None
    return ClaimValue(round(total, DIGITS), found.unit, period, None, only)


def _between(wanted: Wanted) -> Measured:
    """The subject's value against another's of the same period."""
    found = wanted.observations
    if len(wanted.others) != 1:
        return "it is not said what it is compared with"
    (other,) = wanted.others
    place = found.place(wanted.period)
    assert place is not None
    period = wanted.period or found.span(place)
    if reason := _outside(other, period, wanted.clock):
        return f"of {other.title or other.subject.id} {reason}"
    second = other.place(period)
    assert second is not None
    a, b = found.values[place], other.values[second]
    span = found.span(place)
    if wanted.measure not in ("spread", "difference"):
        return _ratio(b, a, span, other.span(second), wanted.measure)
    if found.unit.measure != other.unit.measure or found.unit.factor != other.unit.factor:
        return f"they are in two units, {found.unit.text} and {other.unit.text}"
    return ClaimValue(round(a - b, DIGITS), changed_unit(found), span, other.span(second), place)


def _moved(wanted: Wanted) -> Measured:
    """A change, percent change or ratio from the period of comparison."""
    found, period = wanted.observations, wanted.period
    if period is not None and _is_longer(found, period.grain):
        return _moved_mean(wanted, period)
    place = found.place(period)
    assert place is not None
    base = found.base(wanted.compare, place)
    if base is None:
        words = "before it" if wanted.compare is None else f"of {as_spoken(wanted.compare)}"
        return f"it has no value {words} to compare with"
    return moved_between(found, base, place, wanted.measure)


def moved_between(found: Observations, base: int, place: int, measure: Measure) -> Measured:
    """The move from one observation to another, splits taken in."""
    if found.units[base] != found.units[place]:
        return f"its unit changes from {found.units[base]} to {found.units[place]}"
    a = found.values[base] / found.became[base] * found.became[place]
    b = found.values[place]
    spans = found.span(place), found.span(base)
    if measure == "change":
        return ClaimValue(round(b - a, DIGITS), changed_unit(found), *spans, place, base)
    moved = _ratio(a, b, *spans, measure)
    if isinstance(moved, str):
        return moved
    return ClaimValue(moved.value, moved.unit, *spans, place, base)


def _moved_mean(wanted: Wanted, period: Span) -> Measured:
    """The move from the mean of one longer period to that of another."""
    compare = wanted.compare or previous_span(period)
    b = _gathered(wanted.observations, period, "average")
    a = _gathered(wanted.observations, compare, "average")
    if isinstance(a, str) or isinstance(b, str):
        return a if isinstance(a, str) else str(b)
    if wanted.measure == "change":
        if wanted.observations.unit.is_money:
            return f"the draft does not say which values of {as_spoken(period)} it compares"
        moved = round(b.value - a.value, DIGITS)
        return ClaimValue(moved, changed_unit(wanted.observations), period, compare)
    return _ratio(a.value, b.value, period, compare, wanted.measure)


def _ratio(a: float, b: float, period: Span, compare: Span, measure: Measure) -> Measured:
    if a <= 0 or b < 0:
        kind = "a percentage" if measure == "percent change" else "a ratio"
        return f"the value goes from {a:.10g} to {b:.10g}, of which there is no {kind[2:]}"
    if measure == "percent change":
        return ClaimValue(round(100 * (b / a - 1), DIGITS), PERCENT_CHANGE, period, compare)
    return ClaimValue(round(b / a, DIGITS), RATIO, period, compare)


def changed_unit(found: Observations) -> ClaimUnit:
    """In what changes of a subject are: points for rates, and else its own unit."""
    return POINTS if found.unit.measure in (PERCENT, OF_GDP) else found.unit


def previous_span(span: Span, years: int = 0) -> Span:
    """The span before of the same length, or the same one years earlier."""
    if years:
        return Span(years_before(span.first, years), years_before(span.last, years), span.grain)
    size = LENGTHS.get(span.grain)
    if size is None:
        length = span.last - span.first + timedelta(days=1)
        return Span(span.first - length, span.last - length, span.grain)
    return _moved_span(span, -size)


def _moved_span(span: Span, months: int) -> Span:
    first = month_start(span.first.year * 12 + span.first.month - 1 + months)
    name = {1: "monthly", 3: "quarterly", 12: "annual"}[abs(months)]
    return Span(first, period_end(first, name), span.grain)


def neighbours(wanted: Wanted, value: ClaimValue) -> Iterator[ClaimValue]:
    """The same measure of the period before, of the one after, and of a year earlier."""
    for period, compare in _near_spans(wanted, value):
        near = measured(
            Wanted(
                wanted.measure,
                wanted.observations,
                wanted.others,
                period,
                compare,
                wanted.clock,
                wanted.extreme,
            )
        )
        if isinstance(near, ClaimValue) and near.period != value.period:
            yield near


def _near_spans(wanted: Wanted, value: ClaimValue) -> Iterator[tuple[Span, Span | None]]:
    found, place, base = wanted.observations, value.place, value.base
    if place is None:
        yield previous_span(value.period), value.compare and previous_span(value.compare)
        yield previous_span(value.period, 1), value.compare and previous_span(value.compare, 1)
        return
    for step in (-1, 1):
        if 0 <= place + step < len(found):
            moved = None if base is None else base + step
            is_there = moved is not None and 0 <= moved < len(found)
            if moved is None or is_there:
                yield found.span(place + step), found.span(moved) if moved is not None else None
    earlier = found.year_before(place)
    if earlier is not None:
        below = None if base is None else found.year_before(base)
        if base is None or below is not None:
            yield found.span(earlier), found.span(below) if below is not None else None
