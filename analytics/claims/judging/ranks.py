"""A subject among others: which place it has, and whether it alone lies beyond a mark."""

from __future__ import annotations

from analytics.claims.finding import Finding
from analytics.claims.judging.observations import Observations
from analytics.claims.judging.relations import RULES, SLACK
from analytics.claims.judging.units import readings
from analytics.claims.statement import Quantity, Statement
from analytics.claims.wording import as_spoken, with_unit


def judge_rank(
    statement: Statement, found: Observations, others: tuple[Observations, ...]
) -> Finding:
    """The verdict on a place in an order, all values being of one period."""
    place = found.place(statement.period)
    if place is None or not others:
        words = as_spoken(statement.period) if statement.period else "this period"
        return Finding("not in the lake", f"Not in the lake: it has no value of {words}.")
    period = statement.period or found.span(place)
    values = {found.subject.id: found.values[place]}
    for other in others:
        there = other.place(period)
        if there is None:
            words = f"{other.title or other.subject.id} has no value of {as_spoken(period)}"
            return Finding("not in the lake", f"Not in the lake: {words}.")
        if (other.unit.measure, other.unit.factor) != (found.unit.measure, found.unit.factor):
            words = f"{found.unit.text} and {other.unit.text} cannot be ranked"
            return Finding("not in the lake", f"Not in the lake: {words}.")
        values[other.subject.id] = other.values[there]
    quantity = statement.quantity
    if quantity is not None and quantity.relation in ("<", ">"):
        holds, leader, words = _alone(quantity, found, values)
    else:
        holds, leader, words = _placed(statement, found.subject.id, values)
    holds = holds != statement.is_negated
    value = values[found.subject.id]
    return Finding(
        "supported" if holds else "wrong value",
        f"The lake has {with_unit(value, found.unit.text)} for {as_spoken(period)}: {words}.",
        value=value,
        unit=found.unit.text,
        period=found.span(place),
        known_at=found.known[place],
        leader=leader,
    )


def _placed(statement: Statement, own: str, values: dict[str, float]) -> tuple[bool, str, str]:
    """Whether the subject has the place that is stated; a place that is shared is nobody's."""
    wanted = 1 if statement.quantity is None else round(statement.quantity.value)
    sign = 1.0 if statement.sense == "low" else -1.0
    order = sorted(values, key=lambda name: (sign * values[name], name))
    leader = order[wanted - 1] if wanted <= len(order) else ""
    place = order.index(own) + 1
    is_shared = any(name != own and abs(values[name] - values[own]) <= SLACK for name in values)
    words = f"place {place} of {len(order)}, {leader} has place {wanted}"
    if is_shared:
        words += ", and another has the same value"
    return own == leader and not is_shared, leader, words


def _alone(
    quantity: Quantity, found: Observations, values: dict[str, float]
) -> tuple[bool, str, str]:
    """Whether the subject alone lies beyond a mark."""
    near = readings(quantity, found.unit)
    rule = RULES[quantity.relation]
    beyond = sorted(
        name for name, value in values.items() if near and rule(quantity.value, value * near[0], 0)
    )
    leader = " ".join(beyond)
    return beyond == [found.subject.id], leader, f"beyond the mark lies {leader or 'none'}"
