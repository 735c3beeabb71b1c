"""Of all that a draft names up to the end of a sentence, what a claim in it speaks of."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analytics.claims.naming.names import ideas
from analytics.claims.naming.subjects import Named

TOPICS = ("indicator", "instrument", "company", "concept", "pair", "currency", "part", "tenor")
OWNERS = ("instrument", "company")
BALANCES = ("trade_balance", "government_balance", "current_account")
TRADES = ("exports", "imports", "trade")
SECTORS = ("manufacturing_pmi", "services_pmi")
# What may stand between a number and the name that follows it: "58,000 jobs", "4.4% in the US".
FOLLOWS = re.compile(
    r"[^\S\n]*(?:%|points?|per ?cent)?[^\S\n]*(?:new|more|of|in|im|in der|en|de|au|aux|the|der|"
    r"die|la|le|l|[^\S\n])*['’]?[^\S\n]*",
    re.IGNORECASE,
)
# The end of a sentence is no ordinal of a German date, and no abbreviation.
STOP = re.compile(
    r"\n|(?:[!?]|(?<!Mrd)(?<!Mio)(?<!vs)\.)(?=\s)"
    r"(?!(?<=\d\.)\s(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November"
    r"|Dezember|Quartal|Jahr|[a-zäöü]))"
)
# "At 3.8%, German unemployment is ...": the sentence begins with the number.
OPENS = re.compile(r"(?:^|[.!?\n]\s*)(?:At|With|Mit|Bei|À|Avec|Con)\s+$")
LED = re.compile(r"\s*%?\s*,\s+(?:(?:the|its|die|der|das|le|la|l['’]|el)\s+)?", re.IGNORECASE)
OWN_CLAUSE = re.compile(
    r"[,;]\s+(?:so|while|and|but|as|whereas|thus|hence)?\s*(?:that )?the $", re.I
)
CLAUSE = re.compile(r"[;:|\n]|[.!?](?=\s)|,\s|\s(?:and|und|et|y|while|after|so that)\s")

BACK, AHEAD = 12_000, 2_000  # characters before and behind a claim in which its names are sought
BEHIND = 80  # in which a name may follow a number as its own


@dataclass(frozen=True)
class Place:
    """Where a claim stands: its own words, the sentence and the paragraph that they are in."""

    text: str
    start: int
    end: int

    @cached_property
    def sentences(self) -> list[int]:
        """Where its sentence, line or row begins, and before it those of its paragraph."""
        first = self.paragraph
        found = [match.end() for match in STOP.finditer(self.text, first, self.start)]
        return [*reversed(found), first]

    @cached_property
    def sentence(self) -> int:
        """Where its sentence, line or row begins."""
        return self.sentences[0]

    @cached_property
    def sentence_end(self) -> int:
        """Where its sentence ends."""
        found = STOP.search(self.text, self.end)
        return found.start() if found else len(self.text)

    @cached_property
    def paragraph(self) -> int:
        """Where its paragraph, or the point of its list, begins."""
        return max(self.text.rfind(mark, 0, self.start) for mark in ("\n\n", "\n* ", "\n- ")) + 1

    @cached_property
    def title_end(self) -> int:
        """Where the first line of the draft ends."""
        found = self.text.find("\n", len(self.text) - len(self.text.lstrip()))
        return found if found >= 0 else len(self.text)


def nearest(names: Sequence[Named], text: str, start: int, end: int) -> list[Named]:
    """Those of the names that a claim in [start, end) is about, and what completes them.

    A name inside the claim or right behind it comes first, then the last one before it, then the
    first one after it in its clause. A sentence without a country takes that of the sentence
    before, of the title, or of the paragraphs before, where there is but one.
    """
    place = Place(text, start, end)
    names = _within_reach(names, place)
    has_owner = any(name.kind in OWNERS for name in names)
    topics = [
        name
        for name in names
        if name.kind in TOPICS and name.role != "unit" and (has_owner or name.kind != "concept")
    ]
    found = _closest(topics, place)
    if found and found[0].kind == "currency":
        found = _priced(found, place)
    whole = [*found, *_completing(names, topics, found[0], place)] if found else []
    units = [name for name in names if name.role == "unit" and start <= name.start <= end + 1]
    once = dict.fromkeys([*whole, *_country(names, place), *units])
    surer = _surer(list(once), topics, place)
    return sorted(surer, key=lambda name: (name.start, name.end))


def _within_reach(names: Sequence[Named], place: Place) -> Sequence[Named]:
    """Those of the title, and those from which a reader still carries what a claim is about: a
    draft of a hundred pages is read by its parts. The names are in the order of the text."""
    first = bisect_left(names, place.start - BACK, key=lambda name: name.start)
    last = bisect_left(names, place.end + AHEAD, key=lambda name: name.start)
    if not first:
        return names[:last]
    title = bisect_right(names, place.title_end, key=lambda name: name.start)
    return [*(name for name in names[: min(title, first)]), *names[first:last]]


def _priced(found: list[Named], place: Place) -> list[Named]:
    """The currency that a clause of its own says to have moved is the one that is priced: "so the
    yuan appreciated by 3.1%"."""
    one = found[0]
    is_subject = one.role == "" and one.end <= place.start
    if not is_subject or not OWN_CLAUSE.search(place.text[max(0, one.start - 24) : one.start]):
        return found
    return [replace(one, role="per"), *found[1:]]


