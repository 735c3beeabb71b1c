"""Every row of a table is accepted, a duplicate or rejected, each with its reason; none is lost.

Knows nothing of the lake: what the words of a row may mean is handed in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from data.errors import UploadError, WorkstationError
from data.state.values import NAME_LENGTH, NOTE_LENGTH, name, prose
from data.state.watchlists import SYMBOL_LENGTH, Member
from data.uploads.codes import fault
from data.uploads.columns import IDENTITY, Table
from data.uploads.numbers import Mark, decimal_mark, number

Status = Literal["accepted", "duplicate", "rejected"]
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
MADE_BY_A_SPREADSHEET = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?: 00:00:00)?|\d{{1,2}}[-. /]{MONTH}|{MONTH}[-. /]\d{{1,4}}",
    re.IGNORECASE,
)
FORMULA = re.compile(r"^'(?=[=+\-@\t\r|%])")
TAGS_APART = re.compile(r"[|;,]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One instrument that a word may mean, and how it reads where one has to choose."""

    symbol: str
    title: str
    note: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row; `asks` holds the instruments between which somebody must choose."""

    line: int
    word: str
    status: Status
    reason: str = ""
    member: Member | None = None
    asks: tuple[Meaning, ...] = ()

    @property
    def symbol(self) -> str | None:
        """The instrument it names, where one is kept."""
        return None if self.member is None else self.member.symbol


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read: a column for each role, the decimal marks, and answers to questions.

    An id that begins like those of a source (`ids`), such as `binance:SOLUSDT`, is taken also while
    the lake has none of it: being listed is what makes it fetched.
    """

    columns: Mapping[str, int]
    marks: Mapping[str, Mark] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] = ()


Meanings = Mapping[str, Sequence[Meaning]]


def marks_of(table: Table, columns: Mapping[str, int], numeric: Sequence[str]) -> dict[str, Mark]:
    """The decimal mark of each numeric column; one that contradicts itself is refused.

    A column that does not tell follows the others, since one hand wrote the file.
    """
    marks = {
        role: decimal_mark(cell for cell in table.column(columns[role]) if cell[0] != "#")
        for role in numeric
        if role in columns
    }
    told = {mark for mark in marks.values() if mark in (".", ",")}
    if table.is_typed:
        told = told or {"."}
    for role, mark in marks.items():
        if mark == "?" and len(told) == 1:
            (marks[role],) = told
        elif mark == "":
            marks[role] = "."
    return marks


def words_of(table: Table, columns: Mapping[str, int]) -> list[str]:
    """Every word that has to be resolved, as it will be asked for in `check_list`."""
    found: dict[str, None] = {}
    for _, cells in table.rows:
        for word in _words(cells, columns):
            found[word] = None
    return list(found)


def check_list(
    table: Table,
    reading: Reading,
    meanings: Meanings,
    held: Sequence[Member] = (),
) -> list[Verdict]:
    """A verdict per row, in their order; `held` are the members that the list has already."""
    seen = {member.symbol: 0 for member in held}
    verdicts = []
    for line, cells in table.rows:
        verdict = _checked(line, cells, table, reading, meanings)
        if verdict.member is not None:
            symbol = verdict.member.symbol
            if symbol in seen:
                where = f"line {seen[symbol]}" if seen[symbol] else "the list"
                reason = f"{symbol} is in {where} already, which is kept"
                verdict = Verdict(line, verdict.word, "duplicate", reason)
            else:
                seen[symbol] = line
        verdicts.append(verdict)
    return verdicts


def counts(verdicts: Sequence[Verdict]) -> dict[Status, int]:
    """How many rows ended in each way; together they are all rows."""
    found = Counter(verdict.status for verdict in verdicts)
    return {
        "accepted": found["accepted"],
        "duplicate": found["duplicate"],
        "rejected": found["rejected"],
    }


def members(verdicts: Sequence[Verdict]) -> list[Member]:
    """What was accepted, in the order of the file."""
    return [verdict.member for verdict in verdicts if verdict.member is not None]


def cell_of(cells: Sequence[str | None], columns: Mapping[str, int], role: str) -> str | None:
    """The cell of a role; the mark that an export sets before a formula is taken off again."""
    place = columns.get(role)
    if place is None or place >= len(cells):
        return None
    cell = cells[place]
    return FORMULA.sub("", cell) if cell is not None else None


def figure(cells: Sequence[str | None], reading: Reading, role: str) -> float | None:
    """The number of a role, or none where its cell is empty."""
    cell = cell_of(cells, reading.columns, role)
    if cell is None:
        return None
    try:
        return number(cell, reading.marks.get(role, "."))
    except UploadError as error:
        raise UploadError(f"{role}: {error}") from None


