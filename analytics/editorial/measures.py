"""What a change is measured in: adjusted for seasons or not, real or nominal, percent or points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from analytics.claims.check import CheckedStatement
from analytics.claims.naming.names import ideas
from analytics.claims.naming.subjects import Named
from analytics.claims.sentences.direction_words import DirectionWord, any_ending
from analytics.claims.sentences.passages import Passage
from analytics.claims.statement import Quantity
from analytics.editorial.draft_reading import DraftReading, within
from analytics.editorial.finding import EditorialCheck, EditorialFinding, finding
from analytics.editorial.word_lists import table
from data.vocabulary import meaning

SEASON = (
    "say whether {name} is adjusted for seasons: a change against the month or quarter before "
    "depends on it"
)
REAL = "say whether {name} is real or nominal: the change depends on it"
POINTS = "{quote} of a rate that is itself in percent: write percentage points, or basis points"
REACH = 14  # characters between a word that says which way and a number right behind it
FRENCH_MOST = 1.0  # "de" is also how a level is said; no rate is moved so little from nothing
BETWEEN = 30


def season_not_said(reading: DraftReading) -> Iterator[EditorialFinding]:
    """Changes against the month or quarter before of what has seasons, where nothing is said of
    them; one remark for each indicator."""
    said, is_general = _said(reading, ("adjusted",))
    if is_general:
        return
    for sentence, name in _changed(reading):
        if name.idea in said or not _has_seasons(name) or not _is_against_before(reading, sentence):
            continue
        said.add(name.idea)
        yield _named(reading, name, "seasonal_adjustment", SEASON)


def real_not_said(reading: DraftReading) -> Iterator[EditorialFinding]:
    """Changes in percent of amounts, where neither real nor nominal is said; one remark each."""
    said, is_general = _said(reading, ("real", "nominal"))
    if is_general:
        return
    wanted = table("rules")["indicators"]["real_or_nominal"]
    for sentence, name in _changed(reading):
        is_percent = any(
            one.unit == "%" and not one.share_of for one in reading.numbers_in(sentence)
        )
        if name.idea not in wanted or name.idea in said or not is_percent:
            continue
        said.add(name.idea)
        yield _named(reading, name, "real_or_nominal", REAL)


def _named(
    reading: DraftReading, name: Named, check: EditorialCheck, note: str
) -> EditorialFinding:
    quote = " ".join(reading.text[name.start : name.end].split())
    return finding(check, reading.text, name.start, name.end, note.format(name=quote))


def _changed(reading: DraftReading) -> Iterator[tuple[Passage, Named]]:
    """Sentences that say which way an indicator went, and by a number."""
    for sentence in reading.sentences:
        moved = within(reading.directions, sentence.start, sentence.end)
        if moved and reading.measured_in(sentence):
            for name in reading.names_in(sentence):
                if name.kind == "indicator" and not name.is_weak:
                    yield sentence, name


def _said(reading: DraftReading, lists: Iterable[str]) -> tuple[set[str], bool]:
    """Indicators of which a sentence says how they are measured, and whether one says so of all."""
    said: set[str] = set()
    for block in reading.blocks:
        stretches: Sequence[Passage] = list(reading.sentences_in(block))
        for place in stretches or [Passage(block.start, block.end, 0)]:
            if not any(reading.says(name, place) for name in lists):
                continue
            named = {one.idea for one in reading.names_in(place) if one.kind == "indicator"}
            if not named:
                return said, True
            said |= named
            if "real_gdp" in named or "nominal_gdp" in named:
                said |= {"gdp", "gdp_growth", "economy"}
    return said, False


def _has_seasons(name: Named) -> bool:
    """Whether what a name most likely stands for is meant adjusted for seasons."""
    idea = ideas().get(name.idea)
    meant = meaning(idea.tiers[0][0]) if idea and "*" not in idea.tiers[0][0] else None
    return meant is not None and meant.season == "sa"


def _is_against_before(reading: DraftReading, sentence: Passage) -> bool:
    if reading.says("yearly", sentence):
        return False
    if reading.says("before", sentence):
        return True
    times = reading.times_in(sentence)
    return any(
        one.role == "from" and one.span.grain in ("month", "quarter") and len(times) > 1
        for one in times
    )


def percent_for_points(
    reading: DraftReading, checked: Sequence[CheckedStatement]
) -> Iterator[EditorialFinding]:
    """Rates that are said to have moved by percent, by their words or by what was checked."""
    found = [*_moved_by_percent(reading)]
    for one in checked:
        number = one.statement.quantity
        if one.finding.verdict == "unit error" and number and number.unit == "%":
            found.append(number)
    seen: set[int] = set()
    for quantity in sorted(found, key=lambda one: one.start):
        if quantity.start not in seen:
            seen.add(quantity.start)
            quote = " ".join(reading.text[quantity.start : quantity.end].split())
            note = POINTS.format(quote=quote)
            yield finding("percent_for_points", reading.text, quantity.start, quantity.end, note)


def _moved_by_percent(reading: DraftReading) -> Iterator[Quantity]:
    for sentence in reading.sentences:
        moved = within(reading.directions, sentence.start, sentence.end)
        for quantity in reading.numbers_in(sentence):
            if quantity.unit != "%" or quantity.share_of or quantity.is_word:
                continue
            word = _moved_by(reading, sentence, quantity, moved)
            if word and _is_rate(reading, sentence, word) and not _is_relative(reading, quantity):
                yield quantity


def _moved_by(
    reading: DraftReading, sentence: Passage, quantity: Quantity, moved: Sequence[DirectionWord]
) -> DirectionWord | None:
    """The word that says that something moved by the quantity, and not to it."""
    before = [word for word in moved if word.end <= quantity.start and word.direction != "flat"]
    if not before:
        return None
    text, word = reading.text, before[-1]
    by = re.compile(rf"(?<!\w)(?i:{any_ending(list(_list(reading, 'by')))})\s+$")
    has_by = by.search(text[max(sentence.start, quantity.start - BETWEEN) : quantity.start])
    is_near = quantity.start - word.end <= REACH
    if has_by:
        if reading.language == "fr" and not is_near and abs(quantity.value) > FRENCH_MOST:
            return None
        return word
    if text[word.end : quantity.start].strip(" \u00a0"):
        return None
    to = re.compile(rf"\s*,?\s*(?i:{any_ending(list(_list(reading, 'to')))})\s+[$€£]?[0-9]")
    return word if to.match(text, quantity.end) else None


def _list(reading: DraftReading, name: str) -> Sequence[str]:
    found: Sequence[str] = table(f"words/{reading.language}")[name]
    return found


def _is_rate(reading: DraftReading, sentence: Passage, word: DirectionWord) -> bool:
    """Whether what is nearest to the word that says which way is a rate in percent."""
    near = [
        name
        for name in reading.names_in(sentence)
        if name.kind in ("indicator", "instrument", "company", "pair", "concept", "currency")
        and name.role != "unit"
    ]
    before = [name for name in near if name.end <= word.start]
    behind = [name for name in near if name.start >= word.end]
    nearest = before[-1:] or behind[:1]
    if not nearest or (before and _parted(reading, nearest[0], word)):
        return False
    together = [name for name in near if name.start == nearest[0].start]
    if behind and _is_weak_only(together):
        together = [name for name in near if name.start == behind[0].start]
    counted = any_ending(list(table("rules")["indicators"]["counted"]))
    ahead = reading.text[max(sentence.start, together[0].start - BETWEEN) : together[0].start]
    if re.search(rf"(?i:{counted})", ahead):
        return False
    rates = table("rules")["indicators"]["rates"]
    return any(name.kind == "indicator" and name.idea in rates for name in together)


def _parted(reading: DraftReading, name: Named, word: DirectionWord) -> bool:
    """Whether another word that says which way stands between: "as inflation fell, shares rose"."""
    return any(name.end <= one.start < word.start for one in reading.directions)


def _is_weak_only(names: Sequence[Named]) -> bool:
    return all(name.is_weak for name in names)


def _is_relative(reading: DraftReading, quantity: Quantity) -> bool:
    """Whether the number is the change in percent between the two levels behind it."""
    levels = [
        one
        for one in reading.numbers
        if one.unit == "%" and quantity.end <= one.start <= quantity.end + 2 * BETWEEN
    ][:2]
    if len(levels) < 2 or not levels[0].value:
        return False
    change = abs(levels[1].value - levels[0].value)
    percent = 100 * change / abs(levels[0].value)
    half = quantity.half + 100 * (levels[0].half + levels[1].half) / abs(levels[0].value)
    is_points = abs(change - abs(quantity.value)) <= quantity.half
    return not is_points and abs(percent - abs(quantity.value)) <= half
