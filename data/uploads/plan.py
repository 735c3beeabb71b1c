"""How a file of trades is read: settled once for the whole file, before any row is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from data.errors import UploadError
from data.uploads import layouts
from data.uploads.check import cell_of, marks_of, scales_of
from data.uploads.columns import FEES, IDENTITY, RATES, guess
from data.uploads.dates import (
    Order,
    is_contradicted,
    is_date,
    mark_of,
    order_of,
    settled_order,
)
from data.uploads.identity import Reading
from data.uploads.layouts import Layout
from data.uploads.money import currency_of
from data.uploads.numbers import Mark, is_number, number, parts
from data.uploads.table import Row, Table, is_unnamed
from data.uploads.vocabulary import (
    ANSWERS,
    SideWord,
    TradeSide,
    fold,
    heading,
    is_empty,
    kind_of,
    letters_of,
    side_of,
    vocabulary,
)

TRADE_ROLES = (
    *IDENTITY,
    "venue",
    "side",
    "kind",
    "status",
    "asset_class",
    "quantity",
    "price",
    "currency",
    "opened",
    "clock",
    "settled",
    *FEES,
    "fee_currency",
    "amount",
    "net",
    "debit",
    "credit",
    "amount_currency",
    "rate_of_exchange",
    "account",
    "note",
    "key",
    "order",
    "cancelled",
    "strike",
    "multiplier",
    "zone",
)
NUMERIC = ("quantity", "price", *FEES, "amount", "net", "debit", "credit", "rate_of_exchange")
EVIDENCE = frozenset(TRADE_ROLES) - {*IDENTITY, "venue", "quantity", "price", "opened", "note"}
OPENED = frozenset(("opendate", "opentime", "openrate", "openprice", "entrydate", "entrytime"))
CLOSED = frozenset(("closedate", "closetime", "exitdate", "exittime", "dateclosed"))
CLOSING = frozenset(("closeprice", "closerate", "closingrate", "closingprice", "exitprice"))
LOOKED_AT = 200
LOTS = frozenset(("lots", "lot", "lotsize", "contracts"))  # quantities of an unknown size
DETAIL = frozenset(("levelofdetail", "datadiscriminator"))
FINEST = ("execution", "trade", "order")  # of words that double every trade the one that counts
OTHER_UNITS = ("%", "bps", "shares")
FIT = 0.01  # how far quantity × price may lie from the amount, as a share of it


@dataclass(frozen=True, slots=True)
class Plan:
    """A table with all that reading one of its rows needs."""

    table: Table
    reading: Reading
    layout: Layout
    order: Order
    letters: Mapping[str, TradeSide]
    units: Mapping[str, str]
    are_purchases: bool
    taken: tuple[int, str] | None = None
    strays: tuple[int, ...] = ()
    fee_units: Mapping[str, int] = field(default_factory=dict)
    closed: int | None = None
    fee_rate: int | None = None
    accounts: tuple[int, ...] = ()
    fees: tuple[str, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    def cell(self, row: Row, role: str) -> str | None:
        """The cell of a role, or none where it holds nothing."""
        place, cells = self.reading.columns.get(role), row[1]
        if place is None or place >= len(cells):
            return None
        cell = cells[place]
        if cell is None or is_empty(cell):
            return None
        return cell if cell[0] != "'" else cell_of(cells, self.reading.columns, role)

    def figure(self, row: Row, role: str) -> float | None:
        """The number of a role; an UploadError where its cell is none."""
        cell = self.cell(row, role)
        if cell is None:
            return None
        try:
            scale = self.reading.scales.get(role, 1.0)
            return number(cell, self.reading.marks.get(role, ".")) * scale
        except UploadError as error:
            raise UploadError(f"{role}: {error}") from None

    def maybe(self, row: Row, role: str) -> float | None:
        """The number of a role, or none where there is none to read."""
        try:
            return self.figure(row, role)
        except UploadError:
            return None

    def unit(self, row: Row, role: str) -> str:
        """The currency that a cell or its heading states."""
        cell = self.cell(row, role)
        own = parts(cell).unit if cell and is_number(cell) else ""
        unit = self.units.get(role, "")
        return (currency_of(own) if own else "") or (unit if unit not in OTHER_UNITS else "")

    def unused(self) -> str:
        """The columns of figures that no role and no name explains."""
        names = [
            self.table.names[place]
            for place in self.strays
            if (cells := self.table.column(place)[:50]) and all(is_number(cell) for cell in cells)
        ]
        return f"not used: {', '.join(names[:5])}" if names else ""

    def side_word(self, cell: str) -> SideWord:
        """The side that a cell names, by the layout, the reader, a word or a letter."""
        text = fold(cell)
        if said := ANSWERS.get(self.said.get(f"word:{text}", "")):
            return said
        own = self.layout.sides.get(text) or side_of(cell)
        return own or self.letters.get(cell.strip().casefold()) or ""

    def kind_word(self, cell: str) -> str:
        """The kind of booking that a cell names, by the layout, the reader or the common words."""
        text = fold(cell)
        if self.said.get(f"word:{text}") == "other":
            return "other"
        if text in self.layout.sides:
            return ""
        return self.layout.kinds.get(text, kind_of(cell))

    def is_neutral(self, cell: str) -> bool:
        """Whether a word tells nothing: a type of order, of asset or of account."""
        return fold(cell) in vocabulary().neutral or self.layout.kinds.get(fold(cell)) == ""


def plan_of(table: Table, reading: Reading, now: datetime, order: Order) -> Plan:
    """What the file tells of itself, with the reader's answers."""
    layout = reading.layout or layouts.find(table.names)
    columns = dict(reading.columns) if reading.is_complete else _completed(table, reading)
    said = {**layout.choices, **reading.choices}
    reading = replace(
        reading,
        columns=columns,
        marks=_marks(table, columns, reading.marks),
        scales=scales_of(table, columns) | _lots(said),
    )
    reading = _without_a_false_total(table, _settled_marks(table, reading))
    units = {role: heading(table.names[place]).unit for role, place in columns.items()}
    sides = table.column(columns["side"]) if "side" in columns else []
    heads = {heading(name).plain for name in table.names}
    return Plan(
        table,
        reading,
        layout,
        _order(table, columns, _stated(said.get("order", "")) or order, now, layout),
        letters_of([cell for cell in sides if not is_empty(cell)]),
        units,
        bool(heads & vocabulary().purchases),
        taken=_taken(table, layout),
        strays=_strays(table, columns),
        fee_units=_fee_units(table, columns),
        closed=_closed(table),
        fee_rate=_fee_rate(table),
        accounts=_accounts(table),
        fees=tuple(role for role in FEES if role in columns),
        said=said,
    )


