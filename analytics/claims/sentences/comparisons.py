"""One country against another, or among all: "higher than that of the United States", "then
Germany", "11 basis points less than the American ones"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from analytics.claims.naming.candidates import candidates
from analytics.claims.naming.subjects import Named
from analytics.claims.sentences.around import Around
from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.subject_kinds import is_share
from analytics.claims.sentences.superlatives import HIGH, LOW, NUMBERS
from analytics.claims.statement import Quantity, Statement, Subject

MORE = r"higher|larger|bigger|greater|more|above|stronger|höher|größer|mehr|supérieure?s?|superior"
LESS = r"lower|smaller|less|below|weaker|fewer|niedriger|kleiner|weniger|inférieure?s?|inferior"
OTHER = r"(?:that of|those of|in|the|der|in der|à celui de|à celle de|a la de|al de)?\s*(?:the\s+)?"
# The words up to the other country. A number before them says by how much.
AGAINST = re.compile(
    rf"(?:(?:is|was|are|were|remains|remained|stands|ist|war|liegt|lag|est|es)\s+)?"
    rf"(?P<words>(?:(?P<more>{MORE}|exceeds|exceeded|outpaced)|(?P<less>{LESS}))\b"
    rf"(?:\s+(?:than|als|que))?\s+{OTHER})$",
    re.IGNORECASE,
)
TIMES = re.compile(
    r"(?P<hedge>(?:more than|almost|nearly|about|over|less than)\s+)?"
    rf"(?P<count>twice|double|half|three times)\s+(?:as (?:high|large|big|much) as\s+)?{OTHER}$",
    re.IGNORECASE,
)
COUNTS = {"twice": 2.0, "double": 2.0, "half": 0.5, "three times": 3.0}
HEDGES: dict[str, Literal[">", "<", "just below", "about"]] = {
    "more than": ">",
    "over": ">",
    "less than": "<",
    "almost": "just below",
    "nearly": "just below",
    "about": "about",
}
# What may stand behind the other country's name: what belongs to it, and no other topic.
BEHIND = re.compile(
    r"['’]?s?(?:\s+(?:ones?|rate|rates|level|burden|figure|economy|value))?\s*(?:[.,;:()\n]|$)",
    re.I,
)
RANKED = re.compile(
    rf"\b(?:(?:is|was|are|were|has|had|remains|remained|ranks|ranked)\s+(?:the\s+)?)"
    rf"(?P<words>(?:(?P<high>{HIGH})|(?P<low>{LOW}))\b"
    r"(?:\s+(?:of|among|in)\s+(?:the|all)\s+(?P<n>\w+))?)",
    re.IGNORECASE,
)
NEXT = re.compile(r"\bthen\s+$", re.IGNORECASE)
# A superlative goes on here: since when, on record, of what.
GOES_ON = re.compile(r"\s*(?:\w+\s+){0,2}(?:since|in|on|for|ever|of|level|seit|depuis)\b", re.I)


def comparisons(around: Around, passage: Passage) -> list[Statement]:
    """The comparisons and ranks of a passage."""
    places = [
        name
        for name in around.names
        if name.kind == "country" and passage.start <= name.start and name.end <= passage.end
    ]
    found = [_against(around, passage, other, places) for other in places]
    found += _ranks(around, passage, places)
    return [statement for statement in found if statement is not None]


def _against(
    around: Around, passage: Passage, other: Named, places: Sequence[Named]
) -> Statement | None:
    """The comparison that ends with a country."""
    text = around.draft.text
    before = text[passage.start : other.start]
    match = AGAINST.search(before) or TIMES.search(before)
    own = [name for name in places if name.end <= passage.start + (match.start() if match else 0)]
    if match is None or other.is_weak or not BEHIND.match(text, other.end):
        return None
    start = passage.start + (
        match.start("words") if "words" in match.groupdict() else match.start()
    )
    subjects = _of_country(around, passage, start, own[-1] if own else None)
    others = _of_country(around, passage, start, other)
    if subjects is None or others is None or not own or own[-1].ids == other.ids:
        return None
    ahead = [one for one in around.numbers if passage.start <= one.start and one.end <= other.start]
    number = next((one for one in reversed(ahead) if _leads(text, one, start)), None)
    others = _alike(subjects, others)
    made = _compared(match, subjects, number, (start, other.end))
    place = number or Quantity(start, other.end, 0.0, 0.0)
    made = replace(made, others=(others,), period=around.periods.of(place, passage))
    told = [one for one in ahead if one is not number and own[-1].start < one.start < start]
    doubt = around.doubts.of(replace(made, measure="spread"), passage, has_word=True)
    return (
        None
        if _is_other_time(around, passage, other) or len(told) > 1
        else replace(made, doubt=_own_doubt(doubt, text, own[-1], other))
    )


def _alike(subjects: tuple[Subject, ...], others: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Of several in the other country those of the same kind, told by unit and rhythm."""
    kinds = {(one.unit, one.frequency) for one in subjects}
    return tuple(one for one in others if (one.unit, one.frequency) in kinds) or others


