"""What a number of a draft rests on: a date, and a source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analytics.editorial.draft_reading import PROSE, DraftReading, within
from analytics.editorial.finding import EditorialFinding, finding
from analytics.editorial.word_lists import any_words, institutions, words
from data.drafts.draft import DraftBlock

SHORT_LINE = 300
# A mark of a footnote: raised, or in brackets.
NOTE_MARK = re.compile(r"[⁰¹²³⁴-⁹]|\[\^?[0-9]{1,2}\]|[†‡]|(?<=[.,;%])\*")
YEAR = re.compile(r"(?<![0-9.,])(?:19|20)[0-9]{2}(?![0-9])")
UNDATED = "{quote} has no date: say of which period or day it is, or state an as-of date"
UNSOURCED = "no source is named for {quote}: name who publishes it, or mark it as your own estimate"


def undated_numbers(reading: DraftReading) -> Iterator[EditorialFinding]:
    """The first number of each paragraph or table that nobody can date."""
    if any(_is_as_of_line(reading, block) for block in reading.blocks):
        return
    for block in _undated(reading):
        if numbers := reading.measured_in(block):
            yield _remark(reading, numbers[0].start, numbers[0].end, "as_of", UNDATED)
    for table in tables(reading):
        if not any(_is_dated(reading, block) or _year(reading, block) for block in table):
            yield from _first_cell(reading, table, "as_of", UNDATED)


def _undated(reading: DraftReading) -> Iterator[DraftBlock]:
    """The paragraphs that no time is named for; one without a subject of its own goes on with what
    the one before speaks of."""
    was_dated = is_under_date = False
    for block in reading.blocks:
        if block.kind == "heading":
            is_under_date = _is_dated(reading, block)
        if block.kind not in PROSE:
            continue
        dated = is_under_date or _is_dated(reading, block)
        if not dated and not reading.topics_in(block):
            dated = was_dated
        was_dated = dated
        if not dated:
            yield block


def unsourced_numbers(reading: DraftReading) -> Iterator[EditorialFinding]:
    """The first number of each paragraph or table whose source is named nowhere."""
    lines = {block for block in reading.blocks if _is_source_line(reading, block)}
    rows = {block.end for block in reading.blocks if block.kind == "table row"}
    is_general = any(not _follows_table(reading, line, rows) for line in lines)
    if is_general:
        return
    for block in reading.prose():
        if block in lines or _is_sourced(reading, block):
            continue
        if numbers := reading.measured_in(block):
            yield _remark(reading, numbers[0].start, numbers[0].end, "unsourced", UNSOURCED)
    for table in tables(reading):
        if not any(block in lines or _is_sourced(reading, block) for block in table):
            yield from _first_cell(reading, table, "unsourced", UNSOURCED)


def tables(reading: DraftReading) -> Iterator[list[DraftBlock]]:
    """The rows of each table with what stands right before and right behind them."""
    places: dict[int, list[int]] = {}
    for place, block in enumerate(reading.blocks):
        if block.kind == "table row":
            places.setdefault(block.table, []).append(place)
    for at in places.values():
        around = [place for place in (at[0] - 1, at[-1] + 1) if 0 <= place < len(reading.blocks)]
        beside = [reading.blocks[place] for place in around]
        notes = [
            block
            for block in beside
            if block.kind in ("heading", "caption")
            or (block.kind in (*PROSE, "footnote") and block.end - block.start <= SHORT_LINE)
        ]
        yield [*(reading.blocks[place] for place in at), *notes]


def _remark(
    reading: DraftReading, start: int, end: int, check: str, words_of_it: str
) -> EditorialFinding:
    quote = " ".join(reading.text[start:end].split())
    made = words_of_it.format(quote=quote)
    return finding("as_of" if check == "as_of" else "unsourced", reading.text, start, end, made)


def _first_cell(
    reading: DraftReading, table: Sequence[DraftBlock], check: str, words_of_it: str
) -> Iterator[EditorialFinding]:
    rows = [block for block in table if block.kind == "table row" and not block.is_header]
    for row in rows:
        for cell in row.cells:
            numbers = reading.numbers_in(cell)
            if numbers and (numbers[0].unit or numbers[0].end - numbers[0].start > 1):
                yield _remark(reading, numbers[0].start, numbers[0].end, check, words_of_it)
                return


def _is_dated(reading: DraftReading, block: DraftBlock) -> bool:
    return bool(reading.times_in(block)) or reading.says("dated", block) is not None


def _year(reading: DraftReading, block: DraftBlock) -> bool:
    return YEAR.search(reading.text, block.start, block.end) is not None


def _is_as_of_line(reading: DraftReading, block: DraftBlock) -> bool:
    """A line that dates the whole of the draft: short, and with a day behind `as of`."""
    if block.kind in ("heading", "table row", "code") or block.end - block.start > SHORT_LINE:
        return False
    found = reading.says("as_of", block)
    if found is None or reading.measured_in(block):
        return False
    return any(
        0 <= time.start - found.end() <= 12 and time.span.grain == "day"
        for time in reading.times_in(block)
    )


def _is_source_line(reading: DraftReading, block: DraftBlock) -> bool:
    line = any_words(words(reading.language, "sources_line"))
    return (
        block.end - block.start <= SHORT_LINE
        and block.kind not in ("heading", "table row")
        and line.search(reading.text, block.start, block.end) is not None
    )


def _follows_table(reading: DraftReading, line: DraftBlock, rows: set[int]) -> bool:
    return any(line.start - gap in rows for gap in (0, 1, 2))


def _is_sourced(reading: DraftReading, block: DraftBlock) -> bool:
    text = reading.text
    if reading.says("sourced", block) or reading.says("own", block):
        return True
    if institutions().search(text, block.start, block.end):
        return True
    if NOTE_MARK.search(text, block.start, block.end):
        return True
    links = within(reading.draft.links, block.start, block.end)
    if any(link.href and not link.href.startswith("#") for link in links):
        return True
    return any(one.idea == "policy_rate" and one.is_weak for one in reading.names_in(block))