def _lots(said: Mapping[str, str]) -> dict[str, float]:
    """How many shares one lot is, where the reader said it."""
    return {"quantity": float(said["lot"])} if said.get("lot", "").isdigit() else {}


def _fee_units(table: Table, columns: Mapping[str, int]) -> dict[str, int]:
    """For each fee the column of its own currency: named after it, or beside it and no other's."""
    used = {place for role, place in columns.items() if role != "fee_currency"}
    found: dict[str, int] = {}
    for role in FEES:
        place = columns.get(role)
        if place is None:
            continue
        named = {fold(f"currency {table.names[place]}"), fold(f"{table.names[place]} currency")}
        beside = [place + 1] if _is_loose_unit(table, place + 1) else []
        own = [at for at, name in enumerate(table.names) if fold(name) in named] + beside
        if free := [at for at in own if at not in used]:
            found[role] = free[0]
    return found


def _is_loose_unit(table: Table, place: int) -> bool:
    """Whether a column without a name, or named currency, holds currencies."""
    if place >= len(table.names):
        return False
    name = table.names[place]
    cells = [cell for cell in table.column(place)[:100] if not is_empty(cell)]
    is_loose = is_unnamed(name) or "currency" in heading(name).roles
    return is_loose and bool(cells) and all(currency_of(cell) for cell in cells)


def _closed(table: Table) -> int | None:
    """The column that says when a row's position was closed, where the row also opened it."""
    heads = [heading(name) for name in table.names]
    plain = [head.plain for head in heads]
    twice = [
        [
            place
            for place, head in enumerate(heads)
            if role in head.roles and plain.count(head.plain) > 1
        ]
        for role in ("opened", "price")
    ]
    if all(twice) and len({plain[place] for place in twice[0]}) == 1:
        return twice[0][1]  # two times and two prices: of the opening and of the closing
    if not OPENED & set(plain):
        return None
    named = next((place for place, name in enumerate(plain) if name in CLOSED), None)
    if named is not None or not CLOSING & set(plain):
        return named
    loose = [place for place, head in enumerate(heads) if not head.roles]
    return next((place for place in loose if _are_dates(table.column(place))), None)


def _are_dates(cells: Sequence[str]) -> bool:
    dated = [cell for cell in cells[:LOOKED_AT] if not is_empty(cell)]
    return bool(dated) and all(is_date(cell) for cell in dated)


def _fee_rate(table: Table) -> int | None:
    """The column of fees that are a share of the money."""
    heads = [heading(name) for name in table.names]
    places = (at for at, head in enumerate(heads) if head.unit in RATES and "fee" in head.roles)
    return next(places, None)


def _accounts(table: Table) -> tuple[int, ...]:
    """The columns that name an account or its type."""
    roles = [set(heading(name).roles) for name in table.names]
    return tuple(at for at, of in enumerate(roles) if of & {"account", "account_type"})


def _strays(table: Table, columns: Mapping[str, int]) -> tuple[int, ...]:
    """The columns that neither a role nor their name explains."""
    used = set(columns.values())
    return tuple(
        place
        for place, name in enumerate(table.names)
        if place not in used and not heading(name).roles
    )


