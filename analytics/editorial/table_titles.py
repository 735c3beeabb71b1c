"""What the title of a table says against the table below it: period, unit, and who is first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics.claims.statement import Span
from analytics.editorial.draft_reading import DraftReading, InDraft
from analytics.editorial.finding import EditorialFinding, finding
from analytics.editorial.grounds import tables
from analytics.editorial.word_lists import words
from data.drafts.draft import DraftBlock, DraftCell

LONGEST_TITLE = 160
PERIOD = "the title speaks of {quote}, which the table does not have: change one of them"
UNIT = "the title says {quote}, and the heads of the table say another unit: change one of them"
EXTREME = "{name} is not the one of the table with the {word} value, but {other}: change the title"


@dataclass(frozen=True, slots=True)
class _Table:
    title: DraftBlock
    heads: Sequence[DraftBlock]
    rows: Sequence[DraftBlock]


def titles_against_data(reading: DraftReading) -> Iterator[EditorialFinding]:
    """Where a title promises what its table does not show."""
    for blocks in tables(reading):
        rows = [block for block in blocks if block.kind == "table row"]
        heads = [block for block in rows if block.is_header] or rows[:1]
        data = [block for block in rows if block not in heads]
        title = _title(reading, blocks, rows[0])
        if title is None or not data:
            continue
        found = _Table(title, heads, data)
        yield from _period(reading, found)
        yield from _unit(reading, found)
        yield from _extreme(reading, found)


def _title(
    reading: DraftReading, blocks: Sequence[DraftBlock], first: DraftBlock
) -> DraftBlock | None:
    """The caption of a table, or the heading or short line right before it that is no sentence."""
    beside = [block for block in blocks if block.kind != "table row"]
    captions = [block for block in beside if block.kind == "caption"]
    before = [block for block in beside if block.end <= first.start and block.kind != "footnote"]
    for block in [*captions, *before]:
        words_of_it = reading.text[block.start : block.end].rstrip(" *_")
        if len(words_of_it) <= LONGEST_TITLE and not words_of_it.endswith((".", "!", "?")):
            return block
    return None


def _period(reading: DraftReading, table: _Table) -> Iterator[EditorialFinding]:
    """A period of the title that is outside what the heads and first cells name."""
    said = reading.times_in(table.title)
    firsts = [row.cells[0] for row in table.rows if row.cells]
    places: list[InDraft] = [*table.heads, *firsts]
    there = [time.span for place in places for time in reading.times_in(place)]
    if not said or not there:
        return
    first = min(span.first for span in there)
    last = max(span.last for span in there)
    for time in said:
        is_outside = time.span.last < first or time.span.first > last
        if is_outside or (time.role in ("since", "from") and time.span.last < first):
            start, end = said[0].start, said[-1].end
            quote = " ".join(reading.text[start:end].split())
            note = PERIOD.format(quote=quote)
            yield finding("table_title", reading.text, start, end, note)
            return


def _unit(reading: DraftReading, table: _Table) -> Iterator[EditorialFinding]:
    """Money in the title and percent in the heads, or the other way round."""
    heads = " ".join(reading.text[row.start : row.end] for row in table.heads)
    title = reading.text[table.title.start : table.title.end]
    kinds = ("percent", "money")
    for own, other in (kinds, kinds[::-1]):
        said = _unit_words(reading, own, title)
        if said is None or _unit_words(reading, other, title):
            continue
        if _unit_words(reading, other, heads) and not _unit_words(reading, own, heads):
            start = table.title.start + said.start()
            end = table.title.start + said.end()
            note = UNIT.format(quote=said[0].strip())
            yield finding("table_title", reading.text, start, end, note)


def _unit_words(reading: DraftReading, name: str, text: str) -> re.Match[str] | None:
    parts = [
        re.escape(word).replace(r"\*", r"\w*") + (r"(?!\w)" if word[-1].isalnum() else "")
        for word in words(reading.language, name)
    ]
    scale = r"(?:(?:billions?|millions?|trillions?|bn|mn) (?:of )?)?" if name == "money" else ""
    return re.search(rf"(?<![^\W\d]){scale}(?:{'|'.join(parts)})", text)


def _extreme(reading: DraftReading, table: _Table) -> Iterator[EditorialFinding]:
    """`Germany has the highest`, and it has not."""
    for name, best in (("highest", max), ("lowest", min)):
        found = reading.says(name, table.title)
        if not found:
            continue
        column = _column(reading, table)
        values = {
            _name(reading, row): value
            for row in table.rows
            if column is not None and (value := _value(reading, row, column)) is not None
        }
        title = reading.text[table.title.start : table.title.end].casefold()
        named = [
            row
            for row in values
            if row and re.search(rf"(?<!\w){re.escape(row.casefold())}(?!\w)", title)
        ]
        if len(named) != 1 or len(values) < 2:
            continue
        most = best(values.values())
        if values[named[0]] != most:
            other = next(row for row, value in values.items() if value == most)
            note = EXTREME.format(name=named[0], word=found[0], other=other)
            yield finding("table_title", reading.text, found.start(), found.end(), note)


def _name(reading: DraftReading, row: DraftBlock) -> str:
    return (
        " ".join(reading.text[row.cells[0].start : row.cells[0].end].split()) if row.cells else ""
    )


def _column(reading: DraftReading, table: _Table) -> int | None:
    """The column of the title's period; without one the last with numbers."""
    spans = [time.span for time in reading.times_in(table.title)]
    heads = [cell for row in table.heads for cell in row.cells]
    for cell in reversed(heads):
        times = reading.times_in(cell)
        if cell.column and any(_meet(time.span, span) for time in times for span in spans):
            return cell.column
    numbered = [
        cell.column for row in table.rows for cell in row.cells[1:] if reading.numbers_in(cell)
    ]
    return max(numbered, default=None)


def _meet(one: Span, other: Span) -> bool:
    return one.first <= other.last and other.first <= one.last


def _value(reading: DraftReading, row: DraftBlock, column: int) -> float | None:
    cell: DraftCell | None = next((one for one in row.cells if one.column == column), None)
    numbers = reading.numbers_in(cell) if cell else ()
    return numbers[0].value if numbers else None