def _closest(names: Sequence[Named], place: Place) -> list[Named]:
    """All names of the nearest stretch."""
    text, start, end = place.text, place.start, place.end
    is_led = OPENS.search(text[max(0, start - 12) : start]) is not None
    within = [name for name in names if name.start < end and name.end > start]
    behind = [
        name
        for name in names
        if end <= name.start <= end + BEHIND
        and (
            FOLLOWS.fullmatch(text, end, name.start) is not None
            or _is_label(name, text, end)
            or (is_led and LED.fullmatch(text, end, name.start) is not None)
        )
    ]
    before = [name for name in names if name.end <= start]
    cut = CLAUSE.search(text, end, end + AHEAD)
    clause_end = cut.end() if cut else end + AHEAD
    after = [name for name in names if end <= name.start < clause_end]
    for some, is_first in ((within, True), (behind, True), (before, False), (after, True)):
        if some:
            one = some[0] if is_first else max(some, key=lambda name: name.end)
            return [name for name in names if (name.start, name.end) == (one.start, one.end)]
    return []


def _is_label(name: Named, text: str, end: int) -> bool:
    """ "4.4% (US)": alone in parentheses behind the number that is its own."""
    opened = re.fullmatch(r"\s*%?\s*\(", text[end : name.start]) if name.start - end < 6 else None
    return opened is not None and text[name.end : name.end + 1] == ")"


def _country(names: Sequence[Named], place: Place) -> list[Named]:
    places = [name for name in names if name.kind == "country"]
    if not places:
        return []
    strong = [name for name in places if not name.is_weak]
    title_end = place.title_end
    first, last, paragraph = place.sentence, place.sentence_end, place.paragraph
    for some in (strong, places):
        own = [n for n in some if first <= n.start < last]
        if found := _closest(own, place):
            return found
        if found := _from_paragraph(some, place):
            return found
        in_title = [name for name in some if name.end <= title_end]
        before = [name for name in some if name.end <= place.start]
        is_open = all(name.end <= paragraph for name in before)
        for reach in (in_title, before if is_open else []):
            if len({name.ids for name in reach}) == 1:
                return reach[-1:]
    return []


