"""Which column of a table means what: by its layout, its name, and what its cells look like.

What is found is a proposal; the analyst may change it before anything is kept. A column whose
cells contradict its name is not taken for what the name says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.codes import FIGI, ISIN
from data.uploads import layouts, table
from data.uploads.arithmetic import is_difference, is_product
from data.uploads.cells import (
    are_numbers,
    is_code,
    is_done,
    is_kind,
    is_state,
    is_text_or_code,
    share,
    whole_side,
)
from data.uploads.dates import is_clock, is_date
from data.uploads.grid import Grid
from data.uploads.layouts import Layout, place_of
from data.uploads.money import currency_of
from data.uploads.numbers import is_number
from data.uploads.table import SECTION, Table, is_unnamed
from data.uploads.vocabulary import (
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

IDENTITY = ("isin", "figi", "symbol", "cusip", "sedol", "wkn", "name")
LIST_ROLES = (*IDENTITY, "venue", "weight", "quantity", "account", "tags", "note")
FEES = ("fee", *(f"fee{number}" for number in range(2, 9)))
FIGURES = ("weight", "quantity", "price", "amount", "net", "debit", "credit", *FEES)
CURRENCIES = ("currency", "fee_currency", "amount_currency")
TOTAL_FEES = ("total", "kokonais", "gesamt")  # how the name of a sum of fees begins
QUOTES = frozenset(
    ("open", "high", "low", "change", "currentprice", "last", "lastprice", "close", "dayschange")
)
RATES = ("%", "bps")  # units of a fee that is a share of the money, and no money itself
ANY_DATE = frozenset(("date", "time", "datetime", "timestamp", "datum"))
TURNOVER = frozenset(("volume", "vol"))
MAY_BE_DATES = frozenset(("verb", "key", "order", "note", "name", "other"))
MOSTLY = 0.8
HALF = 0.5
LOOKED_AT = 400


def tabulate(grid: Grid, title: str | None = None) -> Table:
    """The table of a file, with the parts that its layout finds in texts as columns."""
    found = table.tabulate(grid, title)
    layout = layouts.find(found.names)
    return layouts.extended(found, layout) if layout.patterns else found


def guess(
    found: Table, roles: Sequence[str] = LIST_ROLES, learnt: Sequence[Layout] = ()
) -> dict[str, int]:
    """A column for each role that one was found for; no column has two roles."""
    layout = layouts.find(found.names, learnt)
    finder = _Finder(found, layout, is_list="side" not in roles)
    for role in roles:
        finder.by_layout(role)
    for role in roles:
        finder.by_heading(role)
    if "side" in roles:
        finder.by_content("opened")
        finder.by_speech(roles)
        finder.quantity_by_product()
        finder.fee_by_difference()
    for role in roles:
        finder.by_neighbour(role)
    for role in roles:
        finder.by_content(role)
    if "quantity" in roles and "price" not in roles:
        finder.amount_of_a_list()
    if not set(finder.found) & set(IDENTITY) and "symbol" in roles:
        finder.first_text()
    order = {role: place for place, role in enumerate(roles)}
    return dict(sorted(finder.found.items(), key=lambda item: order[item[0]]))


class _Finder:
    """Gives columns to roles, each to one."""

    def __init__(self, found: Table, layout: Layout, *, is_list: bool = False) -> None:
        self.is_list = is_list
        self.table, self.layout = found, layout
        self.heads = [heading(name) for name in found.names]
        self.cells = [
            [cell for cell in found.column(place)[:LOOKED_AT] if not is_empty(cell)]
            for place in range(len(found.names))
        ]
        self.found: dict[str, int] = {}

    def free(self, place: int) -> bool:
        return place not in self.found.values()

    def by_layout(self, role: str) -> None:
        place = place_of(self.layout, role, self.table.names)
        if place is not None and self.free(place):
            beside = self.money_beside(place) if role in ("amount", "net") else None
            self.found[role] = place if beside is None else beside

    def by_heading(self, role: str) -> None:
        """Of the columns whose name has this role the preferred one, if its cells agree."""
        if role in self.found or role == "side" or (role in FEES[1:] and self.has_all_fees()):
            return
        wanted = ("fee", "tax") if role in FEES else (role,)
        places = [
            place
            for place, head in enumerate(self.heads)
            if self.free(place)
            and set(wanted) & set(head.roles)
            and self.agrees(role, place)
            and not self.is_of_the_market(role, place)
        ]
        if not places and role == "account" and SECTION in self.table.names:
            places = [self.table.names.index(SECTION)]
        if not places and role in ("amount", "net"):
            named = [p for p, head in enumerate(self.heads) if role in head.roles]
            places = [at for p in named if (at := self.money_beside(p)) is not None]
        if places and role != "kind":
            order = vocabulary().preferred.get(role, ())
            self.found[role] = min(places, key=lambda place: self.rank(place, order, role))

    def money_beside(self, place: int) -> int | None:
        """The nameless column of figures after one that is named as money and holds currencies."""
        cells = self.cells[place]
        if place + 1 >= len(self.heads) or not cells or not self.cells[place + 1]:
            return None
        has_units = share(cells, lambda cell: bool(currency_of(cell))) >= MOSTLY
        is_nameless = is_unnamed(self.table.names[place + 1]) and self.free(place + 1)
        if not has_units or not is_nameless or not are_numbers(self.cells[place + 1]):
            return None
        self.found.setdefault("amount_currency", place)
        return place + 1

    def rank(self, place: int, order: Sequence[str], role: str) -> tuple[bool, bool, int, int]:
        plain = self.heads[place].plain
        at = order.index(plain) if plain in order else len(order) + (plain in vocabulary().last)
        is_part = role == "fee" and not plain.startswith(TOTAL_FEES)
        return not self.cells[place], is_part, at, place

    def is_of_the_market(self, role: str, place: int) -> bool:
        """Whether a column is a quotation's: the volume or the day of a price, not of a trade."""
        plain = self.heads[place].plain
        quotes = any(head.plain in QUOTES for head in self.heads)
        if role == "opened":
            loose = any(self.is_loose_date(at) for at in range(len(self.heads)))
            return (quotes and plain in ANY_DATE) or (plain in vocabulary().last and loose)
        if role != "quantity" or plain not in TURNOVER:
            return False
        others = [
            h
            for at, h in enumerate(self.heads)
            if at != place and "quantity" in h.roles and h.plain not in vocabulary().last
        ]
        return self.is_list or quotes or any(head.plain not in TURNOVER for head in others)

    def is_loose_date(self, place: int) -> bool:
        """Whether a column of dates has a name that explains nothing."""
        cells = self.cells[place]
        return not self.heads[place].roles and bool(cells) and share(cells, is_date) >= MOSTLY

    def has_all_fees(self) -> bool:
        """Whether the fee that was found is the sum of the others."""
        place = self.found.get("fee")
        return place is not None and self.heads[place].plain.startswith(TOTAL_FEES)

    def agrees(self, role: str, place: int) -> bool:
        """Whether the cells of a column can be what its name says."""
        cells = self.cells[place]
        if not cells:
            return role not in ("symbol", "opened", "quantity", "price", "clock", "side", "kind")
        if role in FEES and self.heads[place].unit in RATES:
            return False
        if role in FIGURES:
            return share(cells, is_number) >= HALF
        if role in ("opened", "known", "settled"):
            return share(cells, is_date) >= HALF
        if role == "clock":
            return share(cells, is_clock) >= HALF
        if role in CURRENCIES:
            return share(cells, lambda cell: bool(currency_of(cell))) >= HALF
        return self.names_something(role, place)

    def names_something(self, role: str, place: int) -> bool:
        """Whether the cells can be names, tickers or codes, where the role asks for them."""
        cells = self.cells[place]
        if role in ("name", "symbol"):
            return share(cells, is_text_or_code) >= HALF and not self.speaks(place)
        return role != "isin" or share(cells, lambda c: bool(ISIN.fullmatch(c.upper()))) >= HALF

    def speaks(self, place: int) -> bool:
        """Whether the cells are words that say what a row does."""
        cells = self.cells[place]
        return bool(cells) and share(cells, whole_side) >= MOSTLY

    def by_speech(self, roles: Sequence[str]) -> None:
        """The side is the column whose cells say it; the kind another that says what a row is."""
        known = set(IDENTITY) & self.found.keys() - {"name"}
        told = {self.found.get(role) for role in ("name", "note")} if known else set()
        scores = {
            place: score
            for place in range(len(self.heads))
            if (self.free(place) or place in told) and (score := self.side_score(place)) > 0
        }
        if "side" not in self.found and scores:
            best = max(scores, key=lambda place: (scores[place], -place))
            self.found = {role: place for role, place in self.found.items() if place != best}
            self.found["side"] = best
        self.side_by_name()
        if "kind" in roles and "kind" not in self.found:
            places = [
                place
                for place, head in enumerate(self.heads)
                if self.free(place)
                and {"verb", "side"} & set(head.roles)
                and self.kind_score(place)
            ]
            if places:
                self.found["kind"] = max(places, key=lambda place: (self.kind_score(place), -place))

    def side_by_name(self) -> None:
        """Where no cell speaks, the column that is named as the side, whose words are asked."""
        for place, head in enumerate(self.heads):
            is_named = "side" not in self.found and "side" in head.roles and self.free(place)
            if is_named and not all(self.is_neutral(cell) for cell in self.cells[place]):
                self.found["side"] = place

    def is_neutral(self, cell: str) -> bool:
        return fold(cell) in vocabulary().neutral

    def side_score(self, place: int) -> float:
        roles = set(self.heads[place].roles)
        cells = self.cells[place]
        if not cells or not self.heads[place].plain:
            return 0.0
        letters = letters_of(cells)
        said = share(cells, lambda cell: self.says(cell, letters))
        named = {"side", "verb"} & roles
        if not named and not roles and said:
            said = max(said, share(cells, lambda c: self.says(c, letters) or is_kind(c)))
        if not named and roles & {"name", "note"}:
            return said / 10 if said >= 0.3 and len(set(cells)) > 1 else 0.0
        if not named and (roles or said < MOSTLY or (letters and len(letters) < 2)):
            return 0.0
        both = len({self.says_what(cell, letters) for cell in cells} - {""}) > 1
        return said + both + 0.5 * ("side" in roles) if said else 0.0

    def says(self, cell: str, letters: Mapping[str, TradeSide]) -> bool:
        return bool(self.says_what(cell, letters))

    def says_what(self, cell: str, letters: Mapping[str, TradeSide]) -> SideWord:
        own = self.layout.sides.get(fold(cell))
        return own or side_of(cell) or letters.get(cell.strip().casefold()) or ""

    def kind_score(self, place: int) -> float:
        cells = self.cells[place]
        return share(cells, lambda cell: bool(kind_of(cell) or side_of(cell))) if cells else 0.0

    def quantity_by_product(self) -> None:
        """Where no name says the quantity, the amount that times the price is the other amount.

        Where that makes what is named as the quantity, the two change places.
        """
        if "price" not in self.found or self.layout.columns.get("quantity"):
            return
        money = [p for p, head in enumerate(self.heads) if {"amount", "net"} & set(head.roles)]
        if "quantity" in self.found:
            self.swap_by_product(money)
            return
        for place in money:
            if any(
                is_product(self.table, place, self.found["price"], m) for m in money if m != place
            ):
                self.found = {r: at for r, at in self.found.items() if at != place}
                self.found["quantity"] = place
                for role in ("amount", "net"):
                    self.by_heading(role)
                return

    def swap_by_product(self, money: Sequence[int]) -> None:
        """The quantity and an amount change places where price × amount is the quantity."""
        named, price = self.found["quantity"], self.found["price"]
        if any(is_product(self.table, named, price, place) for place in money):
            return
        for place in money:
            if is_product(self.table, place, price, named):
                self.found = {role: at for role, at in self.found.items() if at != place}
                self.found |= {"quantity": place, "amount": named}
                return

    def fee_by_difference(self) -> None:
        """A column that no name explains is a fee where it is what the money still differs by."""
        money = self.found.get("net", self.found.get("amount"))
        role = next((role for role in FEES if role not in self.found), None)
        if role is None or money is None or not {"quantity", "price"} <= self.found.keys():
            return
        known = self.found["quantity"], self.found["price"], money
        fees = [self.found[fee] for fee in FEES if fee in self.found]
        for place, head in enumerate(self.heads):
            is_loose = self.free(place) and not head.roles
            if is_loose and is_difference(self.table, known, fees, place):
                self.found[role] = place
                return

    def by_neighbour(self, role: str) -> None:
        """A column of currencies without a name of its own belongs to the column on its left."""
        owner = {"currency": "price", "fee_currency": "fee", "amount_currency": "amount"}.get(role)
        if owner is None or owner not in self.found:
            return
        place = self.found[owner] + 1
        if place >= len(self.heads) or not self.cells[place] or not self.free(place):
            return
        loose = is_unnamed(self.table.names[place]) or "currency" in self.heads[place].roles
        if loose and share(self.cells[place], lambda cell: bool(currency_of(cell))) >= MOSTLY:
            self.found[role] = place

    def by_content(self, role: str) -> None:
        """A column that no name explains, where its cells can be one thing only."""
        tests = {
            "isin": lambda cell: bool(ISIN.fullmatch(cell.upper())),
            "figi": lambda cell: bool(FIGI.fullmatch(cell.upper())),
            "opened": is_date,
            "currency": is_code,
            "status": is_state,
        }
        if role in self.found or role not in tests:
            return
        places = [
            place
            for place, head in enumerate(self.heads)
            if self.free(place)
            and self.cells[place]
            and not (set(head.roles) - (MAY_BE_DATES if role == "opened" else set()))
            and share(self.cells[place], tests[role])
            >= (HALF if role == "status" and any(map(is_done, self.cells[place])) else MOSTLY)
        ]
        if role == "opened" and any(head.plain in vocabulary().last for head in self.heads):
            return  # the day of booking or the one that no name explains: it is asked
        if places and (len(places) == 1 or role in ("isin", "figi")):
            self.found[role] = places[0]

    def amount_of_a_list(self) -> None:
        """In a list of holdings `amount` is how many, unless its name states a currency."""
        for place, head in enumerate(self.heads):
            if "quantity" in self.found or head.plain != "amount" or currency_of(head.unit):
                continue
            if self.free(place) and share(self.cells[place] or ["-"], is_number) >= HALF:
                self.found["quantity"] = place

    def first_text(self) -> None:
        """The first column of words that are neither dates, currencies nor sides."""
        tests = (is_number, is_date, whole_side, is_code, is_kind, is_state)
        venue = self.found.pop("venue", None)
        texts = [
            place
            for place, cells in enumerate(self.cells)
            if self.free(place) and cells and all(share(cells, test) < HALF for test in tests)
        ]
        roles = [set(self.heads[place].roles) for place in texts]
        plain = [place for place, of in zip(texts, roles, strict=True) if not of]
        verbs = [p for p, of in zip(texts, roles, strict=True) if of and of <= {"verb", "venue"}]
        for places in (plain, verbs):
            # what never changes names an instrument only where nothing else can
            if places:
                self.found["symbol"] = max(places, key=lambda p: (len(set(self.cells[p])) > 1, -p))
                return
        if venue is not None:
            self.found["venue"] = venue
