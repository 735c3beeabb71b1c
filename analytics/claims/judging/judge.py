"""The verdict on each statement of a draft, at its clock and, where asked, at a later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from analytics.claims.finding import ClaimVerdict, Finding
from analytics.claims.judging.earlier import placed
from analytics.claims.judging.figures import figure_of, judge_figure
from analytics.claims.judging.history import past_found
from analytics.claims.judging.measures import Wanted, measured
from analytics.claims.judging.movements import movement
from analytics.claims.judging.observations import Observations
from analytics.claims.judging.ranks import judge_rank
from analytics.claims.judging.reads import ClaimReads, read_answer
from analytics.claims.judging.units import is_possible
from analytics.claims.statement import Measure, Quantity, Relation, Span, Statement, Subject
from analytics.claims.wording import as_spoken, with_unit
from analytics.core.periods import period_of
from data.query import At, QueryRun

PAST: tuple[Measure, ...] = ("record", "date", "since", "years", "crossing", "streak")
SINGLE: tuple[Measure, ...] = ("level", "close", "change", "percent change", "ratio", "direction")


OPEN = "The draft does not say since when, or which way."


def judge(at: At, statement: Statement, *, later: At | None = None) -> Finding:
    """The verdict on a statement at a clock; what holds there and no more at `later` is
    superseded."""
    return judge_many(at, [statement], later)[0]


def judge_many(
    at: At,
    statements: Sequence[Statement],
    later: At | None = None,
    *,
    then: ClaimReads | None = None,
) -> list[Finding]:
    """The verdicts on statements, in their order; what they speak of is read once for all. `then`
    has what is known of it at `later`, where that was read already."""
    reads = ClaimReads(at, statements)
    statements = [placed(reads, statement) for statement in statements]
    found = [_of_either(reads, statement) for statement in statements]
    if later is None:
        return found
    right = [n for n, finding in enumerate(found) if finding.holds]
    then = then or ClaimReads(later, [statements[n] for n in right])
    for n in right:
        found[n] = _seen_later(reads, then, statements[n], found[n])
    return found


def _of_either(reads: ClaimReads, statement: Statement) -> Finding:
    """The verdict; a number that does not stand beside its period, and is right for another one
    that is named near it, is not contradicted."""
    finding = _judged(reads, statement, None)
    is_moved = statement.measure in ("change", "percent change")
    is_of_other = finding.verdict in ("wrong value", "wrong period") or (
        is_moved and finding.verdict == "wrong direction"
    )
    if not is_of_other or statement.measure not in SINGLE:
        return finding
    for period in statement.or_periods:
        other = _judged(reads, replace(statement, period=period, or_periods=()), None)
        if other.holds and other.period != finding.period:
            words = as_spoken(other.period) if other.period else "another period"
            note = f"{finding.note} It holds for {words}; the draft does not say which it means."
            return replace(finding, verdict="ambiguous", note=note)
    return finding


def _seen_later(
    reads: ClaimReads, then: ClaimReads, statement: Statement, finding: Finding
) -> Finding:
    """The same statement of the same periods by what is known later."""
    if statement.period is None and finding.period is not None:
        statement = replace(statement, period=finding.period)
    again = _judged(then, statement, reads)
    if again.holds:
        return finding
    became = (
        f"since revised to {with_unit(again.value, again.unit)}"
        if again.value is not None
        else "no longer found"
    )
    answer = finding.answer
    if answer is not None and again.answer is not None:
        answer = replace(answer, asked=(*again.answer.asked, *answer.asked))
    return replace(
        finding,
        verdict="superseded",
        note=f"{finding.note.rstrip('.')}, {became}.",
        later=again.value,
        day=again.day if finding.value is None else finding.day,
        answer=answer,
    )


def _judged(reads: ClaimReads, statement: Statement, first: ClaimReads | None) -> Finding:
    """The verdict by what is known at one clock; of no later periods than were known at first."""
    chosen = _chosen(statement)
    if isinstance(chosen, Finding):
        return chosen
    if statement.doubt:
        note = f"Not judged: \u201c{statement.doubt}\u201d leaves open what the number is of."
        return Finding("ambiguous", note, candidates=statement.candidates)
    parts: list[Observations] = []
    for subject in chosen:
        found = _observed(reads, subject, statement.period, first)
        if found is None:
            words = subject.title or subject.id
            note = f"Not in the lake: it has no value of {words} at this time."
            return Finding("not in the lake", note, subject=subject, candidates=(subject,))
        parts.append(found)
    finding, more = _of_parts(reads, statement, parts[0], tuple(parts[1:]))
    is_left_open = _hangs(statement) or (
        statement.direction is None and _is_unsigned(statement, finding)
    )
    if statement.is_open and finding.verdict_class == "contradicted" and is_left_open:
        finding = replace(finding, verdict="ambiguous", note=f"{finding.note} {OPEN}")
    only = [one for one in statement.candidates if one != chosen[0]]
    if only:
        finding = replace(
            finding, note=f"{finding.note} The other {len(only)} cannot have such a value."
        )
    return replace(
        finding,
        subject=chosen[0],
        source=parts[0].source,
        candidates=statement.candidates,
        answer=read_answer(parts, reads.damaged(), more),
    )


def _hangs(statement: Statement) -> bool:
    """Whether a statement is wrong only by what it leaves open: against what, or among which."""
    return statement.measure in ("direction", "rank", "date")


def _is_unsigned(statement: Statement, finding: Finding) -> bool:
    """Whether only the sign differs, of a level that no word of its own gives a sign."""
    return finding.verdict == "wrong direction" and statement.measure in ("level", "close")


def _observed(
    reads: ClaimReads, subject: Subject, period: Span | None, first: ClaimReads | None
) -> Observations | None:
    found = reads.of(subject, period)
    if found is None or first is None or (known := first.of(subject, period)) is None:
        return found
    return found.until(known.starts[-1])


def _chosen(statement: Statement) -> list[Subject] | Finding:
    """The subjects, the statement's own first; or why they cannot be told."""
    chosen = []
    for candidates in (statement.candidates, *statement.others):
        named = [one for one in candidates if one.kind != "none"]
        if not named:
            return Finding(
                "not in the lake", "Not in the lake: it has nothing of the kind that is named."
            )
        if len(named) > 1:
            named = [
                one for one in named if is_possible(statement.quantity, statement.measure, one)
            ]
        if len(named) != 1:
            fits = named or list(candidates)
            titles = ", ".join(one.title or one.id for one in fits[:3])
            rest = f" and {len(fits) - 3} more" if len(fits) > 3 else ""
            return Finding(
                "ambiguous",
                f"The words fit {len(fits)} in the lake: {titles}{rest}. Say which is meant.",
                candidates=tuple(candidates),
            )
        chosen.append(named[0])
    return chosen