def _from_paragraph(countries: Sequence[Named], place: Place) -> list[Named]:
    """The country of the sentence before; a paragraph that opens with none hands none on."""
    starts = [*place.sentences]
    by_sentence = [
        [name for name in countries if start <= name.start < stop]
        for start, stop in zip(starts[1:], starts, strict=False)
    ]
    while by_sentence and not place.text[starts[-1] : starts[-2]].strip():
        starts.pop()
        by_sentence.pop()
    if not by_sentence or not by_sentence[-1]:
        return []
    last = next(names for names in by_sentence if names)
    return last[-1:] if len({name.ids for name in last}) == 1 else []


def _completing(
    names: Sequence[Named], topics: Sequence[Named], first: Named, place: Place
) -> list[Named]:
    """What a topic needs beside it: an account its company, a maturity its yield, a currency the
    other one, and a sector the index that is one of sectors."""
    text = place.text
    if first.kind == "concept":
        return _closest([name for name in names if name.kind in OWNERS], place)
    if first.kind in OWNERS:
        lines = [name for name in topics if name.kind == "concept"]
        return [name for name in lines if _share_clause(text, name, place.start, place.end)]
    if first.kind == "currency":
        return _other_currencies(names, first, place)
    if first.kind in ("part", "tenor"):
        return _closest([name for name in topics if name.kind == "indicator"], place)
    beside = [name for name in topics if name.kind == "tenor"]
    return [name for name in beside if _share_clause(text, name, first.start, first.end)]


def _other_currencies(names: Sequence[Named], first: Named, place: Place) -> list[Named]:
    """The currencies of its clause; where none is there, those of its sentence."""
    money = [name for name in names if name.kind == "currency"]
    units = [name for name in money if name.role == "unit"]
    if any(place.start <= name.start <= place.end + 1 for name in units):
        return []
    spoken = [name for name in money if name.role != "unit"]
    near = [name for name in spoken if _share_clause(place.text, name, first.start, first.end)]
    if len({name.ids for name in near}) > 1:
        return near
    priced = [name for name in units if first.end <= name.start and name.end <= place.start]
    if priced and not any(priced[-1].end <= name.start < place.start for name in spoken):
        return [first, priced[-1]]  # "fell to 104.85 yen from 105.18 and gained against the euro"
    low, high = min(place.sentence, first.start), place.sentence_end
    return [name for name in money if low <= name.start < high]


def _surer(names: list[Named], topics: Sequence[Named], place: Place) -> list[Named]:
    """A deficit or a sector's index is that of which the draft has just spoken."""
    before = [name for name in topics if name.start < place.end]
    result: list[Named] = []
    for name in names:
        if name.idea == "balance":
            result.append(_balance(name, before, place))
        elif name.idea == "pmi" or (name.idea in SECTORS and _has_part(names)):
            result += _sector(name, before, place)
        else:
            result.append(name)
    return result


def _balance(name: Named, before: Sequence[Named], place: Place) -> Named:
    paragraph, start = place.paragraph, place.sentence
    known = [one for one in before if one.idea in BALANCES and one.start >= paragraph]
    if known:
        return known[-1]
    sentence = [one for one in before if one.start >= start]
    if any(one.idea in TRADES for one in sentence):
        words = ideas()["trade_balance"].words
        return replace(name, ids=words, idea="trade_balance", is_weak=False)
    return name


def _has_part(names: Sequence[Named]) -> bool:
    return any(name.kind == "part" for name in names)


def _sector(name: Named, before: Sequence[Named], place: Place) -> list[Named]:
    line = place.text.rfind("\n", 0, place.start) + 1
    parts = [one for one in before if one.kind == "part" and one.start >= line]
    if parts:
        return [replace(name, idea="pmi", ids=ideas()["pmi"].words), parts[-1]]
    known = [one for one in before if one.idea in SECTORS]
    return [known[-1]] if known else [name]


def _share_clause(text: str, name: Named, start: int, end: int) -> bool:
    low, high = min(name.end, end), max(name.start, start)
    return low >= high or CLAUSE.search(text, low, high) is None
