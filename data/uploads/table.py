"""A grid as tables: the names of columns are found, titles left out, sections kept apart.

A file may hold several tables, each under names of its own, or lines that say to which section
they belong. One of them is the table that is read; the others stay beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.errors import UploadError
from data.uploads.dates import is_clock, is_date
from data.uploads.grid import Grid
from data.uploads.numbers import is_number
from data.uploads.vocabulary import fold, heading, is_empty, side_of, unit_of

Cells = Sequence[str | None]
Row = tuple[int, tuple[str | None, ...]]
TAGS = frozenset(("header", "data", "subtotal", "total", "notes", "trailer"))
FRAMES = frozenset(("bof", "boa", "bos", "eos", "eoa", "eof"))  # begin and end what is tagged
SEARCHED = 60  # lines in which the names of the first table are looked for
LOOKED_AT = 500
MOSTLY = 0.8
NUMERIC = re.compile(r"[-+(]?[\d.,' \u00a0]*\d[\d.,' \u00a0]*%?\)?")
SECTION = "section"  # the name of the column that says from which section a row is
IDENTITIES = frozenset(("symbol", "isin", "name", "cusip", "sedol", "wkn", "figi"))


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a file, under the title that stands above it."""

    title: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, place: int) -> list[str]:
        """The cells of a column that hold something."""
        return [cell for _, cells in self.rows if place < len(cells) and (cell := cells[place])]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the names of their columns; `names` are as written, or made up where none are.

    `others` are the tables of the file that are not read.
    """

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    is_typed: bool = False
    title: str = ""
    others: tuple[Section, ...] = ()

    def column(self, place: int) -> list[str]:
        """The cells of a column that hold something."""
        return [cell for _, cells in self.rows if place < len(cells) and (cell := cells[place])]


def tabulate(grid: Grid, title: str | None = None) -> Table:
    """The table of a grid: of several the one of this title, else the one that holds trades."""
    grid = _upright(grid)
    notices = list(grid.notices)
    sections = _tagged(grid) or _cut(grid, notices)
    sections = _merged([section for section in sections if section.rows])
    if not sections:
        raise UploadError("it has the names of columns, but no row below them")
    named = [section for section in sections if section.title == title]
    main = named[0] if named else max(sections, key=worth)
    others = tuple(section for section in sections if section is not main)
    if others:
        notices.append(_beside(main, others))
    base = Table(main.names, main.rows, tuple(notices), tuple(grid.sheets), grid.sheet)
    return replace(base, is_typed=grid.is_typed, title=main.title, others=others)


def worth(section: Section) -> tuple[int, int, int]:
    """How much a section looks like trades, then like holdings, then how long it is."""
    roles = {role for name in section.names for role in heading(name).roles}
    money = bool(roles & {"price", "amount", "net", "debit"})
    has_what = bool(roles & IDENTITIES)
    trades = has_what and money and "quantity" in roles and "opened" in roles
    trades_by_text = money and "opened" in roles and bool(roles & {"verb", "side"})
    holdings = has_what and bool(roles & {"quantity", "weight", "price"})
    return 2 * trades + trades_by_text, int(holdings), len(section.rows)


def _beside(main: Section, others: Sequence[Section]) -> str:
    names = ", ".join(f"{s.title or 'a table'} ({len(s.rows):,})" for s in others[:6])
    more = f" and {len(others) - 6} more" if len(others) > 6 else ""
    return f"{main.title or 'the first table of trades'} is read; not read: {names}{more}"


def _upright(grid: Grid) -> Grid:
    """A single line of several words is a list that was written across."""
    if len(grid.rows) != 1 or len(grid.rows[0][1]) < 2:
        return grid
    cells = grid.rows[0][1]
    if any(cell is None or NUMERIC.fullmatch(cell) or heading(cell).roles for cell in cells):
        return grid
    said = [*grid.notices, "one line: each part of it is taken as a row"]
    names = [cell for cell in cells if cell and not cell.startswith("###")]
    rows: list[tuple[int, list[str | None]]] = [(at, [cell]) for at, cell in enumerate(names, 1)]
    return Grid(rows, said, grid.sheets, grid.sheet, grid.is_typed)


def _tagged(grid: Grid) -> list[Section]:
    """Sections whose every line begins with its title and with Header, Data or Total."""
    lines = [(line, *_tag(cells), cells) for line, cells in grid.rows]
    marked = sum(tag not in ("", "frame") for _, tag, *_ in lines)
    if marked < 3 or sum(tag != "" for _, tag, *_ in lines) < MOSTLY * len(lines):
        return []
    found: list[tuple[str, tuple[str, ...], list[Row]]] = []
    for line, tag, title, cells in lines:
        if tag == "header":
            found.append((title, names_of(cells[2:], len(cells) - 2), []))
        elif tag == "data" and found and found[-1][0] == title:
            found[-1][2].append((line, tuple(cells[2:])))
    return [Section(title, names, tuple(rows)) for title, names, rows in found]


def _tag(cells: Cells) -> tuple[str, str]:
    """What a line is of its section, and the section's title, in whichever order."""
    one, other = (*cells[:2], None, None)[:2]
    if one and one.casefold() in FRAMES:
        return "frame", ""
    for tag, title in ((other, one), (one, other)):
        if len(cells) > 2 and tag and title and tag.casefold() in TAGS:
            return tag.casefold(), title
    return "", ""