def _of_parts(
    reads: ClaimReads,
    statement: Statement,
    found: Observations,
    others: tuple[Observations, ...],
) -> tuple[Finding, list[QueryRun]]:
    """The verdict of a statement whose subjects are known, and which more was read for it."""
    clock = reads.at.as_of.date()
    if statement.measure == "rank":
        return judge_rank(statement, found, others), []
    if statement.measure in PAST:
        return _of_past(statement, found, clock), []
    period = statement.period
    if found.is_daily and period is not None and statement.measure in SINGLE:
        found = found.at_ends(period.grain)
    wanted = Wanted(
        statement.measure,
        found,
        others,
        period,
        statement.compare,
        clock,
        is_current=statement.is_current,
    )
    if statement.quantity is None and statement.measure in ("difference", "spread"):
        statement = replace(statement, quantity=_order(statement), direction=None)
    if statement.quantity is None or statement.measure == "direction":
        return _of_direction(statement, wanted), []
    finding = judge_figure(figure_of(statement, statement.quantity, wanted))
    if finding.verdict == "wrong value" and found.subject.kind == "series":
        return _with_old_print(reads, finding, found, statement)
    return finding, []


def _order(statement: Statement) -> Quantity:
    """ "Higher than" without a number."""
    relation: Relation = "<" if statement.direction == "down" or statement.sense == "low" else ">"
    return Quantity(statement.start, statement.end, 0.0, 0.0, relation=relation)


def _of_direction(statement: Statement, wanted: Wanted) -> Finding:
    """A statement without a number: it rose, fell or stayed, or lies above another."""
    found, said = wanted.observations, statement.direction
    level = measured(replace(wanted, measure="level", others=()))
    if isinstance(level, str) or level.place is None or said is None:
        reason = level if isinstance(level, str) else "the draft states no number and no direction"
        return Finding("not in the lake", f"Not in the lake: {reason}.")
    moved = movement(found, level.place, statement.compare)
    if isinstance(moved, str):
        return Finding("not in the lake", f"Not in the lake: {moved}.")
    holds = moved.went(said) != statement.is_negated
    verdict: ClaimVerdict = "supported" if holds else "wrong direction"
    words = with_unit(moved.value, moved.unit.text)
    return Finding(
        verdict,
        f"It moved by {words} from {as_spoken(moved.before)} to {as_spoken(moved.period)}.",
        value=moved.value,
        unit=moved.unit.text,
        period=moved.period,
        compare=moved.before,
        known_at=found.known[level.place],
    )


def _of_past(statement: Statement, found: Observations, clock: date) -> Finding:
    past = "after the date of the draft"
    if statement.period is not None and found.is_ahead(statement.period, clock):
        return Finding("not in the lake", f"Not in the lake: the period is {past}.")
    seen = past_found(statement, found)
    if isinstance(seen, str):
        return Finding("not in the lake", f"Not in the lake: {seen}.")
    is_own = statement.measure in ("streak", "since") and statement.quantity is not None
    is_negated = statement.is_negated and not is_own
    holds = seen.holds != is_negated
    wrong: ClaimVerdict = "unit error" if seen.unit_differs else "wrong value"
    return Finding(
        "supported" if holds else wrong,
        f"The lake has {seen.clause}.",
        value=seen.value,
        unit=seen.unit,
        period=seen.period,
        day=seen.day,
        known_at=max(found.known),
    )


def _with_old_print(
    reads: ClaimReads, finding: Finding, found: Observations, statement: Statement
) -> tuple[Finding, list[QueryRun]]:
    """Says of a wrong value whether an earlier print had it, and of which day that was."""
    quantity = statement.quantity
    if statement.measure != "level" or finding.period is None or quantity is None:
        return finding, []
    if quantity.relation != "=" or finding.drafted is None or not finding.value:
        return finding, []
    factor = finding.drafted / finding.value
    answer = reads.prints(found.subject.id)
    for row in answer.frame.filter(period=finding.period.first, is_forecast=False).to_dicts():
        value = row["value"]
        if value is not None and abs(value * factor - quantity.value) <= quantity.half + 1e-9:
            day = period_of(row["known_at"].date(), None)
            note = f"{finding.note.rstrip('.')}. It was the print of {day}, replaced since."
            return replace(finding, note=note), list(answer.asked)
    return finding, []
