"""Lists that run side by side: "in Germany and France 3.1% and 1.8% respectively", "rose 0.3% and
0.5% in May and June". The first number is of the first name, the second of the second."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from analytics.claims.naming.subjects import Named
from analytics.claims.sentences.around import Around
from analytics.claims.sentences.doubts import JOINED, LISTED, SUBJECTS
from analytics.claims.sentences.passages import Passage
from analytics.claims.statement import Mention, Quantity, Span

CUE = re.compile(r"\brespectively\b|\bjeweils\b|\brespectivement\b|\brespectivamente\b", re.I)
Listed = TypeVar("Listed", Quantity, Named, Mention)
AND = re.compile(r"\s*(?:,|,?\s*(?:and|und|et|y|e))\s+", re.IGNORECASE)
# Between a list of numbers and the list of times right behind it.
BESIDE = re.compile(r"\s*(?:in|im|en|on|am)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Share:
    """What of such lists belongs to one number: its name and its period, where they are listed."""

    dropped: tuple[Named, ...] = ()
    kept: tuple[Named, ...] = ()
    period: Span | None = None

    def of(self, reach: Sequence[Named]) -> list[Named]:
        """The names in reach of a number, of the list its own alone."""
        stretches = {(name.start, name.end) for name in self.dropped}
        others = [name for name in reach if (name.start, name.end) not in stretches]
        kinds = {name.kind for name in self.kept}
        others = [name for name in others if name.kind not in kinds or not self.kept]
        return sorted([*others, *self.kept], key=lambda name: (name.start, name.end))


def share_of(around: Around, quantity: Quantity, passage: Passage) -> Share | None:
    """What belongs to a number of a list; none where it stands in none that another one matches."""
    if passage.kind == "cell":
        return None
    inside = [one for one in around.numbers if passage.start <= one.start < passage.end]
    numbers = next((run for run in _runs(inside, _listed(around)) if quantity in run), [])
    if len(numbers) < 2:
        return None
    place = numbers.index(quantity)
    period = _period(around, numbers, place, passage)
    if CUE.search(around.draft.text, passage.start, passage.end) is None:
        return Share(period=period) if period else None
    names = _names(around, numbers, passage)
    if names:
        own = (names[place].start, names[place].end)
        dropped = tuple(name for one in names for name in _same_place(around, one))
        kept = tuple(name for name in dropped if (name.start, name.end) == own)
        return Share(tuple(name for name in dropped if name not in kept), kept, period)
    return Share(period=period) if period else None


def _period(
    around: Around, numbers: Sequence[Quantity], place: int, passage: Passage
) -> Span | None:
    """The time right behind all numbers, or the one of a list there or that a cue speaks of."""
    text = around.draft.text
    inside = [
        one
        for one in around.periods.mentions
        if passage.start <= one.start < passage.end and one.role == "of"
    ]
    runs = [run for run in _runs(inside, _joined(around)) if len(run) == len(numbers)]
    if all(AND.fullmatch(text, one.end, two.start) for one, two in pairwise(numbers)):
        after = next((one for one in inside if one.start >= numbers[-1].end), None)
        is_alone = after is not None and not any(after in run for run in runs)
        if is_alone and after and BESIDE.fullmatch(text, numbers[-1].end, after.start):
            return after.span
    for run in runs:
        is_beside = BESIDE.fullmatch(text, numbers[-1].end, run[0].start) is not None
        if is_beside or (len(runs) == 1 and CUE.search(text, passage.start, passage.end)):
            return run[place].span
    return None


def _names(around: Around, numbers: Sequence[Quantity], passage: Passage) -> list[Named]:
    """The last list of as many countries or subjects before the numbers."""
    before = [
        name
        for name in around.names
        if passage.start <= name.start and name.end <= numbers[0].start and not name.is_weak
    ]
    for kinds in (("country",), SUBJECTS, ("tenor",)):
        once = {(name.start, name.end): name for name in before if name.kind in kinds}
        runs = [run for run in _runs(list(once.values()), _joined(around)) if len(run) > 1]
        if runs:
            return runs[-1] if len(runs[-1]) == len(numbers) else []
    return []


def _same_place(around: Around, one: Named) -> list[Named]:
    return [name for name in around.names if (name.start, name.end) == (one.start, one.end)]


def _listed(around: Around) -> Callable[[int, int], bool]:
    return lambda start, end: LISTED.fullmatch(around.draft.text, start, end) is not None


def _joined(around: Around) -> Callable[[int, int], bool]:
    return lambda start, end: JOINED.fullmatch(around.draft.text, start, end) is not None


def _runs(parts: Sequence[Listed], is_joined: Callable[[int, int], bool]) -> list[list[Listed]]:
    """What stands together in a list, in the order of the text."""
    found: list[list[Listed]] = []
    for part in parts:
        if found and is_joined(found[-1][-1].end, part.start):
            found[-1].append(part)
        else:
            found.append([part])
    return found