def _own_doubt(doubt: str, text: str, own: Named, other: Named) -> str:
    """That two countries are named is what a comparison is."""
    between = text[own.start : other.end]
    return "" if doubt and doubt in between and text[other.start : other.end] in doubt else doubt


def _is_other_time(around: Around, passage: Passage, other: Named) -> bool:
    """ "Higher than in France in 2019"."""
    behind = [one for one in around.periods.mentions if other.end <= one.start < passage.end]
    return bool(behind) and behind[0].start - other.end < 12


def _leads(text: str, quantity: Quantity, start: int) -> bool:
    is_verb = text[start : start + 8].lower() in ("exceeds ", "exceeded", "outpaced")
    return not is_verb and quantity.end <= start and text[quantity.end : start].strip() == ""


def _compared(
    match: re.Match[str],
    subjects: tuple[Subject, ...],
    number: Quantity | None,
    span: tuple[int, int],
) -> Statement:
    groups = match.groupdict()
    if "count" in groups:
        count = COUNTS[groups["count"].lower()]
        said = HEDGES.get((groups["hedge"] or "").strip().lower(), "about")
        quantity = Quantity(*span, count, 0.05, unit="times", relation=said, is_word=True)
        return Statement(*span, "ratio", subjects, quantity)
    is_less = groups["less"] is not None
    if number is None:
        return Statement(*span, "difference", subjects, direction="down" if is_less else "up")
    is_ratio = number.unit == "%" and not any(is_share(one) for one in subjects)
    value = -abs(number.value) if is_less else abs(number.value)
    relation = number.relation
    if is_less and relation in ("<", ">"):
        relation = "<" if relation == ">" else ">"
    quantity = replace(number, value=value, relation=relation, is_signed=True)
    measure: Literal["percent change", "spread"] = "percent change" if is_ratio else "spread"
    return Statement(number.start, number.end, measure, subjects, quantity)


def _of_country(
    around: Around, passage: Passage, place: int, country: Named | None
) -> tuple[Subject, ...] | None:
    """What the sentence speaks of, in a country; none where it is not told."""
    if country is None:
        return None
    quantity = Quantity(place, place, 0.0, 0.0)
    reach = [name for name in around.reach(quantity, passage) if name.kind != "country"]
    if not any(name.kind in ("indicator", "tenor", "part") for name in reach):
        return None
    period = around.periods.of(quantity, passage)
    found = candidates(
        [*reach, replace(country, is_weak=False)],
        around.directory,
        unit="%" if any(name.kind == "tenor" for name in reach) else None,
        grain=period.grain if period else None,
    )
    return found.subjects if found.state == "found" else None


def _ranks(around: Around, passage: Passage, places: Sequence[Named]) -> list[Statement | None]:
    """ "China is highest, then Germany; the US is lowest"."""
    text = around.draft.text
    found: list[Statement | None] = []
    for match in RANKED.finditer(text, passage.start, passage.end):
        if match["n"] is None and GOES_ON.match(text, match.end()):
            continue
        own = [name for name in places if name.end <= match.start()]
        low = match["low"] is not None
        own = own or _spoken_of(around, match.start())
        if own:
            found.append(_rank(around, passage, own[-1], match.span("words"), (low, 1, match["n"])))
            then = [name for name in places if name.start >= match.end()]
            if then and NEXT.search(text[match.end() : then[0].start]) and not low:
                span = text.rfind("then", match.end(), then[0].start), then[0].end
                found.append(_rank(around, passage, then[0], span, (low, 2, match["n"])))
    return found


def _spoken_of(around: Around, place: int) -> list[Named]:
    """The country that the names around a place are of."""
    passage = Passage(place, place, 0)
    reach = around.reach(Quantity(place, place, 0.0, 0.0), passage)
    return [name for name in reach if name.kind == "country" and not name.is_weak]


def _rank(
    around: Around,
    passage: Passage,
    country: Named,
    span: tuple[int, int],
    said: tuple[bool, int, str | None],
) -> Statement | None:
    """A place among all countries of which the lake has the same; of fewer it is told of which."""
    is_low, number, count = said
    own = _of_country(around, passage, span[0], country)
    quantity = Quantity(span[0], span[0], 0.0, 0.0)
    reach = [name for name in around.reach(quantity, passage) if name.kind != "country"]
    if own is None or len(own) != 1:
        return None
    everywhere = candidates(reach, around.directory).subjects
    others = [one for one in everywhere if one.unit == own[0].unit and one.id != own[0].id]
    stated = None if count is None else NUMBERS.get(count.lower(), 0) or _digits(count)
    place = Quantity(*span, float(number), 0.0)
    made = Statement(
        *span,
        "rank",
        own,
        place,
        around.periods.of(quantity, passage),
        others=tuple((one,) for one in others),
        sense="low" if is_low else "high",
        is_open=stated is None,
    )
    is_other_set = stated is not None and stated != len(others) + 1
    return replace(made, doubt=f"of the {count}" if is_other_set else "")


def _digits(word: str) -> int:
    return int(word) if word.isdecimal() else -1
