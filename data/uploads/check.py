"""Every row of a table ends in one way, with its reason; none is lost and none is guessed.

Knows nothing of the lake: what the words of a row may mean is handed in.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from data.errors import UploadError, WorkstationError
from data.state.values import NAME_LENGTH, NOTE_LENGTH, name, prose
from data.state.watchlists import SYMBOL_LENGTH, Member
from data.uploads.identity import (
    Ambiguous,
    Meaning,
    Meanings,
    Reading,
    cell_of,
    lookups,
    settle,
    words_of_row,
)
from data.uploads.numbers import Mark, decimal_mark, is_number, number
from data.uploads.questions import Question, Unanswered
from data.uploads.table import Table
from data.uploads.vocabulary import fold, heading, is_empty, kind_of, vocabulary

__all__ = ["Meaning", "Meanings", "Reading", "cell_of"]

Status = Literal["accepted", "duplicate", "rejected", "asked", "other"]
STATUSES: tuple[Status, ...] = get_args(Status)
TAGS_APART = re.compile(r"[|;,]")
NO_INSTRUMENT = {"total": "a total, no instrument", "cash": "cash, no instrument"}
CONTRACTS = {"option": "an option, no holding of it", "future": "a contract, no holding of it"}
SHARES_OF_ONE = {"%": 0.01, "bps": 0.0001}
TOLERANCE = 2.0  # how far from 100 the weights of a whole list may add up


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What becomes of a row; `asks` holds the instruments between which somebody must choose.

    One that is `asked` waits for an answer, one that is `other` is none of what is looked for.
    """

    line: int
    word: str
    status: Status
    reason: str = ""
    member: Member | None = None
    asks: tuple[Meaning, ...] = ()
    question: Question | None = None

    @property
    def symbol(self) -> str | None:
        """The instrument it names, where one is kept."""
        return None if self.member is None else self.member.symbol