def _cut(grid: Grid, notices: list[str]) -> list[Section]:
    """The tables of a grid one below the other, each from its names to the next names."""
    rows = grid.rows
    first = _first_head(rows)
    if first is None:
        return [_without_names(grid, notices)]
    if first:
        notices.append(
            f"{first} line{'s' if first > 1 else ''} above the names of the columns left out"
        )
    heads = [first, *(at for at in range(first + 1, len(rows)) if _is_later_head(rows[at][1]))]
    found = []
    for place, at in enumerate(heads):
        end = heads[place + 1] if place + 1 < len(heads) else len(rows)
        title = _title(rows, heads[place - 1] if place else -1, at)
        end = _before_titles(rows, at, end) if place + 1 < len(heads) else end
        found.append(_section(title, [_under_its_head(rows, at), *rows[at + 1 : end]]))
    return found


def _under_its_head(
    rows: Sequence[tuple[int, list[str | None]]], at: int
) -> tuple[int, list[str | None]]:
    """The names of columns, with those of the line above where it names what these do not."""
    line, cells = rows[at]
    above = rows[at - 1][1] if at and rows[at - 1][0] == line - 1 else []
    words = [cell for cell in above if cell]
    if len(words) < 2 or any(_is_figure(cell) for cell in words):
        return line, cells
    if not any(heading(cell).roles for cell in words):
        return line, cells
    joined = _joined(above, cells)
    return line, [
        cell if cell and heading(cell).roles else joined[place] for place, cell in enumerate(cells)
    ]


def _section(title: str, rows: Sequence[tuple[int, list[str | None]]]) -> Section:
    head, below = rows[0][1], rows[1:]
    if below and _is_second_head(head, below[0][1], [cells for _, cells in below[1:LOOKED_AT]]):
        head = _joined(head, below[0][1])
        below = below[1:]
    if not below:
        return Section(title, names_of(head, len(head)), ())
    usual, often = Counter(len(cells) for _, cells in below).most_common(1)[0]
    width = max(len(head), usual) if often > len(below) / 2 else len(head)
    repeated = tuple(head)
    pairs = tuple((line, tuple(cells)) for line, cells in below if tuple(cells) != repeated)
    return Section(title, names_of(head, width), pairs)


def _first_head(rows: Sequence[tuple[int, list[str | None]]]) -> int | None:
    """The line that names columns: known names, else text above figures; none if there is none."""
    best: tuple[int, int] | None = None
    for at, (_, cells) in enumerate(rows[:SEARCHED]):
        count = known_names(cells)
        if count >= 2 and (best is None or count > 2 * best[0]):
            best = count, at
    if best is not None:
        return best[1]
    usual = max((len(cells) for _, cells in rows[:50]), default=0)
    for at, (_, cells) in enumerate(rows[:20]):
        if usual < 2 or sum(cell is not None for cell in cells) >= 2:
            below = [cells for _, cells in rows[at + 1 : at + 1 + LOOKED_AT]]
            return at if _is_head(cells, below) else None
    return None


def known_names(cells: Cells) -> int:
    """How many cells of a line are names of columns; 0 where the line holds a figure or a date."""
    words = [cell for cell in cells if cell is not None]
    if any(_is_figure(cell) for cell in words):
        return 0
    known = sum(bool(heading(cell).roles) for cell in words)
    return known if known >= 0.4 * len(words) else 0


def _is_figure(cell: str) -> bool:
    return cell[:1] in "0123456789+-($€£'" and (is_number(cell) or is_date(cell) or is_clock(cell))


def _is_later_head(cells: Cells) -> bool:
    words = [cell for cell in cells if cell is not None]
    return len(words) >= 3 and known_names(cells) >= max(3, 0.6 * len(words))


def _is_head(first: Cells, below: Sequence[Cells]) -> bool:
    """Whether a line names columns: a known name, or text above figures."""
    cells = [cell for cell in first if cell is not None]
    if any(NUMERIC.fullmatch(cell) for cell in cells):
        return False
    if sum(bool(heading(cell).roles) for cell in cells) >= 0.4 * len(cells):
        return True
    return any(
        _are_figures([c for row in below if place < len(row) and (c := row[place])])
        for place, cell in enumerate(first)
        if cell is not None and not _is_figure(cell)
    )


