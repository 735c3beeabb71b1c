"""Statements about the whole of a history: records, the highest since a day or in some years, first
crossings, streaks, and the day of an extreme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics.claims.judging.measures import PERCENT_CHANGE, changed_unit
from analytics.claims.judging.observations import Observations, years_before
from analytics.claims.judging.relations import NEARLY, RULES, SLACK, agrees
from analytics.claims.judging.units import ClaimUnit, readings
from analytics.claims.statement import Quantity, Span, Statement
from analytics.claims.wording import as_spoken, number, with_unit

COUNTED = {"months": "monthly", "quarters": "quarterly", "years": "annual", "weeks": "weekly"}
YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class PastFound:
    """Whether a statement about a history holds, what was found, and the clause that says it."""

    holds: bool
    clause: str
    value: float | None = None
    unit: str = ""
    period: Span | None = None
    day: date | None = None
    unit_differs: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """The levels or moves of a subject, `beyond` telling which of two lies further out."""

    found: Observations
    values: list[float]
    unit: ClaimUnit
    beyond: Callable[[float, float], bool]
    first: int

    def span(self, place: int) -> Span:
        return self.found.span(place)


def past_found(statement: Statement, found: Observations) -> PastFound | str:
    """What the history says of a statement; or why it says nothing."""
    period = statement.period
    chosen = found.at_ends(period.grain) if period is not None and found.is_daily else found
    place = chosen.place(period)
    if place is None:
        return f"it has no value of {as_spoken(period) if period else 'that time'}"
    rules = {
        "record": _record,
        "date": _extreme_day,
        "since": _since,
        "years": _years,
        "crossing": _crossing,
        "streak": _streak,
    }
    return rules[statement.measure](statement, chosen, place)


def _line(statement: Statement, found: Observations, place: int) -> _Line:
    """Levels, or moves where a direction is said: the largest fall, the biggest increase."""
    if statement.direction in ("up", "down"):
        return _moves(statement, found)
    values = found.in_shares_of(place)
    sign = -1.0 if statement.sense == "low" else 1.0
    return _Line(found, values, found.unit, lambda a, b: sign * a >= sign * b - SLACK, 0)


def _moves(statement: Statement, found: Observations) -> _Line:
    is_down = statement.direction == "down"
    sign = (-1.0 if is_down else 1.0) * (-1.0 if statement.sense == "low" and not is_down else 1.0)
    levels = found.in_shares_of(0)
    moves = [0.0]
    for before, now in zip(levels, levels[1:], strict=False):
        moves.append(now / before - 1 if found.is_price and before > 0 else now - before)
    unit = PERCENT_CHANGE if found.is_price else changed_unit(found)
    values = [100 * move if found.is_price else round(move, 10) for move in moves]
    return _Line(found, values, unit, lambda a, b: sign * a >= sign * b - SLACK, 1)


def _record(statement: Statement, found: Observations, place: int) -> PastFound | str:
    """No earlier value at or beyond it; a level with a number, and a move, is that of all."""
    line = _line(statement, found, place)
    low = bisect_range(found, statement.compare)
    first = max(line.first, low.start)
    is_of_all = line.first == 1 or statement.quantity is not None
    if is_of_all and statement.compare is None:
        rivals = [n for n in range(first, len(found)) if n != place]
    else:
        rivals = list(range(first, place))
    if not rivals or place < first:
        return f"its history starts with {as_spoken(found.span(0))}, so nothing is before it"
    at_or_beyond = [n for n in rivals if line.beyond(line.values[n], line.values[place])]
    start = f"History starts with {as_spoken(found.span(0))}"
    value = with_unit(round(line.values[place], 6), line.unit.text)
    if at_or_beyond:
        best = _furthest(line, at_or_beyond)
        there = with_unit(round(line.values[best], 6), line.unit.text)
        clause = f"{value} of {as_spoken(found.span(place))}, but {there} of "
        clause += f"{as_spoken(found.span(best))}"
        return PastFound(
            False,
            f"{clause}. {start}",
            line.values[best],
            line.unit.text,
            found.span(best),
            found.starts[best],
        )
    clause = f"{value} of {as_spoken(found.span(place))}, and none at or beyond it"
    ok = statement.quantity is None or _is_value(statement.quantity, line, place)
    return PastFound(
        ok,
        f"{clause}. {start}",
        line.values[place],
        line.unit.text,
        found.span(place),
        found.starts[place],
    )


def _is_value(quantity: Quantity, line: _Line, place: int) -> bool:
    near = readings(quantity, line.unit)
    return any(agrees(quantity, quantity.value, line.values[place] * each) for each in near)


def _furthest(line: _Line, places: list[int]) -> int:
    best = places[0]
    for place in places[1:]:
        if not line.beyond(line.values[best], line.values[place]):
            best = place
    return best


def bisect_range(found: Observations, span: Span | None) -> range:
    """Places within a stated range, all of them where none is stated."""
    return range(len(found)) if span is None else found.within(span)


def _extreme_day(statement: Statement, found: Observations, place: int) -> PastFound | str:
    """The day of the highest or lowest value, compared at the granularity that is stated."""
    if statement.period is None or (statement.sense is None and statement.direction is None):
        return "the draft does not say of what this is the day"
    line = _line(statement, found, place)
    places = [n for n in bisect_range(found, statement.compare) if n >= line.first]
    if not places:
        return f"it has no value of {as_spoken(statement.compare or statement.period)}"
    best = _furthest(line, places)
    day = found.starts[best]
    value = with_unit(round(line.values[best], 6), line.unit.text)
    clause = f"the furthest value, {value}, is of {as_spoken(found.span(best))}"
    holds = statement.period.first <= day <= statement.period.last
    return PastFound(holds, clause, line.values[best], line.unit.text, found.span(best), day)


def _since(statement: Statement, found: Observations, place: int) -> PastFound | str:
    """Highest or lowest since a day, last move of a kind, or how long a condition has held."""
    since = statement.compare
    if since is None:
        return "the draft does not say since when"
    if since.last < found.starts[0]:
        return f"its history starts with {as_spoken(found.span(0))}"
    if statement.quantity is not None and statement.sense is None:
        return _held_since(statement, statement.quantity, found, place)
    line = _line(statement, found, place)
    if statement.sense is None and line.first == 0:
        return "the draft does not say whether it is a high or a low"
    if statement.sense is None:  # the last earlier move of that direction, however small
        sign = -1.0 if statement.direction == "down" else 1.0
        earlier = [n for n in range(1, place) if sign * line.values[n] > found.half_digit]
        if sign * line.values[place] <= found.half_digit:
            return _last_seen(earlier, since, found, "it did not move so in that period", False)
    else:
        earlier = [
            n for n in range(line.first, place) if line.beyond(line.values[n], line.values[place])
        ]
    what = with_unit(round(line.values[place], 6), line.unit.text)
    words = f"{what} of {as_spoken(found.span(place))}"
    seen = _last_seen(earlier, since, found, words, True)
    return replace(seen, value=line.values[place], unit=line.unit.text, period=found.span(place))


def _last_seen(
    earlier: list[int], since: Span, found: Observations, words: str, is_moved: bool
) -> PastFound:
    """Whether the last of some earlier observations falls in a span."""
    if not earlier:
        start = as_spoken(found.span(0))
        return PastFound(False, f"{words}, and no earlier one in the history since {start}")
    day = found.starts[earlier[-1]]
    clause = f"{words}; the last earlier one is of {as_spoken(found.span(earlier[-1]))}"
    return PastFound(is_moved and _is_in(found, earlier[-1], since), clause, day=day)


def _is_in(found: Observations, place: int, span: Span) -> bool:
    """Whether an observation belongs to a span, told at the granularity of the longer one."""
    return found.starts[place] <= span.last and found.ends[place] >= span.first


def _held_since(
    statement: Statement, quantity: Quantity, found: Observations, place: int
) -> PastFound | str:
    """Where a level has been since a day: a condition that began then, or that last failed then."""
    since = statement.compare
    assert since is not None
    near = readings(quantity, found.unit)
    if not near:
        return f"its values are in {found.unit.text}"
    true = [agrees(quantity, quantity.value, value * near[0]) for value in found.values]
    if statement.is_negated:
        true = [not each for each in true]
    run = place + 1
    while run and true[run - 1]:
        run -= 1
    if run > place:
        return PastFound(
            False,
            f"it is {with_unit(found.values[place], found.unit.text)} in "
            f"{as_spoken(found.span(place))}",
            found.values[place],
            found.unit.text,
            found.span(place),
        )
    # "At 7.1 since March": March is the first so; "not below 3 since May": May was the last below.
    if run == 0:
        return f"it has been so since its history starts, {as_spoken(found.span(0))}"
    edge = run - 1 if statement.is_negated else run
    holds = _is_in(found, edge, since)
    clause = f"this has been so without a break since {as_spoken(found.span(run))}"
    return PastFound(
        holds,
        clause,
        found.values[place],
        found.unit.text,
        found.span(place),
        found.starts[edge],
    )


def _years(statement: Statement, found: Observations, place: int) -> PastFound | str:
    """No value at or beyond it within the years before, and one within the year before those:
    a high of four years is not said to be one of two."""
    quantity = statement.quantity
    if quantity is None or quantity.unit not in ("years", None, "months", "quarters"):
        return "the draft does not say for how many years"
    stated = quantity.value * {"months": 1 / 12, "quarters": 0.25}.get(quantity.unit or "", 1.0)
    years = stated * (NEARLY if quantity.relation in ("just below", "about") else 1.0)
    line = _line(statement, found, place)
    start = _years_ago(found.starts[place], years)
    if place < line.first or found.starts[line.first] > start + timedelta(days=31):
        return f"its history starts with {as_spoken(found.span(0))}"
    if statement.sense is None and line.first == 0:
        return "the draft does not say whether it is a high or a low"
    earlier = [
        n for n in range(line.first, place) if line.beyond(line.values[n], line.values[place])
    ]
    last = earlier[-1] if earlier else None
    earliest = _years_ago(found.starts[place], stated + 1)
    is_more = found.starts[line.first if last is None else last] < earliest
    holds = (last is None or found.starts[last] <= start) and not (
        is_more and quantity.relation == "="
    )
    value = with_unit(round(line.values[place], 6), line.unit.text)
    clause = f"{value} of {as_spoken(found.span(place))}; "
    clause += (
        f"history starts with {as_spoken(found.span(0))}, with none at or beyond it"
        if last is None
        else f"the last earlier one at or beyond it is of {as_spoken(found.span(last))}"
    )
    day = None if last is None else found.starts[last]
    return PastFound(holds, clause, line.values[place], line.unit.text, found.span(place), day)


def _years_ago(day: date, years: float) -> date:
    if years == int(years) or years * YEAR_DAYS >= day.toordinal():
        return years_before(day, int(years))
    return day - timedelta(days=years * YEAR_DAYS)


def _crossing(statement: Statement, found: Observations, place: int) -> PastFound | str:
    """The first value beyond a mark in the stated range, or the first since a period."""
    quantity = statement.quantity
    side = statement.direction or {">": "up", "<": "down"}.get(
        quantity.relation if quantity else ""
    )
    if quantity is None or side is None:
        return "the draft does not say which mark was crossed"
    near = readings(quantity, found.unit)
    if not near:
        return f"its values are in {found.unit.text}"
    rule = RULES[">" if side == "up" else "<"]
    values = [value * near[0] for value in found.in_shares_of(place)]
    beyond = [n for n, value in enumerate(values) if rule(quantity.value, value, 0.0)]
    compare = statement.compare
    is_since = compare is not None and compare.last < found.starts[place]
    mark = f"{'above' if side == 'up' else 'below'} {number(quantity.value)}"
    start = f"history starts with {as_spoken(found.span(0))}"
    if is_since and compare is not None:
        earlier = [n for n in beyond if n < place]
        seen = _last_seen(earlier, compare, found, f"a value {mark}", place in beyond)
        return replace(seen, value=found.values[place], unit=found.unit.text)
    if compare is not None:
        beyond = [n for n in beyond if n in found.within(compare)]
    if not beyond:
        return PastFound(False, f"no value is {mark}; {start}")
    first = beyond[0]
    clause = f"the first value {mark} is of {as_spoken(found.span(first))}; {start}"
    return PastFound(
        first == place,
        clause,
        found.values[first],
        found.unit.text,
        found.span(first),
        found.starts[first],
    )


def _streak(statement: Statement, found: Observations, place: int) -> PastFound | str:
    """How many periods in a row moved so, or lay beyond a mark."""
    quantity = statement.quantity
    if quantity is None:
        return "the draft does not say for how long"
    is_count = quantity.unit in (*COUNTED, None, "days", "meetings", "times", "sessions")
    if quantity.relation in ("<", ">") and statement.direction is None or not is_count:
        return _streak_beyond(statement, quantity, found, place)
    if statement.direction not in ("up", "down", "flat"):
        return "the draft does not say which way"
    levels = found.in_shares_of(place)
    half = found.half_digit
    signs = [0, *(_sign(b - a, half) for a, b in zip(levels, levels[1:], strict=False))]
    wanted = {"up": 1, "down": -1, "flat": 0}[statement.direction]
    count = 0
    while place - count > 0 and (signs[place - count] == wanted) != statement.is_negated:
        count += 1
    if count and count == place:
        return f"it has been so since its history starts, {as_spoken(found.span(0))}"
    counted = COUNTED.get(quantity.unit or "", found.frequency)
    is_other = counted != found.frequency and quantity.unit in COUNTED
    plain = replace(quantity, half=0.0)
    holds = agrees(plain, quantity.value, float(count)) and not is_other
    clause = f"{count} in a row up to {as_spoken(found.span(place))}"
    first = found.starts[place - count + 1] if count else None
    return PastFound(
        holds, clause, float(count), "", found.span(place), first, is_other and count > 0
    )


def _streak_beyond(
    statement: Statement, quantity: Quantity, found: Observations, place: int
) -> PastFound | str:
    """Below a mark for some periods: `compare` spans those that are stated."""
    stated = statement.compare
    near = readings(quantity, found.unit)
    if stated is None or not near:
        return "the draft does not say for how long"
    rule = RULES[quantity.relation]
    count = 0
    while place - count >= 0 and (
        rule(quantity.value, found.values[place - count] * near[0], quantity.half)
        != statement.is_negated
    ):
        count += 1
    if count > place:
        return f"it has been so since its history starts, {as_spoken(found.span(0))}"
    wanted = len([n for n in found.within(stated) if n <= place])
    clause = f"{count} in a row up to {as_spoken(found.span(place))}"
    day = found.starts[place - count + 1] if count else None
    return PastFound(count == wanted, clause, float(count), "", found.span(place), day)


def _sign(step: float, half: float) -> int:
    return 0 if abs(step) <= half + SLACK else (1 if step > 0 else -1)