def marks_of(table: Table, columns: Mapping[str, int], numeric: Sequence[str]) -> dict[str, Mark]:
    """The decimal mark of each numeric column; one that contradicts itself is refused.

    A column that does not tell follows the others, since one hand wrote the file.
    """
    marks = {
        role: decimal_mark(
            cell for cell in table.column(columns[role]) if cell[0] != "#" and is_number(cell)
        )
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


def scales_of(table: Table, columns: Mapping[str, int]) -> dict[str, float]:
    """How many one figure of a role is, where the name of its column says it is not one."""
    scales = {role: heading(table.names[place]).scale for role, place in columns.items()}
    return {role: scale for role, scale in scales.items() if scale != 1.0}


def words_of(table: Table, columns: Mapping[str, int]) -> list[str]:
    """Every word that has to be resolved, as it will be asked for in `check_list`."""
    found: dict[str, None] = {}
    for _, cells in table.rows:
        for role, word in words_of_row(cells, columns):
            found.update(dict.fromkeys(lookups(role, word)))
    return list(found)


def check_list(
    table: Table,
    reading: Reading,
    meanings: Meanings,
    held: Sequence[Member] = (),
) -> list[RowVerdict]:
    """A verdict per row, in their order; `held` are the members that the list has already."""
    seen: dict[str, int] = {member.symbol: -1 for member in held}
    reading = replace(reading, scales=scales_of(table, reading.columns))
    whole = _Weights(table, reading), _account_question(table, reading)
    verdicts: list[RowVerdict] = []
    for row in table.rows:
        verdict = _checked(row, table, reading, meanings, whole)
        if verdict.member is not None:
            at = seen.setdefault(verdict.member.symbol, len(verdicts))
            if at != len(verdicts):
                verdict = _again(verdict, verdicts, at, adds=reading.choices.get("account") == "*")
        verdicts.append(verdict)
    return verdicts


def _again(verdict: RowVerdict, before: list[RowVerdict], at: int, *, adds: bool) -> RowVerdict:
    """An instrument that came already; a holding of another account is added to the first."""
    symbol = verdict.symbol
    first = before[at].member if at >= 0 else None
    where = f"line {before[at].line}" if at >= 0 else "the list"
    if first is None or not adds or verdict.member is None:
        return RowVerdict(
            verdict.line,
            verdict.word,
            "duplicate",
            f"{symbol} is in {where} already, which is kept",
        )
    added = replace(
        first,
        quantity=_sum(first.quantity, verdict.member.quantity),
        weight=_sum(first.weight, verdict.member.weight),
    )
    before[at] = replace(before[at], member=added)
    return RowVerdict(verdict.line, verdict.word, "duplicate", f"added to {symbol} in {where}")


def _sum(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return math.fsum(known) if known else None


def counts(verdicts: Sequence[RowVerdict]) -> dict[Status, int]:
    """How many rows ended in each way; together they are all rows."""
    found = Counter(verdict.status for verdict in verdicts)
    return {status: found[status] for status in STATUSES}


def members(verdicts: Sequence[RowVerdict]) -> list[Member]:
    """What was accepted, in the order of the file."""
    return [verdict.member for verdict in verdicts if verdict.member is not None]


def figure(cells: Sequence[str | None], reading: Reading, role: str) -> float | None:
    """The number of a role, or none where its cell is empty."""
    cell = cell_of(cells, reading.columns, role)
    if cell is None or is_empty(cell):
        return None
    try:
        return number(cell, reading.marks.get(role, ".")) * reading.scales.get(role, 1.0)
    except UploadError as error:
        raise UploadError(f"{role}: {error}") from None


class _Weights:
    """The scale of a column of weights: shares of one, however the column writes them."""

    def __init__(self, table: Table, reading: Reading) -> None:
        place = reading.columns.get("weight")
        self.question: Question | None = None
        self.factor = 1.0
        if place is None:
            return
        cells = [cell for cell in table.column(place) if is_number(cell)]
        bare = [cell for cell in cells if "%" not in cell]
        said = reading.choices.get("scale")
        unit = "%" if said == "percent" else heading(table.names[place]).unit
        if unit in SHARES_OF_ONE:
            self.factor = SHARES_OF_ONE[unit]
        elif said is None and _two_scales(cells, bare, reading):
            self.question = Question(
                "scale",
                f"{table.names[place]} holds weights on two scales: say what {bare[0]} is",
                {"percent": f"{bare[0]} %", "share": f"{bare[0]} as a share of 1"},
            )

    def of(self, cells: Sequence[str | None], reading: Reading) -> float | None:
        """The weight of a row as a share, or as it is written where no scale is stated."""
        weight = figure(cells, reading, "weight")
        if weight is None:
            return None
        if self.question is not None:
            raise Unanswered(self.question)
        cell = cell_of(cells, reading.columns, "weight") or ""
        return weight if "%" in cell or self.factor == 1.0 else round(weight * self.factor, 12)


def _two_scales(cells: Sequence[str], bare: Sequence[str], reading: Reading) -> bool:
    """Whether some weights are percent and some shares.

    Of weights without a mark that is seen where they add up to a whole only so.
    """
    weights = []
    for cell in bare:
        try:
            weights.append(number(cell, reading.marks.get("weight", ".")))
        except UploadError:
            return False
    if not weights or max(weights) <= 1:
        return False
    if len(bare) < len(cells):
        return True
    if not any(0 < weight < 1 for weight in weights):
        return False
    whole = sum(weight * 100 if weight <= 1 else weight for weight in weights)
    return abs(sum(weights) - 100) > TOLERANCE and abs(whole - 100) <= TOLERANCE


def accounts_of(table: Table, reading: Reading, rows: Iterable[int] | None = None) -> list[str]:
    """The accounts that a table's rows belong to, in their order; `rows` are places of those."""
    place = reading.columns.get("account")
    if place is None:
        return []
    chosen = range(len(table.rows)) if rows is None else rows
    found = dict.fromkeys(
        cell
        for at in chosen
        if place < len(cells := table.rows[at][1]) and (cell := cells[place]) and not is_empty(cell)
    )
    return list(found)


def _account_question(table: Table, reading: Reading) -> Question | None:
    """Which account is meant, where a list names several."""
    named = [at for at, row in enumerate(table.rows) if words_of_row(row[1], reading.columns)]
    accounts = accounts_of(table, reading, named)
    said = reading.choices.get("account")
    if len(accounts) < 2 or said in accounts or said == "*":
        return None
    options = {"*": "all accounts, their holdings added up"}
    return Question(
        "account",
        f"{len(accounts)} accounts are in this file: choose one, or all",
        options | {account: account for account in accounts[:30]},
    )


def _checked(
    row: tuple[int, Sequence[str | None]],
    table: Table,
    reading: Reading,
    meanings: Meanings,
    whole: tuple[_Weights, Question | None],
) -> RowVerdict:
    line, cells = row
    shown = " / ".join(word for _, word in words_of_row(cells, reading.columns))[:80]
    try:
        if kind := _no_instrument(cells, table, reading, meanings):
            return RowVerdict(line, shown, "other", kind)
        refuse_extra(cells, table)
        word, meaning = settle(cells, reading, meanings)
        if whole[1] is not None:
            raise Unanswered(whole[1])
        _refuse_other_account(cells, reading)
        member = _member(cells, reading, meaning, whole[0])
        return RowVerdict(line, shown, "accepted", meaning.note, member)
    except Ambiguous as open_:
        return RowVerdict(line, open_.word, "asked", str(open_), asks=open_.asks)
    except Unanswered as open_:
        return RowVerdict(line, shown, "asked", str(open_), question=open_.question)
    except WorkstationError as error:
        return RowVerdict(line, shown, "rejected", str(error))


def _refuse_other_account(cells: Sequence[str | None], reading: Reading) -> None:
    said = reading.choices.get("account", "*")
    cell = cell_of(cells, reading.columns, "account")
    if said != "*" and cell is not None and cell != said:
        raise UploadError(f"belongs to the account {cell[:40]}, which was not chosen")


def _no_instrument(
    cells: Sequence[str | None], table: Table, reading: Reading, meanings: Meanings
) -> str:
    """Why a row is no instrument: a total, cash, or a line of text; empty where it may be one."""
    if contract := _contract(cells, table):
        return CONTRACTS[contract]
    words = words_of_row(cells, reading.columns)
    if any(meanings.get(word) for _, word in words):
        return ""
    first = next((cell for cell in cells if cell), "")
    if any(kind_of(cell) == "cash" for cell in _classes(cells, table)):
        return NO_INSTRUMENT["cash"]
    named = [word for _, word in words] or [first]
    for word in (*named, first):
        if fold(word) in vocabulary().kinds and (kind := kind_of(word)) in NO_INSTRUMENT:
            return NO_INSTRUMENT[kind]
    filled = [cell for cell in cells if cell]
    if len(table.names) >= 3 and len(filled) == 1 and len(first.split()) > 3:
        return "a line of text, no instrument"
    if first.startswith("###"):
        return "the name of a section, no instrument"
    return ""


def _contract(cells: Sequence[str | None], table: Table) -> str:
    """Whether a row is an option or a future, listed under the ticker of what it is on."""
    for name_, cell in zip(table.names, cells, strict=False):
        roles = heading(name_).roles
        if cell and "strike" in roles and any(mark in "123456789" for mark in cell):
            return "option"
        kind = vocabulary().kinds.get(fold(cell), "") if cell else ""
        if kind in CONTRACTS and {"asset_class", "verb"} & set(roles):
            return kind
    return ""


def _classes(cells: Sequence[str | None], table: Table) -> list[str]:
    """What a row says of the class of its asset."""
    return [
        cell
        for name_, cell in zip(table.names, cells, strict=False)
        if cell and "asset_class" in heading(name_).roles
    ]


def _member(
    cells: Sequence[str | None], reading: Reading, meaning: Meaning, weights: _Weights
) -> Member:
    tags = cell_of(cells, reading.columns, "tags") or ""
    return Member(
        name(meaning.symbol, "the symbol", limit=SYMBOL_LENGTH),
        weights.of(cells, reading),
        figure(cells, reading, "quantity"),
        tuple(
            name(tag, "a tag", limit=NAME_LENGTH) for tag in TAGS_APART.split(tags) if tag.strip()
        ),
        prose(cell_of(cells, reading.columns, "note") or "", "the note", limit=NOTE_LENGTH),
    )


def refuse_extra(cells: Sequence[str | None], table: Table) -> None:
    """A row with more cells than there are columns has slipped somewhere."""
    extra = [cell for cell in cells[len(table.names) :] if cell is not None]
    if extra:
        raise UploadError(f"has {len(cells)} cells, but there are {len(table.names)} columns")