def _are_figures(cells: Sequence[str]) -> bool:
    found = sum(_is_figure(cell) for cell in cells if not is_empty(cell))
    return found > 0 and found >= MOSTLY * sum(not is_empty(cell) for cell in cells)


def _is_second_head(head: Cells, second: Cells, below: Sequence[Cells]) -> bool:
    """Whether the names of columns go on: words where all below are figures, and no figure."""
    words = [cell for cell in second if not is_empty(cell) and cell]
    if len(words) < 2 and not any(unit_of(word.strip("()[] ")) for word in words):
        return False
    if not below or any(_is_figure(word) for word in words) or tuple(head) == tuple(second):
        return False
    if any(side_of(word) and not heading(word).roles for word in words):
        return False
    over = [
        place
        for place, cell in enumerate(second)
        if not is_empty(cell)
        and _are_figures([c for row in below if place < len(row) and (c := row[place])])
    ]
    units = sum(bool(unit_of((second[place] or "").strip("()[] "))) for place in over)
    names = sum(bool(heading(word).roles) for word in words)
    return bool(over) and (units + names >= 2 or units + names >= 0.5 * len(words))


def _joined(head: Cells, second: Cells) -> list[str | None]:
    """Two lines of names as one; a name above several columns holds for those without one."""
    width = max(len(head), len(second))
    names: list[str | None] = []
    above: str | None = None
    for place in range(width):
        upper = head[place] if place < len(head) else None
        lower = second[place] if place < len(second) else None
        above = upper or (above if lower else None)
        if lower and unit_of(lower.strip("()[] ")):
            lower = f"({lower.strip('()[] ')})"
        names.append(" ".join(word for word in (above, lower) if word) or None)
    return [_shortest_known(name, second, place) for place, name in enumerate(names)]


def _shortest_known(name: str | None, second: Cells, place: int) -> str | None:
    """The lower name alone where only that is known: `Trade` over `Quantity`."""
    lower = second[place] if place < len(second) else None
    if name and lower and not heading(name).roles and heading(lower).roles:
        return lower
    return name


def _title(rows: Sequence[tuple[int, list[str | None]]], after: int, at: int) -> str:
    """The text of the nearest line above that is a title."""
    for _, cells in reversed(rows[after + 1 : at]):
        words = [cell for cell in cells if cell]
        if len(words) <= 2 and words and not any(_is_figure(word) for word in words[:1]):
            return " ".join(words)[:60]
        return ""
    return ""


def _before_titles(rows: Sequence[tuple[int, list[str | None]]], at: int, end: int) -> int:
    """Where a table ends: the lines of one cell above the next names are its title."""
    while end > at + 1:
        words = [cell for cell in rows[end - 1][1] if cell]
        if len(words) > 1 and not (len(words) == 2 and words[0].endswith(":")):
            break
        end -= 1
    return end


def _without_names(grid: Grid, notices: list[str]) -> Section:
    rows = grid.rows
    usual = max((len(cells) for _, cells in rows[:50]), default=0)
    notices.append("no names of columns found: every line is taken as a row")
    start = next(
        (
            at
            for at, (_, cells) in enumerate(rows[:20])
            if usual < 2 or sum(cell is not None for cell in cells) >= 2
        ),
        0,
    )
    if start:
        notices.append(f"{start} line{'s' if start > 1 else ''} above the first row left out")
    names = tuple(f"column {number + 1}" for number in range(max(usual, 1)))
    return Section("", names, tuple((line, tuple(cells)) for line, cells in rows[start:]))


def _merged(sections: Sequence[Section]) -> list[Section]:
    """Tables of the same names are one; a column says from which each row is."""
    groups: dict[tuple[str, ...], list[Section]] = {}
    for section in sections:
        groups.setdefault(section.names, []).append(section)
    return [_one_of(group) for group in groups.values()]


def _one_of(group: Sequence[Section]) -> Section:
    first = group[0]
    titles = {section.title for section in group}
    if len(group) == 1:
        return first
    if len(titles) == 1:
        return replace(first, rows=tuple(row for section in group for row in section.rows))
    width = len(first.names)
    rows = tuple(
        (line, (*cells[:width], *[None] * (width - len(cells)), section.title or None))
        for section in group
        for line, cells in section.rows
    )
    return Section(" + ".join(sorted(titles))[:60], (*first.names, SECTION), rows)


def names_of(head: Cells, width: int) -> tuple[str, ...]:
    """A name for every column; one that comes twice gets a number."""
    names: list[str] = []
    for place in range(width):
        given = head[place] if place < len(head) else None
        name = (given or f"column {place + 1}")[:60]
        number = 2
        while name in names:
            name, number = f"{(given or 'column')[:60]} {number}", number + 1
        names.append(name)
    return tuple(names)


def is_unnamed(name: str) -> bool:
    """Whether a column has no name of its own."""
    return re.fullmatch(r"column \d+", name) is not None or not fold(name)
