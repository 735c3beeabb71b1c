"""Every number of a draft that could be a statement, with its unit, scale, sign and hedge."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from analytics.claims.reading import not_quantities as no
from analytics.claims.reading.draft_text import visible_text
from analytics.claims.reading.number_format import NUMBER, SpokenLanguages, printed_value, scaled
from analytics.claims.reading.number_words import number_words
from analytics.claims.reading.time_words import stretches
from analytics.claims.reading.written_units import (
    BEFORE,
    Prefix,
    Suffix,
    prefix_at,
    relation_after,
    relation_before,
    suffix_at,
)
from analytics.claims.statement import Language, Quantity, Relation


def quantities(text: str, language: Language | None = None) -> list[Quantity]:
    """The quantities of a draft in order, never overlapping; places are those of its source.

    `language` is what the draft is mostly written in; none: what its words speak for.
    """
    seen = visible_text(text)
    reading = SpokenLanguages(seen, language)
    in_words = _apart(number_words(seen, reading))
    taken = Stretches((found.start, found.end) for found in in_words)
    blocked = Stretches([*no.stretches_without(seen), *stretches(seen)])
    found = list(in_words)
    place = free = 0
    while match := NUMBER.search(seen, place):
        place = match.end()
        if taken.meets(*match.span()) or blocked.meets(*match.span()):
            continue
        quantity = _printed(seen, match, free, reading)
        if quantity and not taken.meets(quantity.start, quantity.end):
            found.append(replace(quantity, start=_entity_start(text, quantity.start)))
            place = free = max(place, quantity.end)
    return sorted(found, key=lambda quantity: quantity.start)


def _entity_start(text: str, start: int) -> int:
    """A sign that HTML writes as `&minus;` begins where its name does."""
    if text[start] != ";":
        return start
    return max(text.rfind("&", max(0, start - BEFORE), start), 0) or start


def _apart(found: Iterable[Quantity]) -> list[Quantity]:
    """Those that overlap no earlier one of the list, in the order of the text."""
    kept: list[Quantity] = []
    ranked = sorted(enumerate(found), key=lambda pair: (pair[1].start, pair[0]))
    for _, quantity in ranked:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return kept


class Stretches:
    """Stretches of a text, of which one asks whether another meets any."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        merged: list[list[int]] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        self._starts = [start for start, _ in merged]
        self._ends = [end for _, end in merged]

    def meets(self, start: int, end: int) -> bool:
        """Whether [start, end) shares a place with one of them."""
        index = bisect_right(self._starts, max(start, end - 1)) - 1
        return index >= 0 and self._ends[index] > start


def _printed(
    text: str, number: re.Match[str], lowest: int, reading: SpokenLanguages
) -> Quantity | None:
    """The quantity of a printed number, whose sign is not before `lowest`; none where it can be no
    statement."""
    start, end = number.span()
    before = prefix_at(text, start, lowest)
    if _is_glued(text, before.start, start):
        return None
    language = reading.near(start)
    printed = text[start:end]
    worth = printed_value(printed, language)
    after = suffix_at(text, end, language, before.currency)
    if worth is None or not _is_whole(text, after.end, has_suffix=after.end > end):
        return None
    is_bare = after.end == end and not before.currency
    if is_bare and _is_no_value(text, before, start, end):
        return None
    return _quantity(text, before, after, worth)


def _is_glued(text: str, start: int, digits: int) -> bool:
    """Whether letters, digits or a path run into the number from the left: F-150, COVID-19."""
    before = text[start - 1] if start else " "
    if start == digits or not before.isspace():
        earlier = text[start - 2] if start > 1 else " "
        if before in "-–" and earlier.isalnum():
            return True
        if before in ".'," and earlier.isalnum() and start == digits:
            return not text[max(0, start - 8) : start].lower().endswith(("ca.", "c.", "approx."))
        return before.isalnum() or before in "_#@/\\^"
    return False


def _is_whole(text: str, end: int, *, has_suffix: bool) -> bool:
    """Whether the number ends where it ends: no letter, range, time or compound word goes on."""
    after, later = text[end : end + 1], text[end + 1 : end + 2]
    if after.isalnum() or after in ("_", "#", "°", "²"):
        return False
    if after in ("-", "–", "/", ":") and later.isalnum():
        return has_suffix and not later.isdigit()
    return True


def _is_no_value(text: str, before: Prefix, start: int, end: int) -> bool:
    """A number without unit, scale or currency that is a year, a page, a note or a count."""
    printed = text[start:end]
    if no.is_labelled(text, before.start):
        return True
    if not printed.isdigit():
        return False
    if not before.is_signed and no.is_year(printed) and not no.is_level(text, before.start):
        return True
    return no.is_count_of_things(text, end)


def _quantity(text: str, before: Prefix, after: Suffix, worth: tuple[float, float]) -> Quantity:
    value, half = (scaled(part, after.scale) for part in worth)
    start, end = before.start, after.end
    sign, is_signed = before.sign, before.is_signed
    in_brackets = text[start - 1 : start] == "(" and text[end : end + 1] == ")"
    if in_brackets and no.is_alone_in_a_cell(text, start - 1, end + 1):
        start, end, sign, is_signed = start - 1, end + 1, -1.0, True
    said: Relation = relation_before(text, start) or relation_after(text, end) or "="
    return Quantity(
        start,
        end,
        sign * value + 0.0,
        half,
        after.scale,
        after.unit,
        after.share_of,
        said,
        is_signed,
    )