def _completed(table: Table, reading: Reading) -> dict[str, int]:
    """The columns given, and those of what bears witness that were not."""
    given = dict(reading.columns)
    for role, place in guess(table, TRADE_ROLES).items():
        if role in EVIDENCE and role not in given and place not in given.values():
            given[role] = place
    return given


def _marks(table: Table, columns: Mapping[str, int], given: Mapping[str, Mark]) -> dict[str, Mark]:
    """The decimal marks; a column that only bears witness and contradicts itself is left open."""
    marks = dict(given)
    missing = [role for role in NUMERIC if role in columns and role not in given]
    if not missing:
        return marks
    told = {mark for mark in given.values() if mark in (".", ",")}
    for role in missing:
        try:
            marks |= marks_of(table, columns, (role,))
        except UploadError:
            marks[role] = "?"
        if marks[role] == "?" and len(told) == 1:
            (marks[role],) = told
    return marks


def _settled_marks(table: Table, reading: Reading) -> Reading:
    """Marks that are open, where quantity × price meets the amount under one reading only."""
    marks, columns = reading.marks, reading.columns
    open_ = [role for role, mark in marks.items() if mark == "?"]
    money = next((role for role in ("amount", "net") if role in columns), None)
    if not open_ or money is None or not {"quantity", "price"} <= columns.keys():
        return reading
    fits: dict[Mark, float] = {}
    both: tuple[Mark, Mark] = (".", ",")
    for mark in both:
        tried = {**marks, **dict.fromkeys(open_, mark)}
        fits[mark] = fit(table, replace(reading, marks=tried), money)
    best, worst = max(fits, key=fits.__getitem__), min(fits.values())
    if fits[best] >= 0.9 and worst <= 0.1:
        return replace(reading, marks={**marks, **dict.fromkeys(open_, best)})
    return reading


def fit(table: Table, reading: Reading, money: str) -> float:
    """The share of rows in which quantity × price is about the amount."""
    good = every = 0
    for row in table.rows[:200]:
        try:
            found = [
                number(cell, reading.marks[role]) * reading.scales.get(role, 1.0)
                for role in ("quantity", "price", money)
                if (cell := cell_of(row[1], reading.columns, role)) and not is_empty(cell)
            ]
        except UploadError:
            continue
        if len(found) == 3 and found[2]:
            every += 1
            good += abs(abs(found[0] * found[1]) - abs(found[2])) <= 0.05 * abs(found[2])
    return good / every if every else 0.0


def _stated(word: str) -> Order:
    """The order of dates that a reader chose."""
    return "dmy" if word == "dmy" else "mdy" if word == "mdy" else ""


def _without_a_false_total(table: Table, reading: Reading) -> Reading:
    """A column named total that is nowhere quantity × price, where the amount is, is another's."""
    columns = reading.columns
    if reading.is_complete or not {"amount", "net", "quantity", "price"} <= columns.keys():
        return reading
    if fit(table, reading, "amount") >= 0.9 and fit(table, reading, "net") == 0.0:
        left = {role: place for role, place in columns.items() if role != "net"}
        return replace(reading, columns=left)
    return reading


def _is_contradicted(table: Table, place: int) -> bool:
    """Whether another column of days says that the day does not stand first."""
    for other in range(len(table.names)):
        cells = [row for _, row in table.rows if max(place, other) < len(row)]
        pairs = [
            (one, two)
            for row in cells
            if (one := row[place]) and (two := row[other]) and one != two
        ]
        days = all(is_date(one) and is_date(two) for one, two in pairs)
        if pairs and days and is_contradicted(pairs, "dmy"):
            return True
    return False


def _order(
    table: Table, columns: Mapping[str, int], order: Order, now: datetime, layout: Layout
) -> Order:
    """The order of dates: as given, as the layout has it, or as only one reading is possible."""
    place = columns.get("opened")
    if place is None:
        return order
    cells = [cell for cell in table.column(place) if not is_empty(cell)]
    if order in ("", "?"):
        found = order_of(cells)
        order = layout.order if found == "?" and layout.order else found
    native = vocabulary().day_first.get(mark_of(cells), frozenset())
    if order == "?" and any(heading(name).plain in native for name in table.names):
        return "?" if _is_contradicted(table, place) else "dmy"
    if order != "?":
        return order
    dated = [cell for cell in cells if order_of([cell])]
    return settled_order(dated, order, now)


def _taken(table: Table, layout: Layout) -> tuple[int, str] | None:
    """A column that doubles every trade, by its place, and the word of it that counts."""
    names = [fold(name) for name in table.names]
    column, words = layout.take or (next((n for n in names if n in DETAIL), ""), FINEST)
    if column not in names:
        return None
    place = names.index(column)
    there = {fold(cell) for cell in table.column(place)}
    found = next((word for word in words if word in there), "")
    return (place, found) if found else None
