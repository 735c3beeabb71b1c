"""The spans of time that a draft names, absolute or relative to its clock, and the part that each
of them plays: since when, from and to, how long ago."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from analytics.claims.reading import dates
from analytics.claims.reading.dates import NamedTime, day_span
from analytics.claims.reading.draft_text import visible_text
from analytics.claims.reading.number_format import SENTENCE_END, language_of
from analytics.claims.reading.relative_time import relative_times
from analytics.claims.reading.words import LANGUAGES, SPACE, any_of, phrase, table
from analytics.claims.statement import Language, Mention, Span

# Only with a "to" behind it does a span after one of these begin there.
WEAK = frozenset({"de", "del", "du", "d'", "von", "ab", "between", "zwischen", "entre", "a"})
ANY_CLOCK = date(2000, 6, 15)
BEFORE = 32
ARTICLES = [
    "the",
    "last",
    "letztem",
    "vergangenem",
    "early",
    "late",
    "la",
    "le",
    "les",
    "l'",
    "el",
    "los",
    "den",
    "dem",
    "der",
    "das",
    "im",
    "in",
]


def mentions(text: str, clock: date, language: Language | None = None) -> list[Mention]:
    """The spans of time that a draft names, in its order; places are those of its source.

    A month without a year is the last one begun by the clock, a weekday the last such day up to it.
    An `ago` is counted from the clock in its own grain: "a year earlier" is the year before the
    clock's. Whoever knows what the sentence speaks of counts as many back from there. `in years`
    reaches from so long ago to the clock.
    """
    return _mentions(visible_text(text), clock, language)


def stretches(seen: str) -> list[tuple[int, int]]:
    """Where a text names a time, whatever the clock: no digit in there is a quantity."""
    return [(found.start, found.end) for found in _mentions(seen, ANY_CLOCK, None)]


def _mentions(seen: str, clock: date, language: Language | None) -> list[Mention]:
    spoken = language or language_of(seen[:20_000]) or "en"
    ends = [match.end() for match in SENTENCE_END.finditer(seen)]
    made: list[Mention] = []
    for found in _ordered(seen, spoken):
        if made and found.start < made[-1].end:
            continue
        span = _span(found, clock, made, ends)
        if span:
            made.append(_edge(seen, Mention(found.start, found.end, span, found.role)))
    return _with_roles(seen, made)


def _ordered(seen: str, language: Language) -> list[NamedTime]:
    """What may name a time, the earlier first and of one start the longer."""
    found = [
        *dates.days(seen, language),
        *dates.months(seen),
        *dates.parts_of_year(seen),
        *dates.years(seen, language),
        *relative_times(seen),
    ]
    return sorted(found, key=lambda one: (one.start, -one.end))


def _span(
    found: NamedTime, clock: date, earlier: Sequence[Mention], ends: Sequence[int]
) -> Span | None:
    """The days of what was found; none where the calendar or the draft has none such."""
    if found.looking_back:
        index = bisect_right(ends, found.start)
        span = found.looking_back(earlier, ends[index - 1] if index else 0)
        if span:
            return span
    try:
        return found.span(clock)
    except (ValueError, OverflowError):
        return None


@cache
def _edge_pattern() -> re.Pattern[str]:
    words = [*table("time")["ends"]["end"], *table("time")["ends"]["start"]]
    return re.compile(rf"(?<!\w)(?P<word>{any_of(words)}){SPACE}*\Z", re.IGNORECASE)


def _edge(seen: str, mention: Mention) -> Mention:
    """ "the end of 2010" is its last day."""
    if mention.span.grain == "day" or mention.role != "of":
        return mention
    first = max(0, mention.start - BEFORE)
    found = _edge_pattern().search(seen[first : mention.start])
    if not found:
        return mention
    is_end = phrase(found["word"]) in table("time")["ends"]["end"]
    day = mention.span.last if is_end else mention.span.first
    return replace(mention, start=first + found.start(), span=day_span(day))


@cache
def _role_words() -> dict[str, str]:
    """Word -> since, from or to; "desde" begins a span only where a "hasta" ends it."""
    return {
        word.lower(): role
        for role in ("to", "from", "since")
        for name in LANGUAGES
        for word in table(name)["time"][role]
    }


@cache
def _role_pattern() -> re.Pattern[str]:
    articles = rf"(?:(?:{any_of(ARTICLES)}){SPACE}*){{0,2}}"
    return re.compile(
        rf"(?<!\w)(?P<word>{any_of(_role_words())}){SPACE}*{articles}\Z", re.IGNORECASE
    )


def _role_word(seen: str, start: int, place: int) -> str:
    """The preposition between `start` and `place`, where nothing but articles stands with it."""
    found = _role_pattern().search(seen[max(start, place - BEFORE, 0) : place])
    return phrase(found["word"]) if found else ""


def _with_roles(seen: str, made: Sequence[Mention]) -> list[Mention]:
    """Each with the role that the preposition before it gives, and the one of a pair behind it."""
    done: list[Mention] = []
    opener = ""
    for mention in made:
        last_end = done[-1].end if done else 0
        word = _role_word(seen, last_end, mention.start)
        joins = bool(done) and _joins(seen, done[-1], mention, opener)
        if joins:
            done[-1] = replace(done[-1], role="from")
            done.append(replace(mention, role="to") if mention.role == "of" else mention)
        elif mention.role == "of" and _role_words().get(word) == "since":
            done.append(replace(mention, role="since"))
        elif mention.role == "of" and _role_words().get(word) == "from" and word not in WEAK:
            done.append(replace(mention, role="from"))
        else:
            done.append(mention)
        opener = word
    return done


def _joins(seen: str, last: Mention, mention: Mention, opener: str) -> bool:
    """Whether "to" alone stands between two spans of which the first was opened by "from"."""
    between = seen[last.end : mention.start]
    if len(between) > BEFORE or last.role not in ("of", "from", "since"):
        return False
    word = _role_word(seen, last.end, mention.start)
    rest = between.lower().replace(word, "", 1).split() if word else ["none"]
    if any(part not in ARTICLES for part in rest):
        return False
    is_to = any(word in table(name)["time"]["to"] for name in LANGUAGES)
    opens = _role_words().get(opener)
    return is_to and (opens == "from" or opener == "desde" or opener in WEAK)