def settle(
    cells: Sequence[str | None], reading: Reading, meanings: Meanings
) -> tuple[str, Meaning]:
    """The word of a row and the instrument it means; an UploadError says why there is none."""
    words = _words(cells, reading.columns)
    if not words:
        raise UploadError("no instrument is named in this row")
    for word in words:
        _refuse_odd(word)
    named = " / ".join(words)
    sets = [{meaning.symbol: meaning for meaning in meanings.get(word, ())} for word in words]
    known = [each for each in sets if each]
    if not known:
        if any(words[0].startswith(ids) and words[0] != ids for ids in reading.ids):
            return named, Meaning(words[0], words[0], "not in the lake yet; its source is asked")
        raise UploadError(f"no instrument called {named[:60]!r} is known at this clock")
    return named, _one_of(named, known, reading.answers)


def _one_of(
    named: str, known: Sequence[Mapping[str, Meaning]], answers: Mapping[str, str]
) -> Meaning:
    """The instrument that all words of a row agree on; of several the one that was chosen."""
    common = [
        meaning for symbol, meaning in known[0].items() if all(symbol in each for each in known[1:])
    ]
    if not common:
        raise UploadError(f"{named[:60]} contradict each other: they are different instruments")
    chosen = [meaning for meaning in common if meaning.symbol == answers.get(named)]
    if len(common) > 1 and not chosen:
        raise Ambiguous(named, tuple(common))
    return (chosen or common)[0]


class Ambiguous(UploadError):
    """A word that means several instruments; somebody has to say which."""

    def __init__(self, word: str, asks: tuple[Meaning, ...]) -> None:
        super().__init__(f"{len(asks)} instruments are called {word[:60]!r}: choose one")
        self.word, self.asks = word, asks


def _checked(
    line: int, cells: Sequence[str | None], table: Table, reading: Reading, meanings: Meanings
) -> Verdict:
    shown = " / ".join(_words(cells, reading.columns))[:80]
    try:
        refuse_extra(cells, table)
        word, meaning = settle(cells, reading, meanings)
        return Verdict(line, shown, "accepted", meaning.note, _member(cells, reading, meaning))
    except Ambiguous as open_:
        return Verdict(line, open_.word, "rejected", str(open_), asks=open_.asks)
    except WorkstationError as error:
        return Verdict(line, shown, "rejected", str(error))


def _member(cells: Sequence[str | None], reading: Reading, meaning: Meaning) -> Member:
    tags = cell_of(cells, reading.columns, "tags") or ""
    return Member(
        name(meaning.symbol, "the symbol", limit=SYMBOL_LENGTH),
        figure(cells, reading, "weight"),
        figure(cells, reading, "quantity"),
        tuple(
            name(tag, "a tag", limit=NAME_LENGTH) for tag in TAGS_APART.split(tags) if tag.strip()
        ),
        prose(cell_of(cells, reading.columns, "note") or "", "the note", limit=NOTE_LENGTH),
    )


def _words(cells: Sequence[str | None], columns: Mapping[str, int]) -> list[str]:
    """The words of a row that name its instrument; a ticker takes its market along.

    A name is asked for only where there is nothing surer.
    """
    found: list[str] = []
    venue = cell_of(cells, columns, "venue")
    for role in IDENTITY:
        cell = cell_of(cells, columns, role)
        if cell is None or (role == "name" and found):
            continue
        word = " ".join(cell.split())
        if role == "symbol" and venue and ":" not in word:
            word = f"{venue}:{word}"
        found.append(word.upper() if role in ("isin", "figi") else word)
    return found


def _refuse_odd(word: str) -> None:
    if len(word) > SYMBOL_LENGTH:
        raise UploadError(f"a name of {len(word):,} characters; at most {SYMBOL_LENGTH} are read")
    if word.startswith("#"):
        raise UploadError(f"holds the spreadsheet's error {word[:12]}")
    if MADE_BY_A_SPREADSHEET.fullmatch(word):
        raise UploadError(
            f"{word[:30]} is a date, perhaps one that a spreadsheet made of a ticker such as MAR1; "
            "write it as text"
        )
    if wrong := fault(word.upper()):
        raise UploadError(wrong)


def refuse_extra(cells: Sequence[str | None], table: Table) -> None:
    """A row with more cells than there are columns has slipped somewhere."""
    extra = [cell for cell in cells[len(table.names) :] if cell is not None]
    if extra:
        raise UploadError(f"has {len(cells)} cells, but there are {len(table.names)} columns")
